"""A browser made of the standard library: cookies, forms, and redirects that are followed one by one.

HTTP libraries keep `Secure` cookies away from plain-http loopback addresses; browsers do not. So this jar is our own:
it keeps what a browser would keep, per host.
"""

import base64
import hashlib
import http.client
import json
import re
import secrets
import time
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit

FORM = "application/x-www-form-urlencoded"
REDIRECTS = (301, 302, 303, 307, 308)


class Answer:
    """A response whose body has been read to its end."""

    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers, self.body = url, status, headers, body

    def header(self, name, default=None):
        return next((value for key, value in self.headers if key.lower() == name.lower()), default)

    def header_all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    @property
    def location(self):
        target = self.header("Location") if self.status in REDIRECTS else None
        return None if target is None else urljoin(self.url, target)

    @property
    def query(self):
        """The parameters of the address that this answer leads to; a parameter that comes twice is a fault."""
        pairs = parse_qsl(urlsplit(self.location or "").query, keep_blank_values=True, strict_parsing=True)
        found = dict(pairs)
        assert len(found) == len(pairs), "a parameter comes twice"
        return found

    @property
    def page(self):
        return Page(self.text)

    def __repr__(self):
        return f"<{self.status} {self.header('Location') or self.body[:160]!r}>"


def connect(url, timeout=15):
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout)


def fetch(method, url, headers=(), body=None, connection=None, timeout=15):
    """One request, with exactly these headers. A tuple list may name a header twice, or forge Host."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = list(headers.items()) if isinstance(headers, dict) else list(headers)
    own = connection or connect(url, timeout)
    try:
        has_host = any(name.lower() == "host" for name, _ in headers)
        own.putrequest(method, target, skip_host=has_host, skip_accept_encoding=True)
        for name, value in headers:
            own.putheader(name, value)
        if body is not None:
            body = body.encode() if isinstance(body, str) else body
            own.putheader("Content-Length", str(len(body)))
        own.endheaders(body)
        response = own.getresponse()
        return Answer(url, response.status, response.getheaders(), response.read())
    finally:
        if connection is None:
            own.close()


class Page(HTMLParser):
    """The forms of a page, and its elements by id."""

    VOID = {"input", "meta", "link", "img", "br", "hr", "source"}

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.ids, self.forms, self.language, self.words = {}, [], None, []
        self._form, self._text, self._silent = None, None, 0
        self._late = []
        self.feed(html)
        self.close()
        for form_id, control in self._late:
            for form in self.forms:
                if form["id"] == form_id:
                    form["controls"].append(control)
                    control["form"] = form

    def handle_starttag(self, tag, attrs):
        attrs = {name: value if value is not None else "" for name, value in attrs}
        if "id" in attrs:
            self.ids[attrs["id"]] = dict(attrs, tag=tag)
        if tag == "html":
            self.language = attrs.get("lang")
        elif tag == "form":
            self._form = {
                "id": attrs.get("id"),
                "action": attrs.get("action", ""),
                "method": attrs.get("method", "get").lower(),
                "controls": [],
            }
            self.forms.append(self._form)
        elif tag in ("input", "button", "textarea"):
            control = dict(attrs, tag=tag, form=self._form)
            control.setdefault("type", "text" if tag == "input" else "submit" if tag == "button" else "textarea")
            control.setdefault("value", "on" if control["type"] in ("checkbox", "radio") else "")
            if "form" in attrs:
                self._late.append((attrs["form"], control))
            elif self._form is not None:
                self._form["controls"].append(control)
            if "id" in attrs:
                self.ids[attrs["id"]] = control
            if tag == "textarea":
                self._text = control
        elif tag in ("style", "script"):
            self._silent += 1

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._text = None
        elif tag in ("style", "script"):
            self._silent -= 1

    def handle_data(self, data):
        if self._text is not None:
            self._text["value"] += data
        elif not self._silent and data.strip():
            self.words.append(data.strip())

    @property
    def seen(self):
        """What a person reads."""
        return " ".join(self.words)

    def has(self, element):
        return element.lstrip("#") in self.ids

    def fields(self, button=None, changes=None):
        """The form that `button` (an id, or nothing for the first form) submits: action, method and pairs.

        `changes` gives text fields a value, and a group of checkboxes the list of values to leave ticked.
        """
        changes = dict(changes or {})
        pressed = None
        if button is not None:
            pressed = self.ids[button.lstrip("#")]
        form = pressed["form"] if pressed else self.forms[0]
        assert form is not None, f"{button} belongs to no form"
        pairs = []
        for control in form["controls"]:
            name, kind = control.get("name"), control["type"]
            if not name or "disabled" in control or kind in ("submit", "button", "reset", "image"):
                continue
            if kind in ("checkbox", "radio"):
                ticked = control["value"] in changes[name] if name in changes else "checked" in control
                if ticked:
                    pairs.append((name, control["value"]))
            elif name in changes and not isinstance(changes[name], (list, tuple, set)):
                pairs.append((name, changes[name]))
            else:
                pairs.append((name, control["value"]))
        if pressed is not None and pressed.get("name"):
            pairs.append((pressed["name"], pressed["value"]))
        return form["action"], form["method"], pairs


class Browser:
    """Keeps cookies as a browser does, and sends what a browser sends with our pages."""

    def __init__(self, language="en", headers=()):
        self.jar = {}
        self.language = language
        self.extra = list(headers)

    def cookies(self, url):
        host = urlsplit(url).hostname
        return {name: value for (at, name), value in self.jar.items() if at == host}

    def _keep(self, answer):
        host = urlsplit(answer.url).hostname
        for line in answer.header_all("Set-Cookie"):
            name, value, gone = parse_cookie(line)
            if gone:
                self.jar.pop((host, name), None)
            else:
                self.jar[(host, name)] = value

    def request(self, method, url, headers=(), body=None):
        sent = [("Accept", "text/html"), ("Accept-Language", self.language), *self.extra, *headers]
        jar = self.cookies(url)
        if jar:
            sent.append(("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items())))
        answer = fetch(method, url, sent, body)
        self._keep(answer)
        return answer

    def get(self, url, headers=()):
        return self.request("GET", url, headers)

    def post(self, url, pairs, headers=()):
        # Pages without a referrer post their forms with `Origin: null`.
        own = [("Content-Type", FORM)]
        if not any(name.lower() == "origin" for name, _ in headers):
            own.append(("Origin", "null"))
        if not any(name.lower() == "sec-fetch-site" for name, _ in headers):
            own.append(("Sec-Fetch-Site", "same-origin"))
        return self.request("POST", url, [*own, *headers], urlencode(pairs))

    def press(self, answer, button=None, changes=None, headers=()):
        action, method, pairs = answer.page.fields(button, changes)
        target = urljoin(answer.url, action)
        if method == "get":
            return self.get(f"{target}?{urlencode(pairs)}", headers)
        return self.post(target, pairs, headers)

    def follow(self, answer, stop_at=None, limit=12):
        """Follows redirects until a page, or until one leads to `stop_at`, which is not visited."""
        for _ in range(limit):
            target = answer.location
            if target is None or (stop_at is not None and target.startswith(stop_at)):
                return answer
            answer = self.get(target)
        raise AssertionError("too many redirects")

    def allow(self, url, user=None, redirect_uri=None, scopes=None, button="#allow", think=0.45):
        """From an authorization request to the redirect that answers it: signs in and decides where asked to."""
        answer = self.follow(self.get(url), redirect_uri)
        if answer.location is None and answer.page.has("sign-in"):
            changes = {"username": user["username"], "password": user["password"]}
            answer = self.follow(self.press(answer, "#sign-in", changes), redirect_uri)
        if answer.location is None and answer.page.has("allow"):
            # Faster than any person reads would be noted as a sign of a clickjacker.
            time.sleep(think)
            changes = {} if scopes is None else {"scope": scopes}
            answer = self.follow(self.press(answer, button, changes), redirect_uri)
        return answer


def parse_cookie(line):
    """Name, value and whether it is taken away. Attributes that bind a cookie to its host change nothing here."""
    first, *attributes = line.split(";")
    name, _, value = first.strip().partition("=")
    gone = any(re.fullmatch(r"\s*max-age\s*=\s*(0|-\d+)\s*", attribute, re.I) for attribute in attributes)
    return name, value, gone


def pkce():
    verifier = base64url(secrets.token_bytes(32))
    return verifier, challenge_of(verifier)


def challenge_of(verifier):
    return base64url(hashlib.sha256(verifier.encode()).digest())


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unbase64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def claims_of(jwt):
    """The claims of a JWT, unverified: for looking at, never for deciding."""
    return json.loads(unbase64url(jwt.split(".")[1]))


def basic(client_id, secret):
    # https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1: both parts are form-encoded first.
    both = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return ("Authorization", "Basic " + base64.b64encode(both.encode()).decode())


def with_query(url, parameters):
    pairs = parameters.items() if isinstance(parameters, dict) else parameters
    return url + ("&" if "?" in url else "?") + urlencode([(k, v) for k, v in pairs if v is not None])

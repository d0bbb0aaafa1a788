"""The whole flow and the attacks on it, with nothing but an HTTP library, from outside.

Starts `safeconduct quickstart` on a fresh directory, plays honest clients and hostile ones, and expects of each attack
the answer that was decided and the event that tells the operator. One line per check, named by the threat.

    python3 e2e/attacks.py          all checks
    python3 e2e/attacks.py race     those whose name holds "race"
"""

import json
import re
import sys
import threading
import time
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))

from browser import FORM, Browser, base64url, basic, challenge_of, claims_of, connect, fetch, pkce, unbase64url  # noqa: E402
from report import Report, equal  # noqa: E402
from server import Party, Quickstart, Watch  # noqa: E402

CHECKS = []
PASSWORD = "a-second-person-needs-a-password-2"
# RFC 6749 section 5.2: what an error_description may hold.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]+")


def attack(name):
    def keep(check):
        CHECKS.append((name, check))
        return check

    return keep


def refused(answer, status, error):
    """A refusal of the token, revocation or introspection endpoint, in the form that RFC 6749 section 5.2 gives."""
    equal(answer.status, status, "status")
    body = answer.json()
    equal(body["error"], error, "error")
    assert DESCRIPTION.fullmatch(body["error_description"]), f"characters of {body['error_description']!r}"
    equal(answer.header("Cache-Control"), "no-store", "Cache-Control")
    return body


def page_refused(answer, status, rule):
    """An error page of our own, which leads nowhere."""
    equal(answer.location, None, "Location")
    equal(answer.status, status, "status")
    assert rule in answer.text, f"the page does not name the rule {rule}"
    assert answer.header("Content-Type", "").startswith("text/html"), answer.header("Content-Type")
    assert "no-store" in answer.header("Cache-Control", ""), "the page may be cached"


def sent_back(answer, party, error):
    """An error that went back to the client, with state and issuer beside it."""
    assert answer.status == 303 and answer.location.startswith(party.redirect_uri), f"not sent back but {answer!r}"
    equal(answer.query.get("error"), error, "error")
    equal(answer.query.get("iss"), party.server.issuer, "iss")
    assert "code" not in answer.query, "a code beside an error"
    return answer.query


class Scene:
    """The server, the honest person's browser, and the clients that play."""

    def __init__(self):
        self.server = Quickstart()
        self.person = Browser()
        add = self.server.add_client
        scope = "openid profile email mail:read mail:send"
        grants = ["authorization_code", "refresh_token"]
        first = add(client_name="First", redirect_uris=["https://first.example/callback"], grant_types=grants, scope=scope)
        second = add(client_name="Second", redirect_uris=["https://second.example/callback"], grant_types=grants, scope=scope)
        unvouched = add(
            client_name="Stranger",
            redirect_uris=["https://stranger.example/callback"],
            grant_types=grants,
            scope=scope,
            vouched_for=False,
        )
        self.first, self.second = Party(self.server, first), Party(self.server, second)
        self.unvouched = Party(self.server, unvouched)
        clients = self.server.clients
        self.robot = Party(self.server, clients["mail-robot"])
        self.native = Party(self.server, clients["native-app"], "http://127.0.0.1:49152/callback")
        self.mailbox = Party(self.server, clients["mail-api"])
        self.batch = Party(self.server, clients["batch-job"])
        self.watch = Watch(self.server)
        self.other = {"username": "bystander", "password": PASSWORD}
        self.server.cli("user", "add", "bystander", stdin=PASSWORD + "\n")
        self.secrets = {client["client_secret"] for client in clients.values() if client.get("client_secret")}
        self.secrets |= {PASSWORD, self.server.user["password"]}

    def tokens(self, party=None, **changes):
        tokens = (party or self.first).tokens(self.person, **changes)
        self.secrets |= {tokens[name] for name in ("access_token", "refresh_token", "id_token") if name in tokens}
        return tokens

    def code(self, party=None, **changes):
        code = (party or self.first).code(self.person, **changes)
        self.secrets.add(code)
        return code

    def mailbox_status(self, access_token):
        url = self.server.info["mailbox_url"].rstrip("/") + "/messages"
        return fetch("GET", url, [("Authorization", f"Bearer {access_token}")]).status

    def active(self, access_token):
        answer = self.mailbox.introspect(access_token)
        equal(answer.status, 200, "status of introspection")
        return answer.json()["active"]

    def ended(self, tokens):
        """Nothing of this grant works any more."""
        refused(self.first.refresh(tokens["refresh_token"]), 400, "invalid_grant")
        equal(self.active(tokens["access_token"]), False, "active")


# ------------------------------------------------------------------------------------------------ the honest way


@attack("the whole flow by the ids of the forms: connect, read, send, refresh, disconnect")
def whole_flow(s):
    p = s.robot
    url = p.authorize_url(scope="openid mail:read mail:send", resource=s.server.info["mailbox_url"])
    page = s.person.follow(s.person.get(url))
    assert urlsplit(page.url).path == "/sign-in", page.url
    for element in ("username", "password", "sign-in"):
        assert page.page.has(element), f"no #{element}"
    user = s.server.user
    step = s.person.press(page, "#sign-in", {"username": user["username"], "password": user["password"]})
    equal(step.status, 303, "status after sign-in")
    page = s.person.follow(step)
    assert urlsplit(page.url).path == "/consent", page.url
    for element in ("allow", "deny"):
        assert page.page.has(element), f"no #{element}"
    time.sleep(0.45)
    done = s.person.press(page, "#allow")
    equal(done.status, 303, "status after consent")
    query = done.query
    equal((query["state"], query["iss"]), ("af0ifjsldkj", s.server.issuer), "state and iss")
    tokens = p.redeem(query["code"]).json()
    equal(tokens["token_type"], "Bearer", "token_type")
    claims = claims_of(tokens["id_token"])
    equal((claims["iss"], claims["aud"], claims["nonce"]), (s.server.issuer, p.id, "n-0S6_WzA2Mj"), "ID token")
    audience = claims_of(tokens["access_token"])["aud"]
    equal([audience] if isinstance(audience, str) else audience, [s.server.info["mailbox_url"]], "audience")
    equal(s.mailbox_status(tokens["access_token"]), 200, "mailbox")
    equal(s.active(tokens["access_token"]), True, "active")
    fresh = p.refresh(tokens["refresh_token"]).json()
    equal(s.mailbox_status(fresh["access_token"]), 200, "mailbox after refresh")
    equal(p.revoke(fresh["refresh_token"]).status, 200, "revocation")
    equal(s.active(fresh["access_token"]), False, "active after revocation")
    refused(p.refresh(fresh["refresh_token"]), 400, "invalid_grant")
    for signal in ("login-succeeded", "grant-created", "grant-ended"):
        s.watch.expect(signal)


@attack("userinfo answers by header and by body, and the metadata document tells the truth")
def userinfo(s):
    tokens = s.tokens(scope="openid profile email")
    url, token = s.server.metadata["userinfo_endpoint"], tokens["access_token"]
    by_get = fetch("GET", url, [("Authorization", f"Bearer {token}")])
    by_post = fetch("POST", url, [("Authorization", f"Bearer {token}")], "")
    by_body = fetch("POST", url, [("Content-Type", FORM)], urlencode({"access_token": token}))
    equal([a.status for a in (by_get, by_post, by_body)], [200, 200, 200], "status")
    equal(by_get.json()["sub"], claims_of(tokens["id_token"])["sub"], "sub")
    equal(by_get.json(), by_body.json(), "claims")
    for name in ("oauth-authorization-server", "openid-configuration"):
        document = fetch("GET", f"{s.server.issuer}/.well-known/{name}").json()
        equal(document["issuer"], s.server.issuer, "issuer")
        assert all(v.startswith(s.server.issuer) for k, v in document.items() if k.endswith(("_endpoint", "_uri")))
    equal(fetch("GET", s.server.metadata["jwks_uri"]).status, 200, "jwks")


# ------------------------------------------------------------------------------------------------ codes


@attack("code-replay: a second use is refused and ends the grant")
def code_replay(s):
    code = s.code()
    tokens = s.first.redeem(code).json()
    refused(s.first.redeem(code), 400, "invalid_grant")
    s.watch.expect("code-replayed", "code-replayed")
    s.ended(tokens)


@attack("code-replay: a second use with a wrong verifier ends nothing")
def code_replay_without_proof(s):
    code = s.code()
    tokens = s.first.redeem(code).json()
    refused(s.first.redeem(code, code_verifier=pkce()[0]), 400, "invalid_grant")
    equal(s.first.refresh(tokens["refresh_token"]).status, 200, "refresh")


@attack("code-injection: a wrong verifier burns the code")
def wrong_verifier(s):
    code = s.code()
    refused(s.first.redeem(code, code_verifier=pkce()[0]), 400, "invalid_grant")
    s.watch.expect("pkce-mismatch", "pkce-mismatch")
    refused(s.first.redeem(code), 400, "invalid_grant")
    s.watch.expect("code-replayed", "code-burned")


@attack("pkce-downgrade: a code with a challenge is not redeemed without its verifier")
def verifier_missing(s):
    refused(s.first.redeem(s.code(), code_verifier=None), 400, "invalid_grant")
    s.watch.expect("pkce-downgrade-attempt", "pkce-verifier-missing")


@attack("code-leak-counterfeit-client: a wrong redirect_uri at the token endpoint is refused")
def wrong_redirect_at_token(s):
    refused(s.first.redeem(s.code(), redirect_uri="https://first.example/callback/"), 400, "invalid_grant")
    s.watch.expect("code-redirect-mismatch")
    refused(s.first.redeem(s.code(), redirect_uri=None), 400, "invalid_grant")


@attack("code-client-mismatch: a second client can neither spend nor burn a code")
def foreign_code(s):
    code = s.code()
    s.second.verifier = s.first.verifier
    refused(s.second.redeem(code, redirect_uri=s.first.redirect_uri), 400, "invalid_grant")
    event = s.watch.expect("code-client-mismatch", "code-foreign")
    equal(event["client_id"], s.second.id, "client of the event")
    s.native.verifier = s.first.verifier
    refused(s.native.redeem(code, redirect_uri=s.first.redirect_uri), 400, "invalid_grant")
    equal(s.first.redeem(code).status, 200, "the rightful client")


@attack("code-online-guessing: unknown codes read like used ones")
def unknown_code(s):
    code = s.code()
    s.first.redeem(code)
    used = refused(s.first.redeem(code), 400, "invalid_grant")
    guesses = [code[:-43] + base64url(bytes(32)), "sc_ac.0000000000001." + base64url(bytes(32)), "nonsense", code + "x"]
    for guess in guesses:
        equal(refused(s.first.redeem(guess), 400, "invalid_grant"), used, "answer")
    s.watch.expect("code-unknown-burst")


def race(count, send):
    """`send(connection)` on `count` connections at once."""
    answers, gate = [None] * count, threading.Barrier(count)

    def run(at):
        connection = connect(s_endpoint)
        connection.connect()
        gate.wait()
        try:
            answers[at] = send(connection)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@attack("code-exchange-race: of 20 redemptions at once exactly one wins")
def code_race(s):
    for _ in range(5):
        code = s.code()
        answers = race(20, lambda connection: s.first.redeem(code, connection))
        equal(sorted(a.status for a in answers), [200] + [400] * 19, "statuses")
        equal({a.json()["error"] for a in answers if a.status == 400}, {"invalid_grant"}, "errors")
    s.watch.expect("code-replayed")


# ------------------------------------------------------------------------------------------------ refresh


@attack("refresh-token-replay: an old token whose successor was used ends the grant")
def refresh_replay(s):
    first = s.tokens()
    second = s.first.refresh(first["refresh_token"]).json()
    third = s.first.refresh(second["refresh_token"]).json()
    refused(s.first.refresh(first["refresh_token"]), 400, "invalid_grant")
    s.watch.expect("refresh-token-replayed", "refresh-replayed")
    s.watch.expect("grant-ended")
    s.ended(third)
    s.watch.expect("revoked-token-use")


@attack("refresh-token-replay: a used access token shows that the answer arrived, too")
def refresh_replay_after_access(s):
    first = s.tokens(scope="openid profile")
    second = s.first.refresh(first["refresh_token"]).json()
    url = s.server.metadata["userinfo_endpoint"]
    equal(fetch("GET", url, [("Authorization", f"Bearer {second['access_token']}")]).status, 200, "userinfo")
    refused(s.first.refresh(first["refresh_token"]), 400, "invalid_grant")
    s.watch.expect("refresh-token-replayed")


@attack("a lost answer is given again, with one successor only")
def lost_answer(s):
    first = s.tokens()
    lost = s.first.refresh(first["refresh_token"]).json()
    again = s.first.refresh(first["refresh_token"])
    equal(again.status, 200, "status of the second try")
    s.watch.expect("refresh-reanswered")
    assert again.json()["refresh_token"] != lost["refresh_token"], "the same successor twice"
    newest = s.first.refresh(again.json()["refresh_token"])
    equal(newest.status, 200, "the one successor")
    # The first answer turns up after all: it was superseded, so whoever holds it is not the client.
    refused(s.first.refresh(lost["refresh_token"]), 400, "invalid_grant")
    s.watch.expect("refresh-token-replayed")
    s.ended(newest.json())


@attack("refresh-rotation-race: 20 rotations at once leave one live token")
def refresh_race(s):
    for _ in range(5):
        first = s.tokens()
        answers = race(20, lambda connection: s.first.refresh(first["refresh_token"], connection))
        assert {a.status for a in answers} <= {200, 400}, [a.status for a in answers]
        given = [a.json()["refresh_token"] for a in answers if a.status == 200]
        assert given, "nobody won"
        equal(len(set(given)), len(given), "different successors")
        # Row keys rise with time: the highest is the one that superseded the others.
        newest = max(given)
        equal(s.first.refresh(newest).status, 200, "the newest successor")
        if len(given) > 1:
            refused(s.first.refresh(min(given)), 400, "invalid_grant")


@attack("obtain-refresh-token-from-client: another client can neither use nor end a refresh token")
def foreign_refresh(s):
    tokens = s.tokens()
    refused(s.second.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    refused(s.native.refresh(tokens["refresh_token"]), 400, "invalid_grant")
    s.watch.expect("refresh-client-mismatch", "refresh-foreign")
    equal(s.first.refresh(tokens["refresh_token"]).status, 200, "the rightful client")


@attack("refresh-scope-escalation: more than was granted is refused, less is given")
def refresh_scope(s):
    tokens = s.tokens(scope="openid mail:read")
    refused(s.first.refresh(tokens["refresh_token"], scope="openid mail:read mail:send"), 400, "invalid_scope")
    s.watch.expect("refresh-scope-escalation")
    less = s.first.refresh(tokens["refresh_token"], scope="mail:read").json()
    equal(less["scope"], "mail:read", "scope")


# ------------------------------------------------------------------------------------------------ authorization endpoint


@attack("redirect-uri-pattern-match: only the registered bytes are a redirect URI")
def redirect_variants(s):
    for uri in (
        "https://first.example/callback/",
        "https://first.example/callback?x=1",
        "https://first.example/callback#x",
        "https://first.example/Callback",
        "https://FIRST.example/callback",
        "https://first.example:443/callback",
        "https://first.example:8443/callback",
        "https://first.example/%63allback",
        "https://first.example/x/../callback",
        "https://first.example@evil.example/callback",
        "https://evil.example/callback",
        "https://evil.first.example/callback",
        "http://first.example/callback",
        "https://first.example\\@evil.example/callback",
        "//first.example/callback",
        "javascript:alert(1)",
        "https://second.example/callback",
    ):
        page_refused(Browser().get(s.first.authorize_url(redirect_uri=uri)), 400, "redirect-uri-unregistered")
    s.watch.expect("redirect-uri-rejected", "redirect-uri-unregistered")


@attack("loopback-redirect-abuse: a native client may vary the port of its loopback redirect, and nothing else")
def loopback(s):
    for port in (1025, 49999, 65535):
        answer = Browser().get(s.native.authorize_url(redirect_uri=f"http://127.0.0.1:{port}/callback"))
        equal(answer.status, 303, f"status with port {port}")
    for uri in (
        "http://localhost:49152/callback",
        "http://127.0.0.1:49152/other",
        "http://127.0.0.1:049152/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.2:49152/callback",
        "https://127.0.0.1:49152/callback",
        "http://127.0.0.1:49152@evil.example/callback",
        "http://[::1]:49152/other",
        "http://[0:0:0:0:0:0:0:1]:49152/callback",
        "http://2130706433:49152/callback",
    ):
        page_refused(Browser().get(s.native.authorize_url(redirect_uri=uri)), 400, "redirect-uri-unregistered")


@attack("as-open-redirector: an unknown client gets a page, and its name is not written into it")
def unknown_client(s):
    for name in ("nobody", "<script>alert(1)</script>", "' OR 1=1 --"):
        answer = Browser().get(s.first.authorize_url(client_id=name))
        page_refused(answer, 400, "client-unknown")
        assert name not in answer.text, "the received value is on the page"
    s.watch.expect("redirect-uri-rejected", "client-unknown")


@attack("as-redirect-to-phishing-client: errors of a client nobody vouches for wait behind a button")
def unvouched(s):
    answer = Browser().get(s.unvouched.authorize_url(scope="no-such-scope"))
    equal((answer.status, answer.location), (400, None), "status and Location")
    assert "https://stranger.example" in answer.text, "the page does not name the target"
    answer = Browser().get(s.first.authorize_url(scope="no-such-scope"))
    sent_back(answer, s.first, "invalid_scope")


@attack("pkce-downgrade: no challenge, an empty one or a malformed one is refused")
def pkce_missing(s):
    for changes in (
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge": "short"},
        {"code_challenge": "=" * 43},
        {"code_challenge": challenge_of("x") + "A"},
    ):
        sent_back(Browser().get(s.first.authorize_url(**changes)), s.first, "invalid_request")
        sent_back(Browser().get(s.native.authorize_url(**changes)), s.native, "invalid_request")
    s.watch.expect("pkce-downgrade-attempt", "pkce-required")
    page_refused(Browser().get(s.first.authorize_url(code_challenge="")), 400, "parameter-empty")


@attack("pkce-plain-observed: plain is refused, and so is a challenge without a method")
def pkce_plain(s):
    for method in ("plain", None, "s256", "S512"):
        answer = Browser().get(s.first.authorize_url(code_challenge_method=method))
        sent_back(answer, s.first, "invalid_request")
    s.watch.expect("pkce-downgrade-attempt", "pkce-method-unsupported")
    equal(s.server.metadata["code_challenge_methods_supported"], ["S256"], "methods")


@attack("response-mode-switching: no token, no fragment, no request object")
def response_types(s):
    for changes, error in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "web_message"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"response_type": None}, "invalid_request"),
    ):
        sent_back(Browser().get(s.first.authorize_url(**changes)), s.first, error)
    s.watch.expect("grant-not-allowed")
    s.watch.expect("request-object-rejected")


@attack("duplicate-parameters: a parameter that comes twice is refused everywhere")
def duplicates(s):
    for extra in ("scope=openid", "client_id=x", "redirect_uri=https%3A%2F%2Fevil.example", "state=x", "unknown=1&unknown=2"):
        page_refused(Browser().get(s.first.authorize_url() + "&" + extra), 400, "parameter-repeated")
    s.watch.expect("request-parameter-duplicated", "parameter-repeated")
    s.watch.mark()
    code = s.code()
    pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code", code),
        ("redirect_uri", s.first.redirect_uri),
        ("code_verifier", s.first.verifier),
    ]
    refused(s.first.post("token_endpoint", pairs), 400, "invalid_request")
    s.watch.expect("request-parameter-duplicated", "parameter-repeated")
    equal(s.first.redeem(code).status, 200, "the code afterwards")


@attack("too-much-scope-granted: unknown and unregistered scopes are refused, an unticked one is not granted")
def scopes(s):
    sent_back(Browser().get(s.first.authorize_url(scope="openid address")), s.first, "invalid_scope")
    sent_back(Browser().get(s.first.authorize_url(scope="openid admin")), s.first, "invalid_scope")
    s.watch.expect("scope-not-allowed")
    native = Browser()
    code = s.native.code(native, scope="openid mail:read mail:send", scopes=["openid", "mail:read"])
    tokens = s.native.redeem(code).json()
    equal(set(tokens["scope"].split()), {"openid", "mail:read"}, "scope")


@attack("resource-indicator-abuse: a resource of nobody is refused")
def resources(s):
    sent_back(Browser().get(s.first.authorize_url(resource="https://evil.example")), s.first, "invalid_target")
    refused(s.batch.token(grant_type="client_credentials", resource="https://evil.example"), 400, "invalid_target")
    s.watch.expect("scope-not-allowed", "resource-unknown")


@attack("prompt=none: no page, login_required or consent_required with state and issuer")
def prompt_none(s):
    query = sent_back(Browser().get(s.first.authorize_url(prompt="none")), s.first, "login_required")
    equal(query["state"], "af0ifjsldkj", "state")
    s.tokens()
    granted = s.person.get(s.first.authorize_url(prompt="none"))
    assert "code" in granted.query, f"no code for a remembered consent but {granted!r}"
    # A public client can be anybody: it is never answered without the person.
    query = sent_back(s.person.get(s.native.authorize_url(prompt="none")), s.native, "consent_required")
    s.watch.expect("silent-authorization-refused")
    sent_back(Browser().get(s.first.authorize_url(prompt="none login")), s.first, "invalid_request")


@attack("csrf-on-redirect-uri: state comes back byte for byte")
def state_bytes(s):
    s.tokens()
    values = (
        "plain",
        "a b+c%20d%2B",
        "&=;?#/:@[]!$'()*,\"<>\\^`{|}~",
        "%",
        "%zz%u0041",
        "grüße-世界-🦀",
        "é-e\u0301-ﬁ",
        "x" * 2000,
        " leading and trailing ",
        "?code=evil&iss=https://evil.example&state=other",
    )
    for value in values:
        raw = urlsplit(s.person.get(s.first.authorize_url(state=value)).location).query
        got = dict(parse_qsl(raw, keep_blank_values=True, strict_parsing=True))
        equal(got["state"], value, "state")
        equal(set(got), {"code", "state", "iss"}, "parameters")
    # Other spellings of the same bytes are the same state.
    spelled = s.first.authorize_url(state=None) + "&state=%61%2f" + quote("ü", safe="")
    equal(s.person.get(spelled).query["state"], "a/ü", "state")
    absent = s.person.get(s.first.authorize_url(state=None))
    assert "state" not in absent.query, "a state that nobody sent"


@attack("injection-into-stores-and-logs: control characters and broken encodings are refused")
def hostile_values(s):
    for value in ("%00", "a%0d%0aSet-Cookie:%20x=1", "%1b[31m", "%ff%fe", "%c0%af"):
        answer = Browser().get(s.first.authorize_url(state=None) + "&state=" + value)
        page_refused(answer, 400, "parameter-malformed")
    s.watch.expect("request-value-hostile")


# ------------------------------------------------------------------------------------------------ pages


def at_sign_in(s, browser, party=None):
    return browser.follow(browser.get((party or s.first).authorize_url()))


def at_consent(s, browser, party=None, user=None):
    user = user or s.server.user
    page = at_sign_in(s, browser, party)
    if page.page.has("sign-in"):
        changes = {"username": user["username"], "password": user["password"]}
        page = browser.follow(browser.press(page, "#sign-in", changes))
    assert page.page.has("allow"), f"no consent page but {page!r}"
    return page


@attack("redirect-307: every answer to a form is 303, uncached and without a referrer")
def see_other(s):
    browser = Browser()
    page = at_sign_in(s, browser, s.native)
    user = s.server.user
    answer = browser.press(page, "#sign-in", {"username": user["username"], "password": user["password"]})
    page = browser.follow(answer)
    time.sleep(0.45)
    last = browser.press(page, "#allow")
    for step in (answer, last):
        equal(step.status, 303, "status")
        equal(step.header("Referrer-Policy"), "no-referrer", "Referrer-Policy")
        assert "no-store" in step.header("Cache-Control", ""), "may be cached"
        assert "password" not in (step.location or ""), "a password in an address"


@attack("denial goes back as access_denied, with state and issuer")
def denial(s):
    browser = Browser()
    page = at_consent(s, browser, s.native)
    query = sent_back(browser.press(page, "#deny"), s.native, "access_denied")
    equal(query["state"], "af0ifjsldkj", "state")
    page_refused(browser.press(page, "#allow"), 400, "request-gone")


@attack("consent-forgery: a wrong token, a foreign origin or no decision is no consent")
def forged_consent(s):
    def forge(change, headers=(), rule="form-forged"):
        browser = Browser()
        page = at_consent(s, browser, s.native)
        action, _, pairs = page.page.fields("#allow")
        answer = browser.post(s.server.issuer + action, change(pairs), headers)
        page_refused(answer, 403, rule)
        return browser, page

    without = lambda name: lambda pairs: [(k, v) for k, v in pairs if k != name]  # noqa: E731
    replaced = lambda name, value: lambda pairs: [(k, value if k == name else v) for k, v in pairs]  # noqa: E731
    browser, page = forge(replaced("csrf", base64url(bytes(32))))
    s.watch.expect("consent-forgery", "form-forged")
    # Whoever forged it gets no second try at this request.
    page_refused(browser.press(page, "#allow"), 400, "request-gone")
    forge(without("csrf"))
    forge(without("decision"))
    forge(replaced("decision", "ALLOW"))
    forge(lambda pairs: pairs, [("Origin", "https://evil.example")])
    forge(lambda pairs: pairs, [("Sec-Fetch-Site", "cross-site")])


@attack("login-csrf: a forged sign-in form is refused")
def forged_sign_in(s):
    browser = Browser()
    page = at_sign_in(s, browser)
    action, _, pairs = page.page.fields("#sign-in", {"username": "mallory", "password": "x"})
    answer = browser.post(s.server.issuer + action, [(k, "x" if k == "csrf" else v) for k, v in pairs])
    page_refused(answer, 403, "form-forged")
    answer = browser.post(s.server.issuer + action, pairs, [("Origin", "https://evil.example")])
    page_refused(answer, 403, "form-forged")


@attack("browser-swapping: another browser can neither see nor finish a request")
def other_browser(s):
    victim = Browser()
    page = at_consent(s, victim, s.native)
    stranger = Browser()
    page_refused(stranger.get(page.url), 403, "other-browser")
    page_refused(stranger.press(page, "#allow"), 403, "other-browser")
    s.watch.expect("consent-session-mismatch", "other-browser")
    # With a browser cookie and a session of its own, too.
    at_consent(s, stranger, s.native, s.other)
    page_refused(stranger.press(page, "#allow"), 403, "other-browser")
    page_refused(stranger.get(page.url.replace("/consent", "/sign-in")), 403, "other-browser")
    time.sleep(0.3)
    assert "code" in victim.press(page, "#allow").query, "the right browser cannot finish any more"


@attack("consent-transaction-swap: what one person was shown another cannot answer")
def other_person(s):
    browser = Browser()
    shown = at_consent(s, browser, s.native)
    # A second tab of the same browser signs in as somebody else.
    again = browser.follow(browser.get(s.native.authorize_url(prompt="login")))
    browser.press(again, "#sign-in", {"username": s.other["username"], "password": s.other["password"]})
    if any(name == "__Host-session" for name in browser.cookies(s.server.issuer)):
        page_refused(browser.press(shown, "#allow"), 403, "form-forged")
        s.watch.expect("consent-forgery", "form-forged")


@attack("login-session-fixation: sign-in gives a new session, and a planted one counts for nothing")
def fixation(s):
    browser = Browser()
    at_consent(s, browser, s.native)
    before = browser.cookies(s.server.issuer)["__Host-session"]
    page = browser.follow(browser.get(s.native.authorize_url(prompt="login")))
    user = s.server.user
    browser.press(page, "#sign-in", {"username": user["username"], "password": user["password"]})
    after = browser.cookies(s.server.issuer)["__Host-session"]
    assert before != after, "the session survived a sign-in"
    old = Browser()
    old.jar[("127.0.0.1", "__Host-session")] = before
    assert at_sign_in(s, old, s.native).page.has("sign-in"), "the old session still counts"
    twice = fetch("GET", s.native.authorize_url(), [("Cookie", f"__Host-session={after}; __Host-session={before}")])
    assert "/sign-in?" in (twice.location or ""), f"a cookie that came twice was believed: {twice!r}"
    s.watch.expect("session-fixation-rejected")


@attack("clickjacking: pages answer top-level visits only")
def framed(s):
    for dest in ("iframe", "frame", "embed", "object"):
        answer = Browser().get(s.first.authorize_url(), [("Sec-Fetch-Dest", dest)])
        page_refused(answer, 403, "page-framed")
    s.watch.expect("authorization-framed", "page-framed")
    browser = Browser()
    page = at_sign_in(s, browser)
    page_refused(browser.get(page.url, [("Sec-Fetch-Dest", "iframe")]), 403, "page-framed")
    assert "frame-ancestors 'none'" in page.header("Content-Security-Policy"), "the page may be framed"
    equal(page.header("X-Frame-Options"), "DENY", "X-Frame-Options")


@attack("account-enumeration: wrong name and wrong password read alike; the tar pit lets the owner through")
def wrong_password(s):
    def attempt(browser, name, password):
        page = at_sign_in(s, browser)
        return browser.press(page, "#sign-in", {"username": name, "password": password})

    browser = Browser()
    texts = []
    for name in (s.other["username"], "nobody-of-that-name"):
        answer = attempt(browser, name, "wrong")
        equal(answer.status, 401, "status")
        texts.append(re.sub(r'value="[^"]*"', "", answer.text))
    equal(texts[0], texts[1], "page")
    statuses = [attempt(Browser(), s.other["username"], f"wrong {n}").status for n in range(6)]
    assert 429 in statuses, f"never slowed down: {statuses}"
    s.watch.expect("login-failed-burst")


@attack("credential-in-url: the token endpoint takes POST alone, without a query")
def token_by_get(s):
    endpoint = s.server.metadata["token_endpoint"]
    query = urlencode({"grant_type": "client_credentials", "client_id": s.batch.id, "client_secret": s.batch.secret})
    answer = fetch("GET", f"{endpoint}?{query}", [("Accept", "application/json")])
    refused(answer, 405, "invalid_request")
    equal(answer.header("Allow"), "POST", "Allow")
    s.watch.expect("credential-in-url", "credential-in-url")
    for method in ("PUT", "DELETE", "PATCH"):
        equal(fetch(method, endpoint).status, 405, f"status of {method}")
    refused(fetch("POST", f"{endpoint}?{query}", [("Content-Type", FORM)], ""), 400, "invalid_request")
    json_body = json.dumps({"grant_type": "client_credentials"})
    answer = fetch("POST", endpoint, [("Content-Type", "application/json"), basic(s.batch.id, s.batch.secret)], json_body)
    refused(answer, 400, "invalid_request")


# ------------------------------------------------------------------------------------------------ clients and tokens


@attack("client-secret-guessing: unknown clients and wrong secrets read alike")
def wrong_secret(s):
    pairs = {"grant_type": "client_credentials", "scope": "mail:read"}
    wrong = s.batch.post("token_endpoint", pairs, [basic(s.batch.id, "wrong")])
    unknown = s.batch.post("token_endpoint", pairs, [basic("nobody", "wrong")])
    equal(refused(wrong, 401, "invalid_client"), refused(unknown, 401, "invalid_client"), "answer")
    assert wrong.header("WWW-Authenticate", "").startswith("Basic"), "no challenge"
    s.watch.expect("client-auth-failed-burst")


@attack("client-auth-downgrade: one way to authenticate, the registered one")
def auth_methods(s):
    pairs = [("grant_type", "client_credentials"), ("client_id", s.batch.id), ("client_secret", s.batch.secret)]
    refused(s.batch.post("token_endpoint", pairs, []), 401, "invalid_client")
    s.watch.expect("client-auth-method-violation", "client-auth-method-mismatch")
    refused(s.batch.post("token_endpoint", pairs, [basic(s.batch.id, s.batch.secret)]), 400, "invalid_request")
    s.watch.expect("client-auth-method-violation", "client-auth-multiple")
    code = s.code()
    only_id = {"grant_type": "authorization_code", "code": code, "client_id": s.first.id,
               "redirect_uri": s.first.redirect_uri, "code_verifier": s.first.verifier}
    refused(s.first.post("token_endpoint", only_id, []), 401, "invalid_client")
    equal(s.first.redeem(code).status, 200, "the code afterwards")


@attack("wrong-grant-for-client: each client has its own grants, and no token for scopes of a person")
def grants(s):
    equal(s.batch.token(grant_type="client_credentials", scope="mail:read").status, 200, "client credentials")
    answer = s.batch.token(grant_type="client_credentials", scope="openid")
    refused(answer, 400, "invalid_scope")
    s.watch.expect("scope-not-allowed")
    refused(s.native.token(grant_type="client_credentials"), 400, "unauthorized_client")
    refused(s.first.token(grant_type="client_credentials"), 400, "unauthorized_client")
    refused(s.first.token(grant_type="password", username="a", password="b"), 400, "unsupported_grant_type")
    s.watch.expect("grant-not-allowed")
    refused(s.first.token(), 400, "invalid_request")


@attack("revocation-cross-client: another client's token is not revoked")
def cross_client_revocation(s):
    tokens = s.tokens()
    for token in (tokens["refresh_token"], tokens["access_token"]):
        equal(s.second.revoke(token).status, 200, "status")
    s.watch.expect("revocation-client-mismatch")
    equal(s.active(tokens["access_token"]), True, "active")
    equal(s.first.refresh(tokens["refresh_token"]).status, 200, "refresh")


@attack("revocation-incomplete: with a refresh token the grant ends; with an access token only that one")
def revocation(s):
    tokens = s.tokens()
    equal(s.first.revoke(tokens["access_token"]).status, 200, "status")
    equal(s.active(tokens["access_token"]), False, "active")
    fresh = s.first.refresh(tokens["refresh_token"]).json()
    equal(s.first.revoke(fresh["refresh_token"]).status, 200, "status")
    s.watch.expect("grant-ended")
    s.ended(fresh)
    equal(s.first.revoke("unknown").status, 200, "status for an unknown token")


@attack("introspection-abuse: strangers learn nothing")
def introspection(s):
    tokens = s.tokens()
    refused(s.batch.introspect(tokens["access_token"]), 403, "access_denied")
    refused(s.first.introspect(tokens["access_token"]), 403, "access_denied")
    s.watch.expect("introspection-refused")
    refused(s.native.introspect(tokens["access_token"]), 403, "access_denied")
    own = s.tokens(scope="openid profile")
    equal(s.active(own["access_token"]), False, "active for another audience")
    equal(s.mailbox.introspect("nonsense").json(), {"active": False}, "answer")


@attack("jwt-algorithm-substitution: unsigned, re-signed and bent tokens are refused by the API and the server")
def forged_jwt(s):
    token = s.tokens(scope="openid mail:read")["access_token"]
    equal(s.mailbox_status(token), 200, "the true token")
    head, body, signature = token.split(".")
    header = json.loads(unbase64url(head))
    key = json.dumps(fetch("GET", s.server.metadata["jwks_uri"]).json()["keys"][0]).encode()

    def encode(value):
        return base64url(json.dumps(value).encode())

    import hashlib
    import hmac

    symmetric = f"{encode(dict(header, alg='HS256'))}.{body}"
    claims = json.loads(unbase64url(body))
    forged = [
        f"{encode(dict(header, alg='none'))}.{body}.",
        f"{encode(dict(header, alg='None'))}.{body}.{signature}",
        f"{symmetric}.{base64url(hmac.new(key, symmetric.encode(), hashlib.sha256).digest())}",
        f"{head}.{encode(dict(claims, scope='mail:read mail:send'))}.{signature}",
        f"{head}.{encode(dict(claims, exp=claims['exp'] + 99999))}.{signature}",
        f"{encode(dict(header, kid='../../../dev/null'))}.{body}.{signature}",
        f"{encode(dict(header, jku='https://evil.example/jwks'))}.{body}.{signature}",
        f"{head}.{body}.{base64url(bytes(64))}",
        f"{head}.{body}.",
        f"{head}.{body}",
    ]
    for bad in forged:
        equal(s.mailbox_status(bad), 401, "status of the mailbox")
        equal(s.active(bad), False, "active")


@attack("id-token-audience-confusion: an ID token is no access token")
def id_token_as_access(s):
    tokens = s.tokens()
    equal(s.mailbox_status(tokens["id_token"]), 401, "status of the mailbox")
    url = s.server.metadata["userinfo_endpoint"]
    equal(fetch("GET", url, [("Authorization", f"Bearer {tokens['id_token']}")]).status, 401, "status of userinfo")


@attack("token-leak-logs-referrer: a bearer token in the URL is refused")
def bearer_in_url(s):
    token = s.tokens(scope="openid")["access_token"]
    answer = fetch("GET", s.server.metadata["userinfo_endpoint"] + "?access_token=" + token)
    equal(answer.status, 400, "status")
    s.watch.expect("token-in-query", "bearer-in-url")
    mailbox = s.server.info["mailbox_url"].rstrip("/") + "/messages?access_token=" + token
    assert fetch("GET", mailbox).status in (400, 401), "the mailbox took a token from the URL"


@attack("resource-scope-not-enforced: a token for reading does not send")
def scope_at_the_api(s):
    token = s.tokens(scope="openid mail:read")["access_token"]
    url = s.server.info["mailbox_url"].rstrip("/") + "/messages"
    headers = [("Authorization", f"Bearer {token}"), ("Content-Type", "application/json")]
    answer = fetch("POST", url, headers, json.dumps({"to": "a@b.example", "subject": "s", "text": "t"}))
    equal(answer.status, 403, "status")
    assert "insufficient_scope" in answer.header("WWW-Authenticate", ""), answer.header("WWW-Authenticate")
    equal(fetch("GET", url).status, 401, "status without a token")


# ------------------------------------------------------------------------------------------------ the wire


@attack("forwarded-header-forgery: forged Host and X-Forwarded headers change nothing")
def forged_host(s):
    url = f"{s.server.issuer}/.well-known/openid-configuration"
    answer = fetch("GET", url, [("Host", "evil.example")])
    equal(answer.status, 421, "status")
    assert b"evil" not in answer.body, "the forged name is in the answer"
    forged = [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "8.8.8.8"),
              ("Forwarded", "host=evil.example")]
    answer = fetch("GET", url, forged)
    equal(answer.json(), s.server.metadata, "metadata")
    s.watch.expect("forwarded-header-rejected")
    redirect = Browser().request("GET", s.first.authorize_url(), forged)
    assert redirect.location.startswith(s.server.issuer), redirect.location


@attack("dos-expensive-input: what is too large is refused early")
def too_large(s):
    assert Browser().get(s.first.authorize_url(state="x" * 5000)).status in (400, 414, 431), "a long state"
    assert fetch("GET", s.server.issuer + "/authorize?x=" + "a" * 40000).status in (400, 414, 431), "a long URL"
    body = "grant_type=client_credentials&x=" + "a" * 100_000
    headers = [("Content-Type", FORM), basic(s.batch.id, s.batch.secret)]
    try:
        answer = fetch("POST", s.server.metadata["token_endpoint"], headers, body)
        equal(answer.status, 413, "status of a large body")
    except (ConnectionError, BrokenPipeError):
        pass  # refused before it was read
    s.watch.expect("request-too-large")


@attack("every error_uri leads to a page that says how to fix it")
def error_pages(s):
    body = refused(s.first.redeem("nonsense"), 400, "invalid_grant")
    assert body["error_uri"].startswith(s.server.issuer + "/errors/"), body["error_uri"]
    answer = Browser().get(body["error_uri"])
    equal(answer.status, 200, "status")
    equal(Browser().get(s.server.issuer + "/errors/no-such-rule").status, 404, "status of an unknown rule")
    equal(Browser().get(s.server.issuer + "/no-such-page").status, 404, "status of an unknown page")


@attack("no secret in the store or the log: codes, tokens, passwords and client secrets of this run")
def no_secrets_at_rest(s):
    store = b"".join(path.read_bytes() for path in Path(s.server.config).parent.rglob("store.sqlite*"))
    log = s.server.process.log.read_bytes()
    assert len(store) > 4096, "no store was found"
    assert len(s.secrets) > 20, "too few secrets were seen"
    for secret in s.secrets:
        for name, text in (("store", store), ("log", log)):
            assert secret.encode() not in text, f"a secret ({secret[:9]}…) is in the {name}"
        # Neither whole nor as the part that matters.
        tail = secret.rsplit(".", 1)[-1]
        if len(tail) >= 43:
            assert tail.encode() not in store + log, f"the secret part of {secret[:9]}… is in the store or the log"


def main():
    global s_endpoint
    report = Report("attacks from outside, each with its answer and its event")
    scene = Scene()
    s_endpoint = scene.server.issuer
    wanted = sys.argv[1:]
    try:
        for name, check in CHECKS:
            # The first one signs the person in, so it always runs.
            if wanted and check is not whole_flow and not any(word in name for word in wanted):
                continue
            scene.watch.mark()
            report.check(name, check, scene)
        if not wanted:
            report.check("the server stops cleanly", lambda: equal(scene.server.process.stop(), 0, "exit status"))
    finally:
        if report.failed:
            print("# the server's log ends:\n" + scene.server.process.tail(15))
        scene.server.stop()
    report.finish()


if __name__ == "__main__":
    main()

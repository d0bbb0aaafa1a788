"""Checks the tools of the other tests: a jar or a form parser that is wrong would make them pass or fail for nothing."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "support"))

from browser import Browser, Page, basic, challenge_of, fetch, parse_cookie, with_query  # noqa: E402
from report import Report, equal  # noqa: E402

PAGE = """<!doctype html><html lang="de"><head><title>T</title><style>p{color:red}</style></head><body>
<button form="other" name="decision" value="switch" id="switch">s</button>
<form method="post" action="/consent" id="consent">
<input type="hidden" name="csrf" value="a&amp;b"><input type="checkbox" id="c1" checked disabled>
<input type="checkbox" name="scope" value="mail:read" checked><input type="checkbox" name="scope" value="mail:send">
<input name="empty"><textarea name="text">two
lines</textarea>
<button id="deny" name="decision" value="deny">no</button><button id="allow" name="decision" value="allow">yes</button>
</form><form method="post" action="/consent" id="other"><input type="hidden" name="csrf" value="2"></form></body>"""


class Server(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/first":
            self.send_response(303)
            self.send_header("Set-Cookie", "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax")
            self.send_header("Set-Cookie", "__Host-b=x=y; Path=/; Secure; Max-Age=60")
            self.send_header("Location", "/second")
        elif self.path == "/second":
            self.send_response(303)
            self.send_header("Set-Cookie", "__Host-a=; Path=/; Secure; Max-Age=0")
            self.send_header("Location", "http://127.0.0.1:1/callback?state=%26%3D&code=c")
        else:
            self.send_response(200)
        text = str(self.headers.get("Cookie")) + "|" + str(self.headers.get_all("Host"))
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


def forms():
    page = Page(PAGE)
    equal(page.language, "de", "language")
    equal(page.fields("#allow")[2], [
        ("csrf", "a&b"), ("scope", "mail:read"), ("empty", ""), ("text", "two\nlines"), ("decision", "allow"),
    ], "fields")
    equal(page.fields("#deny", {"scope": ["mail:send"], "empty": "e"})[2], [
        ("csrf", "a&b"), ("scope", "mail:send"), ("empty", "e"), ("text", "two\nlines"), ("decision", "deny"),
    ], "changed fields")
    equal(page.fields("#switch")[2], [("csrf", "2"), ("decision", "switch")], "fields of a button outside its form")
    assert "color" not in page.seen and "yes" in page.seen, page.seen


def jar():
    web = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{web.server_port}"
    browser = Browser()
    answer = browser.get(f"{base}/first")
    equal(answer.location, f"{base}/second", "location")
    equal(browser.cookies(base), {"__Host-a": "1", "__Host-b": "x=y"}, "jar")
    answer = browser.follow(answer, "http://127.0.0.1:1/")
    equal(answer.query, {"state": "&=", "code": "c"}, "query")
    equal(browser.cookies(base), {"__Host-b": "x=y"}, "jar after a cookie was taken away")
    assert browser.get(f"{base}/x").text.startswith("__Host-b=x=y|"), "the jar is not sent"
    forged = fetch("GET", f"{base}/x", [("Host", "evil.example")])
    assert forged.text.endswith("['evil.example']"), forged.text
    web.shutdown()


def small():
    equal(parse_cookie("a=b; Max-Age=0"), ("a", "b", True), "cookie")
    equal(parse_cookie("a=b=c; Max-Age=10"), ("a", "b=c", False), "cookie")
    # The example of RFC 7636 appendix B.
    equal(challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "challenge")
    equal(basic("a:b", "c d")[1], "Basic YSUzQWI6YyUyMGQ=", "basic")
    equal(with_query("http://h/p?x=1", {"a": "ü&", "b": None}), "http://h/p?x=1&a=%C3%BC%26", "query")


report = Report("the tools of the tests")
report.check("forms are read as a browser submits them", forms)
report.check("the jar keeps what a browser keeps", jar)
report.check("challenges, Basic and queries are made as specified", small)
report.finish()

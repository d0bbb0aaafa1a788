"""Our own client kit against the quickstart server: a native app with a loopback redirect, and the robot's way out.

Runs the kit's example `native` as a person would, opens the address that it prints in a browser of ours, and presses the
robot's buttons until it is disconnected.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urljoin, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "e2e/support"))

from browser import Browser  # noqa: E402
from report import Report, equal  # noqa: E402
from server import ROOT, Party, Quickstart, Watch  # noqa: E402


def example():
    """The kit's example program, built if it is not there yet."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = target / "debug/examples/native"
    command = ["cargo", "build", "--quiet", "-p", "safeconduct-client", "--example", "native", "--all-features"]
    subprocess.run(command, cwd=ROOT, check=True)
    return built


class App:
    """The native app, running."""

    def __init__(self, server, scope):
        arguments = [example(), server.issuer, "native-app", scope, server.info["mailbox_url"]]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.timer = threading.Timer(60, self.process.kill)
        self.timer.start()
        self.url = None
        for line in self.process.stdout:
            if line.startswith(server.issuer):
                self.url = line.strip()
                break
        assert self.url, "the app printed no address"

    def rest(self):
        text = self.process.stdout.read()
        status = self.process.wait(30)
        self.timer.cancel()
        return status, text


def redirect_of(app):
    from urllib.parse import parse_qs

    return parse_qs(urlsplit(app.url).query)["redirect_uri"][0]


def native_app(server):
    app, person = App(server, "openid mail:read"), Browser()
    answer = person.allow(app.url, server.user, redirect_of(app))
    # The last step of the flow: the browser brings the answer to the app's own listener.
    landed = person.get(answer.location)
    equal(landed.status, 200, "status of the app's page")
    status, text = app.rest()
    equal(status, 0, f"exit status ({text.strip()})")
    assert "granted scope:" in text and "mail:read" in text, text
    assert "signed in as:" in text or "openid" not in text.split("granted scope:")[1].splitlines()[0], text
    assert "revoked" in text, text


def native_denied(server):
    app, person = App(server, "openid mail:read"), Browser()
    answer = person.allow(app.url, server.user, redirect_of(app), button="#deny")
    equal(answer.query["error"], "access_denied", "error")
    person.get(answer.location)
    status, text = app.rest()
    assert status != 0 and "access_denied" in text, f"{status}: {text}"


def native_forged(server):
    """An answer with a foreign state, and one of another issuer, are not taken."""
    app, person = App(server, "openid mail:read"), Browser()
    redirect = redirect_of(app)
    person.get(f"{redirect}?code=stolen&state=forged&iss={server.issuer}")
    assert app.process.poll() is None, "a forged answer ended the app"
    answer = person.allow(app.url, server.user, redirect)
    person.get(answer.location.replace("iss=http", "iss=https"))
    status, text = app.rest()
    assert status != 0 and "granted" not in text, f"an answer of another issuer was taken: {text}"


def robot(server):
    """Connect, read, send, refresh, disconnect: by the buttons of the robot's pages."""
    person, home = Browser(), server.info["robot_url"]
    watch = Watch(server)
    step = lambda answer: person.follow(answer)  # noqa: E731
    page = person.get(home)
    page = step(person.press(page, "#connect"))
    assert page.page.has("sign-in"), page
    user = server.user
    page = step(person.press(page, "#sign-in", {"username": user["username"], "password": user["password"]}))
    time.sleep(0.45)
    page = step(person.press(page, "#allow"))
    equal(urlsplit(page.url).path, "/inbox", "path")
    assert page.page.has("messages"), "no messages"
    held = page.page.ids["to"]["form"]
    fields = [(c["name"], c["value"]) for c in held["controls"] if c.get("name")]
    fields = [(name, "a subject of the test" if name == "subject" else value) for name, value in fields]
    page = step(person.post(urljoin(page.url, held["action"]), fields))
    assert "a subject of the test" in page.page.seen, "the sent message is not there"
    page = step(person.press(page, "#refresh"))
    assert page.page.has("messages"), "no messages after refresh"
    page = step(person.press(page, "#disconnect"))
    assert page.page.has("connect"), "not back at the start"
    watch.expect("grant-ended")
    page = step(person.get(urljoin(home, "/inbox")))
    assert page.page.has("connect"), "still connected"


def robot_guarded(server):
    """The robot takes no answer that this browser did not ask for."""
    person, party = Browser(), Party(server, server.clients["mail-robot"])
    code = party.code(person)
    stranger = Browser()
    stranger.get(server.info["robot_url"])
    page = stranger.get(f"{party.redirect_uri}?code={code}&state=af0ifjsldkj&iss={server.issuer}")
    assert page.status >= 400, f"{page!r}"
    assert stranger.follow(stranger.get(urljoin(party.redirect_uri, "/inbox"))).page.has("connect"), "connected"


def main():
    report = Report("our own client kit against the quickstart server")
    server = Quickstart()
    try:
        report.check("a native app: loopback redirect, tokens, revocation", native_app, server)
        report.check("a native app that is denied says so", native_denied, server)
        report.check("a native app takes no forged answer and none of another issuer", native_forged, server)
        report.check("the robot: connect, read, send, refresh, disconnect", robot, server)
        report.check("the robot takes no answer that its browser did not ask for", robot_guarded, server)
    finally:
        if report.failed:
            print("# the server's log ends:\n" + server.process.tail())
        server.stop()
    report.finish()


if __name__ == "__main__":
    main()

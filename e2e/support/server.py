"""Starts the server under test and talks to its command line."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from browser import basic, fetch, with_query, FORM, pkce
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]


def binary():
    """The server: $SERVER_UNDER_TEST, or what cargo built last."""
    named = os.environ.get("SERVER_UNDER_TEST")
    if named:
        return named
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for path in (target / "release/safeconduct", target / "debug/safeconduct") if path.exists()]
    if not built:
        raise SystemExit("no server to test: run `cargo build --release` first, or set SERVER_UNDER_TEST")
    return str(max(built, key=lambda path: path.stat().st_mtime))


def free_ports(count=4):
    """The first of `count` ports in a row that nobody listens on, below the range for outgoing connections."""
    for _ in range(500):
        first = random.randrange(18000, 31000)
        taken = []
        try:
            for port in range(first, first + count):
                held = socket.socket()
                taken.append(held)
                held.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for held in taken:
                held.close()
    raise SystemExit("no free ports on 127.0.0.1")


class Process:
    """A server process whose log goes to a file."""

    def __init__(self, arguments, log, env=None, wait_line=False, timeout=60):
        self.log = Path(log)
        self.stderr = open(self.log, "ab")
        stdout = subprocess.PIPE if wait_line else self.stderr
        self.process = subprocess.Popen(
            [binary(), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=self.stderr,
            env={**os.environ, "RUST_BACKTRACE": "0", **(env or {})},
        )
        self.line = None
        if wait_line:
            # A server that never gets ready must not hang the tests.
            timer = threading.Timer(timeout, self.process.kill)
            timer.start()
            self.line = self.process.stdout.readline()
            timer.cancel()
            if not self.line:
                self.stop()
                raise SystemExit(f"the server did not start; its log ends:\n{self.tail()}")

    def tail(self, lines=25):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    @property
    def running(self):
        return self.process.poll() is None

    def kill(self):
        """What a power cut does, as far as one process goes."""
        if self.running:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._close()

    def stop(self, timeout=20):
        """Asks politely; gives back the exit status."""
        if self.running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None
        finally:
            self._close()

    def _close(self):
        if self.process.stdout:
            self.process.stdout.close()
        self.stderr.close()


def run(*arguments, stdin=None, timeout=60, env=None):
    """One command; gives back the finished process."""
    return subprocess.run(
        [binary(), *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, **(env or {})},
    )


def must(*arguments, **named):
    done = run(*arguments, **named)
    assert done.returncode == 0, f"{' '.join(map(str, arguments))}: {done.stderr.strip() or done.stdout.strip()}"
    return done.stdout


class Quickstart:
    """`safeconduct quickstart --json` on a fresh directory and free ports."""

    def __init__(self, env=None, directory=None):
        self.home = Path(directory or tempfile.mkdtemp(prefix="safeconduct-test-"))
        self.data = self.home / "data"
        self.env = env
        self.port = free_ports()
        self.start()
        self.user = self.info["user"]

    def start(self):
        arguments = ["quickstart", "--json", "--no-browser", "--dir", self.data, "--listen", f"127.0.0.1:{self.port}"]
        self.process = Process(arguments, self.home / "server.log", self.env, wait_line=True)
        self.info = json.loads(self.process.line)
        self.issuer, self.config = self.info["issuer"], self.info["config"]
        self.clients = {client["client_id"]: client for client in self.info["clients"]}
        # Whatever else it prints must not fill the pipe.
        threading.Thread(target=self.process.process.stdout.read, daemon=True).start()
        self.metadata = fetch("GET", f"{self.issuer}/.well-known/openid-configuration").json()

    def stop(self):
        status = self.process.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        return status

    def cli(self, *arguments, **named):
        """A command on this server's config: `cli("client", "list")`."""
        return must(*arguments, "--config", self.config, **named)

    def add_client(self, **metadata):
        """Registers a client by the command line and gives back the client information response."""
        client = json.loads(self.cli("client", "add", "-", stdin=json.dumps(metadata)))
        self.clients[client["client_id"]] = client
        return client

    def events(self):
        """All events so far."""
        command = [binary(), "events", "tail", "--config", str(self.config), "--json", "--since", "1h"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr.strip()
        return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


class Party:
    """A client as an attacker or a tester plays it: every parameter can be left out, doubled or bent."""

    def __init__(self, server, client, redirect_uri=None):
        self.server, self.client, self.verifier = server, client, None
        self.id, self.secret = client["client_id"], client.get("client_secret")
        self.redirect_uri = redirect_uri or next(iter(client.get("redirect_uris") or []), None)

    def authorize_url(self, **changes):
        """An honest authorization request, changed; None leaves a parameter out."""
        self.verifier, challenge = pkce()
        parameters = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid mail:read",
            "state": "af0ifjsldkj",
            "nonce": "n-0S6_WzA2Mj",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changes,
        }
        return with_query(self.server.metadata["authorization_endpoint"], parameters)

    def code(self, browser, scopes=None, **changes):
        """A code, by an honest flow."""
        answer = browser.allow(self.authorize_url(**changes), self.server.user, self.redirect_uri, scopes)
        assert answer.location and "code" in answer.query, f"no code but {answer!r}"
        return answer.query["code"]

    def post(self, endpoint, pairs, headers=None, connection=None):
        """A request of this client to the token, revocation or introspection endpoint."""
        pairs = [(k, v) for k, v in (pairs.items() if isinstance(pairs, dict) else pairs) if v is not None]
        if headers is None:
            headers = []
            if self.secret:
                headers.append(basic(self.id, self.secret))
            else:
                pairs.append(("client_id", self.id))
        sent = [("Content-Type", FORM), ("Accept", "application/json"), *headers]
        return fetch("POST", self.server.metadata[endpoint], sent, urlencode(pairs), connection)

    def token(self, **parameters):
        return self.post("token_endpoint", parameters)

    def redeem(self, code, connection=None, **changes):
        parameters = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        return self.post("token_endpoint", parameters, connection=connection)

    def refresh(self, token, connection=None, **changes):
        parameters = {"grant_type": "refresh_token", "refresh_token": token, **changes}
        return self.post("token_endpoint", parameters, connection=connection)

    def tokens(self, browser, **changes):
        """Tokens, by an honest flow."""
        answer = self.redeem(self.code(browser, **changes))
        assert answer.status == 200, f"no tokens but {answer!r}"
        return answer.json()

    def revoke(self, token):
        return self.post("revocation_endpoint", {"token": token})

    def introspect(self, token):
        return self.post("introspection_endpoint", {"token": token})


class Watch:
    """Waits for the events that an attack must leave behind."""

    def __init__(self, server):
        self.server = server
        self.mark()

    def mark(self):
        """From here on only new events count."""
        self.seen = {event["id"] for event in self.server.events()}

    def new(self):
        return [event for event in self.server.events() if event["id"] not in self.seen]

    def expect(self, signal_name, rule=None, timeout=4.0):
        """An event of this name (and rule) since the mark. Events are stored after the answer, so it may take a moment."""
        end = time.monotonic() + timeout
        while True:
            events = self.new()
            found = [e for e in events if e["signal"] == signal_name and rule in (None, e.get("rule"))]
            if found:
                return found[-1]
            if time.monotonic() > end:
                have = sorted({f"{e['signal']} {e.get('rule') or ''}".strip() for e in events})
                raise AssertionError(f"no event {signal_name} {rule or ''}; there were {have or 'none'}")
            time.sleep(0.05)

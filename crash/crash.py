"""Kills the server in the middle of its work, many times, and holds it to what it has acknowledged.

    python3 crash/crash.py [--rounds 20] [--seed N] [--only kill|startup|disk-full|read-only]

Each round: parallel clients rotate refresh tokens, ask for codes and redeem them, revoke and replay; `kill -9` at a
random moment; restart on the same store. Then:

- the last token that a client got works, or its lost answer is given again: no acknowledged rotation is lost;
- a code that was answered but not redeemed works once; one that was redeemed is refused;
- a token that was superseded, revoked, or whose grant was ended by a replay stays refused;
- the store passes SQLite's integrity check as the kill left it, and no row points nowhere.

Then the disk fills up, and the store turns read-only: the server says so, and recovers by itself.
"""

import argparse
import contextlib
import http.client
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e/support"))

from browser import FORM, Browser, basic, connect, fetch, pkce  # noqa: E402
from report import Report, Skip, equal  # noqa: E402
from server import Party, Process, free_ports, must, run  # noqa: E402
from urllib.parse import urlencode  # noqa: E402

USER = {"username": "ada", "password": "correct-horse-battery-7-staple"}
REDIRECT = "https://client.example/callback"
WORKERS = 8
# Rarely enough that grants live long, often enough that every round sees some.
REPLAY, REVOKE, REDEEM, LEAVE = 0.01, 0.01, 0.25, 0.03


class Server:
    """`safeconduct init` on a fresh directory, and `safeconduct serve` on it, again and again."""

    def __init__(self, directory):
        self.home = Path(directory)
        self.data = self.home / "data"
        port = free_ports(2)
        self.issuer, self.admin = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
        self.env = {
            "SAFECONDUCT_SERVER_LISTEN": f"127.0.0.1:{port}",
            "SAFECONDUCT_SERVER_ADMIN_LISTEN": f"127.0.0.1:{port + 1}",
            # A code that is refused after a restart must not be refused for its age.
            "SAFECONDUCT_LIFETIMES_CODE": "10m",
            "SAFECONDUCT_LOG_LEVEL": "warn",
        }
        must("init", "--dir", self.data, "--issuer", self.issuer, env=self.env)
        self.config = self.data / "safeconduct.toml"
        must("user", "add", USER["username"], "--config", self.config, stdin=USER["password"] + "\n", env=self.env)
        metadata = {
            "client_name": "Crash",
            "redirect_uris": [REDIRECT],
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid",
        }
        added = must("client", "add", "--config", self.config, "-", stdin=json.dumps(metadata), env=self.env)
        self.client = json.loads(added)
        self.metadata = {
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "revocation_endpoint": f"{self.issuer}/revoke",
        }
        self.user = USER
        self.process = None

    def start(self, wait=True):
        began = time.monotonic()
        self.process = Process(["serve", "--config", self.config], self.home / "server.log", self.env)
        while wait:
            if not self.process.running:
                raise AssertionError(f"the server ended at once:\n{self.process.tail()}")
            if self.ready(0.5) is True:
                break
            assert time.monotonic() - began < 30, "the server is not ready after 30 s"
            time.sleep(0.004)
        return time.monotonic() - began

    def ready(self, timeout=5):
        """True or False as the server says; None where it says nothing."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return fetch("GET", f"{self.admin}/health/ready", timeout=timeout).status == 200

    def wait_ready(self, wanted, seconds):
        end = time.monotonic() + seconds
        while self.ready() is not wanted:
            assert time.monotonic() < end, f"/health/ready is not {wanted} after {seconds} s"
            time.sleep(0.1)


class Grant:
    """What one client of one grant knows, and what must hold because of it."""

    def __init__(self, token):
        self.last = token  # the last token that arrived
        self.old = []  # tokens whose successor was seen in use


class Books:
    """What the server has acknowledged. Each entry is written by one worker only."""

    def __init__(self):
        self.grants, self.spent, self.open, self.dead = [], [], [], []
        self.unsure = []  # codes whose redemption was not answered
        self.rotations = self.redemptions = self.codes = self.ends = self.lost = 0
        self.faults = []


class Worker(threading.Thread):
    """Works until the server dies under it. An answer counts when its last byte has arrived."""

    def __init__(self, server, cookies, seed):
        super().__init__(daemon=True)
        self.server, self.cookies, self.books = server, cookies, Books()
        self.random = random.Random(seed)
        self.party = Party(server, server.client, REDIRECT)
        self.auth = basic(self.party.id, self.party.secret)
        self.stopping = False
        self.mine = []

    def run(self):
        self.connection = connect(self.server.issuer, timeout=10)
        try:
            while not self.stopping:
                self.step()
        except (OSError, http.client.HTTPException):
            pass  # the kill
        except Exception as error:  # a fault of the server or of this test: both must be seen
            self.books.faults.append(f"{type(error).__name__}: {error}")
        finally:
            self.connection.close()

    def post(self, path, pairs):
        headers = [("Content-Type", FORM), self.auth]
        return fetch("POST", self.server.issuer + path, headers, urlencode(pairs), self.connection)

    def step(self):
        roll = self.random.random()
        if not self.mine or roll < REDEEM:
            self.code(leave=roll < LEAVE)
            return
        grant = self.random.choice(self.mine)
        if roll > 1 - REPLAY and grant.old:
            self.end(grant, lambda: self.replay(grant))
        elif roll > 1 - REPLAY - REVOKE:
            self.end(grant, lambda: self.revoke(grant))
        else:
            self.rotate(grant)

    def code(self, leave):
        url = self.party.authorize_url(scope="openid")
        verifier = self.party.verifier
        answer = fetch("GET", url, [("Cookie", self.cookies), ("Accept", "text/html")], None, self.connection)
        if answer.status != 303 or "code" not in answer.query:
            raise AssertionError(f"no code but {answer!r}")
        code = answer.query["code"]
        self.books.codes += 1
        if leave:
            self.books.open.append((code, verifier))
            return
        self.books.unsure.append((code, verifier))
        answer = self.post("/token", redemption(code, verifier))
        if answer.status != 200:
            raise AssertionError(f"a fresh code was refused: {answer!r}")
        self.books.unsure.pop()
        grant = Grant(answer.json()["refresh_token"])
        self.mine.append(grant)
        self.books.grants.append(grant)
        self.books.spent.append((code, verifier, grant))
        self.books.redemptions += 1

    def rotate(self, grant):
        answer = self.post("/token", {"grant_type": "refresh_token", "refresh_token": grant.last})
        if answer.status != 200:
            raise AssertionError(f"the last acknowledged token was refused: {answer!r}")
        # The token that worked is spent; the one before it was superseded for good by that use.
        grant.old.append(grant.last)
        grant.last = answer.json()["refresh_token"]
        self.books.rotations += 1

    def end(self, grant, how):
        # From the first byte sent, the grant may have ended: no promise is left to check unless the answer arrives.
        self.mine.remove(grant)
        self.books.grants.remove(grant)
        how()
        self.books.dead.append(grant)
        self.books.ends += 1

    def replay(self, grant):
        # The token before the last: its successor is `last` or older. After one more rotation it is surely a replay.
        self.rotate(grant)
        answer = self.post("/token", {"grant_type": "refresh_token", "refresh_token": grant.old[-2]})
        if answer.status != 400:
            raise AssertionError(f"a replayed token was taken: {answer!r}")

    def revoke(self, grant):
        answer = self.post("/revoke", {"token": grant.last})
        if answer.status != 200:
            raise AssertionError(f"not revoked: {answer!r}")


def redemption(code, verifier):
    return {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier}


def sign_in(server):
    """Cookies of a person who has signed in and allowed the client for good."""
    browser, party = Browser(), Party(server, server.client, REDIRECT)
    party.code(browser, scope="openid")
    return "; ".join(f"{name}={value}" for name, value in browser.cookies(server.issuer).items())


class Audit:
    """After the restart: every promise of the round, one by one."""

    def __init__(self, server):
        self.server, self.party = server, Party(server, server.client, REDIRECT)
        self.connection = connect(server.issuer, timeout=10)
        self.faults = []
        self.checked = 0

    def expect(self, answer, status, what):
        self.checked += 1
        if answer.status != status:
            self.faults.append(f"{what}: {answer!r}")
        return answer.status == status == 200 and answer.json()

    def refresh(self, token):
        return self.party.refresh(token, self.connection)

    def redeem(self, code, verifier):
        return self.party.redeem(code, self.connection, code_verifier=verifier)

    def books(self, books, rng, cookies):
        for grant in books.dead:
            self.expect(self.refresh(grant.last), 400, "a grant that had ended is alive")
        for code, verifier in books.open:
            if tokens := self.expect(self.redeem(code, verifier), 200, "an acknowledged code is lost"):
                self.expect(self.refresh(tokens["refresh_token"]), 200, "a token of a code that waited")
                self.expect(self.redeem(code, verifier), 400, "a code was taken twice")
        for code, verifier in books.unsure:
            # Nobody was told, so both are right; but not twice.
            first, second = self.redeem(code, verifier), self.redeem(code, verifier)
            self.checked += 1
            if first.status not in (200, 400) or second.status != 400:
                self.faults.append(f"a code in flight: {first!r}, then {second!r}")
        for grant in books.grants:
            answer = self.refresh(grant.last)
            if tokens := self.expect(answer, 200, "an acknowledged rotation is lost"):
                grant.old.append(grant.last)
                grant.last = tokens["refresh_token"]
        # These end their grants, so they come last and are drawn.
        alive = set(map(id, books.grants))
        for code, verifier, grant in books.spent[-40:]:
            if id(grant) in alive:
                alive.discard(id(grant))
                self.expect(self.redeem(code, verifier), 400, "a spent code was taken again")
                self.expect(self.refresh(grant.last), 400, "a grant survived the replay of its code")
        for grant in rng.sample(books.grants, min(40, len(books.grants))):
            if id(grant) in alive and len(grant.old) > 1:
                alive.discard(id(grant))
                self.expect(self.refresh(rng.choice(grant.old[:-1])), 400, "a superseded token was taken again")
                self.expect(self.refresh(grant.last), 400, "a grant survived a replay")
        return [grant for grant in books.grants if id(grant) in alive]


# What the first migration says of the columns `state`.
ACTIVE, BURNED, SPENT = CODE_STATES = (2, 3, 4)
LIVE, ROTATED, SUPERSEDED = TOKEN_STATES = (2, 3, 4)


def inspect(server, scratch):
    """The store as the kill left it: a copy, so that looking at it repairs nothing."""
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    for path in server.data.glob("store.sqlite*"):
        shutil.copy(path, scratch / path.name)
    with contextlib.closing(sqlite3.connect(scratch / "store.sqlite")) as store:
        one = lambda sql: store.execute(sql).fetchone()[0]  # noqa: E731
        equal(one("PRAGMA integrity_check"), "ok", "integrity_check")
        known = lambda table, states: [  # noqa: E731
            state for (state,) in store.execute(f"SELECT DISTINCT state FROM {table}") if state not in states
        ]
        equal(known("codes", CODE_STATES) + known("refresh_tokens", TOKEN_STATES), [], "states that are not known here")
        for what, sql in {
            "codes without a grant": "SELECT count(*) FROM codes WHERE grant_id NOT IN (SELECT id FROM grants)",
            "refresh tokens without a grant":
                "SELECT count(*) FROM refresh_tokens WHERE grant_id NOT IN (SELECT id FROM grants)",
            "rotated tokens without a successor":
                f"SELECT count(*) FROM refresh_tokens WHERE state = {ROTATED} "
                "AND (successor = id OR successor NOT IN (SELECT id FROM refresh_tokens))",
            "grants with two live refresh tokens":
                f"SELECT count(*) FROM (SELECT grant_id FROM refresh_tokens WHERE state = {LIVE} "
                "GROUP BY grant_id HAVING count(*) > 1)",
            "spent codes without a token":
                f"SELECT count(*) FROM codes WHERE state = {SPENT} AND grant_id NOT IN (SELECT grant_id FROM refresh_tokens)",
            "tokens of unspent codes":
                f"SELECT count(*) FROM codes WHERE state <> {SPENT} AND grant_id IN (SELECT grant_id FROM refresh_tokens)",
        }.items():
            equal(one(sql), 0, what)
        for (record,) in store.execute("SELECT record FROM clients UNION ALL SELECT record FROM events"):
            json.loads(record)
    for path in (server.data / "keys").iterdir():
        if path.is_file() and path.suffix == ".json":
            json.loads(path.read_text())
        assert not path.name.endswith((".tmp", "~")), f"a half-written file is left: {path.name}"


def one_round(server, number, seed, cookies, survivors, scratch):
    """Load, kill, look, restart, audit. Gives back a line and the grants that live on."""
    rng = random.Random(seed)
    workers = [Worker(server, cookies, rng.random()) for _ in range(WORKERS)]
    for at, grant in enumerate(survivors):
        worker = workers[at % WORKERS]
        worker.mine.append(grant)
        worker.books.grants.append(grant)
    for worker in workers:
        worker.start()
    delay = rng.uniform(0.05, 1.5)
    time.sleep(delay)
    server.process.kill()
    for worker in workers:
        worker.stopping = True
        worker.join(20)
    inspect(server, scratch)
    took = server.start()
    audit = Audit(server)
    alive = []
    for worker in workers:
        audit.faults += [f"before the kill: {fault}" for fault in worker.books.faults]
        alive += audit.books(worker.books, rng, cookies)
    audit.connection.close()
    total = lambda name: sum(getattr(worker.books, name) for worker in workers)  # noqa: E731
    line = (
        f"round {number}: killed after {delay:.2f} s, {total('rotations')} rotations, {total('redemptions')} redemptions "
        f"and {total('ends')} endings acknowledged; ready again in {took * 1000:.0f} ms; "
        f"{audit.checked} promises checked"
    )
    if audit.faults:
        raise AssertionError(f"{line}; {len(audit.faults)} broken, first: {audit.faults[0]}")
    assert total("rotations") + total("redemptions") > 0 or delay < 0.3, "the load did nothing"
    return line, rng.sample(alive, min(len(alive), 60)), (total("rotations"), total("redemptions"), audit.checked)


def kill_rounds(report, directory, rounds, seed):
    server = Server(directory)
    server.start()
    cookies, survivors, sums = sign_in(server), [], [0, 0, 0]
    for number in range(1, rounds + 1):
        kept = {}

        def play():
            line, kept["alive"], counts = one_round(
                server, number, f"{seed}-{number}", cookies, survivors, server.home / "scratch"
            )
            for at, count in enumerate(counts):
                sums[at] += count
            print(f"     {line}", flush=True)

        failed = report.failed
        report.check(f"round {number}: kill -9 under load loses nothing", play)
        survivors = kept.get("alive", [])
        if report.failed > failed and not server.process.running:
            report.check(f"round {number}: the server starts again", server.start)
    report.check("the server stops cleanly", lambda: equal(server.process.stop(), 0, "exit status"))

    def at_rest():
        inspect(server, server.home / "scratch")
        left = sorted(path.name for path in server.data.glob("store.sqlite-*") if path.stat().st_size)
        assert not left, f"a clean stop leaves {left}"

    report.check("the store is whole after a clean stop", at_rest)
    print(f"     in all: {sums[0]} rotations, {sums[1]} redemptions, {sums[2]} promises checked", flush=True)


def startup(directory):
    """Kills during start-up, when keys, schema and lock are made."""
    server = Server(directory)
    rng = random.Random(5)
    for _ in range(12):
        server.start(wait=False)
        time.sleep(rng.uniform(0, 0.06))
        server.process.kill()
    server.start()
    party = Party(server, server.client, REDIRECT)
    equal(party.redeem(party.code(Browser(), scope="openid")).status, 200, "redemption after it")
    equal(server.process.stop(), 0, "exit status")
    inspect(server, server.home / "scratch")


def init_killed(directory):
    """A first start that is killed leaves nothing that a second one stumbles over."""
    from server import binary

    rng = random.Random(7)
    for attempt in range(8):
        data = Path(directory) / f"init-{attempt}"
        port = free_ports(4)
        arguments = ["quickstart", "--json", "--no-browser", "--dir", str(data), "--listen", f"127.0.0.1:{port}"]
        first = subprocess.Popen([binary(), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.0, 0.25))
        first.kill()
        first.wait()
        again = Process(arguments, Path(directory) / "quickstart.log", wait_line=True)
        info = json.loads(again.line)
        equal(info["issuer"], f"http://127.0.0.1:{port}", "issuer")
        again.kill()


@contextlib.contextmanager
def small_disk(directory, megabytes):
    """A file system of its own that is soon full; needs the right to mount one."""
    place = Path(directory) / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        raise Skip(f"no small file system can be mounted ({mounted.stderr.strip()})")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True)


def fill(place):
    filler = place / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return filler


def disk_full(directory):
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise Skip("needs root to mount a small file system")
    with small_disk(directory, 12) as place:
        server = Server(place)
        # The log is not what is being tested.
        server.home = Path(directory)
        server.start()
        browser, party = Browser(), Party(server, server.client, REDIRECT)
        grant = Grant(party.redeem(party.code(browser, scope="openid")).json()["refresh_token"])
        server.wait_ready(True, 10)
        filler = fill(place)
        # What room the write-ahead log still has is used up first.
        error, end = None, time.monotonic() + 60
        while error is None and time.monotonic() < end:
            answer = party.refresh(grant.last)
            if answer.status == 200:
                grant.last = answer.json()["refresh_token"]
                fill(place)
            else:
                error = answer
        assert error is not None, "the disk was full, and nothing failed"
        assert error.status in (500, 503), f"status with a full disk: {error!r}"
        assert error.json()["error"] in ("server_error", "temporarily_unavailable"), error.json()
        server.wait_ready(False, 15)
        equal(fetch("GET", f"{server.admin}/health/live").status, 200, "/health/live")
        equal(fetch("GET", f"{server.issuer}/jwks").status, 200, "what needs no disk")
        page = browser.get(party.authorize_url(scope="openid"))
        assert page.status in (303, 500, 503), f"authorization with a full disk: {page!r}"
        log = server.process.log.read_text(errors="replace").lower()
        assert "full" in log or "no space" in log, f"the log does not say that the disk is full:\n{server.process.tail(5)}"
        assert server.process.running, "the server ended"
        filler.unlink()
        server.wait_ready(True, 20)
        answer = party.refresh(grant.last)
        equal(answer.status, 200, "the last acknowledged token, once there is space")
        tokens = party.redeem(party.code(browser, scope="openid"))
        equal(tokens.status, 200, "a new code, once there is space")
        equal(server.process.stop(), 0, "exit status")
        inspect(server, Path(directory) / "scratch")


def read_only(directory):
    if os.geteuid() != 0 or not shutil.which("mount"):
        raise Skip("needs root to mount a file system")
    with small_disk(directory, 24) as place:
        server = Server(place)
        server.home = Path(directory)

        def remount(mode):
            done = subprocess.run(["mount", "-o", f"remount,{mode}", str(place)], capture_output=True, text=True)
            if done.returncode != 0:
                raise Skip(f"cannot remount ({done.stderr.strip()})")

        server.start()
        party = Party(server, server.client, REDIRECT)
        token = party.redeem(party.code(Browser(), scope="openid")).json()["refresh_token"]
        server.process.stop()
        remount("ro")
        server.start(wait=False)
        time.sleep(2)
        if server.process.running:
            equal(server.ready(), False, "/health/ready on a read-only store")
            answer = party.refresh(token)
            assert answer.status in (500, 503), f"status on a read-only store: {answer!r}"
        else:
            assert server.process.process.returncode != 0, "ended as if all were well"
        text = server.process.tail(8).lower()
        assert any(word in text for word in ("read-only", "readonly", "read only")), f"not clear:\n{text}"
        assert "panicked" not in text, text
        remount("rw")
        if server.process.running:
            server.wait_ready(True, 20)
        else:
            server.start()
        equal(party.refresh(token).status, 200, "the token, once the store can be written")
        equal(server.process.stop(), 0, "exit status")


def turned_read_only(directory):
    """The store becomes read-only under a running server: files that even root may not write."""
    if os.geteuid() != 0 or not shutil.which("chattr"):
        raise Skip("needs root and chattr")
    server = Server(directory)
    server.start()
    party = Party(server, server.client, REDIRECT)
    grant = Grant(party.redeem(party.code(Browser(), scope="openid")).json()["refresh_token"])
    # Not the index of the write-ahead log: SQLite maps it into memory, and the kernel kills who writes to such a mapping.
    files = [str(server.data / name) for name in ("store.sqlite", "store.sqlite-wal")]
    frozen = subprocess.run(["chattr", "+i", *files], capture_output=True, text=True)
    try:
        if frozen.returncode != 0:
            server.process.stop()
            raise Skip(f"this file system has no immutable files ({frozen.stderr.strip().splitlines()[0]})")
        end, answer = time.monotonic() + 30, None
        while time.monotonic() < end:
            answer = party.refresh(grant.last)
            if answer.status != 200:
                break
            grant.last = answer.json()["refresh_token"]
        assert answer.status in (500, 503), f"status on a read-only store: {answer!r}"
        server.wait_ready(False, 15)
        equal(fetch("GET", f"{server.admin}/health/live").status, 200, "/health/live")
    finally:
        subprocess.run(["chattr", "-i", *files], capture_output=True)
    server.wait_ready(True, 20)
    equal(party.refresh(grant.last).status, 200, "the last acknowledged token, once the store can be written")
    equal(server.process.stop(), 0, "exit status")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--rounds", type=int, default=20, help="kills under load (default 20)")
    arguments.add_argument("--seed", default=None, help="repeats the moments of an earlier run")
    arguments.add_argument("--only", choices=["kill", "startup", "disk-full", "read-only"])
    options = arguments.parse_args()
    seed = options.seed or str(random.randrange(10**9))
    report = Report(f"crash test, seed {seed}")

    def part(name, title, test):
        if options.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="safeconduct-crash-", ignore_cleanup_errors=True) as directory:
                test(report, directory) if title is None else report.check(title, test, directory)

    part("kill", None, lambda report, directory: kill_rounds(report, directory, options.rounds, seed))
    part("startup", "kill -9 during start-up leaves a store that starts", startup)
    part("startup", "kill -9 during the first quickstart leaves a folder that starts", init_killed)
    part("disk-full", "a full disk: clear errors, not ready, recovers by itself", disk_full)
    part("read-only", "a store that is read-only from the start: said clearly, works once it can be written", read_only)
    part("read-only", "a store that turns read-only: clear errors, not ready, recovers by itself", turned_read_only)
    report.finish()


if __name__ == "__main__":
    main()

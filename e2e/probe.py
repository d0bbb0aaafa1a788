#!/usr/bin/env python3
"""The probe against a fresh quickstart: nothing is vulnerable, and what cannot be decided is known beforehand.

    cargo build --release -p safeconduct -p safeconduct-probe && python3 e2e/probe.py
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))
from report import Report  # noqa: E402
from server import Process, binary, free_ports  # noqa: E402

# Threats that a quickstart leaves undecided, and why.
UNDECIDED = tomllib.loads((Path(__file__).parent / "undecided.toml").read_text())
# Seconds within which a whole run must end: the waits for expiry run beside it.
LONGEST = 180


def judge(report, result):
    threats = result["threats"]
    for threat, found in sorted(threats.items()):
        report.check(threat, lambda: one(threat, found))
    report.check("every undecided threat is still undecided", lambda: stale(threats))
    report.check(f"the run took at most {LONGEST} s", lambda: quick(result))


def one(threat, found):
    cases = [f"{case['name']}: {case['because']}" for case in found["cases"] if case["verdict"] == found["verdict"]]
    assert found["verdict"] != "vulnerable", "; ".join(cases)
    if found["verdict"] == "inconclusive":
        assert threat in UNDECIDED, "undecided, and undecided.toml gives no reason: " + "; ".join(cases)


def stale(threats):
    decided = [threat for threat in UNDECIDED if threats.get(threat, {}).get("verdict") != "inconclusive"]
    assert not decided, f"decided by now: {', '.join(decided)}"


def quick(result):
    assert result["complete"] and result["millis"] < LONGEST * 1000, f"{result['millis']} ms"


def main():
    report = Report("the probe against a quickstart")
    probe = Path(binary()).with_name("safeconduct-probe")
    if not probe.exists():
        raise SystemExit(f"no probe at {probe}: run cargo build -p safeconduct-probe first")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        target, out = folder / "target.toml", folder / "out"
        listen = f"127.0.0.1:{free_ports()}"
        arguments = ["quickstart", "--json", "--dir", folder / "data", "--listen", listen, "--probe-target", target]
        server = Process(arguments, folder / "server.log", wait_line=True)
        try:
            subprocess.run([probe, "run", target, "--out", out], timeout=LONGEST + 60, check=False, stdout=subprocess.DEVNULL)
            judge(report, json.loads((out / "report.json").read_text()))
        finally:
            server.stop()
    report.finish()


if __name__ == "__main__":
    main()

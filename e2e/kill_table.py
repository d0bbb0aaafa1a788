#!/usr/bin/env python3
"""The kill table as checks: every weakness of the straw server is found by the probe, and nothing is found that is not there.

    cargo build --release -p lab -p safeconduct-probe --bins && python3 e2e/kill_table.py
"""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))
from report import Report, Skip  # noqa: E402
from server import binary  # noqa: E402

# Seconds for the whole table.
LONGEST = 1800


def killed(row):
    if row["excepted"]:
        raise Skip(row["because"])
    assert row["killed"], f"not found: {row['because']}"
    assert not row["unexpected"], f"found besides: {', '.join(row['unexpected'])}"


def clean(table):
    assert table["total"] > 0, "the table is empty"
    assert table["false_alarms"] == 0, f"{table['false_alarms']} false alarms"


def main():
    report = Report("the kill table")
    program = Path(binary()).with_name("self-test")
    if not program.exists():
        raise SystemExit(f"no self-test at {program}: run cargo build -p lab --bins first")
    done = subprocess.run([program, "--json", *sys.argv[1:]], stdout=subprocess.PIPE, timeout=LONGEST, check=False)
    table = json.loads(done.stdout)
    for row in table["rows"]:
        report.check(row["threat"], killed, row)
    report.check("no false alarms", clean, table)
    report.finish()


if __name__ == "__main__":
    main()

"""One line per check, a sum at the end, and an exit status that tells."""

import sys
import time
import traceback


class Skip(Exception):
    """The check cannot be made here; the text says why."""


class Report:
    def __init__(self, title):
        self.passed, self.failed, self.skipped = 0, 0, 0
        self.start = time.monotonic()
        print(f"# {title}", flush=True)

    def ok(self, name):
        self.passed += 1
        print(f"ok   {name}", flush=True)

    def fail(self, name, why):
        self.failed += 1
        print(f"FAIL {name}: {why}", flush=True)

    def skip(self, name, why):
        self.skipped += 1
        print(f"skip {name}: {why}", flush=True)

    def check(self, name, test, *arguments, **named):
        """Runs `test`; whatever it raises is a failure of this check alone. Gives back what it gives back."""
        try:
            result = test(*arguments, **named)
        except Skip as skip:
            self.skip(name, skip)
        except AssertionError as error:
            at = traceback.extract_tb(error.__traceback__)[-1]
            self.fail(name, f"{error or at.line} ({at.filename.rsplit('/', 1)[-1]}:{at.lineno})")
        except Exception as error:  # a check that breaks has not passed
            at = traceback.extract_tb(error.__traceback__)
            ours = next((frame for frame in reversed(at) if "/lib/python" not in frame.filename), at[-1])
            self.fail(name, f"{type(error).__name__}: {error} ({ours.filename.rsplit('/', 1)[-1]}:{ours.lineno})")
        else:
            self.ok(name)
            return result
        return None

    def finish(self):
        line = f"{self.passed} passed, {self.failed} failed"
        if self.skipped:
            line += f", {self.skipped} skipped"
        print(f"# {time.monotonic() - self.start:.1f} s")
        print(line, flush=True)
        sys.exit(1 if self.failed else 0)


def equal(got, wanted, what="value"):
    assert got == wanted, f"{what} is {got!r}, not {wanted!r}"

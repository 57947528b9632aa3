"""Waiting for a condition, never for a time."""

import time

# How much longer than on a quiet machine anything may take: a deadline is there to end what hangs, and must not fail a test
# because the machine has other work. Whoever measures times sets it to 1.
SLACK = 10


class NotInTime(AssertionError):
    """The condition did not come true before its deadline."""


def patience(seconds):
    """How long to wait for what takes so many seconds at most on a quiet machine."""
    return seconds * SLACK


def wait_until(condition, seconds, what, every=0.05):
    """Returns the first result of `condition` that is true. `seconds`: plenty on a quiet machine. `what` completes the
    sentence "waited for ..."."""
    seconds = patience(seconds)
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= deadline:
            what = what() if callable(what) else what
            raise NotInTime(f"waited {seconds} s for {what}")
        time.sleep(every)


def stays_true(condition, seconds, what, every=0.05):
    """Looks again and again for so long, and no longer on a busy machine; for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            raise AssertionError(f"did not hold for {seconds} s: {what}")
        time.sleep(every)

"""Waiting for a condition, never for a time."""

import time


class NotInTime(AssertionError):
    """The condition did not come true before its deadline."""


def wait_until(condition, seconds, what, every=0.05):
    """Returns the first result of `condition` that is true. `what` completes the sentence "waited for ..."."""
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
    """Looks again and again for so long; for what must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not condition():
            raise AssertionError(f"did not hold for {seconds} s: {what}")
        time.sleep(every)

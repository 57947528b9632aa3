"""Phone numbers for tests, none used twice, and known afterwards to look for them in logs."""

import threading

_COUNTRY = 66_8_0000_0000  # Thai mobile numbers: +668 and eight digits


class Numbers:
    def __init__(self):
        self.used = 0
        self._lock = threading.Lock()  # several clients take some at the same time

    def take(self, count):
        """So many new ones."""
        with self._lock:
            first, self.used = self.used, self.used + count
        # Spread over the range, so that they do not look like each other.
        return [f"+{_COUNTRY + (n * 7919 + 12345) % 10**8}" for n in range(first, self.used)]

    def all_digits(self):
        """Those that were given away, as digits without the plus."""
        return {str(_COUNTRY + (n * 7919 + 12345) % 10**8) for n in range(self.used)}

"""A provider of a test's own, in a process of its own, that does to the byte what the test says.

    provider = Provider(ForNumbers(frozenset(some), refuse(403, "Recipient has opted out")), receipts="kept")
    … PROVIDER_URL=provider.url …
    provider.behave(Always(throttle("3600")))     # from the next request on
    provider.requests()                           # all that it saw, in order
"""

import atexit
import multiprocessing
import threading
from collections import defaultdict
from typing import NamedTuple

from .provider_replies import Always
from .provider_server import serve
from .waiting import wait_until


class Seen(NamedTuple):
    at: float        # seconds, on a clock of the machine that only differences mean something of
    path: str
    message_id: str  # these three: None when the body was none of ours
    to: str
    key: str
    answer: object   # the status, or "hang"
    accepted: bool   # taken by this request


class Provider:
    """It listens as long as it lives; close() ends it. `receipts`: "none", "kept" (over kept connections) or "each" (over a
    connection of its own for each); they are posted once, `receipt_delay` seconds after the answer. May be used by several
    threads."""

    def __init__(self, behaviour=Always(), receipts="none", receipt_delay=0.0):
        # Not by fork: it would hold copies of every connection and file that is open here.
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=serve, args=(theirs, behaviour,
                                                          {"how": receipts, "delay": receipt_delay}), daemon=True)
        self._process.start()
        theirs.close()
        self._lock = threading.Lock()
        atexit.register(self.close)
        self.port = self._pipe.recv()
        self.url = f"http://127.0.0.1:{self.port}"

    def _ask(self, name, *arguments, **options):
        with self._lock:
            self._pipe.send((name, arguments, options))
            good, result = self._pipe.recv()
        if not good:
            raise RuntimeError(f"the provider: {result}")
        return result

    def behave(self, behaviour):
        """From the next request on."""
        self._ask("behave", behaviour)

    def set_receipts(self, how, delay=0.0):
        self._ask("receive", how=how, delay=delay)

    def requests(self):
        return [Seen(*row) for row in self._ask("requests")]

    def by_message(self):
        """{message id: its requests, in order}."""
        found = defaultdict(list)
        for seen in self.requests():
            found[seen.message_id].append(seen)
        return dict(found)

    def receipts(self):
        """[(provider id, status of the answer or what went wrong)], of those that have an outcome."""
        return self._ask("receipts")

    def wait_receipts(self, seconds=60):
        """Until every receipt has an outcome."""
        wait_until(lambda: self._ask("receipts_left") == 0, seconds, "all receipts to be posted")
        return self.receipts()

    def in_flight(self):
        """[(seconds ago, most requests without an answer at once)], of each tenth of a second in which one came."""
        now, most = self._ask("in_flight")
        return [(now - tenth / 10, count) for tenth, count in sorted(most.items())]

    def forget(self):
        """All that it saw and accepted, and the outcomes of receipts."""
        self._ask("forget")

    def close(self):
        self._pipe.close()
        self._process.join(10)
        if self._process.is_alive():
            self._process.kill()
        atexit.unregister(self.close)

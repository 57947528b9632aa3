"""A provider that says "not now": the message waits, and the others go on."""

import sys
import time
from dataclasses import dataclass
from email.utils import formatdate

from support.case import ProviderCase
from support.provider_replies import ACCEPT, FirstOfEvery, ForNumbers, TokenBucket, throttle

# What people send for Retry-After. What cannot be read counts as absent.
RETRY_AFTER = (None, "0", "1", "1.5", "0.2", " 1 ", "01", "soon", "", "-1", "1, 2", "1s", "NaN", "date")


@dataclass
class EachForm:
    """The first request of every tenth message is throttled, each time with another form of Retry-After."""

    status: int
    messages: int = 0

    def __call__(self, request):
        if request.seen > 1:
            return ACCEPT
        self.messages += 1
        if self.messages % 10:
            return ACCEPT
        form = RETRY_AFTER[self.messages // 10 % len(RETRY_AFTER)]
        return throttle(formatdate(time.time() + 1, usegmt=True) if form == "date" else form, self.status)


class Throttling(ProviderCase):
    settings = {"PROVIDER_MAX_ATTEMPTS": 3, "PROVIDER_UNKNOWN_POLICY": "wait_then_fail"}

    def check_all_sent(self, broadcast_id, attempts=1):
        """None of them was ever in doubt, and being throttled cost none an attempt."""
        self.wait_completed(broadcast_id, 120)
        messages = self.api.messages(broadcast_id)
        self.assertEqual({(message["status"], message["attempts"]) for message in messages}, {("sent", attempts)})
        accepted = {sum(seen.accepted for seen in rows) for rows in self.provider.by_message().values()}
        self.assertEqual(accepted, {1})

    def test_every_form_of_retry_after(self):
        for status in (429, 503):
            with self.subTest(status):
                self.provider.forget()
                self.behave(EachForm(status))
                self.check_all_sent(self.broadcast(10 * 2 * len(RETRY_AFTER)))
                self.assertEqual({len(rows) for rows in self.provider.by_message().values()}, {1, 2})

    def test_a_few_that_have_to_wait_for_an_hour(self):
        numbers = self.numbers.take(500)
        late = frozenset(numbers[::100])
        self.behave(ForNumbers(late, throttle("3600")))
        began = time.monotonic()
        broadcast_id = self.api.create(numbers, self.text)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == 495, 60, "all others to be sent")
        print(f"(495 of 500 after {time.monotonic() - began:.1f} s) ", end="", file=sys.stderr, flush=True)
        self.assertEqual(self.api.get(broadcast_id)["counts"]["failed"], 0)
        self.assertEqual(len([seen for seen in self.provider.requests() if seen.to in late]), len(late))
        self.api.command(broadcast_id, "cancel")
        self.api.wait(broadcast_id, lambda b: b["status"] == "canceled", 30, "the rest to be canceled")
        self.assertEqual(self.api.counts(broadcast_id), {"sent": 495, "canceled": 5})

    def test_every_seventh_at_first(self):
        self.behave(FirstOfEvery(7, throttle("1", 503)))
        began = time.monotonic()
        self.check_all_sent(self.broadcast(300))
        print(f"(300 after {time.monotonic() - began:.1f} s) ", end="", file=sys.stderr, flush=True)

    def test_a_token_bucket(self):
        """How well its rate is met is measured by `scripts/bench throttle`."""
        for refusal in (throttle(), throttle("1"), throttle(None, 503)):
            with self.subTest(refusal.status):
                self.provider.forget()
                self.behave(TokenBucket(200, 10, refusal))
                self.check_all_sent(self.broadcast(600))
                requests = self.provider.requests()
                refused = sum(not seen.accepted for seen in requests)
                print(f"({refused} of {len(requests)} refused) ", end="", file=sys.stderr, flush=True)

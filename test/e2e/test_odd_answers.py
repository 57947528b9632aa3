"""Answers that say less than they should: what may have been taken is never sent again against the policy, and what was
taken is never called failed."""

from dataclasses import dataclass

from support.case import ProviderCase
from support.provider_replies import ACCEPT, Always, Reply, refuse

_JSON = (("Content-Type", "application/json"),)
# Taken, and nobody knows under which id.
TAKEN = (Reply(200, ""), Reply(202, ""), Reply(204, ""), Reply(202, "<html><body>OK, queued</body></html>"),
         Reply(200, "[]", _JSON), Reply(200, "null", _JSON), Reply(201, '{"provider_id":null}', _JSON),
         Reply(200, '{"provider_id":""}', _JSON), Reply(200, '{"provider_id":', _JSON),
         Reply(200, '{"status":"queued, no id yet"}', _JSON), Reply(200, '{"error":"Insufficient balance"}', _JSON),
         Reply(202, b"\xff\xfe\x00", _JSON))
# Taken, and the answer broke off before the id.
BROKEN = (Reply(raw=b"HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{", then="close", accepted=True),
          Reply(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{   ", then="reset", accepted=True),
          Reply(202, "<p>Queued.</p>" * 10_000))
# It may have been taken or not.
DOUBTFUL = (Reply(500, "Internal Error"), Reply(502, ""), Reply(504, ""), Reply(then="reset", raw=b"", accepted=True),
            Reply(raw=b"HTTP/1.1 202 Acc", then="close", accepted=True))
# Not taken, although the answer is none that can be read to its end.
REFUSED = (Reply(422, "<p>No.</p>" * 10_000),
           Reply(raw=b"HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{", then="close"))


@dataclass
class InTurn:
    """Each message gets another of these replies, and then that one each time."""

    replies: tuple

    def __post_init__(self):
        self.of_message = {}

    def __call__(self, request):
        return self.of_message.setdefault(request.message_id, self.replies[len(self.of_message) % len(self.replies)])


class InTurnThenGood(InTurn):
    def __call__(self, request):
        return super().__call__(request) if request.seen == 1 else ACCEPT


class OddCase(ProviderCase):
    ROUNDS = 3

    def run_with(self, replies):
        """A broadcast whose messages meet these in turn, until none is on its way. Gives its id."""
        self.behave(InTurn(replies))
        broadcast_id = self.broadcast(self.ROUNDS * len(replies))
        self.wait_at_rest(broadcast_id)
        return broadcast_id

    def wait_at_rest(self, broadcast_id):
        self.api.wait(broadcast_id, lambda b: not any(b["counts"][name] for name in ("pending", "queued", "sending")), 60,
                      "nothing to be on its way")

    def requests_of_each(self):
        return {len(rows) for rows in self.provider.by_message().values()}

    def check_taken(self, replies=TAKEN):
        """Sent exactly once each, whatever the policy, and shown as unknown with the provider's words."""
        broadcast_id = self.run_with(replies)
        self.assertEqual(self.api.counts(broadcast_id), {"unknown": self.ROUNDS * len(replies)})
        self.assertEqual(self.requests_of_each(), {1})
        messages = self.api.messages(broadcast_id)
        self.assertEqual({(m["attempts"], m["possible_duplicate"], m["error"]["class"]) for m in messages},
                         {(1, False, "unidentified")})
        told = "\n".join(message["error"]["message"] for message in messages)
        self.assertIn("Insufficient balance", told)


class TakenAndResent(OddCase):
    settings = {"PROVIDER_UNKNOWN_POLICY": "resend", "PROVIDER_RESOLVE_WITHIN": "1h"}

    def test_what_was_taken_is_not_sent_again(self):
        self.check_taken(TAKEN + BROKEN)

    def test_a_refusal_that_breaks_off_is_one(self):
        broadcast_id = self.run_with(REFUSED)
        self.assertEqual(self.api.counts(broadcast_id), {"failed": self.ROUNDS * len(REFUSED)})
        self.assertEqual(self.requests_of_each(), {1})

    def test_what_is_in_doubt_goes_out_once_more_and_no_more(self):
        broadcast_id = self.run_with(DOUBTFUL)
        self.assertEqual(self.api.counts(broadcast_id), {"unknown": self.ROUNDS * len(DOUBTFUL)})
        self.assertEqual(self.requests_of_each(), {2})
        self.assertEqual({(m["attempts"], m["possible_duplicate"]) for m in self.api.messages(broadcast_id)}, {(2, True)})

    def test_the_second_time_may_be_good(self):
        self.behave(OnceEach(Reply(500, "Internal Error")))
        broadcast_id = self.broadcast(30)
        self.wait_completed(broadcast_id)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": 30})
        self.assertEqual(self.requests_of_each(), {2})

    def test_a_definite_refusal_of_the_second_says_nothing_of_the_first(self):
        """The first may have been taken, so it is not failed but unknown."""
        self.behave(OnceEach(Reply(500, "Internal Error"), refuse(422, "Duplicate of an earlier message")))
        broadcast_id = self.broadcast(10)
        self.wait_at_rest(broadcast_id)
        self.assertEqual(self.requests_of_each(), {2})
        self.assertEqual(set(self.api.counts(broadcast_id)) - {"failed", "unknown"}, set())


@dataclass
class OnceEach:
    """One reply to the first request of each message, and another one from then on."""

    first: Reply
    then: Reply = ACCEPT

    def __call__(self, request):
        return self.first if request.seen == 1 else self.then


class TakenWithKeys(OddCase):
    settings = {"PROVIDER_UNKNOWN_POLICY": "resend_same_key", "PROVIDER_RESOLVE_WITHIN": "1h"}

    def test_what_was_taken_is_not_sent_again(self):
        self.check_taken()

    def test_an_answer_that_breaks_off_is_asked_for_again_under_the_same_key(self):
        self.behave(InTurnThenGood(BROKEN))
        broadcast_id = self.broadcast(self.ROUNDS * len(BROKEN))
        self.wait_completed(broadcast_id)
        self.assertEqual(self.requests_of_each(), {2})
        self.assertEqual(self.api.counts(broadcast_id), {"sent": self.ROUNDS * len(BROKEN)})
        self.assertEqual({len({row.key for row in rows}) for rows in self.provider.by_message().values()}, {1})

    def test_a_receipt_settles_it(self):
        self.provider.set_receipts("kept", 0.5)
        self.addCleanup(self.provider.set_receipts, "none")
        self.behave(InTurn(TAKEN))
        broadcast_id = self.broadcast(self.ROUNDS * len(TAKEN))
        self.api.wait_delivered(broadcast_id)
        self.assertEqual(self.requests_of_each(), {1})


class TakenAndResolved(OddCase):
    settings = {"PROVIDER_UNKNOWN_POLICY": "wait_then_fail", "PROVIDER_RESOLVE_WITHIN": "5s"}

    def test_without_a_receipt_it_was_sent(self):
        """The provider took it and said so: nothing else can be known, and failed would be a lie."""
        taken = TAKEN + BROKEN
        self.behave(InTurn(taken))
        broadcast_id = self.broadcast(self.ROUNDS * len(taken))
        self.wait_completed(broadcast_id)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": self.ROUNDS * len(taken)})
        self.assertEqual(self.requests_of_each(), {1})

    def test_what_is_in_doubt_fails(self):
        self.behave(Always(Reply(500, "Internal Error")))
        broadcast_id = self.broadcast(10)
        self.wait_completed(broadcast_id)
        self.assertEqual(self.api.counts(broadcast_id), {"failed": 10})
        self.assertEqual(self.requests_of_each(), {1})


class SilentClosing(OddCase):
    """A provider that ends each connection after its answer, and does not say so."""

    settings = {"PROVIDER_UNKNOWN_POLICY": "wait_then_fail", "PROVIDER_RESOLVE_WITHIN": "1h"}
    COUNT, MOST_UNKNOWN = 3000, 10

    def test_hardly_any_is_lost(self):
        for after in (0.0, 0.005):
            with self.subTest(after):
                self.provider.forget()
                self.behave(Always(Reply(then="close", after=after)))
                broadcast_id = self.broadcast(self.COUNT)
                self.wait_at_rest(broadcast_id)
                counts = self.api.counts(broadcast_id)
                self.assertLessEqual(counts.get("unknown", 0), self.MOST_UNKNOWN)
                self.assertEqual(counts["sent"] + counts.get("unknown", 0), self.COUNT)


class SilentClosingWithKeys(SilentClosing):
    settings = {"PROVIDER_UNKNOWN_POLICY": "resend_same_key"}
    MOST_UNKNOWN = 0

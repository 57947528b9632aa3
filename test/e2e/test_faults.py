"""A provider that misbehaves: the counts are exact all the same, and nobody gets two messages."""

from support.case import EVERY, SystemCase, topologies
from support.http import Http
from support.ledgers import check_ledgers, check_no_duplicates
from support.logs import entries
from support.waiting import wait_until

COUNT = 400
# Milliseconds; a receipt that comes early settles a message before there is a reason to send it again.
LATE = 5000


class FaultCase(SystemCase):
    def setUp(self):
        self.mock.reset_faults()
        self.mock.clear()

    def run_with(self, count=COUNT, **faults):
        """A broadcast under these faults, until it has settled and all ledgers agree. Gives broadcast and messages."""
        self.mock.set_faults(**faults)
        broadcast_id = self.broadcast(count)
        broadcast = self.api.wait_settled(broadcast_id, 90)
        messages = check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)
        return broadcast, messages

    def check_all_delivered(self, **faults):
        broadcast, messages = self.run_with(**faults)
        self.assertEqual(broadcast["counts"]["delivered"], COUNT, broadcast["counts"])
        return messages

    def check_happened(self, *names):
        stats = self.mock.stats()
        for name in names:
            self.assertGreater(stats[name], 0, stats)


@topologies(*EVERY)
class Faults(FaultCase):
    settings = {"PROVIDER_TIMEOUT": "2s"}

    def test_errors(self):
        messages = self.check_all_delivered(error_rate=0.1, error_status=500)
        self.check_happened("errors")
        self.check_attempts([message for message in messages if message["attempts"] > 1])

    def check_attempts(self, again):
        """Every attempt that went wrong is on record."""
        self.assertTrue(again)
        for message in again[:10]:
            history = self.api.message(message["id"])["attempt_history"]
            self.assertEqual(len(history), message["attempts"] - 1)
            self.assertEqual([entry["number"] for entry in history], list(range(1, message["attempts"])))
            self.assertEqual(list(history[0]), ["number", "at", "error"])
            self.assertEqual(list(history[0]["error"]), ["code", "class", "message"])

    def test_throttled(self):
        self.check_all_delivered(throttle_rate=0.02, retry_after_s=1)
        self.check_happened("throttled")

    def test_hanging(self):
        self.check_all_delivered(hang_rate=0.05, receipt_delay_ms=LATE)
        self.check_happened("hangs", "duplicates")

    def test_reset(self):
        self.check_all_delivered(reset_before_rate=0.05, reset_after_rate=0.05, receipt_delay_ms=LATE)
        self.check_happened("resets", "duplicates")

    def test_truncated(self):
        self.check_all_delivered(truncate_rate=0.1, receipt_delay_ms=LATE)
        self.check_happened("truncated", "duplicates")

    def test_slow(self):
        self.check_all_delivered(latency_ms=100, jitter_ms=300)

    def test_receipts_before_the_answer(self):
        self.check_all_delivered(receipt_first_rate=1)

    def test_receipts_doubled_and_shuffled(self):
        self.check_all_delivered(receipt_double_rate=0.5, receipt_shuffle_rate=0.5)

    def test_receipts_that_say_failed(self):
        broadcast, messages = self.run_with(receipt_failed_rate=0.3)
        failed = sum(row["last_receipt_status"] == "failed" for row in self.mock.ledger().values())
        self.assertGreater(failed, 0)
        self.assertEqual((broadcast["counts"]["failed"], broadcast["counts"]["delivered"]), (failed, COUNT - failed))
        errors = [message["error"] for message in messages if message["status"] == "failed"]
        self.assertEqual({error["code"] for error in errors}, {"mock_failed"})

    def test_refused_for_good(self):
        broadcast, messages = self.run_with(error_rate=0.2, error_status=422)
        failed = [message for message in messages if message["status"] == "failed"]
        self.assertEqual(broadcast["counts"]["failed"], self.mock.stats()["errors"])
        self.assertEqual(len(failed), broadcast["counts"]["failed"])
        self.assertEqual({(message["attempts"], message["error"]["class"]) for message in failed}, {(1, "rejected")})

    def test_everything_at_once(self):
        self.check_all_delivered(error_rate=0.03, throttle_rate=0.01, hang_rate=0.02, reset_before_rate=0.03,
                                 reset_after_rate=0.03, truncate_rate=0.03, jitter_ms=50, receipt_first_rate=0.2,
                                 receipt_double_rate=0.2, receipt_shuffle_rate=0.2)


@topologies("separate")
class OneAddressForAllReceipts(FaultCase):
    """A provider that cannot post to the address that came with the message."""

    settings = {"PROVIDER_TIMEOUT": "2s", "DLR_UNSIGNED": "accept"}

    def test_only_the_providers_id(self):
        self.check_all_delivered(receipt_echo="provider_id")

    def test_only_the_providers_id_and_receipts_first(self):
        self.check_all_delivered(receipt_echo="provider_id", receipt_first_rate=0.5, receipt_double_rate=0.3)


@topologies("separate")
class NoIdempotencyKeys(FaultCase):
    """The policy for a provider that may not know our keys: what is uncertain is shown as such and never sent again."""

    settings = {"PROVIDER_TIMEOUT": "2s", "PROVIDER_UNKNOWN_POLICY": "wait_then_fail", "PROVIDER_RESOLVE_WITHIN": "6s"}

    def test_a_receipt_resolves_it(self):
        self.check_all_delivered(truncate_rate=0.1, reset_after_rate=0.1, receipt_delay_ms=300)
        self.assertEqual(self.mock.stats()["duplicates"], 0, "nothing was sent again")

    def test_without_a_receipt_it_fails_in_time(self):
        broadcast, messages = self.run_with(error_rate=0.2, error_status=500)
        failed = [message for message in messages if message["status"] == "failed"]
        self.assertEqual(broadcast["counts"]["failed"], self.mock.stats()["errors"])
        self.assertEqual({message["error"]["class"] for message in failed}, {"unknown"})
        self.assertEqual({row["requests"] for row in self.mock.ledger().values()}, {1})

    def test_it_is_shown_as_unknown_meanwhile(self):
        self.mock.set_faults(error_rate=1)
        broadcast_id = self.broadcast(5)
        self.api.wait(broadcast_id, lambda b: b["counts"]["unknown"] == 5 and b["status"] == "running", 20,
                      "five unknown messages", every=0.02)
        self.assertEqual(self.api.wait_settled(broadcast_id)["counts"]["failed"], 5)


@topologies("separate")
class FewAttempts(FaultCase):
    settings = {"PROVIDER_MAX_ATTEMPTS": 3, "PROVIDER_BREAKER_FAILURES": 0}

    def test_attempts_are_used_up(self):
        self.mock.set_faults(error_rate=1, error_status=500)
        broadcast_id = self.broadcast(20)
        # A 500 leaves it open whether the message was taken.
        broadcast = self.api.wait(broadcast_id, lambda b: b["counts"]["unknown"] + b["counts"]["failed"] == 20, 60,
                                  "the end of attempts")
        self.assertEqual(broadcast["counts"]["unknown"], 20, broadcast["counts"])
        for message in self.api.messages(broadcast_id):
            self.assertEqual((message["attempts"], message["error"]["class"]), (3, "attempts_exhausted"))
            self.assertEqual(len(self.api.message(message["id"])["attempt_history"]), 3)
        self.assertEqual({row["requests"] for row in self.mock.ledger().values()}, {3})

    def test_a_provider_that_is_not_there(self):
        mock = self.system.processes["mock-provider"]
        self.system.mock.close()
        mock.terminate(20)
        try:
            broadcast_id = self.broadcast(20)
            broadcast = self.api.wait_settled(broadcast_id)
            self.assertEqual(broadcast["counts"]["failed"], 20)
            errors = {(message["attempts"], message["error"]["class"]) for message in self.api.messages(broadcast_id)}
            self.assertEqual(errors, {(3, "attempts_exhausted")})
        finally:
            mock.start().wait_ready()


@topologies("separate", "embedded")
class PatientWorker(FaultCase):
    """A provider that is away, or throttles, for longer than all attempts would last."""

    own_mock = True
    settings = {"PROVIDER_MAX_ATTEMPTS": 3, "PROVIDER_RETRY_BASE": "20ms", "PROVIDER_RETRY_CAP": "20ms"}

    def provider(self):
        """What the worker says of it; it is ready whatever that is."""
        client = Http(self.system.ports["worker"])
        try:
            answer = client.get("/health/ready")
        finally:
            client.close()
        self.assertEqual(answer.status, 200, answer)
        self.assertIn(answer.json()["provider"]["circuit"], ("closed", "open", "half_open"))
        return answer.json()["provider"]

    def logged(self, event):
        return sum(f'"event":"{event}"' in line for line in self.system.process_of("worker").log_lines())

    def test_an_outage_of_any_length_fails_nothing(self):
        count = 10 * COUNT
        mock = self.system.processes["mock-provider"]
        self.system.mock.close()
        mock.terminate(20)
        opened = self.logged("circuit_opened")
        try:
            broadcast_id = self.broadcast(count)
            wait_until(lambda: self.provider()["circuit"] == "open", 20, "the circuit to open")
            since = self.provider()["since"]
            wait_until(lambda: self.logged("circuit_opened") >= opened + 4, 30, "probes to fail")
            self.assertEqual(self.provider()["since"], since)
            told = next(entry for entry in entries(self.system.process_of("worker")) if entry["event"] == "circuit_opened")
            self.assertEqual((told["setting"], told["address"]),
                             ("PROVIDER_URL", f"127.0.0.1:{self.system.ports['mock-provider']}"))
            broadcast = self.api.wait(broadcast_id, lambda b: b["counts"]["pending"] > count // 2, 10,
                                      "most messages to be pending")
            in_our_hands = sum(broadcast["counts"][status] for status in ("pending", "queued", "sending"))
            self.assertEqual(in_our_hands, count, broadcast["counts"])
        finally:
            mock.start().wait_ready()
        self.api.wait_delivered(broadcast_id, 60)
        self.assertEqual(self.provider()["circuit"], "closed")
        self.assertGreater(self.provider()["since"], since)
        messages = check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)
        self.assertLessEqual({message["attempts"] for message in messages}, {1, 2})

    def test_a_single_message_waits_as_well(self):
        mock = self.system.processes["mock-provider"]
        self.system.mock.close()
        mock.terminate(20)
        try:
            broadcast_id = self.broadcast(1)
            wait_until(lambda: self.provider()["circuit"] == "open", 20, "the circuit to open")
        finally:
            mock.start().wait_ready()
        self.api.wait_delivered(broadcast_id, 60)
        message, = check_ledgers(self.api, self.mock, broadcast_id)
        self.assertEqual(message["attempts"], 2)
        self.assertEqual(len(self.api.message(message["id"])["attempt_history"]), 1)

    def test_throttling_is_met_with_slowness(self):
        count = 10 * COUNT
        self.mock.set_faults(throttle_rate=0.9, retry_after_s=1)
        broadcast_id = self.broadcast(count)
        wait_until(lambda: self.provider()["limit_per_s"] == 1, 60, "the least rate")
        self.mock.reset_faults()
        self.api.wait_delivered(broadcast_id, 60)
        wait_until(lambda: self.provider()["limit_per_s"] is None, 30, "the limit to be lifted")
        stats = self.mock.stats()
        self.assertGreater(stats["throttled"], 0)
        self.assertLess(stats["throttled"], stats["requests"] * 0.1, stats)
        messages = check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)
        self.assertEqual({message["attempts"] for message in messages}, {1}, "being throttled costs no attempt")

"""What a provider refuses: one recipient's trouble ends one message, the account's trouble ends none."""

import sys
import time

from support.case import ProviderCase
from support.provider_replies import Always, ForNumbers, Reply, refuse
from support.waiting import wait_until

OPTED_OUT = "Recipient has opted out"


class RefusalCase(ProviderCase):
    settings = {"PROVIDER_MAX_ATTEMPTS": 4, "PROVIDER_RETRY_BASE": "100ms", "PROVIDER_RETRY_CAP": "500ms"}

    def refuse_some(self, status, count, others, sentence=OPTED_OUT):
        """A broadcast whose first `count` numbers are always refused. Gives its id and those numbers."""
        numbers = self.numbers.take(count + others)
        refused = frozenset(numbers[:count])
        self.behave(ForNumbers(refused, refuse(status, sentence)))
        return self.api.create(numbers, self.text), refused

    def check_refused(self, broadcast_id, refused, sentence=OPTED_OUT):
        """These failed with the provider's sentence, all others were sent, each at the first time."""
        broadcast = self.wait_completed(broadcast_id, 120)
        total = broadcast["total_recipients"]
        self.assertEqual(self.api.counts(broadcast_id), {name: count for name, count in (
            ("sent", total - len(refused)), ("failed", len(refused))) if count})
        for message in self.api.messages(broadcast_id):
            if message["phone_number"] in refused:
                self.assertEqual(message["status"], "failed", message)
                self.assertIn(sentence, message["error"]["message"])
                self.assertNotIn(message["phone_number"].lstrip("+"), message["error"]["message"])
            else:
                self.assertEqual((message["status"], message["attempts"], message["error"]), ("sent", 1, None), message)


class OneNumber(RefusalCase):
    """403, 404 and 405 do not say whose fault it is."""

    def test_one_number_fails_by_itself(self):
        for status in (403, 404, 405):
            with self.subTest(status):
                broadcast_id, refused = self.refuse_some(status, 1, 99)
                other = self.broadcast(100)
                self.check_refused(broadcast_id, refused)
                self.wait_completed(other)
                self.assertEqual(self.api.counts(other), {"sent": 100})
                self.assertLessEqual(len([seen for seen in self.provider.requests() if seen.to in refused]), 4)

    def test_a_block_of_them(self):
        """So many in a row could as well be the account's trouble: that others are accepted tells."""
        for status, count in ((403, 60), (404, 200)):
            with self.subTest(status):
                broadcast_id, refused = self.refuse_some(status, count, 500 - count)
                self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == 500 - count, 120, "all others to be sent")
                wait_until(lambda: self.wait_completed(self.broadcast(1)) and self.api.counts(broadcast_id).get("failed")
                           == count, 120, "the refused ones to fail beside other broadcasts", every=0.5)
                self.check_refused(broadcast_id, refused)

    def test_a_small_broadcast_of_nothing_else(self):
        self.wait_completed(self.broadcast(10))
        broadcast_id, refused = self.refuse_some(404, 3, 0)
        self.wait_completed(self.broadcast(10))  # the lane is as good as ever
        self.check_refused(broadcast_id, refused)

    def test_one_by_one_after_each_other(self):
        """Each broadcast is one number, and every second is refused."""
        numbers = self.numbers.take(40)
        refused = frozenset(numbers[::2])
        self.behave(ForNumbers(refused, refuse(403, OPTED_OUT)))
        ids = {number: self.api.create([number], self.text) for number in numbers}
        for number, broadcast_id in ids.items():
            self.check_refused(broadcast_id, refused & {number})

    def test_what_is_refused_for_good_is_asked_once(self):
        for status in (400, 406, 410, 413, 415, 422):
            with self.subTest(status):
                broadcast_id, refused = self.refuse_some(status, 20, 80)
                self.check_refused(broadcast_id, refused)
                by_number = [seen.to for seen in self.provider.requests() if seen.to in refused]
                self.assertEqual(len(by_number), len(refused))

    def test_the_number_in_its_sentence_is_masked(self):
        number, = numbers = self.numbers.take(1)
        sentence = f"No route to {number}, sorry"
        self.behave(ForNumbers(frozenset(numbers), refuse(403, sentence)))
        broadcast_id = self.api.create(numbers + self.numbers.take(20), self.text)
        self.check_refused(broadcast_id, frozenset(numbers), "No route to ")


class OnePercent(RefusalCase):
    COUNT = 20_000

    def test_a_second_broadcast_is_not_held_up(self):
        numbers = self.numbers.take(self.COUNT)
        refused = frozenset(numbers[::100])
        self.behave(ForNumbers(refused, refuse(403, OPTED_OUT)))
        first = self.api.create(numbers, self.text)
        began = time.monotonic()
        second = self.broadcast(100)
        self.api.wait(second, lambda b: b["counts"]["sent"] == 100, 60, "all of the second to be sent")
        print(f"(100 beside {self.COUNT} after {time.monotonic() - began:.1f} s, ", end="", file=sys.stderr)
        self.wait_completed(first, 120)
        print(f"all after {time.monotonic() - began:.1f} s) ", end="", file=sys.stderr, flush=True)
        self.check_refused(first, refused)


class Account(RefusalCase):
    """Refused credentials, used-up credit, a redirect, a wrong path: messages wait, and one at a time asks."""

    COUNT = 300

    def check_waits(self, reply, *words):
        """While the provider answers so, nothing fails, and the log and the readiness say why; then all are sent."""
        before = {word: len(self.warnings(word)) for word in words}
        self.provider.forget()
        self.behave(Always(reply))
        broadcast_id = self.broadcast(self.COUNT)
        lane = wait_until(lambda: self.lane()["circuit"] != "closed" and self.lane(), 30, "the lane to be held")
        self.assertEqual(lane["reason"], "refused")
        for word in words:
            wait_until(lambda wanted=word: len(self.warnings(wanted)) > before[wanted], 10, f"a warning with '{word}'")
            self.assertIn(word, str(lane))
        probes = len(self.provider.requests())
        wait_until(lambda: len(self.provider.requests()) > probes + 2, 60, "more probes")
        counts = self.api.get(broadcast_id)["counts"]
        self.assertEqual(sum(counts[status] for status in ("pending", "queued", "sending")), self.COUNT, counts)
        self.assertLess(len(self.provider.requests()), self.COUNT)
        for word in words:
            self.assertEqual(len(self.warnings(word)), before[word] + 1, "once per change")
        self.behave(Always())
        self.wait_completed(broadcast_id)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": self.COUNT})
        self.assertEqual({message["attempts"] for message in self.api.messages(broadcast_id)}, {1})
        self.assertEqual(self.lane()["circuit"], "closed")
        self.assertEqual({sum(seen.accepted for seen in rows) for rows in self.provider.by_message().values()}, {1})

    def test_credentials(self):
        self.check_waits(refuse(401, "Unknown API key"), "http_401", "Unknown API key")

    def test_credit(self):
        self.check_waits(refuse(402, "Balance is used up"), "http_402", "Balance is used up")

    def test_proxy(self):
        self.check_waits(refuse(407, "Proxy says no"), "http_407")

    def test_redirects(self):
        for status in (301, 302, 303, 307, 308):
            with self.subTest(status):
                location = (("Location", f"{self.provider.url}/elsewhere/send"),)
                self.check_waits(Reply(status, "", location), f"http_{status}")
                self.assertEqual({seen.path for seen in self.provider.requests()}, {"/send"}, "it is not followed")

    def test_a_wrong_path(self):
        self.check_waits(Reply(404, "<html><body>Not Found on this server</body></html>",
                               (("Content-Type", "text/html"),)), "http_404")

    def test_forbidden_for_everybody(self):
        self.check_waits(refuse(403, "Account suspended by operator"), "http_403", "Account suspended by operator")

    def test_while_a_broadcast_runs(self):
        """The credit is used up in the middle."""
        broadcast_id = self.broadcast(5000)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] > 100, 60, "the broadcast to run")
        self.behave(Always(refuse(402, "No money left")))
        wait_until(lambda: self.lane()["circuit"] != "closed", 30, "the lane to be held")
        self.assertEqual(self.api.get(broadcast_id)["counts"]["failed"], 0)
        self.behave(Always())
        self.wait_completed(broadcast_id)
        self.assertEqual(self.api.counts(broadcast_id), {"sent": 5000})
        self.assertEqual({message["attempts"] for message in self.api.messages(broadcast_id)}, {1})

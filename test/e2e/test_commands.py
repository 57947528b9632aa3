"""Pause, resume and cancel, in the middle of a broadcast."""

import time

from support.case import EVERY, SystemCase, topologies
from support.ledgers import check_ledgers, check_no_duplicates
from support.waiting import wait_until

# Seconds without a request, after which none is taken to come any more. That it is so 2 s after the answer is measured in
# test/chaos (`halted`).
QUIET = 2.0


@topologies(*EVERY)
class Commands(SystemCase):
    # About 400 messages a second, so that there is a middle.
    settings = {"WORKER_CONNECTIONS": 8, "MOCK_LATENCY": "20ms"}

    def begin(self, count=2500, delivered=200):
        broadcast_id = self.broadcast(count)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= delivered, 60, f"{delivered} to be delivered")
        return broadcast_id

    def command(self, broadcast_id, command, *statuses):
        """That must be accepted, with one of these statuses."""
        answer = self.api.command(broadcast_id, command)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json()["broadcast_id"], broadcast_id)
        self.assertIn(answer.json()["status"], statuses)

    def refused(self, broadcast_id, *commands):
        for command in commands:
            self.check_problem(self.api.command(broadcast_id, command), 409, "conflict")

    def check_quiet(self):
        wait_until(self.is_quiet, 20, "the provider to get no more requests")

    def is_quiet(self):
        requests = self.mock.requests()
        time.sleep(QUIET)  # it is the time itself in which nothing comes
        return self.mock.requests() == requests

    def test_pause_and_resume(self):
        broadcast_id = self.begin()
        self.command(broadcast_id, "pause", "paused")
        self.check_quiet()
        self.command(broadcast_id, "pause", "paused")
        broadcast = self.api.get(broadcast_id)
        self.assertEqual(broadcast["status"], "paused")
        self.assertIsNone(broadcast["completed_at"])
        self.assertGreater(broadcast["counts"]["delivered"], 0)
        self.assertGreater(broadcast["counts"]["pending"] + broadcast["counts"]["queued"], 0)

        self.command(broadcast_id, "resume", "running")
        self.command(broadcast_id, "resume", "running")
        self.api.wait_delivered(broadcast_id)
        check_ledgers(self.api, self.mock, broadcast_id)
        self.refused(broadcast_id, "pause", "resume", "cancel")
        check_no_duplicates(self.mock)

    def test_cancel(self):
        broadcast_id = self.begin()
        self.command(broadcast_id, "cancel", "canceling", "canceled")
        self.refused(broadcast_id, "pause", "resume")
        self.check_quiet()
        self.command(broadcast_id, "cancel", "canceling", "canceled")
        self.check_canceled(broadcast_id)

    def test_cancel_while_paused(self):
        broadcast_id = self.begin()
        self.command(broadcast_id, "pause", "paused")
        self.command(broadcast_id, "cancel", "canceling", "canceled")
        self.check_canceled(broadcast_id)

    def check_canceled(self, broadcast_id):
        broadcast = self.api.wait(broadcast_id, lambda b: b["status"] == "canceled" and b["counts"]["sent"] == 0, 60,
                                  "the broadcast to be canceled")
        counts = {status: count for status, count in broadcast["counts"].items() if count}
        self.assertEqual(set(counts), {"delivered", "canceled"})
        self.assertGreater(counts["canceled"], 0)
        self.assertTrue(broadcast["completed_at"])
        check_ledgers(self.api, self.mock, broadcast_id)
        self.command(broadcast_id, "cancel", "canceled")
        self.refused(broadcast_id, "pause", "resume")
        check_no_duplicates(self.mock)

    def test_others_go_on_while_one_is_paused(self):
        paused = self.begin(delivered=50)
        self.command(paused, "pause", "paused")
        self.api.wait_delivered(self.broadcast(300))
        self.assertEqual(self.api.get(paused)["status"], "paused")
        self.command(paused, "cancel", "canceling", "canceled")
        self.check_canceled(paused)

    def test_pause_at_once(self):
        broadcast_id = self.broadcast(500)
        self.command(broadcast_id, "pause", "paused")
        self.command(broadcast_id, "resume", "running")
        self.command(broadcast_id, "pause", "paused")
        self.command(broadcast_id, "resume", "running")
        self.api.wait_delivered(broadcast_id)
        check_ledgers(self.api, self.mock, broadcast_id)

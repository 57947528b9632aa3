"""Broadcasts with a deadline: what was not handed over by then is expired. How soon nothing goes out any more is measured
in test/chaos (`halted`)."""

from datetime import datetime, timedelta, timezone

from support.case import SystemCase, topologies
from support.ledgers import check_ledgers, check_no_duplicates

COUNT = 3000


def in_utc(time):
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@topologies("separate", "embedded")
class Expiry(SystemCase):
    # About 400 messages a second, so that there is a middle.
    settings = {"WORKER_CONNECTIONS": 8, "MOCK_LATENCY": "20ms", "PROVIDER_RESOLVE_WITHIN": "2s"}

    def setUp(self):
        self.mock.reset_faults()
        self.mock.clear()

    def begin(self, seconds=3, zone=timezone.utc):
        """Gives the id and the deadline."""
        now = datetime.now(zone)
        deadline = (now + timedelta(seconds=seconds)).replace(microsecond=now.microsecond // 1000 * 1000)
        broadcast_id = self.broadcast(COUNT, expires_at=deadline.isoformat())
        self.assertEqual(self.api.get(broadcast_id)["expires_at"], in_utc(deadline))
        return broadcast_id, deadline

    def check_end(self, broadcast_id, deadline, *statuses):
        """Completed, with these statuses and no others. Gives the counts."""
        broadcast = self.api.wait_settled(broadcast_id)
        self.assertEqual(broadcast["status"], "completed")
        self.assertGreater(broadcast["completed_at"], in_utc(deadline))
        ledger = self.mock.ledger()
        check_ledgers(self.api, self.mock, broadcast_id, ledger=ledger)
        check_no_duplicates(self.mock)
        counts = {status: count for status, count in broadcast["counts"].items() if count}
        self.assertLessEqual(set(counts), set(statuses))
        return counts

    def test_part_is_delivered(self):
        broadcast_id, deadline = self.begin(zone=timezone(timedelta(hours=7)))
        counts = self.check_end(broadcast_id, deadline, "delivered", "expired")
        self.assertGreater(counts["delivered"], 0)
        self.assertGreater(counts["expired"], 1000)
        self.assertEqual(len(self.mock.ledger()), counts["delivered"])
        expired = self.api.messages(broadcast_id, status="expired")
        self.assertEqual({message["attempts"] for message in expired}, {0})
        self.assertIn(broadcast_id, [row["id"] for row in self.api.broadcasts() if row["expires_at"]])

    def test_paused(self):
        broadcast_id, deadline = self.begin()
        self.assertEqual(self.api.command(broadcast_id, "pause").status, 200)
        counts = self.check_end(broadcast_id, deadline, "delivered", "expired")
        self.assertGreater(counts["expired"], 2000)

    def test_what_may_have_been_sent_is_not_called_expired(self):
        self.mock.set_faults(error_rate=1, error_status=500)
        broadcast_id, deadline = self.begin()
        self.api.wait(broadcast_id, lambda b: b["counts"]["unknown"] and b["counts"]["expired"], 20, "the deadline")
        counts = self.check_end(broadcast_id, deadline, "failed", "expired")
        tried = set(self.mock.ledger())
        failed = {message["id"] for message in self.api.messages(broadcast_id, status="failed")}
        self.assertEqual(failed, tried)
        self.assertEqual(len(tried), counts["failed"])

    def test_others_are_not_held_up(self):
        expiring, deadline = self.begin()
        other = self.broadcast(300)
        self.api.wait_delivered(other)
        self.assertIsNone(self.api.get(other)["expires_at"])
        self.check_end(expiring, deadline, "delivered", "expired")

    def test_bad_values(self):
        now = datetime.now(timezone.utc)
        wrong = {"in_the_past": [now, now - timedelta(days=1)], "too_far": [now + timedelta(days=31)],
                 "not_a_time": ["tomorrow", "", now.replace(tzinfo=None) + timedelta(hours=1)],
                 "wrong_type": [1764000000, True, [], {}]}
        before = len(self.api.broadcasts())
        for code, values in wrong.items():
            for value in values:
                with self.subTest(value):
                    value = value.isoformat() if isinstance(value, datetime) else value
                    answer = self.api.http.post("/api/broadcasts", {"message": self.text, "expires_at": value,
                                                                    "recipients": self.numbers.take(1)})
                    self.check_problem(answer, 422, "invalid_broadcast", [f"expires_at:{code}"])
        self.assertEqual(len(self.api.broadcasts()), before)
        self.assertIsNone(self.api.get(self.broadcast(1, expires_at=None))["expires_at"])

"""Several processes of a role at once, several broadcasts at once, large beside small."""

import time

from support.api import check_counts
from support.case import EVERY, SystemCase, topologies
from support.ledgers import check_ledgers, check_no_duplicates
from support.waiting import patience


class Replicas(SystemCase):
    COUNT = 20_000

    def test_exact_counts(self):
        broadcast_id = self.broadcast(self.COUNT)
        self.api.wait_delivered(broadcast_id, 120)
        check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)
        self.assertEqual(self.mock.stats()["duplicates"], 0, "every message was submitted once")
        self.assertEqual(self.system.sql("SELECT count(*) FROM outbox"), [["0"]])


class ReplicasOfRoles(Replicas):
    replicas = {"outbox": 2, "worker": 3}


class ReplicasOfAll(Replicas):
    topology = "all"
    replicas = {"all": 2}
    own_mock = True


del Replicas  # the base is no test


@topologies(*EVERY)
class SeveralBroadcasts(SystemCase):
    # About 1600 messages a second.
    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "10ms"}

    def test_counts_at_every_moment(self):
        sizes = (1500, 1, 100, 101, 700, 99, 2)
        ids = {self.broadcast(size): size for size in sizes}
        seen = set()
        deadline = time.monotonic() + patience(90)
        while True:
            rows = {row["id"]: row for row in self.api.broadcasts() if row["id"] in ids}
            self.assertEqual(set(rows), set(ids))
            for broadcast_id, row in rows.items():
                check_counts(row)
                self.assertEqual(row["total_recipients"], ids[broadcast_id])
                seen.update(status for status, count in row["counts"].items() if count)
            if all(row["counts"]["delivered"] == ids[row["id"]] and row["status"] == "completed"
                   for row in rows.values()):
                break
            self.assertLess(time.monotonic(), deadline, [(row["status"], row["counts"]) for row in rows.values()])
        self.assertLessEqual({"sending", "delivered"}, seen, "saw it run")
        for broadcast_id in ids:
            check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)

    def test_a_small_one_is_not_starved(self):
        big = self.broadcast(60_000)
        self.api.wait(big, lambda b: b["counts"]["delivered"] > 500, 60, "the big one to run")
        for _ in range(3):
            self.api.wait_delivered(self.broadcast(10), 20)
        self.assertEqual(self.api.get(big)["status"], "running", "the small ones waited for it")
        self.assertEqual(self.api.command(big, "cancel").status, 200)
        self.api.wait_settled(big)
        check_ledgers(self.api, self.mock, big)

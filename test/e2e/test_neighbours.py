"""Several systems on one vhost, each with a database of its own; and what the system that was there before has."""

import os
import unittest

from support import predecessor
from support.ledgers import check_ledgers, check_no_duplicates
from support.logs import check_logs, entries
from support.numbers import Numbers
from support.servers import Servers
from support.system import ALL, System

COUNT = 2000
TEXT = "Secret of neighbours"
ASTRAY = ("tickets_of_another_installation", "tickets_requeued", "tickets_dead_lettered", "ticket_unreadable",
          "amqp_unreachable")


class Neighbours(unittest.TestCase):
    def setUp(self):
        self.servers, self.numbers = Servers.shared(), Numbers()
        self.amqp_url = self.servers.new_vhost()
        self.systems = []

    def tearDown(self):
        for system in self.systems:
            system.kill()

    def make(self, **settings):
        """Two, of one process each."""
        for _ in range(2):
            self.systems.append(System(self.servers, ALL, os.environ["SMSBCAST_E2E_LOGS"],
                                       {"AMQP_URL": self.amqp_url, **settings}))

    def start(self):
        for system in self.systems:
            system.start(wait=False)
        for system in self.systems:
            system.wait_ready()

    def send(self):
        """A broadcast by each; what it comes to must be as if it were alone."""
        ids = [system.api.create(self.numbers.take(COUNT), TEXT) for system in self.systems]
        for system, broadcast_id in zip(self.systems, ids):
            system.api.wait_delivered(broadcast_id, 120)
            check_ledgers(system.api, system.mock, broadcast_id)
            check_no_duplicates(system.mock)

    def stop(self):
        for system in self.systems:
            system.stop()
            check_logs(system.processes.values(), self.numbers, self.servers.secrets, [TEXT])

    def log(self, system):
        return entries(system.process_of("all"))

    def warnings(self):
        """Those that say that tickets go astray, of each system."""
        return [[entry for entry in self.log(system) if entry["level"] == "warn" and entry["event"] in ASTRAY]
                for system in self.systems]

    def test_by_default_nobody_notices_the_others(self):
        predecessor.make_queues(self.servers, self.amqp_url)
        self.make()
        predecessor.make_tables(self.servers, self.systems[0].database_url)
        self.start()
        self.send()
        self.stop()
        self.assertEqual(self.warnings(), [[], []])
        queues = [{entry["queue"] for entry in self.log(system) if entry["event"] == "amqp_connected"}
                  for system in self.systems]
        for names in queues:
            self.assertEqual(len(names), 1, names)
            self.assertRegex(*names, r"^smsbcast\.[0-9a-f]{12}\.send$")
        self.assertNotEqual(*queues)
        self.assertEqual(predecessor.left_in_queue(self.servers, self.amqp_url), "{1,0}")
        self.assertEqual(self.systems[0].sql("SELECT body, status FROM public.messages"), [["theirs", "pending"]])

    def test_one_prefix_for_two_is_told_and_loses_nothing(self):
        self.make(AMQP_PREFIX="same", OUTBOX_QUEUED_RECHECK="1s")
        self.start()
        self.send()
        self.stop()
        told = [entry for warnings in self.warnings() for entry in warnings
                if entry["event"] == "tickets_of_another_installation"]
        self.assertTrue(told)
        for entry in told:
            self.assertIn("another installation uses the same AMQP_PREFIX", entry["reason"])
            self.assertEqual(entry["queue"], "same.send")
            self.assertGreater(entry["given_back"] + entry["parked"], 0)

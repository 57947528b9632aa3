"""What logs say. That they hold no number, text or password is checked at the end of every other class too."""

import json

from support.case import EVERY, SystemCase, topologies
from support.waiting import wait_until

ROLES = ("api", "outbox", "worker", "dlr")  # the mock provider is somebody else's program: it knows messages only


@topologies(*EVERY)
class Logs(SystemCase):
    def entries(self):
        return [json.loads(line) for process in self.system.processes.values() for line in process.log_lines()]

    def test_a_broadcast_can_be_followed_through_every_role(self):
        broadcast_id = self.broadcast(150)
        self.api.wait_delivered(broadcast_id)
        for role in ROLES:
            with self.subTest(role):
                wait_until(lambda wanted=role: self.mentions(wanted, broadcast_id), 5, f"a line of {role} about it")

    def mentions(self, role, broadcast_id):
        return any(entry["role"] == role and broadcast_id in json.dumps(entry) for entry in self.entries())

    def test_the_end_of_a_broadcast_is_logged_at_info(self):
        broadcast_id = self.broadcast(7)
        self.api.wait_delivered(broadcast_id)
        events = {entry["event"]: entry for entry in self.entries() if entry.get("broadcast_id") == broadcast_id}
        for event in ("broadcast_created", "broadcast_completed"):
            self.assertEqual((events[event]["level"], events[event]["total"]), ("info", 7))

    def test_numbers_are_masked_where_they_are_logged(self):
        self.mock.set_faults(error_rate=1, error_status=422)
        self.addCleanup(self.mock.reset_faults)
        broadcast_id = self.broadcast(1)
        self.api.wait_settled(broadcast_id)
        failed = [entry for entry in self.entries() if entry["event"] == "message_failed"]
        self.assertEqual(len(failed), 1)
        self.assertRegex(failed[0]["phone"], r"^\+\d{3}•+\d{3}$")


@topologies("separate")
class PasswordsInUrls(SystemCase):
    """A provider and a webhook whose addresses hold passwords."""

    @classmethod
    def more_secrets(cls):
        return ("hunter2", "hunter3")

    def test_they_are_not_logged(self):
        ports, worker = self.system.ports, self.system.processes["worker"]
        worker.terminate(20)
        worker.settings = {**worker.settings, "PROVIDER_URL": f"http://me:hunter2@127.0.0.1:{ports['mock-provider']}",
                           "DLR_WEBHOOK_URL": f"http://me:hunter3@127.0.0.1:{ports['dlr']}/dlr?token=hunter3"}
        worker.start().wait_ready()
        self.api.wait_delivered(self.broadcast(20))
        mock = self.system.processes["mock-provider"]
        self.mock.close()
        mock.terminate(20)
        broadcast_id = self.broadcast(3)
        self.api.wait(broadcast_id, lambda b: any(m["attempts"] for m in b["messages"]), 30, "a failed attempt")
        mock.start().wait_ready()
        self.api.wait_delivered(broadcast_id)

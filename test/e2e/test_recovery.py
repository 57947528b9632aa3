"""What a worker held when it died is sent, with the settings that everybody has. How long it takes (35 s are promised) is
measured in test/chaos (`recovery`)."""

from support.case import SystemCase
from support.ledgers import check_ledgers, check_no_duplicates
from support.logs import entries

COUNT = 6000


class Recovery(SystemCase):
    replicas = {"worker": 2}
    # About 1,600 messages a second, and the lease and the sweeper's interval as they are by default.
    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "20ms", "OUTBOX_SWEEP_INTERVAL": "1s"}

    def test_a_killed_worker(self):
        broadcast_id = self.broadcast(COUNT)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= COUNT // 10, 60, "a tenth to be delivered")
        self.system.processes["worker-2"].kill()
        self.api.wait_delivered(broadcast_id)
        messages = check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)

        expired = [entry["count"] for entry in entries(self.system.processes["outbox"])
                   if entry["event"] == "leases_expired"]
        self.assertTrue(expired, "it held nothing")
        told = [found for found in map(lambda message: self.api.message(message["id"]), messages[::10])
                if any(attempt["error"]["code"] == "worker_lost" for attempt in found["attempt_history"])]
        self.assertTrue(told, "no message tells of the attempt that was cut short")

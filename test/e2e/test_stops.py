"""Roles that are stopped, killed and started again under load: nothing is lost, doubled or left unknown."""

import signal
import threading
from contextlib import suppress

from support.api import Api
from support.case import EVERY, ON_SERVERS, SystemCase, topologies
from support.ledgers import check_ledgers, check_no_duplicates
from support.raw import RawConnection
from support.waiting import patience, wait_until

COUNT = 3000


class StopCase(SystemCase):
    # About 800 messages a second; leases that end soon, for what a killed worker held.
    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "20ms", "WORKER_LEASE": "10s", "PROVIDER_TIMEOUT": "3s"}
    own_mock = True

    def begin(self):
        broadcast_id = self.broadcast(COUNT)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= COUNT // 10, 60, "a tenth to be delivered")
        return broadcast_id

    def check_end(self, broadcast_id, seconds=90):
        self.api.wait_delivered(broadcast_id, seconds)
        check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)

    def stop_and_start(self, role):
        broadcast_id = self.begin()
        self.assertLess(self.api.get(broadcast_id)["counts"]["delivered"], COUNT, "too late to mean anything")
        self.system.restart(role)
        self.check_end(broadcast_id)


@topologies(*EVERY)
class Stops(StopCase):
    def test_sigterm_worker(self):
        self.stop_and_start("worker")

    def test_sigterm_outbox(self):
        self.stop_and_start("outbox")

    def test_sigterm_dlr(self):
        self.stop_and_start("dlr")

    def test_sigterm_api_while_broadcasts_are_posted(self):
        running = self.begin()
        with Poster(self) as poster:
            poster.wait_for(5)
            self.system.restart("api")
            poster.wait_for(len(poster.accepted) + 5)
        self.check_end(running)
        stored = {row["id"]: row for row in self.api.broadcasts()}
        self.assertLessEqual(set(poster.accepted), set(stored), "an accepted broadcast is missing")
        for broadcast_id in poster.accepted:
            self.assertEqual(stored[broadcast_id]["total_recipients"], Poster.RECIPIENTS)
            self.api.wait_delivered(broadcast_id)
        ledger = self.mock.ledger()
        for broadcast_id in poster.accepted:
            check_ledgers(self.api, self.mock, broadcast_id, ledger=ledger)

    def test_sigterm_during_an_upload_that_never_ends(self):
        broadcast_id = self.begin()
        with RawConnection(self.system.ports["api"]) as upload:
            upload.send(b"POST /api/broadcasts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                        b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n")
            self.assertEqual(upload.receive().status, 100)
            self.system.restart("api")
        self.check_end(broadcast_id)

    def kill_and_start(self, role):
        broadcast_id = self.begin()
        process = self.system.process_of(role)
        process.kill()
        process.start().wait_ready()
        self.check_end(broadcast_id, 60)

    def test_kill_worker(self):
        self.kill_and_start("worker")

    def test_kill_outbox(self):
        self.kill_and_start("outbox")

    def test_kill_dlr_and_api(self):
        broadcast_id = self.begin()
        for role in ("dlr", "api"):
            process = self.system.process_of(role)
            process.kill()
            process.start().wait_ready()
        self.check_end(broadcast_id, 60)


@topologies(*EVERY)
class StopsWithoutKeys(StopCase):
    """A provider that does not know our keys: what a stop cut off would be `unknown`, or come twice."""

    settings = {**StopCase.settings, "PROVIDER_UNKNOWN_POLICY": "wait_then_fail", "PROVIDER_RESOLVE_WITHIN": "1h"}

    def check_end(self, broadcast_id, seconds=90):
        super().check_end(broadcast_id, seconds)
        self.assertEqual(self.mock.stats()["duplicates"], 0)

    def test_sigterm_worker(self):
        self.stop_and_start("worker")

    def test_sigterm_dlr(self):
        self.stop_and_start("dlr")


@topologies(*ON_SERVERS)
class HangingDatabase(StopCase):
    # A request is given up after half of the grace; nothing else ends its wait.
    settings = {**StopCase.settings, "STOP_GRACE": "24s", "DATABASE_LOCK_TIMEOUT": "1m"}

    def hold_lock(self):
        with suppress(AssertionError):  # it is canceled
            self.system.sql("BEGIN; LOCK TABLE messages IN SHARE MODE; SELECT pg_sleep(600)")

    def test_sigterm_while_the_database_hangs(self):
        """What cannot be stored in time is not stored at all, and the stop is a clean one."""
        running = self.begin()
        answers = []
        numbers = self.numbers.take(10)

        def post():
            try:
                answers.append(Api(self.system.ports["api"]).http.post(
                    "/api/broadcasts", {"message": self.text, "recipients": numbers, "name": "too late"}).status)
            except OSError as error:
                answers.append(error)

        lock = threading.Thread(target=self.hold_lock)
        poster = threading.Thread(target=post)
        lock.start()
        wait_until(lambda: self.system.sql(
            "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock' AND relation = 'messages'::regclass AND granted"), 10, "the lock")
        poster.start()
        wait_until(lambda: self.system.sql(
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%'"), 10, "the COPY")
        process = self.system.process_of("api")
        process.signal(signal.SIGTERM)
        wait_until(lambda: any('"event":"requests_abandoned"' in line for line in process.log_lines()), 30,
                   "the request to be given up")
        self.system.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)' "
                        "AND datname = current_database()")
        self.assertEqual(process.wait_end(30), 0)
        lock.join()
        poster.join()
        process.start().wait_ready()
        self.assertNotEqual(answers, [201])
        self.assertNotIn("too late", [row["name"] for row in self.api.broadcasts()])
        self.check_end(running)


@topologies("separate")
class MockStops(SystemCase):
    """The provider goes away and comes back, having forgotten everything."""

    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "20ms"}

    def test_sigterm_mock_provider(self):
        broadcast_id = self.broadcast(COUNT)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= COUNT // 10, 60, "a tenth to be delivered")
        self.mock.close()
        self.system.restart("mock-provider")
        self.api.wait(broadcast_id, lambda b: b["status"] == "completed", 60, "completion")
        wait_until(lambda: all(row["receipts_acknowledged"] for row in self.mock.ledger().values() if row["accepted"]), 60,
                   lambda: "a receipt to be taken of each message that the provider still knows of")
        broadcast = self.api.get(broadcast_id)
        # Receipts that were due while it was down are lost with it.
        self.assertEqual(broadcast["counts"]["sent"] + broadcast["counts"]["delivered"], COUNT, broadcast["counts"])
        check_ledgers(self.api, self.mock, broadcast_id, allow_requests_lost=True)
        check_no_duplicates(self.mock)


class Poster:
    """Posts small broadcasts one after another, on a thread of its own, until it leaves its `with`."""

    RECIPIENTS = 5

    def __init__(self, case):
        self.case, self.api = case, Api(case.system.ports["api"])
        self.accepted, self.refused = [], []
        self.changed, self.pause, self.stopping = threading.Condition(), threading.Event(), False
        self.thread = threading.Thread(target=self._post_all)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()
        self.api.close()

    def wait_for(self, count):
        """Until so many were accepted."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.accepted) >= count, patience(60)):
                raise AssertionError(f"{len(self.accepted)} broadcasts accepted; refused: {self.refused[-3:]}")

    def _post_all(self):
        while not self.stopping:
            self._post({"message": self.case.text, "recipients": self.case.numbers.take(self.RECIPIENTS)})
            self.pause.wait(0.02)  # some load, not all that is possible

    def _post(self, document):
        try:
            answer = self.api.http.post("/api/broadcasts", document)
        except OSError as error:
            self.refused.append(error)
            return
        with self.changed:
            if answer.status == 201:
                self.accepted.append(answer.json()["broadcast_id"])
            else:
                self.refused.append(answer)
            self.changed.notify_all()

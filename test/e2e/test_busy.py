"""Who is busy makes others wait and turns nobody away: connections by the thousand, each with one request."""

import json
import signal
from collections import Counter

from support.case import SystemCase, topologies
from support.crowd import exchange_all
from support.http import Http
from support.logs import entries
from support.raw import RawConnection, request_bytes
from support.waiting import wait_until

RECEIPTS = 20_000
POSTS = 5_000
IDLE = 2_000
JSON = [("Content-Type", "application/json"), ("Connection", "close")]


def kinds(results):
    """How many of each status or error."""
    return Counter(result[0] if isinstance(result, tuple) else repr(result) for result in results)


@topologies("separate", "embedded")
class Busy(SystemCase):
    # Receipts come from the tests only, which have no seals.
    settings = {"MOCK_RECEIPT_LOST_RATE": 1, "LOG_LEVEL": "info", "DLR_UNSIGNED": "accept"}

    def logged(self, role, event):
        return [entry for entry in entries(self.system.process_of(role)) if entry["event"] == event]

    def test_a_connection_for_each_receipt(self):
        broadcast_id = self.broadcast(RECEIPTS)
        self.api.wait(broadcast_id, lambda b: b["counts"]["sent"] == RECEIPTS, 120, "everything to be sent")
        requests = [request_bytes("POST", f"/dlr?message_id={message['id']}", json.dumps(
            {"provider_id": message["provider_id"], "status": "delivered"}).encode(), JSON)
                    for message in self.api.messages(broadcast_id)]
        self.assertEqual(kinds(exchange_all(self.system.ports["dlr"], requests, 5_000)), {204: RECEIPTS})
        self.assertEqual(self.api.counts(broadcast_id), {"delivered": RECEIPTS})

    def test_thousands_of_broadcasts_at_once(self):
        numbers = self.numbers.take(POSTS)
        before = len(self.api.broadcasts())
        requests = [request_bytes("POST", "/api/broadcasts", json.dumps(
            {"message": self.text, "recipients": [number]}).encode(), JSON) for number in numbers]
        results = exchange_all(self.system.ports["api"], requests, POSTS)
        self.assertLessEqual(set(kinds(results)), {201, 429, 503}, kinds(results))
        for status, head in results:
            self.assertTrue(status == 201 or "\r\nretry-after: " in head, head)
        self.assertEqual(len(self.api.broadcasts()) - before, kinds(results)[201])
        reads = [request_bytes("GET", "/api/broadcasts?limit=1", headers=[("Connection", "close")])] * IDLE
        self.assertEqual(kinds(exchange_all(self.system.ports["api"], reads, IDLE)), {200: IDLE})

    def test_idle_connections_shut_nobody_out(self):
        for role in ("api", "dlr"):
            port = self.system.ports[role]
            idle = [RawConnection(port) for _ in range(IDLE)]
            for connection in idle:
                self.addCleanup(connection.socket.close)
            with RawConnection(port, timeout=120) as one:
                self.assertEqual(one.send(request_bytes("GET", "/health")).receive().status, 200)
        self.broadcast(1)

    def test_signals_that_mean_nothing_here(self):
        for process in self.system.processes.values():
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
                process.signal(number)
        for process in self.system.processes.values():
            wait_until(lambda: {entry["signal"] for entry in entries(process) if entry["event"] == "signal_ignored"}
                       == {signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2}, 60, "the signals to be logged")
        self.system.wait_ready()

    def test_sighup_while_it_starts_and_stops(self):
        process = self.system.process_of("api")
        self.system.close_clients()
        process.signal(signal.SIGTERM)
        process.signal(signal.SIGHUP)
        self.assertEqual(process.wait_end(60), 0)
        before = len(process.log_lines())
        process.start()
        while not process.is_ready():
            if len(process.log_lines()) > before:
                process.signal(signal.SIGHUP)

    def test_requests_for_nobody_are_logged(self):
        dlr = Http(self.system.ports["dlr"])
        self.addCleanup(dlr.close)
        number = self.numbers.take(1)[0]
        for _ in range(20):
            self.assertEqual(dlr.get(f"/dlr/{number}?to={number}&token=s3cret").status, 404)
        self.assertEqual(dlr.get("/dlr?status=delivered").status, 405)
        self.assertEqual(dlr.post("/", b"{}").status, 404)
        self.assertEqual(dlr.get("/health").status, 200)
        (line, *others) = self.logged("dlr", "request_unrouted")
        self.assertEqual((line["level"], line["method"], line["path"], line["status"]),
                         ("warn", "GET", "/dlr/+" + "#" * (len(number) - 1), 404))
        self.assertLess(len(others), 10, "a sample, not each of them")
        self.assertNotIn("s3cret", "\n".join(self.system.process_of("dlr").log_lines()))


@topologies("separate")
class AtTheBound(SystemCase):
    """More clients than places."""

    settings = {"HTTP_MAX_CONNECTIONS": 10, "LOG_LEVEL": "info"}

    def test_more_clients_than_places(self):
        port = self.system.ports["api"]
        kept = [RawConnection(port) for _ in range(10)]
        for connection in kept:
            self.addCleanup(connection.socket.close)
            self.assertEqual(connection.send(request_bytes("GET", "/health")).receive().status, 200)
        with RawConnection(port, timeout=120) as another:
            self.assertEqual(another.send(request_bytes("GET", "/health")).receive().status, 200)
        self.assertTrue(kept[0].is_closed(), "the longest idle one made way")
        requests = [request_bytes("GET", "/health")] * 1000
        self.assertEqual(kinds(exchange_all(port, requests, 500)), {200: 1000})
        counts = self.api.http.get("/health/ready").json()["connections"]
        self.assertEqual(counts["bound"], 10)
        self.assertGreaterEqual(counts["bound_reached"], 1)
        process = self.system.process_of("api")
        events = lambda: [entry["event"] for entry in entries(process) if entry["event"].startswith("connections_")]
        wait_until(lambda: "connections_below_bound" in events(), 120, "the end of it in the log")
        self.assertLess(len(events()), 20, "once a change")

"""An upgrade under load: roles of an older release and of this one side by side on one database.

Clients post and read all the time, by a connection each, through something that leads them to whoever is ready, as a load
balancer does. The schema is brought up to date while the old roles work, which must stay ready; then the new roles start,
and the old ones are stopped one by one. No call may fail, and every message must be accepted once and delivered.
"""

import os
import threading
from contextlib import closing

from proxy import Proxy
from support.api import Api
from support.http import Http
from support.numbers import Numbers
from support.ports import free_port
from support.processes import Process, run_once
from support.system import ADDRESS_OF, ROLES
from support.waiting import wait_until

_OURS = tuple(role for role in ROLES if role != "mock-provider")
_RECIPIENTS = 50  # of a broadcast
_CLIENTS = 4
_CALLS_BETWEEN_STEPS = 40

_SETTINGS = {
    "AUTH": "off",
    "LOG_LEVEL": "info",
    "LOG_FORMAT": "json",
    "STOP_GRACE": "20s",
    "PROVIDER_UNKNOWN_POLICY": "resend_same_key",
    "MOCK_LATENCY": "5ms",
    "MOCK_RECEIPT_DELAY": "50ms",
    "OUTBOX_QUEUED_RECHECK": "5s",
}


class _Load:
    """Clients that post and read until they are stopped."""

    def __init__(self, port):
        self.port, self.numbers = port, Numbers()
        self.broadcasts, self.calls, self.failures = [], 0, []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(_CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception):
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._over.is_set():
            answer = self._call("POST", "/api/broadcasts", 201,
                                {"message": "An upgrade", "recipients": self.numbers.take(_RECIPIENTS)})
            if answer is None:
                continue
            self.broadcasts.append(answer["broadcast_id"])
            self._call("GET", f"/api/broadcasts/{answer['broadcast_id']}", 200)
            self._call("GET", "/api/broadcasts?limit=10", 200)
            self._over.wait(0.02)

    def _call(self, method, path, wanted, body=None):
        self.calls += 1
        try:
            with closing(Http(self.port, timeout=60)) as http:
                answer = http.request(method, path, body)
        except OSError as error:
            self.failures.append(f"{method} {path}: {error}")
            return None
        if answer.status != wanted:
            self.failures.append(f"{method} {path}: {answer}")
            return None
        return answer.json()

    def goes_on(self):
        """Returns when it has made some more calls."""
        enough = self.calls + _CALLS_BETWEEN_STEPS
        wait_until(lambda: self.calls >= enough, 60, "the clients to be answered")


class Upgrade:
    """One round, on a database and a vhost of its own."""

    def __init__(self, servers, folder, old_program):
        self.servers, self.folder = servers, folder
        self.ports = {(age, role): free_port() for age in ("old", "new") for role in _OURS}
        self.edges = {"api": free_port(), "dlr": free_port()}
        mock_port = free_port()
        self.database_url = servers.new_database()
        self.settings = {**_SETTINGS, "DATABASE_URL": self.database_url, "AMQP_URL": servers.new_vhost(),
                         "PROVIDER_URL": f"http://127.0.0.1:{mock_port}",
                         "DLR_WEBHOOK_URL": f"http://127.0.0.1:{self.edges['dlr']}/dlr"}
        self.mock = Process("mock", "mock-provider", {**_SETTINGS, "MOCK_PROVIDER_ADDR": f"127.0.0.1:{mock_port}"},
                            folder, [mock_port])
        self.mock_port = mock_port
        self.roles = {"old": [self._role("old", role, old_program) for role in _OURS],
                      "new": [self._role("new", role, None) for role in _OURS]}
        self.proxy = Proxy(os.path.join(folder, "proxy.log"))
        for name, port in self.edges.items():
            self.proxy.open(name, port, [self.ports["old", name], self.ports["new", name]], by_readiness=True)

    def _role(self, age, role, program):
        port = self.ports[age, role]
        settings = {**self.settings, ADDRESS_OF[role]: f"127.0.0.1:{port}"}
        return Process(f"{age}-{role}", role, settings, self.folder, [port], program)

    def __call__(self):
        """The number of calls that were made; raises AssertionError with what was wrong."""
        try:
            self.mock.start().wait_ready()
            self._start("old")
            with _Load(self.edges["api"]) as load:
                load.goes_on()
                self._migrate()
                load.goes_on()
                self._check_ready("old")
                self._start("new")
                load.goes_on()
                self._check_ready("old")
                for process in self.roles["old"][::-1]:
                    process.terminate(30, last_line="")  # the older release may not say that it stopped
                    load.goes_on()
            assert not load.failures, f"{len(load.failures)} of {load.calls} calls failed, first: {load.failures[0]}"
            self._check_delivered(load)
            self._move_tables()
            for process in self.roles["new"][::-1]:
                process.terminate(30)
            return load.calls
        finally:
            for process in (*self.roles["old"], *self.roles["new"], self.mock):
                process.kill()
            self.proxy.close()

    def _start(self, age):
        for process in self.roles[age]:
            process.start()
        for process in self.roles[age]:
            process.wait_ready()

    def _check_ready(self, age):
        for process in self.roles[age]:
            assert process.is_ready(), f"{process.name} is not ready:\n{process.log_tail()}"

    def _migrate(self):
        done = run_once(["migrate"], self.settings)
        assert done.returncode == 0, done.stderr

    def _move_tables(self):
        """With the last role of the older release gone, and the new ones at work."""
        self._migrate()
        where = "SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'messages' AND relkind = 'r'"
        found = self.servers.sql(where, self.database_url)
        assert found == [["smsbcast"]], f"the tables are in {found}"
        with closing(Api(self.ports["new", "api"])) as api:
            api.wait_delivered(api.create(["+66899999999"]))

    def _check_delivered(self, load):
        with closing(Api(self.ports["new", "api"])) as api:
            for broadcast in load.broadcasts:
                api.wait_delivered(broadcast)
        with closing(Http(self.mock_port)) as http:
            stats = http.get("/_mock/stats").json()
        assert stats["accepted_twice"] == 0, stats
        accepted, wanted = stats["distinct_messages"], len(load.broadcasts) * _RECIPIENTS
        assert accepted == wanted, f"{accepted} messages were accepted of {wanted}"


def run(servers, folder, old_program, rounds):
    """True when every round was good."""
    for number in range(1, rounds + 1):
        place = os.path.join(folder, f"round-{number}")
        os.mkdir(place)
        try:
            calls = Upgrade(servers, place, old_program)()
        except AssertionError as wrong:
            print(f"round {number}: {wrong}\nlogs: {place}", flush=True)
            return False
        print(f"round {number}: {calls} calls, none failed; every message was accepted once and delivered", flush=True)
    return True

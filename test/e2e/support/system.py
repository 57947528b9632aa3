"""A whole smsbcast on free ports: five processes or one, with a database and a vhost of its own."""

import os
import sqlite3
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from .api import Api
from .mock import Mock
from .ports import free_port
from .processes import Process

ROLES = ("mock-provider", "dlr", "worker", "outbox", "api")  # from the end of a message's way to its beginning
ADDRESS_OF = {"api": "HTTP_ADDR", "outbox": "OUTBOX_HTTP_ADDR", "worker": "WORKER_HTTP_ADDR", "dlr": "DLR_WEBHOOK_ADDR",
              "mock-provider": "MOCK_PROVIDER_ADDR"}

SEPARATE, ALL, EMBEDDED = "separate", "all", "embedded"

STOP_GRACE = 40  # seconds; what hangs is cut off after a quarter of it

# As in production, but with pauses that suit a test.
SETTINGS = {
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
    "STOP_GRACE": f"{STOP_GRACE}s",
    "PROVIDER_UNKNOWN_POLICY": "resend_same_key",
    "PROVIDER_RETRY_BASE": "100ms",
    "PROVIDER_RETRY_CAP": "1s",
    "PROVIDER_MAX_ATTEMPTS": "50",
    "MOCK_RECEIPT_DELAY": "20ms",
    "OUTBOX_SWEEP_INTERVAL": "200ms",
    "AMQP_HEARTBEAT": "5s",
    "AUTH": "off",  # test_keys has it on
}


class System:
    """`topology`: SEPARATE or ALL on servers, or EMBEDDED: `all` with nothing but a file. `replicas`: how many processes of a role (or of "all"), default 1. `own_mock`: a
    mock provider in a process of its own for `all` too, so that it outlives the others; several of `all` share one.
    Without it `all` is told of no provider, so it starts its own mock."""

    def __init__(self, servers, topology, log_dir, settings=None, replicas=None, own_mock=False):
        self.servers, self.topology = servers, topology
        self.log_dir = tempfile.mkdtemp(prefix=f"{topology}-", dir=log_dir)
        self.ports = {role: free_port() for role in ROLES}
        own_mock = own_mock or topology == SEPARATE or (replicas or {}).get("all", 1) > 1
        self.settings = {**SETTINGS, **self._place_of_data()}
        if own_mock:
            self.settings |= {"PROVIDER_URL": f"http://127.0.0.1:{self.ports['mock-provider']}",
                              "DLR_WEBHOOK_URL": self.webhook_url}
        self.settings |= settings or {}
        self.processes = {}
        if own_mock:
            self._add("mock-provider", "mock-provider", self.ports)
        roles = [role for role in ROLES if role != "mock-provider"] if topology == SEPARATE else ["all"]
        for role in roles:
            for number in range((replicas or {}).get(role, 1)):
                self._add_replica(role, number)
        self._api = self._mock = None

    def _place_of_data(self):
        if self.topology == EMBEDDED:
            self.file = os.path.join(self.log_dir, "smsbcast.db")
            return {"SMSBCAST_DATA": self.file}
        self.database_url, self.amqp_url = self.servers.new_database(), self.servers.new_vhost()
        return {"DATABASE_URL": self.database_url, "AMQP_URL": self.amqp_url}

    def _add_replica(self, role, number):
        ports = dict(self.ports)
        if number > 0:
            ports.update({name: free_port() for name in (ROLES if role == "all" else [role])})
        self._add(role if number == 0 else f"{role}-{number + 1}", role, ports)

    def _add(self, name, role, ports):
        addresses = {variable: f"127.0.0.1:{ports[r]}" for r, variable in ADDRESS_OF.items()}
        has = [r for r in ROLES if r != "mock-provider" or "PROVIDER_URL" not in self.settings]
        health = [ports[r] for r in has] if role == "all" else [ports[role]]
        self.processes[name] = Process(name, role, {**self.settings, **addresses}, self.log_dir, health)

    def process_of(self, role):
        """The process (the first one) that runs this role."""
        return self.processes.get(role) or self.processes["all"]

    def start(self, wait=True):
        for process in self.processes.values():
            process.start()
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=60):
        for process in self.processes.values():
            process.wait_ready(seconds)

    def restart(self, role):
        """SIGTERM, a clean end, which is one within the grace, and a new start."""
        process = self.process_of(role)
        process.terminate(STOP_GRACE + 5)
        process.start().wait_ready()

    def stop(self):
        """All at once, as an orchestrator would; each must end well."""
        running = [process for process in self.processes.values() if process.running()]
        self.close_clients()
        with ThreadPoolExecutor(max_workers=max(1, len(running))) as pool:
            for done in [pool.submit(process.terminate, STOP_GRACE + 5) for process in running]:
                done.result()

    def kill(self):
        """Whatever is left; for the end of a test that failed."""
        self.close_clients()
        for process in self.processes.values():
            process.kill()

    @property
    def api(self):
        self._api = self._api or Api(self.ports["api"])
        return self._api

    @property
    def webhook_url(self):
        return f"http://127.0.0.1:{self.ports['dlr']}/dlr"

    @property
    def mock(self):
        self._mock = self._mock or Mock(self.ports["mock-provider"])
        return self._mock

    def close_clients(self):
        for client in (self._api, self._mock):
            if client:
                client.close()
        self._api = self._mock = None

    def sql(self, statement):
        """Rows as lists of texts. The tables have the same names everywhere."""
        if self.topology != EMBEDDED:
            return self.servers.sql(statement, self.database_url)
        with closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return [[str(value) for value in row] for row in database.execute(statement)]

    def log_tails(self, count=15):
        """The last warnings and errors of every process, for whoever reads a failed test."""
        parts = []
        for process in self.processes.values():
            lines = [line for line in process.log_lines() if '"level":"debug"' not in line]
            parts += [f"--- {process.name} ({process.log_path})", *(line[:500] for line in lines[-count:])]
        return "\n".join(parts)

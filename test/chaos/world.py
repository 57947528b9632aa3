"""What the faults happen to: a whole smsbcast, two replicas a role, every edge through the proxy."""

import os
from urllib.parse import urlsplit

from proxy import Proxy
from support.api import Api
from support.http import Http
from support.ports import free_port
from support.system import EMBEDDED, ROLES, SEPARATE, System

OUR_ROLES = tuple(role for role in ROLES if role != "mock-provider")
# Which role talks to which server. Each has an edge of its own, so that one role alone can be cut off.
SERVERS_OF = {"api": ("postgres",), "outbox": ("postgres", "rabbitmq"), "worker": ("postgres", "rabbitmq"),
              "dlr": ("postgres",)}
_URL_OF = {"postgres": "DATABASE_URL", "rabbitmq": "AMQP_URL"}

# Leases that end within a run, and pauses that let many faults into it.
SETTINGS = {
    "LOG_LEVEL": "info",
    "STOP_GRACE": "15s",
    "MOCK_LATENCY": "20ms",
    "MOCK_RECEIPT_DELAY": "50ms",
    "WORKER_CONNECTIONS": "16",
    "WORKER_LEASE": "10s",
    "PROVIDER_TIMEOUT": "3s",
    "PROVIDER_RETRY_BASE": "200ms",
    "PROVIDER_RETRY_CAP": "2s",
    "PROVIDER_RESOLVE_WITHIN": "20s",
    "OUTBOX_QUEUED_RECHECK": "5s",
    "OUTBOX_CLAIM_LEASE": "10s",
    "OUTBOX_SWEEP_INTERVAL": "1s",
    "AMQP_CONFIRM_TIMEOUT": "5s",
    "AMQP_PREFIX": "chaos",
    "DATABASE_CONNECT_TIMEOUT": "2s",
    "DLR_UNSIGNED": "accept",  # some faults have the receipts posted to the plain address
}

# Numbers that this divides are those that a fault has refused (and no other number ever is, whatever goes wrong).
REFUSED_EVERY = 97

SAME_KEY, WAIT_THEN_FAIL, RESEND = POLICIES = "resend_same_key", "wait_then_fail", "resend"


class _System(System):
    """Its servers behind the proxy, in the broker's own vhost: the one that a wiped broker has again."""

    def __init__(self, servers, topology, folder, settings, edges):
        self.edges = edges
        replicas = dict.fromkeys(OUR_ROLES, 2) if topology == SEPARATE else None
        super().__init__(servers, topology, folder, settings, replicas, own_mock=True)

    def _place_of_data(self):
        if self.topology == EMBEDDED:
            return super()._place_of_data()
        self.database_url, self.amqp_url = self.servers.new_database(), self.servers.amqp_url
        return {"DATABASE_URL": self.database_url, "AMQP_URL": self.amqp_url}

    def _add(self, name, role, ports):
        super()._add(name, role, ports)
        settings = self.processes[name].settings
        for server in SERVERS_OF.get(role, ()) if self.topology == SEPARATE else ():
            settings[_URL_OF[server]] = _at_port(settings[_URL_OF[server]], self.edges[f"{role}-{server}"])


def _at_port(url, port):
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}").geturl()


class World:
    """`policy`: what the provider is like: SAME_KEY, it honours idempotency keys; WAIT_THEN_FAIL and RESEND, it does
    not. `mutant`: a defect to build in (test/chaos/hooks/mutant.cpp)."""

    def __init__(self, servers, topology, folder, policy, settings=None, mutant=None):
        self.servers, self.topology, self.folder, self.policy = servers, topology, folder, policy
        names = ["api", "dlr", "provider"]
        if topology == SEPARATE:
            names += [f"{role}-{server}" for role, servers_of in SERVERS_OF.items() for server in servers_of]
        self.edges = {name: free_port() for name in names}
        self.settings = {**SETTINGS, "PROVIDER_UNKNOWN_POLICY": policy,
                         "PROVIDER_URL": f"http://127.0.0.1:{self.edges['provider']}",
                         "DLR_WEBHOOK_URL": f"http://127.0.0.1:{self.edges['dlr']}/dlr", **(settings or {})}
        if mutant:
            self.settings["SMSBCAST_MUTANT"] = mutant
        self.system = _System(servers, topology, folder, self.settings, self.edges)
        self.client = None  # set by the run
        self.failpoints_reached = set()
        self.figures = {}  # what faults have measured
        self.proxy = Proxy(os.path.join(folder, "proxy.log"))
        self.open_edges()

    def open_edges(self):
        targets = {"provider": [self.system.ports["mock-provider"]], "api": self._ports("api"),
                   "dlr": self._ports("dlr")}
        if self.topology == SEPARATE:
            targets["postgres"] = [urlsplit(self.servers.database_url).port]
            targets["rabbitmq"] = [urlsplit(self.servers.amqp_url).port]
        for name, port in self.edges.items():
            self.proxy.open(name, port, targets[name.rpartition("-")[2]], by_readiness=name == "api")

    def _ports(self, role):
        """Where the replicas of a role listen."""
        if self.topology == EMBEDDED:
            return [self.system.ports[role]]
        return [process.health_ports[0] for process in self.replicas(role)]

    def replicas(self, role):
        return [process for process in self.system.processes.values() if process.role == role]

    @property
    def ours(self):
        """Every process but the provider."""
        return [process for process in self.system.processes.values() if process.role != "mock-provider"]

    def start(self):
        if self.topology == SEPARATE:
            # Of a run before this one, on the same servers.
            self.servers.rabbitmqctl("eval", '[rabbit_amqqueue:delete(Q, false, false, <<"chaos">>) || '
                                             "Q <- rabbit_amqqueue:list()].")
        self.system.start()
        if self.policy != SAME_KEY:
            self.mock.set_faults(ignore_keys_rate=1)
        return self

    def new_api(self):
        """A client through the proxy, for a thread of its own."""
        return Api(self.edges["api"])

    @property
    def mock(self):
        return self.system.mock

    def mock_stats(self):
        """By a client of its own: faults run in several threads."""
        http = Http(self.system.ports["mock-provider"])
        try:
            return http.get("/_mock/stats").json()
        finally:
            http.close()

    def stop(self):
        self.system.stop()

    def kill(self):
        self.system.kill()
        self.proxy.close()

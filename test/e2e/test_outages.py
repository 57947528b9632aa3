"""PostgreSQL and RabbitMQ go away in the middle of a broadcast and come back; the roles get over it by themselves."""

import os
from urllib.parse import urlsplit

from support.case import ON_SERVERS, SystemCase, topologies
from support.http import Http
from support.ledgers import check_ledgers, check_no_duplicates
from support.logs import entries
from support.processes import readiness
from support.servers import Servers
from support.waiting import wait_until

COUNT = 4000
OWN = []


def setUpModule():
    # Servers of our own: those of the test run must not go away under other tests.
    OWN.append(Servers.start_own(postgres_disk="2g"))


def tearDownModule():
    OWN.pop().remove()


class OwnRoles(Servers):
    """Each of its databases belongs to a role of its own. That is no superuser, so limits bind it."""

    def new_database(self):
        parts = urlsplit(super().new_database())
        name, password = parts.path.lstrip("/"), urlsplit(self.database_url).password
        self.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
        self.sql(f"ALTER DATABASE {name} OWNER TO {name}")
        return parts._replace(netloc=f"{name}:{password}@{parts.hostname}:{parts.port}").geturl()


class OutageCase(SystemCase):
    # About 800 messages a second.
    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "20ms", "WORKER_LEASE": "10s", "PROVIDER_TIMEOUT": "3s",
                "OUTBOX_QUEUED_RECHECK": "3s", "DATABASE_CONNECT_TIMEOUT": "2s", "AMQP_PREFIX": "outages"}

    @classmethod
    def make_servers(cls):
        return OWN[0]

    def begin(self):
        broadcast_id = self.broadcast(COUNT)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= COUNT // 10, 60, "a tenth to be delivered")
        return broadcast_id

    def check_end(self, broadcast_id):
        self.system.wait_ready(30)
        self.api.wait_delivered(broadcast_id, 90)
        check_ledgers(self.api, self.mock, broadcast_id)
        check_no_duplicates(self.mock)

    def wait_readiness(self, roles, status, seconds=20):
        for role in roles:
            wait_until(lambda port=self.system.ports[role]: readiness(port) == status, seconds,
                       f"{role} to answer {status}")

    def check_rabbitmq(self, how):
        broadcast_id = self.begin()
        self.servers.control("stop-rabbitmq", how)
        try:
            self.wait_readiness(("outbox", "worker"), 503)
            self.wait_readiness(("api", "dlr"), 200)
            # Accepting needs no broker.
            other = self.broadcast(10)
        finally:
            self.servers.control("start-rabbitmq")
        self.check_end(broadcast_id)
        self.check_end(other)

    def check_postgres(self, how):
        broadcast_id = self.begin()
        self.servers.control("stop-postgres", how)
        try:
            self.wait_readiness(("api", "outbox", "worker", "dlr"), 503)
            self.check_api_without_database(broadcast_id)
        finally:
            self.servers.control("start-postgres")
        self.wait_readiness(("api", "outbox", "worker", "dlr"), 200)
        self.check_end(broadcast_id)

    def check_api_without_database(self, broadcast_id):
        api = Http(self.system.ports["api"])
        self.addCleanup(api.close)
        self.assertEqual(api.get("/health/live").status, 200)
        document = {"message": self.text, "recipients": self.numbers.take(1)}
        for answer in (api.get(f"/api/broadcasts/{broadcast_id}"), api.post("/api/broadcasts", document)):
            self.assertEqual(answer.status, 503, answer)
            self.check_problem(answer, 503, answer.json()["code"])
            self.assertIn("retry-after", answer.headers)
            self.assertNotIn("detail", answer.json(), "a 5xx says nothing of the inside")
            wait_until(lambda wanted=answer.json()["request_id"]: self.reason_of(wanted), 5, "the reason in the log")

    def reason_of(self, request_id):
        return [entry["reason"] for entry in entries(self.system.process_of("api"))
                if entry.get("request_id") == request_id and entry["level"] == "warn"]


@topologies(*ON_SERVERS)
class Outages(OutageCase):
    def test_rabbitmq_killed(self):
        self.check_rabbitmq("KILL")

    def test_postgres_stopped_immediately(self):
        self.check_postgres("immediate")

    def test_roles_wait_for_both_at_their_start(self):
        self.system.stop()
        self.servers.control("stop-rabbitmq")
        self.servers.control("stop-postgres")
        try:
            self.system.start(wait=False)
            for role in ("api", "outbox", "worker", "dlr"):
                wait_until(lambda port=self.system.ports[role]: readiness(port) == 503, 20, f"{role} to listen")
        finally:
            self.servers.control("start-postgres")
            self.servers.control("start-rabbitmq")
        self.system.wait_ready(30)
        self.check_end(self.broadcast(100))


class MoreOutages(OutageCase):
    def test_rabbitmq_stopped(self):
        self.check_rabbitmq("TERM")

    def test_rabbitmq_loses_its_messages(self):
        broadcast_id = self.begin()
        vhost = self.system.amqp_url.rsplit("/", 1)[1]
        self.servers.rabbitmqctl("purge_queue", "outages.send", "-p", vhost)
        self.check_end(broadcast_id)
        # None where the workers held all that was queued.
        requeued = [entry for entry in entries(self.system.processes["outbox"]) if entry["event"] == "tickets_requeued"]
        self.assertTrue(all(entry["level"] == "warn" and "a purge" in entry["reason"] for entry in requeued), requeued)

    def test_postgres_disk_full(self):
        broadcast_id = self.begin()
        before = len(self.api.broadcasts())
        self.servers.control("fill-disk")
        try:
            document = {"message": self.text, "recipients": self.numbers.take(20_000)}
            answer = self.api.http.post("/api/broadcasts", document)
            self.check_problem(answer, 503, "unavailable")
            self.assertIn("retry-after", answer.headers)
            api = Http(self.system.ports["api"])
            self.addCleanup(api.close)
            self.assertEqual(api.get("/health/live").status, 200)
        finally:
            self.servers.control("free-disk")
        self.check_end(broadcast_id)
        self.assertEqual(len(self.api.broadcasts()), before)
        self.assertEqual(self.system.sql("SELECT count(DISTINCT broadcast_id) FROM messages"), [[str(before)]])
        self.check_end(self.broadcast(10))

    def test_postgres_stopped_fast(self):
        self.check_postgres("fast")

    def test_postgres_restarted_at_once(self):
        for how in ("immediate", "fast"):
            broadcast_id = self.begin()
            self.servers.control("restart-postgres", how)
            self.check_end(broadcast_id)


class NoRoomForUs(OutageCase):
    """PostgreSQL runs, and lets no session of ours in (SQLSTATE 53300)."""

    @classmethod
    def make_servers(cls):
        return OwnRoles(OWN[0].directory)

    def test_too_many_connections(self):
        broadcast_id = self.begin()
        role = urlsplit(self.system.database_url).username
        self.servers.sql(f"ALTER ROLE {role} CONNECTION LIMIT 0")
        try:
            # Again and again: one may just have been let in.
            wait_until(lambda: self.end_sessions(role) == 0, 20, "every session of ours to end")
            self.wait_readiness(("api", "outbox", "worker", "dlr"), 503)
            self.check_api_without_database(broadcast_id)
            with open(os.path.join(self.servers.directory, "postgres/postgres.log"), encoding="utf-8") as log:
                self.assertIn(f'too many connections for role "{role}"', log.read())
        finally:
            self.servers.sql(f"ALTER ROLE {role} CONNECTION LIMIT -1")
        self.wait_readiness(("api", "outbox", "worker", "dlr"), 200)
        self.check_end(broadcast_id)

    def end_sessions(self, role):
        """How many there were."""
        ended = self.servers.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                                 f"WHERE usename = '{role}'")
        return int(ended[0][0])

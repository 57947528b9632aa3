"""The base of tests that run against a whole system: one system a class, checked logs at its end."""

import json
import os
import sys
import unittest
import uuid

from .http import Http
from .logs import check_logs, entries
from .numbers import Numbers
from .provider import Provider
from .provider_replies import Always
from .servers import Servers
from .system import ALL, EMBEDDED, SEPARATE, System

ON_SERVERS = (SEPARATE, ALL)
EVERY = (SEPARATE, ALL, EMBEDDED)


def topologies(*names):
    """Class decorator: makes one test class a topology of this one, which is itself no test any more."""

    def decorate(base):
        module = sys.modules[base.__module__]
        for name in names:
            made = type(f"{base.__name__}_{name}", (base,), {"topology": name, "__doc__": base.__doc__})
            made.__module__ = base.__module__
            setattr(module, made.__name__, made)

    return decorate


class SystemCase(unittest.TestCase):
    """Settings of a class: `settings` (environment variables), `replicas`, `own_mock`, `allowed_errors` (events).
    `own_provider`: a class makes it in make_provider(); then the system sends through it instead of the mock."""

    topology = SEPARATE
    settings = {}
    replicas = None
    own_mock = False
    allowed_errors = ()
    own_provider = None

    @classmethod
    def make_servers(cls):
        return Servers.shared()

    @classmethod
    def make_provider(cls):
        return None

    @classmethod
    def setUpClass(cls):
        cls.servers = cls.make_servers()
        cls.numbers = Numbers()
        # A word that stands in every message and must stand in no log.
        cls.text = f"Secret {uuid.uuid4().hex}"
        cls.own_provider = cls.make_provider()
        settings = {**cls.settings, **({"PROVIDER_URL": cls.own_provider.url} if cls.own_provider else {})}
        cls.system = System(cls.servers, cls.topology, os.environ["SMSBCAST_E2E_LOGS"], settings, cls.replicas,
                            cls.own_mock)
        try:
            cls.system.start()
        except BaseException:
            cls.system.kill()
            cls.close_provider()
            raise

    @classmethod
    def close_provider(cls):
        if cls.own_provider:
            cls.own_provider.close()

    @classmethod
    def tearDownClass(cls):
        system = cls.system
        try:
            system.stop()
            secrets = cls.servers.secrets | set(cls.more_secrets())
            check_logs(system.processes.values(), cls.numbers, secrets, [cls.text], cls.allowed_errors)
        except AssertionError:
            print(system.log_tails(), file=sys.stderr)
            raise
        finally:
            system.kill()
            cls.close_provider()

    @classmethod
    def more_secrets(cls):
        return ()

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            print(f"\n{self.id()}: the logs end\n{self.system.log_tails()}", file=sys.stderr)

    @property
    def api(self):
        return self.system.api

    @property
    def mock(self):
        return self.system.mock

    def broadcast(self, count, **more):
        """Posts one to so many new numbers; returns its id."""
        return self.api.create(self.numbers.take(count), self.text, **more)

    def check_problem(self, answer, status, code, errors=()):
        """`errors`: "field:code" or "field[index]:code" of each, in order."""
        self.assertEqual((answer.status, answer.json().get("code")), (status, code), str(answer))
        self.assertEqual(answer.headers["content-type"], "application/problem+json", str(answer))
        problem = answer.json()
        self.assertEqual(problem["status"], status)
        self.assertTrue(problem["type"] and problem["title"], problem)
        self.assertEqual(problem["request_id"], answer.headers["x-request-id"])
        if status < 500:
            self.assertTrue(problem["detail"], problem)
        found = []
        for error in problem.get("errors", []):
            self.assertEqual(list(error), ["field", "index", "code", "message"])
            self.assertTrue(error["message"])
            index = "" if error["index"] is None else f"[{error['index']}]"
            found.append(f"{error['field']}{index}:{error['code']}")
        self.assertEqual(found, list(errors))


class ProviderCase(SystemCase):
    """The embedded system with a provider of the class's own, which behaves well at the beginning of each test."""

    topology = EMBEDDED

    @classmethod
    def make_provider(cls):
        return Provider()

    @property
    def provider(self):
        return self.own_provider

    def setUp(self):
        self.provider.behave(Always())
        self.provider.forget()

    def behave(self, behaviour):
        self.provider.behave(behaviour)

    def wait_completed(self, broadcast_id, seconds=60):
        return self.api.wait(broadcast_id, lambda b: b["status"] == "completed", seconds, "completion")

    def lane(self):
        """What the worker says of the provider; it is ready whatever that is."""
        answer = self.worker_http().get("/health/ready")
        self.assertEqual(answer.status, 200, answer)
        return answer.json()["provider"]

    def worker_http(self):
        if not hasattr(self, "_worker_http"):
            self._worker_http = Http(self.system.ports["worker"])
            self.addCleanup(self._worker_http.close)
        return self._worker_http

    def warnings(self, word):
        """The log's lines at warn that hold this word."""
        return [entry for entry in entries(self.system.process_of("worker"))
                if entry["level"] == "warn" and word in json.dumps(entry, ensure_ascii=False)]

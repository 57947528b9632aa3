"""The base of tests that run against a whole system: one system a class, checked logs at its end."""

import os
import sys
import unittest
import uuid

from .logs import check_logs
from .numbers import Numbers
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
    """Settings of a class: `settings` (environment variables), `replicas`, `own_mock`, `allowed_errors` (events)."""

    topology = SEPARATE
    settings = {}
    replicas = None
    own_mock = False
    allowed_errors = ()

    @classmethod
    def make_servers(cls):
        return Servers.shared()

    @classmethod
    def setUpClass(cls):
        cls.servers = cls.make_servers()
        cls.numbers = Numbers()
        # A word that stands in every message and must stand in no log.
        cls.text = f"Secret {uuid.uuid4().hex}"
        cls.system = System(cls.servers, cls.topology, os.environ["SMSBCAST_E2E_LOGS"], cls.settings, cls.replicas,
                            cls.own_mock)
        try:
            cls.system.start()
        except BaseException:
            cls.system.kill()
            raise

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

"""Starting on an empty database, all at once, and what the command line says."""

import json
import os
import re
import signal
import socket
import tempfile
import unittest
from urllib.parse import urlsplit

from support.case import SystemCase
from support.ports import free_port
from support.processes import Process, run_once
from support.raw import RawConnection, request_bytes
from support.servers import Servers
from support.system import ROLES
from support.waiting import wait_until


def begin_a_request(connection):
    """Returns when the server certainly has the head and waits for the body, which does not come."""
    connection.send(b"POST /send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
    assert connection.receive().status == 100


class StartTogether(SystemCase):
    """Eleven processes race for the migrations of one empty database."""

    replicas = {"api": 3, "outbox": 2, "worker": 3, "dlr": 2}

    def test_it_works(self):
        self.api.wait_delivered(self.broadcast(500))
        for process in self.system.processes.values():
            self.assertTrue(process.is_ready())

    def test_each_migration_was_applied_once(self):
        names = [entry["migration"] for process in self.system.processes.values()
                 for entry in map(json.loads, process.log_lines()) if entry["event"] == "migration_applied"]
        self.assertTrue(names)
        self.assertEqual(len(names), len(set(names)))

    def test_migrate_is_idempotent(self):
        for arguments in (["migrate"], ["migrate", "up"]):
            done = run_once(arguments, self.system.settings)
            self.assertEqual((done.returncode, done.stdout), (0, "the schema is up to date\n"), done.stderr)
        self.assertNotIn("pending", run_once(["migrate", "status"], self.system.settings).stdout)

    def test_health(self):
        for role, port in self.system.ports.items():
            for url in (f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/health/ready"):
                done = run_once(["health", url])
                self.assertEqual(done.returncode, 0, f"{role}: {done.stderr}")
        configured = run_once(["health"], {**self.system.processes["api"].settings, "PROVIDER_URL": ""})
        self.assertEqual(configured.returncode, 0, configured.stderr)
        self.assertEqual(sorted(line.split()[:2] for line in configured.stdout.splitlines()),
                         sorted(["ready", role] for role in ROLES))

    def test_a_port_that_is_taken(self):
        process = self.system.processes["api"]
        done = run_once(["api"], process.settings)
        self.assertEqual(done.returncode, 1)
        lines = {entry["event"]: entry for entry in map(json.loads, done.stderr.splitlines())}
        self.assertEqual((lines["cannot_listen"]["setting"], lines["cannot_listen"]["address"]),
                         ("HTTP_ADDR", process.settings["HTTP_ADDR"]))
        self.assertIn("another process", lines["cannot_listen"]["advice"])
        last = json.loads(done.stderr.splitlines()[-1])
        self.assertEqual((last["event"], last["level"], last["exit_code"]), ("stopped", "error", 1))
        self.assertTrue(process.is_ready())


class CommandLine(unittest.TestCase):
    def check(self, arguments, code, settings=None):
        done = run_once(arguments, settings)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def test_version_and_help(self):
        for arguments in (["version"], ["--version"]):
            self.assertRegex(self.check(arguments, 0).stdout, r"^smsbcast \d+\.\d+\.\d+\S*\n$")
        top = self.check(["--help"], 0).stdout
        for command in (*ROLES, "all", "migrate", "config", "health", "version"):
            self.assertRegex(top, rf"(?m)^\s+{command}\b")
            self.assertTrue(self.check([command, "--help"], 0).stdout)

    def test_wrong_usage(self):
        for arguments in ([], ["nonsense"], ["api", "--nonsense"], ["migrate", "sideways"], ["version", "more"],
                          ["api", "--http-addr"], ["health", "not a url"]):
            with self.subTest(arguments):
                done = self.check(arguments, 2)
                self.assertTrue(done.stderr)
                self.assertFalse(done.stdout)
        self.assertIn("did you mean outbox?", self.check(["outbx"], 2).stderr)

    def test_every_mistake_is_listed(self):
        settings = {"HTTP_ADDR": "8080", "DATABASE_URL": "mysql://user:hunter2@db/x", "OUTBOX_BATCH_SIZE": "0",
                    "WORKER_LEASE": "soon", "AUTH_PEPPER": "hunter2", "MOCK_ERROR_RATE": "1.5", "LOG_LEVEL": "loud"}
        lines = self.check(["all"], 2, settings).stderr.splitlines()
        self.assertEqual(sorted(re.split(r"\W", line)[0] for line in lines), sorted(settings))
        self.assertNotIn("hunter2", "".join(lines))

    def test_addresses_that_cannot_be_used_are_all_listed(self):
        settings = {"DATABASE_URL": "host=127.0.0.1 nosuch=hunter2", "AMQP_URL": "amqp://me:hunter3@mq/a/b",
                    "PROVIDER_URL": "http://gate/x?key=hunter4", "DLR_WEBHOOK_URL": "http://me/dlr#hunter5"}
        done = self.check(["all"], 2, {**settings, "AUTH": "off"})
        self.assertEqual([line.split(":")[0] for line in done.stderr.splitlines()], list(settings))
        self.assertNotIn("hunter", done.stderr)

    def test_mistakes_of_a_file(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            file.write('[api]\nhttp_adr = ":1"\n[worker]\nconnections = 0\n[nowhere]\nx = 1\n')
            file.flush()
            lines = self.check(["--config", file.name, "api"], 2, {"AUTH": "off"}).stderr.splitlines()
        self.assertEqual(len(lines), 3, lines)
        self.assertTrue(any("http_addr" in line for line in lines), "a suggestion")
        self.check(["--config", "/nowhere/at.all", "api"], 2)

    def test_config_shows_everything_but_secrets(self):
        settings = {"DATABASE_URL": "postgres://me:hunter2@db/x", "AMQP_URL": "amqp://me:hunter3@mq/",
                    "WORKER_LEASE": "40s"}
        shown = self.check(["config", "--outbox-batch-size", "77"], 0, settings).stdout
        self.assertIn('"postgres://me:***@db/x"', shown)
        self.assertIn('"amqp://me:***@mq/"', shown)
        self.assertNotIn("hunter", shown)
        self.assertRegex(shown, r'(?m)^worker\.lease = "40s"\s+# from environment WORKER_LEASE$')
        self.assertRegex(shown, r"(?m)^outbox\.batch_size = 77\s+# from flag --outbox-batch-size$")
        self.assertRegex(shown, r'(?m)^log\.level = "info"\s+# from default$')

    def test_one_store_only(self):
        settings = {"DATABASE_URL": "postgres://me:hunter2@db/x", "AUTH": "off"}
        for command in ("all", "config", "migrate"):
            done = self.check([command, "--data", "/tmp/smsbcast.db"], 2, settings)
            self.assertRegex(done.stderr, r"^--data \(flag\): DATABASE_URL \(environment\) is given too, .*\n$")
            self.assertNotIn("hunter2", done.stderr)

    def test_credentials_do_not_leave_the_machine_unencrypted(self):
        settings = {"PROVIDER_URL": "http://me:hunter2@gate.example:9090"}
        for command in ("all", "worker", "config"):
            done = self.check([command], 2, settings)
            self.assertIn("PROVIDER_ALLOW_PLAIN_CREDENTIALS=true", done.stderr)
            self.assertNotIn("hunter2", done.stderr)
        self.check(["config"], 0, {**settings, "PROVIDER_ALLOW_PLAIN_CREDENTIALS": "true"})

    def test_config_tells_where_all_listens(self):
        shown = self.check(["config", "--mock-provider-addr", ":9091"], 0).stdout
        self.assertIn('outbox.http_addr = ":8082"  # from default; in `all` 127.0.0.1:8082\n', shown)
        self.assertIn('api.http_addr = ":8080"  # from default; in `all` 127.0.0.1:8080\n', shown)
        self.assertIn('dlr.http_addr = ":8081"  # from default; in `all` 127.0.0.1:8081\n', shown)
        self.assertIn('auth.mode = "auto"  # from default; in `all` off\n', shown)
        self.assertIn('mock.http_addr = ":9091"  # from flag --mock-provider-addr\n', shown)
        self.assertIn('provider.url = "http://localhost:9090"  # from default; in `all` http://localhost:9091\n', shown)

    def test_a_secret_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "url")
            with open(path, "w", encoding="utf-8") as file:
                file.write("postgres://me:hunter2@db/x\n")
            shown = self.check(["config"], 0, {"DATABASE_URL_FILE": path}).stdout
            self.assertIn("postgres://me:***@db/x", shown)
            self.check(["config"], 2, {"DATABASE_URL_FILE": path, "DATABASE_URL": "postgres://db/x"})
            self.check(["config"], 2, {"DATABASE_URL_FILE": path + ".missing"})

    def test_health_of_nobody(self):
        done = self.check(["health", f"http://127.0.0.1:{free_port()}/health/ready"], 1)
        self.assertTrue(done.stderr)

    def test_migrate(self):
        settings = {"DATABASE_URL": Servers.shared().new_database()}
        self.assertRegex(self.check(["migrate", "status"], 0, settings).stdout, r"(?m)^pending +001_foundation")
        self.check(["migrate"], 0, settings)
        self.assertRegex(self.check(["migrate", "status"], 0, settings).stdout, r"(?m)^applied +001_foundation")
        nowhere = {"DATABASE_URL": f"postgres://me:hunter2@127.0.0.1:{free_port()}/x", "DATABASE_CONNECT_TIMEOUT": "1s"}
        done = self.check(["migrate", "status"], 1, nowhere)
        self.assertIn('"event":"database_unreachable","setting":"DATABASE_URL"', done.stderr)
        self.assertIn(f'"address":"{urlsplit(nowhere["DATABASE_URL"]).netloc.split("@")[1]}/x"', done.stderr)
        self.assertNotIn("hunter2", done.stdout + done.stderr)


class NothingThere(unittest.TestCase):
    def setUp(self):
        self.nowhere = f"127.0.0.1:{free_port()}"

    def lines_of_worker(self, database_url, *events):
        """What a worker logs that finds no broker and whose provider is elsewhere."""
        port, folder = free_port(), self.enterContext(tempfile.TemporaryDirectory())
        settings = {"WORKER_HTTP_ADDR": f"127.0.0.1:{port}", "DATABASE_URL": database_url,
                    "AMQP_URL": f"amqp://me:hunter2@{self.nowhere}/", "PROVIDER_URL": "http://gate.example:9090",
                    "DLR_WEBHOOK_URL": "http://me:hunter2@localhost:8081/dlr?token=hunter2", "LOG_FORMAT": "json"}
        process = Process("worker", "worker", settings, folder, [port]).start()
        self.addCleanup(process.kill)

        def found():
            lines = {entry["event"]: entry for entry in map(json.loads, process.log_lines())}
            return [lines[event] for event in events] if set(events) <= set(lines) else None

        lines = wait_until(found, 30, "the worker to say so")
        process.terminate(20)
        self.assertNotIn("hunter2", process.log_tail(1000))
        return lines

    def test_a_worker_says_which_database_it_cannot_reach(self):
        database, webhook = self.lines_of_worker(f"postgres://me:hunter2@{self.nowhere}/sms", "database_unreachable",
                                                 "webhook_on_loopback")
        self.assertEqual((database["setting"], database["address"]), ("DATABASE_URL", f"{self.nowhere}/sms"))
        self.assertEqual((webhook["setting"], webhook["provider"]), ("DLR_WEBHOOK_URL", "gate.example:9090"))
        self.assertEqual(webhook["webhook_url"], "http://me:***@localhost:8081/dlr?token=***")

    def test_a_worker_says_which_broker_it_cannot_reach(self):
        broker, = self.lines_of_worker(Servers.shared().new_database(), "amqp_unreachable")
        self.assertEqual((broker["setting"], f"{broker['host']}:{broker['port']}"), ("AMQP_URL", self.nowhere))


class Signals(unittest.TestCase):
    def start(self, **settings):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.port = free_port()
        settings = {"HTTP_ADDR": f"127.0.0.1:{self.port}", "LOG_FORMAT": "json", **settings}
        process = Process("mock", "mock-provider", settings, folder.name, [self.port]).start()
        self.addCleanup(process.kill)
        return process.wait_ready()

    def test_the_first_one_lets_it_finish(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start()
            process.signal(number)
            self.assertEqual(process.wait_end(10), 0)

    def test_an_idle_connection_does_not_delay_it(self):
        process = self.start(STOP_GRACE="10m")
        with RawConnection(self.port) as idle:
            self.assertEqual(idle.send(request_bytes("GET", "/health")).receive().status, 200)
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait_end(10), 0)

    def test_a_client_that_never_finishes_does_not_spoil_it(self):
        process = self.start(STOP_GRACE="2s")
        with RawConnection(self.port) as unfinished:
            begin_a_request(unfinished)
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait_end(10), 0)

    def waiting_for_a_silent_server(self, patience):
        """An api whose database takes the connection and then says nothing."""
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port = free_port()
        url = f"postgres://u@127.0.0.1:{silent.getsockname()[1]}/x"
        settings = {"HTTP_ADDR": f"127.0.0.1:{port}", "DATABASE_URL": url, "DATABASE_CONNECT_TIMEOUT": patience,
                    "LOG_FORMAT": "json", "AUTH": "off"}
        process = Process("api", "api", settings, folder.name, [port]).start()
        self.addCleanup(process.kill)
        silent.settimeout(300)
        self.addCleanup(silent.accept()[0].close)
        return process

    def test_while_it_waits_for_its_database(self):
        process = self.waiting_for_a_silent_server("4s")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait_end(10), 0)
        self.assertNotIn('"level":"error"', process.log_tail())

    def test_the_second_one_is_heard_while_it_waits_for_its_database(self):
        process = self.waiting_for_a_silent_server("1m")
        process.signal(signal.SIGTERM)
        wait_until(lambda: '"event":"stopping"' in process.log_tail(), 10, "the stop to begin")
        process.signal(signal.SIGTERM)
        self.assertEqual(process.wait_end(5), 1)

    def test_the_second_one_ends_it_at_once(self):
        process = self.start(STOP_GRACE="10m")
        with RawConnection(self.port) as unfinished:
            begin_a_request(unfinished)
            process.signal(signal.SIGINT)
            wait_until(lambda: '"event":"stopping"' in process.log_tail(), 10, "the stop to begin")
            process.signal(signal.SIGTERM)
            self.assertEqual(process.wait_end(10), 1)

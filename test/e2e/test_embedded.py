"""What only the embedded store promises: one file, one process at a time, and nothing lost by kill -9 at any moment."""

import contextlib
import os
import random
import sqlite3
import sys
import tempfile
import time
import unittest

from support.api import check_counts
from support.case import SystemCase
from support.ledgers import check_ledgers, check_no_duplicates
from support.logs import entries
from support.ports import free_port
from support.processes import run_once
from support.system import ADDRESS_OF
from support.waiting import wait_until


class Killed(SystemCase):
    """`all`, killed again and again in the middle of a broadcast, with a provider that lives on."""

    topology = "embedded"
    own_mock = True
    # About 3000 messages a second.
    settings = {"WORKER_CONNECTIONS": 32, "MOCK_LATENCY": "10ms"}
    KILLS, COUNT = 20, 40_000

    def test_nothing_is_lost_or_sent_twice(self):
        seed = random.randrange(10**9)
        print(f"(seed {seed}) ", end="", file=sys.stderr, flush=True)
        dice = random.Random(seed)
        process = self.system.process_of("all")
        broadcast_ids = [self.broadcast(self.COUNT)]
        for _ in range(self.KILLS):
            time.sleep(dice.uniform(0, 0.5))  # the moment of the kill is what the test is about
            process.kill()
            process.start().wait_ready()
            self.system.close_clients()
            check_counts(self.api.get(broadcast_ids[0]))
            broadcast_ids.append(self.broadcast(10))
        left = self.api.get(broadcast_ids[0])["counts"]
        self.assertGreater(self.COUNT - left["delivered"], 0, "the kills came too late to mean anything")
        self.mock.set_faults(latency_ms=0)
        for broadcast_id in broadcast_ids:
            self.api.wait_delivered(broadcast_id, 90)
        ledger = self.mock.ledger()
        for broadcast_id in broadcast_ids:
            check_ledgers(self.api, self.mock, broadcast_id, ledger=ledger)
        check_no_duplicates(self.mock)
        self.assertEqual(self.system.sql("SELECT count(*) FROM outbox"), [["0"]])


class OneProcess(SystemCase):
    topology = "embedded"

    def test_a_second_process_is_refused(self):
        others = {variable: f"127.0.0.1:{free_port()}" for variable in ADDRESS_OF.values()}
        done = run_once(["all"], {**self.system.settings, **others})
        self.assertEqual(done.returncode, 1)
        self.assertIn(self.system.file, done.stderr)
        self.assertIn(str(self.system.process_of("all").popen.pid), done.stderr)

    def test_the_log_says_which_file(self):
        opened = [line for line in self.system.process_of("all").log_lines() if '"event":"store_opened"' in line]
        self.assertEqual(len(opened), 1)
        self.assertIn(f'"file":"{self.system.file}"', opened[0])

    def test_health_asks_every_role_of_it(self):
        settings = self.system.process_of("all").settings
        done = run_once(["health"], settings)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], ["ready"] * len(ADDRESS_OF))
        for role, variable in ADDRESS_OF.items():  # as if that one were dead
            done = run_once(["health"], {**settings, variable: f"127.0.0.1:{free_port()}"})
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertRegex(done.stderr, rf"(?m)^no_answer +{role} ")

    def test_its_own_mock_is_the_provider_while_no_other_is_given(self):
        events = [entry["event"] for entry in entries(self.system.process_of("all"))]
        self.assertIn("mock_provider_started", events)
        broadcast_id = self.broadcast(3)
        self.api.wait_delivered(broadcast_id)
        self.assertLessEqual({message["id"] for message in self.api.messages(broadcast_id)}, set(self.mock.ledger()))


class GivenProvider(SystemCase):
    """`all` beside a provider: its own mock is not started."""

    topology = "embedded"
    own_mock = True

    def test_no_mock_is_started(self):
        process = self.system.process_of("all")
        events = [entry["event"] for entry in entries(process)]
        self.assertIn("mock_provider_not_started", events)
        self.assertNotIn("mock_provider_started", events)
        self.assertNotIn("mock-provider", {entry["role"] for entry in entries(process)})
        self.api.wait_delivered(self.broadcast(3))
        # Whoever listens where the mock would be is not asked.
        done = run_once(["health"], process.settings)
        self.assertEqual(done.returncode, 0, done.stderr)


class Backup(SystemCase):
    """What the README says of a copy."""

    topology = "embedded"
    # About 800 messages a second, until the copy is there.
    settings = {"WORKER_CONNECTIONS": 16, "MOCK_LATENCY": "20ms"}
    COUNT = 20_000

    def test_a_copy_taken_while_it_runs_is_whole(self):
        broadcast_id = self.broadcast(self.COUNT)
        copy = os.path.join(self.enterContext(tempfile.TemporaryDirectory()), "copy.db")
        with contextlib.closing(sqlite3.connect(self.system.file)) as db:
            db.execute("VACUUM INTO ?", [copy])
        self.assertEqual(self.api.get(broadcast_id)["status"], "running", "the copy came too late to mean anything")
        self.mock.set_faults(latency_ms=0)
        with contextlib.closing(sqlite3.connect(copy)) as db:
            self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(db.execute("SELECT count(*) FROM messages").fetchone(), (self.COUNT,))
        done = run_once(["migrate", "status"], {"DATABASE_URL": f"sqlite:{copy}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.api.wait_delivered(broadcast_id, 60)


class FileGone(SystemCase):
    """What nobody could read again is not accepted."""

    topology = "embedded"
    allowed_errors = ("store_write_failed",)

    def test_nothing_is_accepted_without_the_file(self):
        kept = self.system.file + ".moved"
        os.rename(self.system.file, kept)
        answer = self.api.http.post("/api/broadcasts", {"message": self.text, "recipients": self.numbers.take(5)})
        self.check_problem(answer, 503, "unavailable")
        wait_until(lambda: self.api.http.get("/health/ready").status == 503, 10, "the role to be not ready")
        os.rename(kept, self.system.file)
        wait_until(lambda: self.api.http.get("/health/ready").status == 200, 10, "the role to be ready again")
        self.api.wait_delivered(self.broadcast(5))


class Refusals(unittest.TestCase):
    def refused(self, path, code=1, command=("all",)):
        settings = {variable: f"127.0.0.1:{free_port()}" for variable in ADDRESS_OF.values()}
        done = run_once(list(command), {**settings, "DATABASE_URL": f"sqlite:{path}"})
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(path, done.stderr)
        self.assertEqual(len(done.stderr.strip().splitlines()), 1, done.stderr)
        return done.stderr

    def test_what_is_no_database(self):
        with tempfile.TemporaryDirectory() as folder:
            text = os.path.join(folder, "letter.txt")
            with open(text, "w", encoding="ascii") as file:
                file.write("Dear reader, " * 1000)
            self.refused(text)
            self.refused(os.path.join(folder, "nowhere", "smsbcast.db"))
            self.refused(folder)

    def test_roles_that_run_apart_cannot_share_it(self):
        self.assertIn("PostgreSQL", self.refused("/tmp/smsbcast.db", 2, ("worker",)))

    def test_migrate(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "smsbcast.db")
            settings = {"DATABASE_URL": f"sqlite:{path}"}
            self.assertRegex(run_once(["migrate", "status"], settings).stdout, r"(?m)^pending +001_foundation")
            self.assertFalse(os.path.exists(path), "asking made no file")
            self.assertEqual(run_once(["migrate"], settings).returncode, 0)
            self.assertRegex(run_once(["migrate", "status"], settings).stdout, r"(?m)^applied +001_foundation")

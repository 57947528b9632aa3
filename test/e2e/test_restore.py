"""Holding by hand, and a backup that was taken in mid-broadcast: restored, nothing is sent twice unasked."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from datetime import datetime, timezone

from support.case import ALL, EMBEDDED, SystemCase, topologies
from support.http import Http
from support.ledgers import check_no_duplicates
from support.logs import entries
from support.processes import run_once
from support.waiting import wait_until

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../README.md")


def as_the_readme_says(command, **words):
    """Runs the README's command that begins so, with these in the place of its words in capitals."""
    with open(README, encoding="utf-8") as file:
        found = [line for line in file.read().splitlines() if command in line]
    assert len(found) == 1, (command, found)
    line = found[0][found[0].index(command):].partition("   #")[0]
    for word, value in words.items():
        line = line.replace(word, value)
    subprocess.run(["bash", "-euc", line], check=True, stdout=subprocess.DEVNULL)


# Seconds without a request, after which none is taken to come any more.
QUIET = 2.0


class Holding(SystemCase):
    own_mock = True
    # About 800 messages a second, through a provider that would send a message twice when asked twice.
    settings = {"WORKER_CONNECTIONS": 16, "PROVIDER_UNKNOWN_POLICY": "wait_then_fail",
                "PROVIDER_RESOLVE_WITHIN": "1s"}
    COUNT = 2000

    def smsbcast(self, *arguments, code=0):
        """Runs a command as an operator would, beside the running system; returns what it says."""
        done = run_once(arguments, self.process.settings)
        self.assertEqual(done.returncode, code, (done.stdout, done.stderr))
        return done.stdout + done.stderr

    @property
    def process(self):
        return self.system.process_of("all")

    def begin(self):
        self.mock.set_faults(latency_ms=20, ignore_keys_rate=1)
        broadcast_id = self.broadcast(self.COUNT)
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= 100, 60, "100 to be delivered")
        return broadcast_id

    def readiness(self, role):
        http = Http(self.system.ports[role])
        with contextlib.closing(http):
            answer = http.get("/health/ready")
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def wait_held(self, held=True):
        """Both roles that send say so, and are ready."""
        for role in ("outbox", "worker"):
            wait_until(lambda role=role: bool(self.readiness(role)["held"]["since"]) == held, 20,
                       f"{role} to say held: {held}")

    def events(self, name):
        return [entry for entry in entries(self.process) if entry["event"] == name]

    def check_quiet(self):
        def quiet():
            requests = self.mock.requests()
            time.sleep(QUIET)  # it is the time itself in which nothing comes
            return self.mock.requests() == requests

        wait_until(quiet, 20, "the provider to get no more requests")


@topologies(ALL, EMBEDDED)
class Hold(Holding):
    def test_nothing_goes_out_until_it_is_released(self):
        broadcast_id = self.begin()
        said = self.smsbcast("hold", "--because", "a restore is coming")
        self.assertIn("`smsbcast release`", said)
        self.wait_held()
        self.check_quiet()
        self.assertIn("a restore is coming", self.smsbcast("hold"))
        self.assertEqual(self.readiness("worker")["held"]["because"], "a restore is coming")
        self.assertIn("a restore is coming", [entry["because"] for entry in self.events("held")])
        shown = self.api.http.get("/api/hold").json()
        self.assertEqual((shown["held"], shown["because"]), (True, "a restore is coming"))
        later = self.broadcast(3)
        self.assertEqual(self.api.counts(later), {"pending": 3})

        self.smsbcast("release")
        self.wait_held(False)
        self.assertGreaterEqual(len(self.events("released")), 1)
        self.mock.set_faults(latency_ms=0)
        for each in (broadcast_id, later):
            self.api.wait_delivered(each)
        check_no_duplicates(self.mock)
        self.assertIn("was not held", self.smsbcast("release"))

    def test_by_the_api(self):
        answer = self.api.http.post("/api/hold", {"because": "by the API"})
        self.assertEqual((answer.status, answer.json()["because"]), (200, "by the API"))
        answer = self.api.http.post("/api/release")
        self.assertEqual((answer.status, answer.json()), (200, {"held": False, "assumed_sent": 0}))
        answer = self.api.http.post("/api/release", {"assume_sent_since": "2026-01-01T00:00:00Z"})
        self.check_problem(answer, 409, "conflict")
        self.check_problem(self.api.http.post("/api/release", {"assume_sent_since": "3026-01-01T00:00:00Z"}), 422,
                           "invalid_release", ["assume_sent_since:in_the_future"])

    def test_a_time_that_is_none(self):
        self.assertIn("is no time", self.smsbcast("release", "--assume-sent", "yesterday", code=2))
        self.assertIn("is in the future", self.smsbcast("release", "--assume-sent", "3026-01-01T00:00:00Z", code=2))
        self.assertIn("is not held", self.smsbcast("release", "--assume-sent", "1h", code=1))


class Restoring(Holding):
    """What an operator does: back up, go on, stop, put the backup back, start, release."""

    def check_restore(self, reason):
        broadcast_id = self.begin()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        since = datetime.now(timezone.utc).isoformat()
        self.back_up(folder)
        self.mock.set_faults(latency_ms=0)
        self.api.wait_delivered(broadcast_id)
        before = self.restart_from(folder)
        held = self.readiness("outbox")["held"]
        self.assertIn(reason, held["because"])
        self.assertIn("--assume-sent", held["because"])
        left = self.api.counts(broadcast_id)
        self.assertLess(left.get("delivered", 0), self.COUNT, "the backup came too late to mean anything")
        later = self.broadcast(3)
        self.check_quiet()
        self.assertEqual(self.mock.requests(), before)

        said = self.smsbcast("release", "--assume-sent", since)
        self.assertIn("are not sent again", said)
        self.api.wait_delivered(later)
        broadcast = self.api.wait(broadcast_id, lambda b: b["status"] == "completed", 60, "completion")
        counts = {status: count for status, count in broadcast["counts"].items() if count}
        self.assertLessEqual(set(counts), {"sent", "delivered"})
        self.assertGreater(counts["sent"], 0)
        assumed = [message for message in self.api.messages(broadcast_id) if message["error"]]
        self.assertEqual({message["error"]["class"] for message in assumed}, {"assumed_sent"})
        check_no_duplicates(self.mock)
        self.assertEqual(self.mock.requests(), before + 3)
        self.check_the_same_copy_again(folder)

    def check_the_same_copy_again(self, folder):
        """A release that was wrong is done anew, from the same copy."""
        before = self.restart_from(folder)
        self.check_quiet()
        self.assertEqual(self.mock.requests(), before)

    def restart_from(self, folder):
        """With the copy in its place; it must be held. The provider's requests before that."""
        self.process.terminate(60)
        self.system.close_clients()
        self.put_back(folder)
        before = self.mock.requests()
        self.process.start().wait_ready()
        self.wait_held()
        return before


class RestoreFile(Restoring):
    topology = EMBEDDED

    def back_up(self, folder):
        as_the_readme_says("sqlite3 FILE", FILE=self.system.file, COPY=os.path.join(folder, "copy.db"))

    def put_back(self, folder):
        as_the_readme_says("rm -f FILE-wal", FILE=self.system.file, COPY=os.path.join(folder, "copy.db"))

    def test_a_backup_that_is_put_back_is_held(self):
        self.check_restore("the file is an older copy")

    def test_a_copy_beside_the_log_of_a_crash_is_refused(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.broadcast(10)
        self.back_up(folder)
        self.broadcast(10)
        self.process.kill()
        self.system.close_clients()
        shutil.copy(os.path.join(folder, "copy.db"), self.system.file)
        done = run_once(["all"], self.process.settings)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"is not the file that {self.system.file}-wal belongs to", done.stderr)
        for suffix in ("-wal", "-shm"):
            os.remove(self.system.file + suffix)
        self.smsbcast("release")
        self.process.start().wait_ready()


class RestoreDump(Restoring):
    topology = ALL

    def back_up(self, folder):
        as_the_readme_says("pg_dump -Fc", COPY=os.path.join(folder, "dump"), **{"$DATABASE_URL": self.system.database_url})

    def put_back(self, folder):
        self.system.database_url = self.servers.new_database()
        self.process.settings["DATABASE_URL"] = self.system.database_url
        as_the_readme_says("pg_restore", COPY=os.path.join(folder, "dump"), **{"$NEW_URL": self.system.database_url})

    def test_a_dump_that_is_restored_is_held(self):
        self.check_restore("the tables were restored or copied")

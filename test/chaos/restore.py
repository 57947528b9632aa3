"""A backup that was taken in mid-broadcast and is restored after the end: nothing goes out until it is released, and
then nothing twice."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timezone
from urllib.parse import urlsplit

from support.http import Http
from support.numbers import Numbers
from support.processes import run_once
from support.system import EMBEDDED
from support.waiting import wait_until
from world import World

QUIET = 5  # seconds, in which a system that sends would have sent thousands
LATER = 100  # recipients of a broadcast that is accepted while it is held


class Restore:
    """`count`: recipients of the broadcast. `crash`: kill -9 before the restore instead of a clean stop. Calling it
    gives what was wrong, as texts."""

    def __init__(self, servers, folder, topology, policy, count, crash):
        self.servers, self.folder, self.count, self.crash = servers, folder, count, crash
        self.world = World(servers, topology, folder, policy)
        self.copy = os.path.join(folder, "backup")
        self.wrong = []

    def __call__(self):
        try:
            self.world.start()
            self._run()
        finally:
            self.world.kill()
        return self.wrong

    @property
    def api(self):
        return self.world.system.api

    def _run(self):
        numbers = Numbers()
        broadcast_id = self.api.create(numbers.take(self.count))
        self.api.wait(broadcast_id, lambda b: b["counts"]["delivered"] >= self.count // 10, 60, "a tenth to be delivered")
        since = datetime.now(timezone.utc).isoformat()
        self.back_up()
        self.api.wait_delivered(broadcast_id, 120)
        self.stop()
        self.put_back()
        asked = self.world.mock_stats()["requests"]
        for process in self.world.ours:
            process.start()
        self.world.system.wait_ready()

        self.check_held()
        left = self.count - self.api.counts(broadcast_id).get("delivered", 0)
        self.check(left > 0, "the backup came too late to mean anything")
        later = self.api.create(numbers.take(LATER))
        time.sleep(QUIET)  # it is the time itself in which nothing comes
        self.check(self.world.mock_stats()["requests"] == asked, "something went out while it was held")

        done = run_once(["release", "--assume-sent", since], self.world.ours[0].settings)
        self.check(done.returncode == 0, f"release: {done.stdout}{done.stderr}")
        self.api.wait_delivered(later, 60)
        self.api.wait(broadcast_id, lambda b: b["status"] == "completed", 120, "completion")
        self.check_end(broadcast_id, left, asked)

    def check_end(self, broadcast_id, left, asked):
        messages = self.api.messages(broadcast_id)
        statuses = Counter(message["status"] for message in messages)
        shown = {status: count for status, count in self.api.counts(broadcast_id).items() if count}
        self.check(statuses == Counter(shown), f"the API shows {shown}, its messages are {dict(statuses)}")
        self.check(set(statuses) <= {"sent", "delivered"}, f"the messages are {dict(statuses)}")
        assumed = sum(1 for message in messages if message["error"] and message["error"]["class"] == "assumed_sent")
        self.check(0 < assumed <= left, f"{assumed} of {left} are told as assumed sent")
        stats = self.world.mock_stats()
        self.check(stats["accepted_twice"] == 0, f"{stats['accepted_twice']} were accepted twice")
        self.check(stats["requests"] == asked + LATER, f"{stats['requests'] - asked} requests after the restore")
        accepted = Counter(row["accepted"] for row in self.world.mock.ledger().values())
        self.check(accepted == Counter({1: self.count + LATER}), f"the provider accepted, how often each: {accepted}")

    def check(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def check_held(self):
        def held(port):
            with closing(Http(port)) as http:
                answer = http.get("/health/ready")
            return answer.status == 200 and answer.json().get("held", {}).get("since")

        ports = self.world.system.ports
        senders = [port for role in ("outbox", "worker") for port in
                   ([ports[role]] if self.world.topology == EMBEDDED else
                    [process.health_ports[0] for process in self.world.replicas(role)])]
        wait_until(lambda: all(held(port) for port in senders), 20, "everybody who sends to say that it is held")

    def stop(self):
        self.world.system.close_clients()
        for process in self.world.ours:
            if self.crash:
                process.kill()
            else:
                process.terminate(60)

    def back_up(self):
        system = self.world.system
        if system.topology == EMBEDDED:
            with closing(sqlite3.connect(system.file)) as file, closing(sqlite3.connect(self.copy)) as copy:
                file.backup(copy)
        else:
            subprocess.run(["pg_dump", "-Fc", "-f", self.copy, system.database_url], check=True)

    def put_back(self):
        system = self.world.system
        if system.topology == EMBEDDED:
            for suffix in ("-wal", "-shm"):
                if os.path.exists(system.file + suffix):
                    os.remove(system.file + suffix)
            shutil.copy(self.copy, system.file)
            return
        system.database_url = self.servers.new_database()
        subprocess.run(["pg_restore", "--no-owner", "-d", system.database_url, self.copy], check=True)
        name = urlsplit(system.database_url).path
        for process in self.world.ours:
            url = urlsplit(process.settings["DATABASE_URL"])
            process.settings["DATABASE_URL"] = url._replace(path=name).geturl()

"""Descriptors, memory and connections of the processes: what may grow under faults, and must not stay so."""

import os
import time

from invariants import Violation
from support.system import EMBEDDED

MOST_MEMORY_MB = 100
# What a role may keep open beyond its quiet state: pooled connections that were made under load.
SPARE_DESCRIPTORS = 120
# Both sides of a pooled connection close it when it has been idle for so long, and some more.
IDLE_SECONDS = 90


class Vitals:
    def __init__(self, world):
        self.world = world
        self.descriptors = {}

    def note_baseline(self):
        self.descriptors = {process.name: _descriptors(process.pid) for process in self.world.ours}

    def check(self):
        """When everything is quiet again."""
        self._await_idle_connections()
        found = []
        for process in self.world.ours:
            if not process.running():
                found.append(Violation("failures", f"{process.name} is not running"))
                continue
            now, before = _descriptors(process.pid), self.descriptors[process.name]
            if now > before + SPARE_DESCRIPTORS:
                found.append(Violation("leaks", f"{process.name} has {now} descriptors open, {before} at the start"))
            memory = _memory_mb(process.pid)
            if memory > MOST_MEMORY_MB:
                found.append(Violation("leaks", f"{process.name} uses {memory:.0f} MB"))
        if self.world.topology != EMBEDDED:
            found += self._check_backends()
        return found

    def _await_idle_connections(self):
        deadline = time.monotonic() + IDLE_SECONDS
        while time.monotonic() < deadline and any(
                process.running() and _descriptors(process.pid) > self.descriptors[process.name] + SPARE_DESCRIPTORS
                for process in self.world.ours):
            time.sleep(1)

    def _check_backends(self):
        idle = self.world.system.sql("SELECT application_name, count(*) FROM pg_stat_activity "
                                     "WHERE state LIKE 'idle in transaction%' GROUP BY 1")
        return [Violation("leaks", f"{count} sessions of {name} are idle in a transaction") for name, count in idle]


def _descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def _memory_mb(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS:"))

"""What a PostgreSQL server does to its clients."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from support.servers import PSQL_ENVIRONMENT
from support.waiting import wait_until

from . import ON_SERVERS, SERVERS, fault


@fault(SERVERS, weight=4, topologies=ON_SERVERS)
def terminate_backends(world, dice, hold):
    """Every half second for a while."""
    rounds = dice.choice((1, 4, 10))
    for _ in range(rounds):
        world.system.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                         "WHERE application_name LIKE 'smsbcast%'")
        if hold(0.5):
            break
    return f"{rounds} times"


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def postgres_immediate_restart(world, dice, hold):
    world.servers.control("stop-postgres", "immediate")
    try:
        hold(dice.choice((0, 2)))
    finally:
        world.servers.control("start-postgres")
    return ""


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def postgres_crash(world, dice, hold):
    """kill -9 of a backend: the server throws all of its clients out and recovers."""
    crash = "all server processes terminated; reinitializing"
    before = _in_log(world, crash)
    killed = _kill_backend(world)
    wait_until(lambda: _in_log(world, crash) > before, 60, f"the server to crash by the end of {killed}")
    wait_postgres(world)
    return killed


def _kill_backend(world):
    """One of ours; where none comes for 5 s, one of the server's own, of which it cannot lose any either."""
    ours_until = time.monotonic() + 5
    while True:
        ours = time.monotonic() < ours_until
        which = "application_name LIKE 'smsbcast%'" if ours else "backend_type = 'background writer'"
        for name, pid in world.system.sql("SELECT coalesce(nullif(application_name, ''), backend_type), pid "
                                          f"FROM pg_stat_activity WHERE {which} ORDER BY random() LIMIT 1"):
            with suppress(ProcessLookupError):  # it ended by itself meanwhile
                os.kill(int(pid), signal.SIGKILL)
                return f"{name}, pid {pid}"
        time.sleep(0.1)


def wait_postgres(world, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            world.system.sql("SELECT 1")
            return
        except AssertionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@fault(SERVERS, weight=2, topologies=ON_SERVERS)
def lock_table(world, dice, hold):
    """Somebody holds a lock for longer than our own limit of a lock."""
    table, seconds = dice.choice(("messages", "outbox", "broadcast_counts")), dice.choice((1, 4, 8))
    with _session(world, f"BEGIN; LOCK TABLE {table}; SELECT pg_sleep({seconds}); COMMIT"):
        hold(seconds + 0.5)
    return f"{table} for {seconds} s"


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def too_many_connections(world, dice, hold):
    """The server has room for fewer clients than ours want to be."""
    seconds, refusal = dice.choice((2, 6)), "too many clients"
    before, patience = _in_log(world, refusal), 20
    world.system.sql("ALTER SYSTEM SET max_connections = 6")
    try:
        world.servers.control("restart-postgres", "fast")
        over = hold(seconds)
        # A network that is away at the same time keeps the clients from being refused.
        until = time.monotonic() + patience
        while _in_log(world, refusal) == before and not over and time.monotonic() < until:
            over = hold(0.2)
        refused = _in_log(world, refusal) - before
    finally:
        # By its file: there may be no connection left for a statement.
        world.servers.control("stop-postgres", "fast")
        with open(os.path.join(world.servers.directory, "postgres/data/postgresql.auto.conf"), "w",
                  encoding="utf-8") as file:
            file.write("")
        world.servers.control("start-postgres")
    assert refused or over, "no client was refused"
    return f"for {seconds} s, {refused} were refused"


def _in_log(world, text):
    """How often the server's log says so."""
    with open(os.path.join(world.servers.directory, "postgres/postgres.log"), encoding="utf-8", errors="replace") as log:
        return log.read().count(text)


@fault(SERVERS, weight=1, topologies=ON_SERVERS)
def disk_full(world, dice, hold):
    """For data, for its log, or for both: what it cannot keep is not accepted."""
    kib, seconds = dice.choice((0, 2000)), dice.choice((2, 6))
    world.servers.control("fill-disk", str(kib))
    try:
        hold(seconds)
    finally:
        world.servers.control("free-disk")
    return f"{kib} KiB left for {seconds} s"


class _session:
    """A psql of its own, ended with the block."""

    def __init__(self, world, script):
        self.process = subprocess.Popen(["psql", "-XqAt", "-c", script, world.system.database_url],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=PSQL_ENVIRONMENT)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait(20)

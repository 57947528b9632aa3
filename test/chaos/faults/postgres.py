"""What a PostgreSQL server does to its clients."""

import os
import signal
import subprocess
import time

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
    name, pid = world.system.sql("SELECT backend_type, pid FROM pg_stat_activity WHERE backend_type <> 'client backend' OR "
                                 "application_name LIKE 'smsbcast%' ORDER BY application_name DESC LIMIT 1")[0]
    os.kill(int(pid), signal.SIGKILL)
    wait_postgres(world)
    return name


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
    seconds, before = dice.choice((2, 6)), _refusals(world)
    world.system.sql("ALTER SYSTEM SET max_connections = 6")
    try:
        world.servers.control("restart-postgres", "fast")
        hold(seconds)
        refused = _refusals(world) - before
    finally:
        # By its file: there may be no connection left for a statement.
        world.servers.control("stop-postgres", "fast")
        with open(os.path.join(world.servers.directory, "postgres/data/postgresql.auto.conf"), "w",
                  encoding="utf-8") as file:
            file.write("")
        world.servers.control("start-postgres")
    assert refused, "no client was refused"
    return f"for {seconds} s, {refused} were refused"


def _refusals(world):
    with open(os.path.join(world.servers.directory, "postgres/postgres.log"), encoding="utf-8", errors="replace") as log:
        return log.read().count("too many clients")


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
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.process.terminate()
        self.process.wait(20)

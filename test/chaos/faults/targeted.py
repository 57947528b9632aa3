"""Faults at one exact moment. Never drawn: scenarios and --times name them."""

import os
import signal
import time

from support.http import Http
from support.processes import readiness
from support.waiting import wait_until

from . import ON_SERVERS, PROCESSES, SERVERS, fault
from .processes import run_to_failpoint
from .rabbitmq import QUEUE, begin_memory_alarm, end_memory_alarm, policy, queue_length

_SEND_SYSCALLS = {1, 20, 44, 46}  # write, writev, sendto, sendmsg (x86-64)


def _at_failpoint(world, hold, role, spec, meanwhile=lambda: None):
    assert run_to_failpoint(world.replicas(role)[0], spec, hold, 20, meanwhile), f"{spec} was not reached"
    return spec


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def outbox_killed_before_publish(world, dice, hold):
    return _at_failpoint(world, hold, "outbox", "outbox.before_publish=kill")


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def published_twice_behind_frozen_workers(world, dice, hold):
    """A relay is killed between the confirm and the mark, so another one publishes the same tickets again."""
    with _Frozen(world.replicas("worker")):
        with _Frozen(world.replicas("outbox")[1:]):
            # An odd number of tickets: deliveries go to the two workers in turns, and the second time the other way.
            did = _at_failpoint(world, hold, "outbox", "outbox.after_confirm=kill", lambda: world.client.post(500))
        _wait_published(world)
    return did


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def worker_killed_before_take(world, dice, hold):
    return _at_failpoint(world, hold, "worker", "worker.before_take=kill:500@2")


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def worker_killed_after_submit(world, dice, hold):
    return _at_failpoint(world, hold, "worker", "worker.after_submit=kill@20")


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def worker_lost(world, dice, hold):
    """Killed, and not started again until all that it held is in other hands, or done: how long that takes is a figure of
    the report, and bound by its lease."""
    process = dice.choice(world.replicas("worker"))
    wait_until(lambda: _leased(world), 20, "work to be under way")
    process.kill()
    began, held = time.monotonic(), _leased(world)
    try:
        wait_until(lambda: not held & _leased(world), 120, "what it held to be in other hands", every=0.2)
        took = round(time.monotonic() - began, 1)
        world.figures["taken_over_s"] = max(took, world.figures.get("taken_over_s", 0))
    finally:
        process.start()
    return f"{process.name}; of {len(held)} tickets under way the last was in other hands after {took} s"


def _leased(world):
    """{(ticket, attempt)} of those that a worker holds."""
    return {tuple(row) for row in world.system.sql("SELECT id, attempt FROM outbox WHERE lease_until IS NOT NULL")}


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def dlr_killed_while_the_database_is_away(world, dice, hold):
    world.servers.control("stop-postgres", "immediate")
    try:
        hold(1)
        for process in world.replicas("dlr"):
            process.kill()
    finally:
        world.servers.control("start-postgres")
        for process in world.replicas("dlr"):
            process.start()
    return ""


@fault(SERVERS, weight=0, topologies=ON_SERVERS)
def disk_full_while_accepting(world, dice, hold):
    """Nobody asked for what is called so: if it is there, `kept` tells of it."""
    api = world.new_api()
    document = {"message": world.client.text, "recipients": world.client.numbers.take(5000), "name": "nothing of it"}
    world.servers.control("fill-disk")
    try:
        answer = api.http.post("/api/broadcasts", document)
        assert answer.status == 503 and "retry-after" in answer.headers, answer
        row = world.client.post(5000)
        assert row["status"] == 503, (row["status"], row.get("error"))
        hold(2)
        alive = Http(world.replicas("api")[0].health_ports[0])
        assert alive.get("/health/live").status == 200
        alive.close()
    finally:
        world.servers.control("free-disk")
        api.close()
    wait_until(lambda: world.client.post(5)["status"] == 201, 20, "a broadcast to be accepted again", 0.5)
    return ""


class _Frozen:
    """These processes stand still for as long as the block lasts."""

    def __init__(self, processes):
        self.processes = processes

    def __enter__(self):
        for process in self.processes:
            process.signal(signal.SIGSTOP)
        return self

    def __exit__(self, *exception):
        for process in self.processes:
            process.signal(signal.SIGCONT)


def _wait_published(world):
    wait_until(lambda: world.system.sql("SELECT count(*) FROM outbox WHERE queued_at IS NULL") == [["0"]], 20,
               "every ticket to be published")


def _wait_idle(world):
    wait_until(lambda: world.system.sql("SELECT count(*) FROM outbox") == [["0"]], 60, "the outbox to be empty")


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def queue_deleted_while_empty(world, dice, hold):
    """What is published into a queue that is gone comes back, or it is lost in silence."""
    _wait_idle(world)
    with _Frozen(world.replicas("worker")):
        world.servers.rabbitmqctl("delete_queue", QUEUE)
        world.client.post(200)
        hold(2)
    return ""


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def deliveries_of_killed_workers_dropped(world, dice, hold):
    """Twice. The broker must truly have dropped them, or this shows nothing."""
    dropped = []
    with policy(world, '{"delivery-limit": 0}'):
        for _ in range(2):
            _wait_idle(world)
            with _Frozen(world.replicas("worker")) as frozen:
                world.client.post(300)
                _wait_published(world)
                before = int(world.system.sql("SELECT count(*) FROM outbox")[0][0])
                wait_until(lambda: queue_length(world) >= before, 20, f"the broker to count all of {before}")
                for process in frozen.processes:
                    process.kill()
                wait_until(lambda: queue_length(world) < before, 20, f"the broker to drop some of {before}")
                dropped.append(f"{before - queue_length(world)} of {before}")
            for process in frozen.processes:
                process.start()
    return f"dropped {' and '.join(dropped)} tickets"


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def paused_behind_frozen_workers(world, dice, hold):
    """The workers wake up with deliveries of a broadcast that was paused meanwhile."""
    with _Frozen(world.replicas("worker")):
        broadcast_id = world.client.post(900)["broadcast_id"]
        wait_until(lambda: world.system.sql("SELECT count(*) > 0 FROM outbox WHERE queued_at IS NOT NULL") == [["t"]],
                   20, "tickets in the queue")
        assert world.client.command(broadcast_id, "pause") == 200
        hold(2.5)
    hold(3)
    world.client.command(broadcast_id, "resume")
    return ""


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def canceled_after_workers_were_killed(world, dice, hold):
    broadcast_id = world.client.post(2000)["broadcast_id"]
    before = world.mock_stats()["requests"]
    wait_until(lambda: world.mock_stats()["requests"] > before + 50, 20, "messages on their way")
    for process in world.replicas("worker"):
        process.kill()
    assert world.client.command(broadcast_id, "cancel") == 200
    for process in world.replicas("worker"):
        process.start()
    return ""


@fault(PROCESSES, weight=0, topologies=ON_SERVERS)
def memory_alarm_of_a_minute(world, dice, hold):
    """No thread may be stuck over 10 s, broadcasts are accepted all the same, and 5 s after it the rate is back."""
    before = _rate(world, hold, 5)
    begin_memory_alarm(world)
    watch, until = _StuckSends(world), time.monotonic() + 60
    try:
        wait_until(lambda: any(_blocked(process) for process in world.replicas("outbox")), 20, "a relay to tell of it")
        while time.monotonic() < until and not hold(1):
            watch.look()
            assert world.client.post(5)["status"] == 201, "a broadcast was not accepted"
    finally:
        end_memory_alarm(world)
    assert watch.longest <= 10, f"a thread hung in a send for {watch.longest} s"
    hold(5)
    for process in world.replicas("outbox"):
        assert readiness(process.health_ports[0]) == 200, f"{process.name} is not ready after the alarm"
    after = _rate(world, hold, 5)
    assert after > 0.8 * before, f"{after:.0f} messages a second after the alarm, {before:.0f} before"
    return f"rate {before:.0f}/s before, {after:.0f}/s from 5 s after; longest send {watch.longest} s"


def _blocked(process):
    relay = Http(process.health_ports[0])
    try:
        answer = relay.get("/health/ready")
        return answer.status == 503 and "blocked" in answer.body.decode()
    finally:
        relay.close()


def _rate(world, hold, seconds):
    first = world.mock_stats()["accepted"]
    hold(seconds)
    return (world.mock_stats()["accepted"] - first) / seconds


class _StuckSends:
    """How many looks in a row, one a second, find a thread in the same call that sends."""

    def __init__(self, world):
        self.world = world
        self.since = {}
        self.longest = 0

    def look(self):
        now = {}
        for process in self.world.ours:
            for task in os.listdir(f"/proc/{process.pid}/task"):
                with open(f"/proc/{process.pid}/task/{task}/syscall", encoding="ascii") as file:
                    call = file.read()
                if call.split()[0].isdigit() and int(call.split()[0]) in _SEND_SYSCALLS:
                    now[task, call] = self.since.get((task, call), 0) + 1
        self.since = now
        self.longest = max([self.longest, *now.values()])

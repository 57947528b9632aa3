"""Processes that are killed, stopped, frozen, or end at the worst moment."""

import os
import re
import signal
import time

from support.system import EMBEDDED, STOP_GRACE
from world import WAIT_THEN_FAIL

from . import PROCESSES, fault

_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src")
_ROLE_OF = {"api": "api", "outbox": "outbox", "worker": "worker", "dlr": "dlr", "store": "all"}


def failpoints():
    """Every place of the sources at which a process can be made to end."""
    found = set()
    for folder, _, files in os.walk(_SOURCES):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found.update(re.findall(r'chaos::failpoint\("([a-z_.]+)"\)', file.read()))
    return sorted(found)


def failpoints_of(world):
    """Those that can be reached in this topology, with this policy."""
    of_the_file = {place for place in failpoints() if place.startswith("store.")}
    never = {"api.before_commit"} if world.topology == EMBEDDED else of_the_file
    if world.policy != WAIT_THEN_FAIL:
        never.add("worker.after_mark")
    return [place for place in failpoints() if place not in never]


@fault(PROCESSES, weight=10)
def kill(world, dice, hold):
    process = dice.choice(world.ours)
    process.kill()
    hold(dice.choice((0, 0, 1)))
    process.start()
    return process.name


@fault(PROCESSES, weight=3)
def terminate(world, dice, hold):
    process = dice.choice(world.ours)
    took = process.terminate(STOP_GRACE + 5)
    process.start()
    return f"{process.name}, which took {took:.1f} s to end"


@fault(PROCESSES, weight=0)
def rolling_restart(world, dice, hold):
    """As an operator does it: the next one when this one is ready again."""
    process = dice.choice(world.ours)
    took = process.terminate(STOP_GRACE + 5)
    process.start().wait_ready()
    return f"{process.name}, which took {took:.1f} s to end"


@fault(PROCESSES, weight=3)
def freeze(world, dice, hold):
    """SIGSTOP, sometimes for longer than a lease lasts."""
    process, seconds = dice.choice(world.ours), dice.choice((1, 3, 8, 14))
    process.signal(signal.SIGSTOP)
    try:
        hold(seconds)
    finally:
        process.signal(signal.SIGCONT)
    return f"{process.name} for {seconds} s"


@fault(PROCESSES, weight=10)
def failpoint(world, dice, hold):
    """Ends at one of the named places of the code, or freezes there."""
    place, hit = dice.choice(failpoints_of(world)), dice.choice((1, 1, 2, 5))
    action, stopped_for = dice.choice(("kill", "kill", "kill", "stop", "sleep:2000")), dice.choice((3, 13))
    process = dice.choice(_running_place(world, place))
    spec = f"{place}={action}@{hit}"
    reached = run_to_failpoint(process, spec, hold, 5 if action == "sleep:2000" else 12, stopped_for=stopped_for)
    if reached:
        world.failpoints_reached.add(place)
    return f"{process.name} at {spec}" + ("" if reached or action == "sleep:2000" else ", not reached")


def _running_place(world, place):
    return [process for process in world.ours if process.role in (_ROLE_OF[place.split(".")[0]], "all")]


def run_to_failpoint(process, spec, hold, seconds, meanwhile=lambda: None, stopped_for=3):
    """Starts the process anew with this failpoint, waits until it has ended or frozen there, and starts it without. True
    when it did; nobody sees it linger there."""
    process.kill()
    process.settings["SMSBCAST_FAILPOINT"] = spec
    process.start()
    deadline = time.monotonic() + seconds
    try:
        meanwhile()
        while process.running() and not _is_stopped(process.pid) and time.monotonic() < deadline:
            if hold(0.05):
                break
        reached = process.popen.returncode == -signal.SIGKILL or process.running() and _is_stopped(process.pid)
        if process.popen.returncode == -signal.SIGKILL:
            process.wait_end(1)
        elif reached:
            hold(stopped_for)
    finally:
        del process.settings["SMSBCAST_FAILPOINT"]
        if process.running() and _is_stopped(process.pid):
            process.signal(signal.SIGCONT)
        elif process.running():
            process.kill()
        if not process.running():
            process.start()
    return reached


def _is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(") ")[2].startswith("T")
    except FileNotFoundError:
        return False

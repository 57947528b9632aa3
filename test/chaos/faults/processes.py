"""Processes that are killed, stopped, frozen, or end at the worst moment."""

import os
import re
import signal
import time

from support.system import STOP_GRACE

from . import PROCESSES, fault

_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src")
_ROLE_OF = {"api": "api", "outbox": "outbox", "worker": "worker", "dlr": "dlr", "store": "all"}


def failpoints():
    """Every place of the sources at which a process can be made to end."""
    found = set()
    for folder, _, files in os.walk(_SOURCES):
        for name in files:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found.update(re.findall(r'chaos::reach\("([a-z_.]+)"\)', file.read()))
    return sorted(found)


def failpoints_of(world):
    running = {process.role for process in world.ours}
    if running == {"all"}:
        return failpoints()
    return [place for place in failpoints() if _ROLE_OF[place.split(".")[0]] in running]


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
    place, hit = dice.choice(failpoints_of(world)), dice.choice((1, 1, 2, 5, 20))
    action = dice.choice(("kill", "kill", "kill", "stop", "sleep:2000"))
    role = _ROLE_OF[place.split(".")[0]]
    process = dice.choice([each for each in world.ours if each.role in (role, "all")])
    reached = run_to_failpoint(process, f"{place}={action}@{hit}", hold, 12)
    return f"{process.name} at {place}={action}@{hit}" + ("" if reached else ", not reached")


def run_to_failpoint(process, spec, hold, seconds, meanwhile=lambda: None):
    """Starts the process anew with this failpoint, waits until it has ended or frozen there, and starts it without."""
    process.kill()
    process.settings["SMSBCAST_FAILPOINT"] = spec
    process.start()
    deadline = time.monotonic() + seconds
    try:
        meanwhile()
        while process.running() and not _is_stopped(process.pid) and time.monotonic() < deadline:
            if hold(0.05):
                break
        reached = not process.running() or _is_stopped(process.pid)
        if reached and process.running():
            hold(3)
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

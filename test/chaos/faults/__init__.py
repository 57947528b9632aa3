"""The faults: each is a function that brings one about, holds it for a while, and puts an end to it."""

from dataclasses import dataclass
from typing import Callable

from support.system import EMBEDDED, SEPARATE
from world import POLICIES

PROCESSES, NETWORK, SERVERS, PROVIDER = TRACKS = ("processes", "network", "servers", "provider")

CATALOGUE = {}


@dataclass(frozen=True)
class Fault:
    """`run(world, dice, hold)` returns a text that says what it did; `hold(seconds)` waits, or ends early when the run
    is over. Faults of one track come one after the other, those of different tracks at the same time."""

    name: str
    track: str
    weight: int
    topologies: tuple
    policies: tuple
    run: Callable


def fault(track, weight=2, topologies=(SEPARATE, EMBEDDED), policies=POLICIES):
    """Decorator: puts the function into the catalogue, under its name."""

    def add(run):
        CATALOGUE[run.__name__] = Fault(run.__name__, track, weight, topologies, policies, run)
        return run

    return add


ON_SERVERS = (SEPARATE,)

from . import network, postgres, processes, provider, rabbitmq, targeted  # noqa: E402,F401  they fill the catalogue

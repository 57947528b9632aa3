"""Which fault comes when: drawn from the seed alone, track by track, so that a seed is a schedule."""

import random
import threading
import time
import traceback
from dataclasses import dataclass

import faults as catalogue


@dataclass
class Event:
    track: str
    fault: str
    began: float
    ended: float = 0.0
    did: str = ""
    error: str = ""


class Schedule:
    """Runs the tracks, each in a thread of its own, until stop(); or, with `plan`, until every fault of it has come.

    `names`: only these faults. `gap`: the seconds between two faults of a track, (least, most). `plan`: {name: how
    often}, in an order drawn from the seed, as one track."""

    def __init__(self, world, seed, names=None, gap=(0.5, 3.0), plan=None, tell=print):
        self.world, self.gap, self.tell = world, gap, tell
        self.events = []
        self.began = time.monotonic()
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run_track, args=track, daemon=True)
                         for track in self._tracks(seed, names, plan)]

    def _tracks(self, seed, names, plan):
        if plan:
            dice = random.Random(f"{seed}/plan")
            order = [name for name, count in sorted(plan.items()) for _ in range(count)]
            dice.shuffle(order)
            return [("plan", dice, iter(order))]
        tracks = []
        for track in catalogue.TRACKS:
            menu = [fault for fault in catalogue.CATALOGUE.values() if fault.track == track
                    and self.world.topology in fault.topologies and self.world.policy in fault.policies
                    and (fault.weight if not names else fault.name in names)]
            if menu:
                dice = random.Random(f"{seed}/{track}")
                tracks.append((track, dice, _endless(dice, menu)))
        return tracks

    def start(self):
        for thread in self._threads:
            thread.start()
        return self

    def running(self):
        return any(thread.is_alive() for thread in self._threads)

    def stop(self):
        """Ends the fault of every track. Returns when all of them are undone."""
        self._over.set()
        for thread in self._threads:
            thread.join(180)
        if self.running():
            raise RuntimeError(f"a fault did not end: {[event for event in self.events if not event.ended]}")

    @property
    def last_end(self):
        return max((event.ended for event in self.events), default=self.began)

    def times_of(self, beginning):
        """When (time.time()) the faults were there whose description begins so."""
        offset = time.time() - time.monotonic()
        return [(event.began + offset, event.ended + offset) for event in self.events
                if event.did.startswith(beginning)]

    def _run_track(self, track, dice, order):
        for name in order:
            if self._over.wait(dice.uniform(*self.gap)):
                return
            event = Event(track, name, time.monotonic())
            self.events.append(event)
            try:
                event.did = catalogue.CATALOGUE[name].run(self.world, dice, self._over.wait)
            except Exception as error:  # told in the report; the run fails by it
                event.error = f"{error!r}\n{traceback.format_exc()}"
            event.ended = time.monotonic()
            self.tell(f"{event.began - self.began:6.1f} s  {name}: {event.error or event.did}")


def _endless(dice, menu):
    while True:
        yield dice.choices(menu, [max(1, fault.weight) for fault in menu])[0].name

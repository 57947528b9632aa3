"""The client: posts broadcasts, pauses and cancels some, and writes down what it was told."""

import itertools
import json
import os
import random
import threading
import time
from contextlib import suppress
from datetime import datetime, timezone

from support.api import check_counts
from support.numbers import Numbers

ACCEPTED, REFUSED, AMBIGUOUS = "accepted", "refused", "ambiguous"


class Ledger:
    """Append-only, on disk before the next request: what the client knows, whatever happens to the rest."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8")
        self._lock = threading.Lock()
        self.calls = []      # {name, recipients, outcome, broadcast_id, status}
        self.commands = []   # {broadcast_id, command, asked, answered, status}

    def add(self, kind, row):
        with self._lock:
            self._file.write(json.dumps({"kind": kind, **row}) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            (self.calls if kind == "call" else self.commands).append(row)

    def close(self):
        self._file.close()

    @property
    def accepted(self):
        return [call for call in self.calls if call["outcome"] == ACCEPTED]


class Client:
    """`rate`: recipients a second, in broadcasts of very different sizes; about each eighth is paused for a while, each
    twelfth canceled, and each tenth has a deadline. `posting`: how many threads post them."""

    def __init__(self, world, seed, rate, text, posting=1):
        self.world, self.rate, self.text = world, rate / posting, text
        self.dice = [random.Random(f"{seed}/client/{number}") for number in range(posting)]
        self.sizes = (1, 5, 50, 300, 1000, 2500) if posting == 1 else (1, 5, 50)  # many calls, or large ones
        self.numbers = Numbers()
        self._names = (f"chaos-{number}" for number in itertools.count())
        self._naming = threading.Lock()
        self.ledger = Ledger(os.path.join(world.folder, "client.jsonl"))
        self._stopping = threading.Event()
        self._threads = []
        self._commands = True
        self.wrong_answers = []  # (invariant, what)

    def start(self, commands=True):
        self._commands = commands
        self._threads = [threading.Thread(target=self._watch, daemon=True)]
        if self.rate:
            self._threads += [threading.Thread(target=self._post_all, args=(dice,), daemon=True) for dice in self.dice]
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Every paused broadcast is resumed before it ends."""
        self._stopping.set()
        for thread in list(self._threads):
            thread.join(120)

    def post(self, count, expires_in=None):
        """Posts one; returns its row of the ledger. Once more when nobody took the connection."""
        with self._naming:
            name = next(self._names)
        recipients = self.numbers.take(count)
        document = {"message": self.text, "recipients": recipients, "name": name}
        row = {"name": name, "recipients": recipients, "outcome": AMBIGUOUS, "broadcast_id": None, "status": None,
               "expires_at": None}
        if expires_in:
            row["expires_at"] = time.time() + expires_in
            document["expires_at"] = datetime.fromtimestamp(row["expires_at"], timezone.utc).isoformat()
        api = self.world.new_api()
        try:
            answer = self._with_one_retry(lambda: api.http.post("/api/broadcasts", document))
            row["status"] = answer.status
            self._check(answer)
            if answer.status == 201:
                row.update(outcome=ACCEPTED, broadcast_id=answer.json()["broadcast_id"])
            elif answer.status < 500:
                row["outcome"] = REFUSED
        except OSError as error:
            row["error"] = str(error)
        finally:
            api.close()
        self.ledger.add("call", row)
        return row

    @staticmethod
    def _with_one_retry(exchange):
        """Once more when nobody took the connection."""
        try:
            return exchange()
        except OSError as error:
            if not isinstance(error.__cause__, ConnectionRefusedError):
                raise
        return exchange()

    def _check(self, answer):
        if answer.status == 503 and "retry-after" not in answer.headers:
            self.wrong_answers.append(("calls", f"a 503 without Retry-After: {answer}"))

    def command(self, broadcast_id, command):
        row = {"broadcast_id": broadcast_id, "command": command, "asked": time.time(), "answered": None, "status": None}
        api = self.world.new_api()
        api.http.timeout = 20
        try:
            answer = self._with_one_retry(lambda: api.command(broadcast_id, command))
            row["status"], row["answered"] = answer.status, time.time()
            self._check(answer)
        except OSError as error:
            row["error"] = str(error)
        finally:
            api.close()
        self.ledger.add("command", row)
        return row["status"]

    def _post_all(self, dice):
        while not self._stopping.is_set():
            count = int(dice.choice(self.sizes) * dice.uniform(0.5, 1)) + 1
            expires_in = dice.choice((5, 15)) if dice.random() < 0.1 and self._commands else None
            row = self.post(count, expires_in)
            self._maybe_command(row, dice)
            self._stopping.wait(count / self.rate if row["outcome"] == ACCEPTED else 0.5)

    def _watch(self):
        """Reads broadcasts again and again: what is shown holds at every moment (support/api.py, check_counts)."""
        api, dice = self.world.new_api(), random.Random(0)
        api.http.timeout = 10
        while not self._stopping.wait(0.1):
            calls = self.ledger.accepted[-20:]
            try:
                if calls:
                    check_counts(api.http.get(f"/api/broadcasts/{dice.choice(calls)['broadcast_id']}").json())
            except AssertionError as error:
                self.wrong_answers.append(("counts", f"a broadcast that ran was shown with {error}"))
            except (OSError, KeyError):  # no answer, or one that says so
                pass
        api.close()

    def _maybe_command(self, row, dice):
        draw, wait = dice.random(), dice.uniform(0, 2)
        if row["outcome"] != ACCEPTED or draw > 0.2 or not self._commands:
            return
        action = self._pause_and_resume if draw < 0.12 else self._cancel
        thread = threading.Thread(target=action, args=(row["broadcast_id"], wait), daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        thread.start()

    def _cancel(self, broadcast_id, wait):
        self._stopping.wait(wait)
        self.command(broadcast_id, "cancel")

    def _pause_and_resume(self, broadcast_id, wait):
        self._stopping.wait(wait)
        paused = self.command(broadcast_id, "pause")
        self._stopping.wait(4)
        deadline = time.monotonic() + 90
        # Over by then (409), or it may be paused: until it is told that it runs.
        while paused != 409 and time.monotonic() < deadline:
            with suppress(OSError):
                if self.command(broadcast_id, "resume") in (200, 409):
                    return
            time.sleep(0.5)

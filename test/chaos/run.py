"""One chaos run: start, load, faults, quiet, and what the ledgers say then."""

import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime

import invariants
from client import ACCEPTED, Client
from faults.processes import failpoints_of
from faults.rabbitmq import PARKED, QUEUE
from invariants import Violation
from ledgers import read_database, record_moves
from schedule import Schedule
from support.logs import check_logs, entries
from support.system import EMBEDDED
from support.waiting import NotInTime, wait_until
from vitals import Vitals
from world import World

RECOVERY = 60  # seconds from the last fault until everything is final
TAKEN_OVER = 5  # seconds after a dead worker's lease, until what it held is in other hands
BROKER_TICK = 5  # seconds; what a broker says of a quorum queue is as old as that
# They make the broker drop good tickets, which are parked then.
DROPPING = {"deliveries_limited", "deliveries_of_killed_workers_dropped"}


@dataclass
class Options:
    topology: str
    policy: str
    seed: int
    minutes: float = 5
    rate: int = 250          # recipients a second
    names: list = None       # of the faults; all of them
    plan: dict = None        # {fault: how often} instead of minutes
    big: int = 0             # recipients of a broadcast that is posted before the first fault
    gap: tuple = (0.5, 3.0)
    settings: dict = field(default_factory=dict)
    mutant: str = None
    queue_is_calm: bool = False  # nothing in it takes a ticket out of the broker
    patience: int = RECOVERY + 30
    commands: bool = True    # pause and cancel some
    clients: int = 1         # that post

    @property
    def rolls(self):
        """Nothing goes wrong in it, so nothing may be seen of it."""
        return set(self.plan or ()) == {"rolling_restart"}


@dataclass
class Outcome:
    options: Options
    violations: list
    events: list
    figures: dict
    logs: str


class Run:
    def __init__(self, servers, folder, options, tell=print):
        self.options, self.tell = options, tell
        self.text = f"Secret {uuid.uuid4().hex}"
        self.world = World(servers, options.topology, folder, options.policy, options.settings, options.mutant)
        self.client = Client(self.world, options.seed, options.rate, self.text, options.clients)
        self.world.client = self.client
        self.vitals = Vitals(self.world)
        self.violations = []
        self.events = []
        self.figures = {}

    def __call__(self):
        try:
            self._run()
        finally:
            self.world.kill()
            self.client.ledger.close()
        return Outcome(self.options, self.violations, self.events, self.figures, self.world.system.log_dir)

    def violate(self, invariant, what):
        self.violations.append(Violation(invariant, what))

    def _run(self):
        options = self.options
        self.world.start()
        record_moves(self.world.system)
        if options.big:
            self.client.post(options.big)
        self.client.start(options.commands)
        self.vitals.note_baseline()
        schedule = Schedule(self.world, options.seed, options.names, options.gap, options.plan, self.tell).start()
        until = time.monotonic() + options.minutes * 60
        while schedule.running() and (options.plan or time.monotonic() < until):
            time.sleep(0.2)
        schedule.stop()
        self.events = schedule.events
        self.figures["left_at_last_fault"] = left = self._left()["messages"]
        if options.big and options.plan and not left:
            self.violate("asked", "the broadcast was over before the last fault: slow it down, or make it larger")
        for event in self.events:
            if event.error:
                self.violate("failures", f"the fault {event.fault} went wrong: {event.error}")
        self.client.stop()
        self.settle(schedule.last_end)
        self.judge(schedule.times_of("provider: blackhole"))

    def settle(self, last_fault):
        """Waits until everything is final, and then until the roles have ended as they should."""
        self.world.system.wait_ready(60)
        try:
            wait_until(self._is_final, self.options.patience,
                       lambda: f"every message to be final; left: {self._left()}", 0.5)
        except NotInTime as error:
            self.violate("recovery", str(error))
        took = time.monotonic() - last_fault
        self.figures["recovery_s"] = round(took, 1)
        if took > RECOVERY:
            self.violate("recovery", f"it took {took:.0f} s from the last fault until everything was final")
        if self.options.topology != EMBEDDED:
            self.check_broker()

    def check_broker(self):
        """Its queue is there, and empty, and so is every other; where tickets were dropped, some are parked."""
        may_hold = set() if DROPPING.isdisjoint(event.fault for event in self.events) else {PARKED}
        last = {}

        def is_empty():
            last["queues"] = queues = self._queues()
            return QUEUE in queues and all(held == ["0", "0"] for name, held in queues.items() if name not in may_hold)

        time.sleep(BROKER_TICK)
        try:
            wait_until(is_empty, 20, lambda: f"the broker to be empty; it holds {last['queues']}", 0.5)
        except NotInTime as error:
            self.violate("at_rest", str(error))

    def _queues(self):
        """{name: [ready, unacknowledged]}, as texts: a queue that was just made has no numbers yet."""
        rows = self.world.servers.rabbitmqctl("-q", "--no-table-headers", "list_queues", "name", "messages_ready",
                                              "messages_unacknowledged").splitlines()
        return {name: held for name, *held in (row.split("\t") for row in rows)}

    def _is_final(self):
        left = self._left()
        return not any(left.values())

    def _left(self):
        names = ("('pending', 'sent', 'unknown')", "('running', 'paused', 'canceling')")
        if self.options.topology == EMBEDDED:
            names = ("(0, 3, 4)", "(0, 1, 2)")
        system = self.world.system
        return {"messages": int(system.sql(f"SELECT count(*) FROM messages WHERE status IN {names[0]}")[0][0]),
                "broadcasts": int(system.sql(f"SELECT count(*) FROM broadcasts WHERE status IN {names[1]}")[0][0])}

    def judge(self, held):
        self.violations += self.vitals.check()
        for invariant, what in self.client.wrong_answers:
            self.violate(invariant, what)
        for process in self.world.system.processes.values():
            process.note_crash()
            for code in process.crashes:
                self.violate("failures", f"{process.name} ended by itself with {code}")
        provider = {message_id: _with_times(row) for message_id, row in self.world.mock.ledger().items()}
        stats = self.world.mock.stats()
        self.check_api()
        try:
            self.world.stop()
        except AssertionError as error:
            self.violate("failures", str(error))
        database = read_database(self.world.system)
        self.violations += invariants.check(self.client.ledger, database, provider, self.options.policy, held)
        self.check_logs()
        self.check_calm(database, stats)
        self.check_work(database, stats)
        self.check_taken_over()
        self.figures.update(
            self.world.figures, calls=len(self.client.ledger.calls), accepted=len(self.client.ledger.accepted),
            broadcasts=len(database.broadcasts), messages=len(database.messages),
            commands=len(self.client.ledger.commands),
            requests=stats["requests"], repeated=stats["duplicates"], accepted_twice=stats["accepted_twice"],
            moves=sum(map(len, database.moves.values())), faults=len(self.events),
            attempts=sum(map(len, database.attempts.values())),
            flagged=sum(row["possible_duplicate"] for row in database.messages),
            failpoints_reached=f"{len(self.world.failpoints_reached)} of {len(failpoints_of(self.world))}")

    def check_taken_over(self):
        took, lease = self.world.figures.get("taken_over_s", 0), int(self.world.settings["WORKER_LEASE"].rstrip("s"))
        if took > lease + TAKEN_OVER:
            self.violate("recovery", f"what a dead worker held was in other hands after {took} s, its lease was {lease} s")

    def check_api(self):
        """What users are shown equals what the database holds, broadcast by broadcast."""
        api = self.world.system.api
        shown = {row["id"]: row["counts"] for row in api.broadcasts()}
        for broadcast_id, counts in shown.items():
            rows = dict.fromkeys(counts, 0)
            for message in api.messages(broadcast_id):
                rows[message["status"]] += 1
            if rows != counts:
                self.violate("counts", f"the API shows {counts} for {broadcast_id}, its messages are {rows}")

    def check_work(self, database, stats):
        """A run in which nothing happened says nothing."""
        if not self.events:
            self.violate("asked", "no fault came")
        if not self.client.ledger.accepted or not stats["accepted"]:
            self.violate("asked", f"{len(self.client.ledger.accepted)} broadcasts were accepted, and the provider took "
                                  f"{stats['accepted']} of {len(database.messages)} messages")

    def check_calm(self, database, stats):
        """What only a run without certain faults can promise."""
        if self.options.queue_is_calm:
            for process in self.world.replicas("outbox"):
                for entry in entries(process):
                    if entry["event"] == "tickets_requeued":
                        self.violate("queued", f"{process.name} found {entry['count']} tickets that the broker lost")
        if set(self.options.plan or ()) == {"account_refused"}:
            self.check_nothing_was_spent(database)
        if not self.options.rolls:
            return
        for call in self.client.ledger.calls:
            if call["outcome"] != ACCEPTED:
                self.violate("calls", f"{call['name']}: {call['status']} {call.get('error', '')}")
        for command in self.client.ledger.commands:
            if command["status"] not in (200, 409):
                self.violate("calls", f"{command['command']}: {command['status']} {command.get('error', '')}")
        for message_id, moves in database.moves.items():
            if any(became == "unknown" for _, became in moves):
                self.violate("calls", f"{message_id} became unknown")
        for message_id, rows in database.attempts.items():
            self.violate("calls", f"{message_id} was not sent at once: {rows}")
        if stats["duplicates"]:
            self.violate("calls", f"{stats['duplicates']} requests were repeated")

    def check_nothing_was_spent(self, database):
        """The account's trouble costs no message an attempt."""
        for row in database.messages:
            if row["attempts"] > 1 or row["status"] == "failed":
                self.violate("refused", f"{row['id']} is {row['status']} after {row['attempts']} attempts: "
                                        f"{database.attempts.get(row['id'])}")

    def check_logs(self):
        try:
            check_logs(self.world.system.processes.values(), self.client.numbers, self.world.servers.secrets
                       if self.world.servers else set(), [self.text])
        except AssertionError as error:
            told = any(word in str(error) for word in ("phone number:", "password:", "text of a message:"))
            self.violate("secrets" if told else "failures", _without_numbers(str(error)))


def _without_numbers(text):
    return re.sub(r"\d{9,}", "…", text)[:3000]


def _with_times(row):
    for name, key in (("first", "first_at"), ("last", "last_at")):
        row[name] = datetime.fromisoformat(row[key].replace("Z", "+00:00")).timestamp()
    return row

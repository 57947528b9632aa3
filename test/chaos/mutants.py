"""Known defects, and the scenario in which the harness must find each: the test of the checker."""

import sys
import tempfile
from dataclasses import dataclass, field

import report
from run import Options, Run
from support.system import EMBEDDED, SEPARATE
from world import RESEND, SAME_KEY, WAIT_THEN_FAIL


@dataclass(frozen=True)
class Mutant:
    name: str
    finds: tuple  # the invariants of which one at least must be violated
    plan: dict
    policy: str = SAME_KEY
    rate: int = 150
    settings: dict = field(default_factory=dict)
    queue_is_calm: bool = False  # nothing in this scenario takes a ticket out of the broker
    topologies: tuple = (SEPARATE,)

    def options(self, seed, topology, with_defect):
        return Options(topology, self.policy, seed, plan=self.plan, rate=self.rate, gap=(1, 2),
                       settings=self.settings, queue_is_calm=self.queue_is_calm, patience=45, commands=False,
                       mutant=self.name if with_defect else None)


BOTH = (SEPARATE, EMBEDDED)

# Later than the lease of a worker that was killed: an early receipt settles a message before it could be sent again.
_LATE_RECEIPTS = {"MOCK_RECEIPT_DELAY": "15s"}

# So that a worker has tickets in its hand whenever the fault comes.
_SLOW_PROVIDER = {"MOCK_LATENCY": "200ms"}

MUTANTS = (
    Mutant("mark_before_publish", ("queued",), {"outbox_killed_before_publish": 2}, queue_is_calm=True),
    Mutant("ack_before_take", ("queued",), {"worker_killed_before_take": 2}, queue_is_calm=True),
    Mutant("no_mandatory", ("queued",), {"queue_deleted_while_empty": 1}, rate=0, queue_is_calm=True),
    Mutant("accepted_without_commit", ("kept",), {"terminate_backends": 2, "postgres_immediate_restart": 3}, rate=600),
    Mutant("receipt_answered_before_commit", ("truth", "at_rest"), {"dlr_killed_while_the_database_is_away": 2}),
    Mutant("no_fencing", ("once",), {"published_twice_behind_frozen_workers": 1}, WAIT_THEN_FAIL, 0),
    Mutant("take_of_any_state", ("halted",), {"paused_behind_frozen_workers": 1}, rate=0,
           settings={"MOCK_LATENCY": "200ms"}),
    Mutant("inbox_never_matched", ("at_rest", "truth", "recovery"), {"receipts_without_our_id": 1},
           topologies=BOTH),
    Mutant("sent_over_delivered", ("forward",), {"receipts_first": 1}, topologies=BOTH),
    Mutant("counts_unguarded", ("counts",), {"receipts_first": 1}, topologies=BOTH),
    Mutant("counts_in_two_transactions", ("counts",), {"terminate_backends": 2, "kill": 4}),
    Mutant("no_lost_attempt", ("history",), {"worker_killed_after_submit": 2}, settings=_LATE_RECEIPTS),
    Mutant("unflagged_resend", ("once",), {"resets": 1}, RESEND, settings=_LATE_RECEIPTS, topologies=BOTH),
    Mutant("new_key_on_resend", ("once",), {"resets": 1}, settings=_LATE_RECEIPTS, topologies=BOTH),
    Mutant("no_begin", ("once",), {"worker_killed_after_submit": 2}, WAIT_THEN_FAIL, settings=_LATE_RECEIPTS),
    Mutant("uncertain_taken_for_not_sent", ("once",), {"resets": 1}, WAIT_THEN_FAIL, settings=_LATE_RECEIPTS,
           topologies=BOTH),
    Mutant("refusal_ends_message", ("refused",), {"account_refused": 1}, topologies=BOTH),
    Mutant("leases_never_expire", ("recovery",), {"worker_killed_after_submit": 2}),
    Mutant("leases_never_expire", ("recovery",), {"kill": 2}, settings=_SLOW_PROVIDER, topologies=(EMBEDDED,)),
    Mutant("lost_never_requeued", ("recovery",), {"broker_wiped": 3}, rate=600),
    Mutant("unknown_never_failed", ("recovery", "at_rest"), {"errors": 1}, WAIT_THEN_FAIL, topologies=BOTH),
    Mutant("completed_too_early", ("counts",), {"slow": 1}, topologies=BOTH),
    Mutant("canceled_though_sent", ("truth",), {"canceled_after_workers_were_killed": 1}, rate=0,
           settings=_LATE_RECEIPTS),
    Mutant("phone_in_log", ("secrets",), {"errors": 1}, WAIT_THEN_FAIL, topologies=BOTH),
)


def find_all(servers, seed, names, embedded_only):
    """Runs each scenario without its defect, when nothing may be found, and with it. True when all is as it must be."""
    if unknown := set(names) - {mutant.name for mutant in MUTANTS}:
        sys.exit(f"error: no mutant is called {', '.join(sorted(unknown))}; they are "
                 + ", ".join(dict.fromkeys(mutant.name for mutant in MUTANTS)))
    lines, good = [], True
    for mutant, topology in ((mutant, topology) for mutant in MUTANTS for topology in mutant.topologies):
        if (names and mutant.name not in names) or (embedded_only and topology != EMBEDDED):
            continue
        control = _violated(servers, mutant.options(seed, topology, False))
        found = _violated(servers, mutant.options(seed, topology, True))
        ok = not control and bool(found & set(mutant.finds))
        good = good and ok
        lines.append(f"{'ok' if ok else 'FAILED':6} {mutant.name}, {topology}: found by {', '.join(sorted(found)) or 'nothing'}"
                     + (f"; without the defect {', '.join(sorted(control))} failed too" if control else ""))
        print(lines[-1], flush=True)
    print(f"\nmutants, seed {seed}:\n" + "\n".join(lines))
    return good


def _violated(servers, options):
    folder = tempfile.mkdtemp(prefix="smsbcast-chaos-logs.")
    outcome = Run(servers, folder, options, lambda line: None)()
    surprising = outcome.violations and not options.mutant
    if surprising:
        report.tell(outcome)
    report.clean_up(folder, surprising)
    return {violation.invariant for violation in outcome.violations}

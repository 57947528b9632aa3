"""What must hold after any fault, decided by joining the three ledgers. Pure: rows in, violations out."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from client import ACCEPTED, REFUSED
from support.ledgers import problems_of
from world import REFUSED_EVERY, RESEND, WAIT_THEN_FAIL

# Between the stored statuses; queued and sending belong to the ticket.
MOVES = {
    "pending": {"sent", "unknown", "delivered", "failed", "canceled", "expired", "suppressed"},
    "unknown": {"sent", "delivered", "failed"},
    "sent": {"delivered", "failed"},
    "failed": {"delivered"},
}
FINAL = {"delivered", "failed", "canceled", "expired", "suppressed"}

NAMES = {
    "kept": "every recipient of a 2xx exists exactly once; an ambiguous call left none or all",
    "at_rest": "every message is final, or unknown with its deadline ahead; no ticket, no lease, nothing in the broker",
    "forward": "every recorded move is in the table; no final status is left, but for failed to delivered",
    "once": "the provider accepted each message at most once, and was asked no more than it may be",
    "history": "every attempt that did not simply succeed is on record",
    "truth": "sent and delivered are what the provider accepted under that id; the last word of its receipts is stored",
    "refused": "a refused number fails its own message, a refused account fails none",
    "counts": "counts equal rows",
    "halted": "nothing was handed over after cancel, after the deadline, or during a pause",
    "leaks": "no leak of descriptors, memory or connections",
    "recovery": "all is final within the time that was promised after the last fault",
    "secrets": "no secret, no text and no full phone number in any log",
    "failures": "no process ended by itself, none ended badly, and no log tells of an error",
    "queued": "what the database calls queued is in the broker",
    "calls": "every 503 says when to try again; in a rolling restart no call of a client failed",
    "asked": "there was work and there were faults, from the beginning to the end",
}
# Judged in scenarios that allow it.
SOMETIMES = {"queued"}


@dataclass
class Violation:
    invariant: str
    what: str

    def __str__(self):
        return f"{self.invariant}: {self.what}"


def check(client, database, provider, policy, held=()):
    """All invariants that the ledgers alone can tell. `held`: [(from, to)], when the network held back what was on its
    way to the provider, so that it came later than it was sent."""
    history = _History(database, provider)
    checks = (_kept(client, database), _at_rest(database, provider, history), _forward(database, history),
              _once(database, provider, policy, history), _recorded(database, provider, history),
              _truth(database, provider, history), _refused(database, history), _counts(database),
              _halted(client, database, provider, history, held))
    return [violation for found in checks for violation in found]


class _History:
    """What the ledgers know of one message, for whoever reads a violation."""

    def __init__(self, database, provider):
        self.database, self.provider = database, provider
        self.rows = {row["id"]: row for row in database.messages}

    def __call__(self, message_id):
        shown = dict(self.rows.get(message_id, {}))
        shown.pop("phone", None)
        return (f"{shown} moves={self.database.moves.get(message_id, [])} "
                f"attempts={self.database.attempts.get(message_id, [])} provider={self.provider.get(message_id)}")


def _kept(client, database):
    by_name, by_broadcast = defaultdict(list), defaultdict(list)
    for row in database.broadcasts:
        by_name[row["name"]].append(row)
    for row in database.messages:
        by_broadcast[row["broadcast_id"]].append(row["phone"])
    for call in client.calls:
        found = by_name.pop(call["name"], [])
        most, least = (1, 1) if call["outcome"] == ACCEPTED else (0, 0) if call["outcome"] == REFUSED else (1, 0)
        if not least <= len(found) <= most:
            yield Violation("kept", f"{call['name']} was {call['outcome']} ({call['status']}), and is there "
                                    f"{len(found)} times")
        for row in found:
            if call["outcome"] == ACCEPTED and row["id"] != call["broadcast_id"]:
                yield Violation("kept", f"{call['name']} is {row['id']}, the answer said {call['broadcast_id']}")
            if Counter(by_broadcast[row["id"]]) != Counter(call["recipients"]):
                yield Violation("kept", f"{call['name']} has {len(by_broadcast[row['id']])} messages, "
                                        f"{len(call['recipients'])} were asked for, or others")
    for name, rows in by_name.items():
        yield Violation("kept", f"{name} is there {len(rows)} times, and no client asked for it")
    known = {row["id"] for row in database.broadcasts}
    for broadcast_id, phones in by_broadcast.items():
        if broadcast_id not in known:
            yield Violation("kept", f"{len(phones)} messages of {broadcast_id}, which is no broadcast")


def _at_rest(database, provider, history):
    for row in database.messages:
        if row["status"] == "unknown" and (row["resolve_by"] or 0) > database.now:
            continue
        if row["status"] == "sent" and not (provider.get(row["id"]) or {}).get("receipts_acknowledged"):
            continue  # nobody has told us more
        if row["status"] not in FINAL:
            yield Violation("at_rest", f"{row['id']} is {row['status']}: {history(row['id'])}")
    for row in database.tickets:
        yield Violation("at_rest", f"a ticket is left: {row}")
    unresolved = {row["broadcast_id"] for row in database.messages if row["status"] == "unknown"}
    for row in database.broadcasts:
        if row["status"] not in ("completed", "canceled") and row["id"] not in unresolved:
            yield Violation("at_rest", f"broadcast {row['id']} is {row['status']}")


def _forward(database, history):
    for message_id, moves in database.moves.items():
        at = "pending"
        for was, became in moves:
            if was != at or became not in MOVES.get(was, ()):
                yield Violation("forward", f"{message_id} went from {was} to {became}: {history(message_id)}")
                break
            at = became
    for row in database.messages:
        last = database.moves[row["id"]][-1][1] if row["id"] in database.moves else "pending"
        if last != row["status"]:
            yield Violation("forward", f"{row['id']} is {row['status']}, its moves end at {last}")


def _once(database, provider, policy, history):
    flagged = {row["id"] for row in database.messages if row["possible_duplicate"]}
    for message_id, row in provider.items():
        if row["accepted"] > 1 and message_id not in flagged:
            yield Violation("once", f"{message_id} was accepted {row['accepted']} times: {history(message_id)}")
        if row["after_uncertain"] and policy == WAIT_THEN_FAIL:
            yield Violation("once", f"{message_id} was sent again after no answer: {history(message_id)}")
    for message_id in flagged:
        uncertain = any(row["error_class"] == "unknown" for row in database.attempts.get(message_id, ()))
        if policy != RESEND or not uncertain:
            yield Violation("once", f"{message_id} is flagged without a reason: {history(message_id)}")


def _recorded(database, provider, history):
    for row in database.messages:
        rows = len(database.attempts.get(row["id"], ()))
        asked = (provider.get(row["id"]) or {}).get("requests", 0)
        refused = row["status"] == "failed" and row["error_class"] != "receipt"
        least = max(row["attempts"] - 1, int(asked > 1 or refused or row["status"] == "unknown"))
        if rows < least:
            yield Violation("history", f"{row['id']} has {rows} attempts on record: {history(row['id'])}")


def _truth(database, provider, history):
    for row in database.messages:
        shown = {**row, "phone_number": row["phone"]}
        for problem in problems_of(shown, provider.get(row["id"])):
            problem = problem.split(" (", 1)[0].removeprefix(row["id"])
            yield Violation("truth", f"{row['id']}{problem}: {history(row['id'])}")
    known = {row["id"] for row in database.messages}
    for message_id in provider.keys() - known:
        yield Violation("truth", f"the provider got {message_id}, which nobody knows")


# What an account is refused with; to a number of REFUSED_EVERY some of them are said too.
_ACCOUNT = {"http_401", "http_402", "http_403"}


def _refused(database, history):
    for row in database.messages:
        if row["status"] != "failed" or int(row["phone"].lstrip("+")) % REFUSED_EVERY == 0:
            continue
        last = (database.attempts.get(row["id"]) or [{}])[-1].get("error_code")
        if row["error_class"] == "rejected" or (last in _ACCOUNT and row["error_class"] != "receipt"):
            yield Violation("refused", f"{row['id']} failed, and nobody refused its number: {history(row['id'])}")


def _counts(database):
    rows, left = defaultdict(Counter), Counter()
    for row in database.messages:
        rows[row["broadcast_id"]][row["status"]] += 1
    for row in database.tickets:
        left[row["broadcast_id"]] += int(row["messages"])
    for broadcast in database.broadcasts:
        counted = {k: n for k, n in database.counts.get(broadcast["id"], {}).items() if n}
        truth = {k: n for k, n in rows[broadcast["id"]].items() if k != "pending"}
        pending = rows[broadcast["id"]]["pending"]
        if counted != truth or pending != left[broadcast["id"]]:
            yield Violation("counts", f"broadcast {broadcast['id']} counts {counted} and {left[broadcast['id']]} in "
                                      f"tickets, its rows are {truth} and {pending}")


def _halted(client, database, provider, history, held):
    windows = _halts(client.commands)
    for call in client.accepted:
        if call["expires_at"]:  # a second for what was on its way
            windows[call["broadcast_id"]].append((call["expires_at"] - 1, float("inf")))
    for row in database.messages:
        seen = provider.get(row["id"])
        for begin, end in windows.get(row["broadcast_id"], ()) if seen else ():
            for at in sorted({seen["first"], seen["last"]}):
                was_held = any(start <= at <= stop + 1 for start, stop in held)
                if begin + 2 < at < end and not was_held:
                    yield Violation("halted", f"{row['id']} was handed over {at - begin:.1f} s after the answer to "
                                              f"pause or cancel, or a second before its deadline: {history(row['id'])}")


def _halts(commands):
    """When nothing may go out, per broadcast: [(from, to)], 2 s after `from`."""
    found, paused = defaultdict(list), {}
    for row in sorted(commands, key=lambda row: row["asked"]):
        broadcast_id = row["broadcast_id"]
        if row["command"] == "resume":
            begin = paused.pop(broadcast_id, None)
            if begin:
                found[broadcast_id].append((begin, row["asked"]))
        elif row["status"] == 200 and row["command"] == "pause":
            paused.setdefault(broadcast_id, row["answered"])
        elif row["status"] == 200:
            found[broadcast_id].append((row["answered"], float("inf")))
    return found

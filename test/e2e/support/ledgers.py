"""Joins what the API says of a broadcast with what the mock provider truly received (section "after any fault")."""

from collections import Counter


def check_ledgers(api, mock, broadcast_id, allow_requests_lost=False, ledger=None):
    """Holds when a broadcast has settled. `allow_requests_lost`: the mock was restarted and has forgotten some.
    `ledger`: as it was read after that."""
    broadcast = api.get(broadcast_id)
    messages = api.messages(broadcast_id)
    ledger = mock.ledger() if ledger is None else ledger

    assert len({message["id"] for message in messages}) == len(messages) == broadcast["total_recipients"]
    assert len({message["phone_number"] for message in messages}) == len(messages)
    rows = Counter(message["status"] for message in messages)
    assert rows == Counter({k: n for k, n in broadcast["counts"].items() if n}), (rows, broadcast["counts"])

    wrong = [problem for message in messages
             for problem in problems_of(message, ledger.get(message["id"]), allow_requests_lost)]
    assert not wrong, f"{len(wrong)} of {len(messages)} messages, first: {wrong[:5]}"
    return messages


def problems_of(message, row, allow_requests_lost=False):
    """What does not fit together between a message and its row of the ledger, as texts."""
    status, found = message["status"], []
    if row is None:
        if status in ("sent", "delivered") and not allow_requests_lost:
            found.append(f"is {status} and the provider never saw it")
    else:
        if row["to"] != message["phone_number"]:
            found.append("went to another number")
        if row["accepted"] > 1 and not message["possible_duplicate"]:
            found.append(f"was accepted {row['accepted']} times")
        if status in ("sent", "delivered") and row["accepted"] == 1 and row["provider_id"] != message["provider_id"]:
            found.append(f"is known as {message['provider_id']}, accepted as {row['provider_id']}")
        if status in ("sent", "delivered") and row["accepted"] == 0 and not allow_requests_lost:
            found.append(f"is {status} and was never accepted")
        if status in ("canceled", "expired", "suppressed") and row["accepted"]:
            found.append(f"is {status} and was accepted")
        if row["last_receipt_status"] not in (None, status) and row["accepted"] == 1:
            found.append(f"is {status}, its last receipt says {row['last_receipt_status']}")
        if status == "failed" and row["accepted"] and row["last_receipt_status"] != "failed":
            found.append("failed, and the provider had accepted it")
    return [f"{message['id']} {problem} ({message}, {row})" for problem in found]


def check_no_duplicates(mock):
    """No message was ever accepted twice, of whatever broadcast."""
    assert mock.stats()["accepted_twice"] == 0, mock.stats()
    twice = [row for row in mock.ledger().values() if row["accepted"] > 1]
    assert not twice, twice[:5]

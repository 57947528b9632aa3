"""The three ledgers after a run: the client's, the database's and the provider's."""

import csv
import io
import sqlite3
import subprocess
import time
import uuid
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field

from support.api import STATUSES
from support.servers import PSQL_ENVIRONMENT
from support.system import EMBEDDED

BROADCAST_STATUSES = ("running", "paused", "canceling", "canceled", "completed")

# Every change of a message's stored status, written by the database itself in the transaction that makes it.
_RECORD_MOVES = {
    "postgres": """
        CREATE TABLE chaos_moves (at timestamptz DEFAULT clock_timestamp(), message_id uuid, was text, became text);
        CREATE FUNCTION chaos_move() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN INSERT INTO chaos_moves VALUES (DEFAULT, OLD.id, OLD.status, NEW.status); RETURN NULL; END$$;
        CREATE TRIGGER chaos_move AFTER UPDATE OF status ON messages FOR EACH ROW
            WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION chaos_move();""",
    "sqlite": """
        CREATE TABLE chaos_moves (at INTEGER DEFAULT (unixepoch()), message_id BLOB, was INTEGER, became INTEGER);
        CREATE TRIGGER chaos_move AFTER UPDATE OF status ON messages WHEN OLD.status <> NEW.status
            BEGIN INSERT INTO chaos_moves (message_id, was, became) VALUES (OLD.id, OLD.status, NEW.status); END;""",
}

_TABLES = {
    "broadcasts": "id, name, status, total",
    "messages": "id, broadcast_id, phone, status, attempts, possible_duplicate, provider_id, error_class, resolve_by",
    "counts": "broadcast_id, " + ", ".join(STATUSES[3:]),
    "tickets": "id, broadcast_id, size - done AS messages, due_at, queued_at, lease_until",
    "attempts": "message_id, number, error_class, error_code",
    "moves": "message_id, was, became",
    "inbox": "provider_id, message_id",
}
_FROM = {"counts": "broadcast_counts", "tickets": "outbox", "moves": "chaos_moves", "inbox": "receipt_inbox"}


@dataclass
class Database:
    """Rows as dicts; ids as texts, statuses as their words, phones as "+…"."""

    broadcasts: list = field(default_factory=list)
    messages: list = field(default_factory=list)
    counts: dict = field(default_factory=dict)  # broadcast id -> {status: count}, of stored statuses but pending
    tickets: list = field(default_factory=list)
    attempts: dict = field(default_factory=lambda: defaultdict(list))  # message id -> rows
    moves: dict = field(default_factory=lambda: defaultdict(list))  # message id -> [(was, became)], in order
    inbox: list = field(default_factory=list)
    now: float = 0.0


def record_moves(system):
    """Once, when the schema is there and nothing runs yet."""
    if system.topology == EMBEDDED:
        with closing(sqlite3.connect(system.file, timeout=30)) as database:
            database.executescript(_RECORD_MOVES["sqlite"])
    else:
        system.sql(_RECORD_MOVES["postgres"])


def read_database(system):
    rows = _read_sqlite(system) if system.topology == EMBEDDED else _read_postgres(system)
    found = Database(broadcasts=rows["broadcasts"], messages=rows["messages"], tickets=rows["tickets"],
                     inbox=rows["inbox"], now=rows["now"])
    for row in rows["messages"]:
        row["phone"] = f"+{row['phone']}"
    for row in rows["counts"]:
        counts = found.counts.setdefault(row.pop("broadcast_id"), dict.fromkeys(STATUSES[3:], 0))
        for status, count in row.items():
            counts[status] += int(count)
    for row in rows["attempts"]:
        found.attempts[row["message_id"]].append(row)
    for row in rows["moves"]:
        found.moves[row["message_id"]].append((row["was"], row["became"]))
    return found


def _query(table, columns, order=""):
    return f"SELECT {columns} FROM {_FROM.get(table, table)}{order}"


def _read_postgres(system):
    def copy(query):
        command = ["psql", "-Xq", "-c", f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER)", system.database_url]
        text = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300,
                              env=PSQL_ENVIRONMENT).stdout
        return [{key: value or None for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]

    epoch = _TABLES["messages"].replace("resolve_by", "extract(epoch FROM resolve_by) AS resolve_by")
    rows = {table: copy(_query(table, columns)) for table, columns in _TABLES.items()
            if table not in ("messages", "moves")}
    rows["messages"] = copy(_query("messages", epoch))
    rows["moves"] = copy(_query("moves", _TABLES["moves"], " ORDER BY at"))
    rows["now"] = float(copy("SELECT extract(epoch FROM now()) AS now")[0]["now"])
    for row in rows["messages"]:
        row["attempts"] = int(row["attempts"])
        row["possible_duplicate"] = row["possible_duplicate"] == "t"
        row["resolve_by"] = row["resolve_by"] and float(row["resolve_by"])
    return rows


def _read_sqlite(system):
    with closing(sqlite3.connect(f"file:{system.file}?mode=ro", uri=True)) as database:
        database.row_factory = lambda cursor, row: {column[0]: _text(value)
                                                    for column, value in zip(cursor.description, row)}
        rows = {}
        for table, columns in _TABLES.items():
            order = " ORDER BY rowid" if table == "moves" else ""
            rows[table] = database.execute(_query(table, columns, order)).fetchall()
        rows["now"] = time.time()
    for row in rows["broadcasts"]:
        row["status"] = BROADCAST_STATUSES[row["status"]]
    for row in rows["messages"]:
        row["status"] = STATUSES[row["status"]]
        row["possible_duplicate"] = bool(row["possible_duplicate"])
        row["resolve_by"] = row["resolve_by"] and row["resolve_by"] / 1000
    for row in rows["moves"]:
        row["was"], row["became"] = STATUSES[row["was"]], STATUSES[row["became"]]
    return rows


def _text(value):
    return str(uuid.UUID(bytes=value)) if isinstance(value, bytes) and len(value) == 16 else value

"""How long one recipient waits: from the POST to the provider's request, on an idle system and beside a large
broadcast.

The provider's time is the mock's, on the same clock, cut to milliseconds."""

import time
from datetime import datetime

from report import spread, table


def run(system, _servers, numbers, arguments):
    result = {"idle": posts(system, numbers, arguments.posts)}
    if arguments.big:
        big = system.api.create(numbers.take(arguments.big), "Benchmark")
        system.api.wait(big, lambda b: b["counts"]["delivered"] > 0, 120, "the large broadcast to run")
        result["beside_big"] = posts(system, numbers, arguments.posts, pause=0.05)
        result["get_running"] = gets(system, big, arguments.posts)
        broadcast = system.api.get(big)
        assert broadcast["status"] == "running", "the large broadcast ended too early for this to mean anything"
        system.api.command(big, "cancel")
        system.api.wait(big, lambda b: b["status"] == "canceled", 120, "the large broadcast to be canceled")
    show(result, arguments)
    return result


def posts(system, numbers, count, pause=0.02):
    """So many broadcasts of one recipient, one after another."""
    to_answer, began_at = [], {}
    for number in numbers.take(count):
        began = time.time()
        broadcast_id = system.api.create([number], "Benchmark")
        to_answer.append(time.time() - began)
        began_at[number] = (began, broadcast_id)
        time.sleep(pause)  # the load is one post at a time, not as many as possible
    for _, broadcast_id in began_at.values():
        system.api.wait(broadcast_id, lambda b: b["counts"]["sent"] + b["counts"]["delivered"] == 1, 60, "sending it")
    first_at = {row["to"]: datetime.fromisoformat(row["first_at"].replace("Z", "+00:00")).timestamp()
                for row in system.mock.ledger().values() if row["to"] in began_at}
    return {"to_answer_ms": spread(to_answer),
            "to_provider_ms": spread([max(0, first_at[number] - began) for number, (began, _) in began_at.items()])}


def gets(system, broadcast_id, count):
    """GET of the large broadcast while it runs."""
    seconds = []
    for _ in range(count):
        began = time.monotonic()
        system.api.get(broadcast_id)
        seconds.append(time.monotonic() - began)
        time.sleep(0.02)
    return spread(seconds)


def show(result, arguments):
    rows = []
    for name, key in (("idle system", "idle"), (f"beside {arguments.big} recipients", "beside_big")):
        if key in result:
            rows += [[f"{name}: POST to 201", *cells(result[key]["to_answer_ms"])],
                     [f"{name}: POST to the provider's request", *cells(result[key]["to_provider_ms"])]]
    if "get_running" in result:
        rows.append(["GET of the running large broadcast", *cells(result["get_running"])])
    table(f"one recipient, {arguments.posts} times", ["", "p50, ms", "p99, ms", "max, ms"], rows)


def cells(values):
    return [f"{values[key]:.1f}" for key in ("p50", "p99", "max")]

"""What the neighbours on the same broker and vhost cost an installation: a second one, or its predecessor's tables and
queues; and what two at work reach together."""

import threading

import end_to_end
from report import median, table

# What is measured: installations, how many of them work, and whether the predecessor's tables and queues are there.
KINDS = {"alone": (1, 1, False), "predecessor": (1, 1, True), "idle": (2, 1, False), "busy": (2, 2, False)}
TITLES = {"alone": "alone", "predecessor": "beside the predecessor's tables and queues",
          "idle": "beside one without work", "busy": "both at work, together"}


def run(make_systems, numbers, arguments):
    """`make_systems` starts so many installations on one vhost, beside the predecessor or not. The kinds take turns, and
    another one is the first each time, so that what the machine does meanwhile and what the kind before leaves behind
    meets all of them."""
    kinds = [kind for kind in KINDS if kind in arguments.kinds]
    rates = {kind: [] for kind in kinds}
    for number in range(arguments.runs):
        for turn in range(len(kinds)):
            kind = kinds[(number + turn) % len(kinds)]
            count, busy, beside_predecessor = KINDS[kind]
            with make_systems(count, beside_predecessor) as systems:
                rates[kind].append(rate_of(systems[:busy], numbers, arguments, number + 1, kind))
    medians = {kind: median(rates[kind]) for kind in rates}
    table(f"{arguments.recipients} recipients of each installation at work, POST to last delivered (medians)",
          ["", "msg/s", f"of {TITLES[kinds[0]]}"],
          [[TITLES[kind], f"{medians[kind]:.0f}", f"{medians[kind] / medians[kinds[0]]:.1%}"] for kind in kinds])
    return {"recipients": arguments.recipients, "runs": rates, "medians": medians}


def rate_of(systems, numbers, arguments, number, kind):
    """Messages a second of all that are at work."""
    print(f"{kind}: ", end="", flush=True)
    runs, lists = [], [numbers.take(arguments.recipients) for _ in systems]
    threads = [threading.Thread(target=lambda *pair: runs.append(end_to_end.one_broadcast(*pair, arguments.timeout)),
                                args=pair) for pair in zip(systems, lists)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate = sum(len(recipients) for recipients in lists) / max(run["total_s"] for run in runs)
    print(f"run {number}: {rate:.0f} msg/s", flush=True)
    return rate

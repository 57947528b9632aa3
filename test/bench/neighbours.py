"""What a second installation on the same broker and vhost costs the first, and what the two reach together."""

import threading

import end_to_end
from report import median, table

ALONE, IDLE, BUSY = "alone", "beside one without work", "both at work, together"
KINDS = {ALONE: (1, 1), IDLE: (2, 1), BUSY: (2, 2)}  # installations, and how many of them work


def run(make_systems, numbers, arguments):
    """`make_systems` starts so many installations on one vhost. The kinds take turns, and another one is the first each
    time, so that what the machine does meanwhile and what the kind before leaves behind meets all of them."""
    rates = {kind: [] for kind in KINDS}
    for number in range(arguments.runs):
        for turn in range(len(KINDS)):
            kind = list(KINDS)[(number + turn) % len(KINDS)]
            count, busy = KINDS[kind]
            with make_systems(count) as systems:
                rates[kind].append(rate_of(systems[:busy], numbers, arguments, number + 1, kind))
    medians = {kind: median(rates[kind]) for kind in rates}
    table(f"{arguments.recipients} recipients of each installation at work, POST to last delivered (medians)",
          ["", "msg/s", "of that alone"],
          [[kind, f"{medians[kind]:.0f}", f"{medians[kind] / medians[ALONE]:.1%}"] for kind in rates])
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

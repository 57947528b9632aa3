"""How well a provider's rate is met that nobody told us: a token bucket, whose refusals are all that is known of it."""

import time

from report import table
from support.provider import Provider
from support.provider_replies import TokenBucket, throttle

FINDING = 15  # seconds in which the rate is found

_provider = None


def start_provider(arguments):
    """Gives its address."""
    global _provider
    _provider = Provider(TokenBucket(arguments.rate, arguments.burst, throttle()))
    return _provider.url


def run(system, _servers, numbers, arguments):
    broadcast_id = system.api.create(numbers.take(int(arguments.rate * (FINDING + arguments.seconds) * 1.2)), "Benchmark")
    time.sleep(FINDING + arguments.seconds)  # the time is what is measured
    requests = _provider.requests()
    system.close_clients()  # idle for longer than a server keeps a connection
    system.api.command(broadcast_id, "cancel")
    began, end = requests[0].at, requests[0].at + FINDING + arguments.seconds
    spans = {f"first {FINDING} s": (began, began + FINDING), f"first {arguments.seconds} s": (began, began + arguments.seconds),
             f"last {arguments.seconds} s": (end - arguments.seconds, end)}
    result = {"rate": arguments.rate, "burst": arguments.burst, "spans": {}}
    for name, (start, stop) in spans.items():
        seen = [request for request in requests if start <= request.at < stop]
        accepted = sum(request.accepted for request in seen)
        result["spans"][name] = {"requests": len(seen), "accepted_per_second": accepted / (stop - start),
                                 "share_of_rate": accepted / (stop - start) / arguments.rate,
                                 "refused": 1 - accepted / max(1, len(seen))}
    table(f"a provider that takes {arguments.rate} a second, and {arguments.burst} at once",
          ["", "requests", "accepted/s", "of its rate", "refused"],
          [[name, span["requests"], f"{span['accepted_per_second']:.1f}", f"{span['share_of_rate']:.1%}",
            f"{span['refused']:.2%}"] for name, span in result["spans"].items()])
    return result

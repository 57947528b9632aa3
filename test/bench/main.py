"""The benchmarks; see scripts/bench."""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack, contextmanager

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))

import accept  # noqa: E402  the path has to be set before
import end_to_end  # noqa: E402
import latency  # noqa: E402
import latency_sweep  # noqa: E402
import neighbours  # noqa: E402
import throttle  # noqa: E402
from report import machine, write_json  # noqa: E402
from support import predecessor, waiting  # noqa: E402
from support.numbers import Numbers  # noqa: E402
from support.servers import Servers  # noqa: E402
from support.system import ALL, EMBEDDED, SEPARATE, System  # noqa: E402

# The defaults, but for what would be measured instead of the program.
SETTINGS = {"LOG_LEVEL": "info", "API_MAX_BODY": "1GiB", "MOCK_RECEIPT_DELAY": "0ms", "STOP_GRACE": "15s",
            "PROVIDER_RETRY_BASE": "2s", "PROVIDER_RETRY_CAP": "15m", "PROVIDER_MAX_ATTEMPTS": "6",
            "AMQP_HEARTBEAT": "10s"}
PREDECESSORS_MESSAGES = 100_000


def read_arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures smsbcast on servers of its own.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--all", action="store_true", help="one process `smsbcast all` instead of five")
    shared.add_argument("--embedded", action="store_true", help="one process, with its embedded store and queue")
    shared.add_argument("--json", metavar="FILE", help="write the figures there too")
    shared.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="another setting of smsbcast")
    kinds = parser.add_subparsers(dest="kind", required=True)
    kind = kinds.add_parser("end-to-end", parents=[shared], help="POST to last delivered")
    kind.add_argument("--recipients", type=int, default=100_000)
    kind.add_argument("--runs", type=int, default=5)
    kind.add_argument("--timeout", type=int, default=900, metavar="SECONDS")
    kind = kinds.add_parser("accept", parents=[shared], help="POST to 201, with nothing but the API running")
    kind.add_argument("--recipients", type=int, default=1_000_000)
    kind.add_argument("--runs", type=int, default=3)
    kind = kinds.add_parser("latency", parents=[shared], help="one recipient: POST to the provider's request")
    kind.add_argument("--posts", type=int, default=200)
    kind.add_argument("--big", type=int, default=1_000_000, help="recipients of the broadcast beside; 0: none")
    kind = kinds.add_parser("throttle", parents=[shared], help="a provider that takes so many a second and refuses the rest")
    kind.add_argument("--rate", type=int, default=200)
    kind.add_argument("--burst", type=int, default=20)
    kind.add_argument("--seconds", type=int, default=60, help="measured, after 15 s in which the rate is found")
    kind = kinds.add_parser("latency-sweep", parents=[shared], help="end to end, with slow and slower providers")
    kind.add_argument("--recipients", type=int, default=50_000)
    kind.add_argument("--runs", type=int, default=3)
    kind.add_argument("--timeout", type=int, default=900, metavar="SECONDS")
    kind = kinds.add_parser("neighbours", parents=[shared], help="others on the same vhost of the broker")
    kind.add_argument("--kinds", nargs="+", choices=neighbours.KINDS, default=list(neighbours.KINDS))
    kind.add_argument("--recipients", type=int, default=50_000)
    kind.add_argument("--runs", type=int, default=6)
    kind.add_argument("--timeout", type=int, default=900, metavar="SECONDS")
    arguments = parser.parse_args()
    if arguments.kind == "neighbours" and arguments.embedded:
        parser.error("neighbours share a broker, so they are not --embedded")
    return arguments


def started(servers, topology, logs, settings, only=None):
    """`only`: the one process that is started."""
    system = System(servers, topology, logs, settings)
    if only:
        system.processes = {only: system.processes[only]}
    return running(system)


@contextmanager
def running(system):
    try:
        yield system.start()
        system.stop()
    except BaseException:
        print(system.log_tails(), file=sys.stderr)
        raise
    finally:
        system.kill()


@contextmanager
def neighbours_started(count, beside_predecessor, servers, logs, settings):
    """So many installations of one process each, each with a database of its own, on a vhost of theirs. The predecessor
    has its tables in the database of each, and its queues on the vhost."""
    amqp_url = servers.new_vhost()
    if beside_predecessor:
        predecessor.make_queues(servers, amqp_url)
    with ExitStack() as stack:
        systems = [System(servers, ALL, logs, {**settings, "AMQP_URL": amqp_url}) for _ in range(count)]
        if beside_predecessor:
            for system in systems:
                predecessor.make_tables(servers, system.database_url, PREDECESSORS_MESSAGES)
        servers.sql("CHECKPOINT")  # what was made for this run does not weigh on it
        yield [stack.enter_context(running(system)) for system in systems]


def main():
    arguments = read_arguments()
    waiting.SLACK = 1  # --timeout says how long
    about = machine()
    servers = None if arguments.embedded else Servers.shared()
    topology = EMBEDDED if arguments.embedded else ALL if arguments.all else SEPARATE
    settings = {**SETTINGS, **dict(pair.split("=", 1) for pair in arguments.set)}
    if arguments.kind == "throttle":
        settings["PROVIDER_URL"] = throttle.start_provider(arguments)
    with tempfile.TemporaryDirectory(prefix="smsbcast-bench-logs.") as logs:
        if arguments.kind == "latency-sweep":
            result = latency_sweep.run(lambda more: started(servers, topology, logs, {**settings, **more}), Numbers(),
                                       arguments)
        elif arguments.kind == "neighbours":
            result = neighbours.run(lambda *which: neighbours_started(*which, servers, logs, settings), Numbers(), arguments)
        else:
            run = {"end-to-end": end_to_end.run, "accept": accept.run, "latency": latency.run,
                   "throttle": throttle.run}[arguments.kind]
            only = "api" if arguments.kind == "accept" and topology == SEPARATE else None
            with started(servers, topology, logs, settings, only) as system:
                result = run(system, servers, Numbers(), arguments)
    if arguments.json:
        write_json(arguments.json, {"benchmark": arguments.kind, "machine": about, "settings": settings, **result})


if __name__ == "__main__":
    main()

"""The chaos harness; see scripts/chaos."""

import argparse
import os
import random
import shlex
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../e2e"))

import faults  # noqa: E402  the path has to be set before
import mutants  # noqa: E402
import report  # noqa: E402
import upgrade  # noqa: E402
from restore import Restore  # noqa: E402
from run import Options, Run  # noqa: E402
from support.servers import Servers  # noqa: E402
from support import waiting  # noqa: E402
from support.system import EMBEDDED, SEPARATE  # noqa: E402
from world import POLICIES, SAME_KEY  # noqa: E402


def read_arguments():
    parser = argparse.ArgumentParser(prog="scripts/chaos", description="Breaks smsbcast, and looks what is left of it.")
    parser.add_argument("--embedded", action="store_true", help="`all` on its embedded store instead of two replicas a "
                                                                "role on servers")
    parser.add_argument("--seed", type=int, help="of every fault; drawn and printed otherwise")
    parser.add_argument("--minutes", type=float, default=5, help="how long faults come")
    parser.add_argument("--fault", action="append", metavar="NAME", choices=sorted(faults.CATALOGUE),
                        help="only this one (again for more): " + ", ".join(sorted(faults.CATALOGUE)))
    parser.add_argument("--policy", choices=POLICIES, default=SAME_KEY,
                        help="what is done where no answer tells; the provider honours idempotency keys for the first "
                             "only")
    parser.add_argument("--rate", type=int, default=250, help="recipients a second")
    parser.add_argument("--times", action="append", default=[], metavar="NAME=COUNT", type=name_and_count,
                        help="so many of this fault instead of --minutes")
    parser.add_argument("--big", type=int, default=0, metavar="N", help="a broadcast to so many before the first fault")
    parser.add_argument("--clients", type=int, default=1, metavar="N", help="how many post")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", type=name_and_value,
                        help="another setting of smsbcast")
    parser.add_argument("--gap", type=float, nargs=2, default=(0.5, 3), metavar="SECONDS", help="between faults")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="build in each known defect (or these), and see "
                                                                     "to it that it is found; with --embedded those of "
                                                                     "the embedded set-up alone")
    parser.add_argument("--mutant", help="with this defect built in (test/chaos/hooks/mutant.cpp)")
    parser.add_argument("--upgrade-from", metavar="PROGRAM", help="no faults: roles of this older program beside ours "
                                                                  "under load")
    parser.add_argument("--rounds", type=int, default=1, help="of --upgrade-from")
    parser.add_argument("--restore", type=int, metavar="N", help="instead of faults: a backup in the middle of a "
                                                                 "broadcast to so many, restored at its end")
    parser.add_argument("--json", metavar="FILE", help="write the report there too")
    parser.add_argument("--keep", action="store_true", help="leave logs and ledgers")
    return parser.parse_args()


def again(words):
    """What was asked for, but for the seed."""
    seeds = [at for at, word in enumerate(words) if word == "--seed"]
    kept = [word for at, word in enumerate(words) if at not in seeds and at - 1 not in seeds]
    return [word for word in kept if not word.startswith("--seed=")]


def refuse(why):
    print(f"error: {why}; see --help", file=sys.stderr)
    sys.exit(2)


def name_and_count(text):
    name, _, count = text.partition("=")
    if not count.isdecimal() or not int(count):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=COUNT, such as kill=20")
    return name, int(count)


def name_and_value(text):
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE, such as WORKER_LEASE=10s")
    return name, value


def check_faults(names, topology, policy):
    """A fault that cannot come would make a run that finds nothing."""
    for name in sorted(names):
        fault = faults.CATALOGUE.get(name)
        if not fault:
            refuse(f"no fault is called {name}")
        if topology not in fault.topologies or policy not in fault.policies:
            refuse(f"{name} does not come with {topology} and {policy}")


def restore_all(servers, folder, topology, arguments):
    """After a clean stop, and after a crash. The exit status."""
    wrong = []
    for crash in (False, True):
        name = f"restore, {topology}, {arguments.policy}, {'after a crash' if crash else 'after a clean stop'}"
        found = Restore(servers, tempfile.mkdtemp(dir=folder), topology, arguments.policy, arguments.restore, crash)()
        print(f"{name}: {'; '.join(found) or 'ok'}", flush=True)
        wrong += found
    report.clean_up(folder, arguments.keep or bool(wrong))
    return 1 if wrong else 0


def main():
    arguments = read_arguments()
    waiting.SLACK = 1  # times are what is measured here
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**9)
    plan = dict(arguments.times)
    if arguments.clients < 1:
        refuse("--clients is how many post, 1 at least")
    topology = EMBEDDED if arguments.embedded else SEPARATE
    if arguments.embedded and arguments.upgrade_from:
        refuse("an upgrade side by side is one on servers, not --embedded")
    check_faults({*plan, *(arguments.fault or ())}, topology, arguments.policy)
    options = Options(topology, arguments.policy, seed, arguments.minutes,
                      arguments.rate, arguments.fault, plan, arguments.big, arguments.gap,
                      dict(arguments.set), arguments.mutant,
                      clients=arguments.clients)
    servers = None if arguments.embedded else Servers.shared()
    if arguments.mutants is not None:
        sys.exit(0 if mutants.find_all(servers, seed, arguments.mutants, arguments.embedded) else 1)
    folder = tempfile.mkdtemp(prefix="smsbcast-chaos-logs.")
    if arguments.upgrade_from:
        good = upgrade.run(servers, folder, os.path.abspath(arguments.upgrade_from), arguments.rounds)
        report.clean_up(folder, arguments.keep or not good)
        sys.exit(0 if good else 1)
    if arguments.restore:
        sys.exit(restore_all(servers, folder, topology, arguments))
    print(f"seed {seed}, {options.topology}, {options.policy}; again: scripts/chaos --seed {seed} "
          + shlex.join(word for word in again(sys.argv[1:])), flush=True)
    outcome = Run(servers, folder, options, lambda line: print(line, flush=True))()
    report.tell(outcome, arguments.json)
    report.clean_up(folder, arguments.keep or bool(outcome.violations))
    sys.exit(1 if outcome.violations else 0)


if __name__ == "__main__":
    main()

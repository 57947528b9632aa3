"""What a run found, as text and as JSON."""

import json
import shutil
from collections import Counter
from dataclasses import asdict

from invariants import NAMES, SOMETIMES

_SHOWN = 5


def tell(outcome, json_path=None):
    options = outcome.options
    print(f"\nchaos: seed {options.seed}, {options.topology}, {options.policy}"
          + (f", mutant {options.mutant}" if options.mutant else ""))
    for name, count in sorted(Counter(event.fault for event in outcome.events).items()):
        print(f"  {count:4} x {name}")
    print("  " + ", ".join(f"{name} {value}" for name, value in outcome.figures.items()))
    found = Counter(violation.invariant for violation in outcome.violations)
    for name, text in NAMES.items():
        print(f"  {verdict(outcome, name):9} {name}: {text}" + (f" ({found[name]})" if found[name] else ""))
    shown = Counter()
    for violation in outcome.violations:
        shown[violation.invariant] += 1
        if shown[violation.invariant] <= _SHOWN:
            print(f"\n{violation}")
    if outcome.violations:
        print(f"\nlogs: {outcome.logs}")
    if json_path:
        with open(json_path, "w", encoding="utf-8") as file:
            json.dump(as_json(outcome), file, indent=2, default=str)


def verdict(outcome, name):
    if any(violation.invariant == name for violation in outcome.violations):
        return "VIOLATED"
    return "not asked" if name in SOMETIMES and not outcome.options.queue_is_calm else "ok"


def as_json(outcome):
    return {"options": asdict(outcome.options), "figures": outcome.figures,
            "invariants": {name: verdict(outcome, name) for name in NAMES},
            "faults": [vars(event) for event in outcome.events],
            "violations": [vars(violation) for violation in outcome.violations]}


def clean_up(folder, keep):
    if keep:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)

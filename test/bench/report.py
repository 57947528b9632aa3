"""Tables for people, JSON for programs."""

import json
import os
import platform
import statistics


def table(title, header, rows):
    rows = [[str(cell) for cell in row] for row in [header, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                       for column, (cell, width) in enumerate(zip(row, widths))) for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    print(f"\n{title}\n\n" + "\n".join("  " + line for line in lines), flush=True)


def percentile(values, share):
    """The smallest value that so many of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


def spread(values):
    """Milliseconds of values in seconds."""
    return {"p50": percentile(values, 50) * 1000, "p99": percentile(values, 99) * 1000, "max": max(values) * 1000,
            "count": len(values)}


def median(values):
    return statistics.median(values)


def machine():
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(file.readline().split()[1]) // 1024
    return {"cpus": len(os.sched_getaffinity(0)), "memory_mb": memory, "kernel": platform.release(),
            "load_before": os.getloadavg()[0]}


def write_json(path, result):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(f"\nwritten to {path}")

"""How long the API takes to store a large broadcast, and how much memory that takes. Nothing else runs meanwhile."""

import json
import time

from processes import CpuMeter, forget_peak, memory_mb
from report import table


def run(system, servers, numbers, arguments):
    name = "api" if "api" in system.processes else "all"
    pid = system.processes[name].pid
    runs = []
    for _ in range(arguments.runs):
        body = json.dumps({"message": "Benchmark", "recipients": numbers.take(arguments.recipients)}).encode()
        forget_peak(pid)
        before = memory_mb(pid, "VmRSS")
        meter = CpuMeter(system, servers)
        began = time.monotonic()
        answer = system.api.http.post("/api/broadcasts", body, {"Content-Type": "application/json"})
        seconds = time.monotonic() - began
        assert answer.status == 201, answer
        runs.append({"accept_s": seconds, "recipients_per_second": arguments.recipients / seconds,
                     "rss_before_mb": before, "rss_growth_mb": memory_mb(pid, "VmHWM") - before,
                     "cpu_s": meter.used()})
    table(f"accepting {arguments.recipients} recipients ({len(body) / 1e6:.1f} MB)",
          ["run", "POST to 201, s", "recipients/s", "RSS before, MB", "growth, MB", "CPU api, s", "CPU postgres, s"],
          [[index, f"{run['accept_s']:.2f}", f"{run['recipients_per_second']:.0f}", f"{run['rss_before_mb']:.0f}",
            f"{run['rss_growth_mb']:.0f}", f"{run['cpu_s'][name]:.2f}", f"{run['cpu_s'].get('postgres', 0):.2f}"]
           for index, run in enumerate(runs, 1)])
    return {"recipients": arguments.recipients, "body_bytes": len(body), "runs": runs}

"""How long a broadcast takes from the POST to the last receipt, and what it costs."""

import time

from processes import CpuMeter, memory_mb
from report import median, table
from support.waiting import wait_until


def run(system, servers, numbers, arguments):
    runs = [one_run(system, servers, numbers, arguments, number) for number in range(1, arguments.runs + 1)]
    result = {"recipients": arguments.recipients, "topology": system.topology, "runs": runs}
    result["median"] = {key: median([run[key] for run in runs])
                        for key in ("accept_s", "total_s", "messages_per_second")}
    result["median"]["cpu_us_per_message"] = {
        name: median([run["cpu_us_per_message"][name] for run in runs]) for name in runs[0]["cpu_us_per_message"]}
    show(result)
    return result


def one_run(system, servers, numbers, arguments, number):
    recipients = numbers.take(arguments.recipients)
    meter = CpuMeter(system, servers)
    times = one_broadcast(system, recipients, arguments.timeout)
    used = meter.used()
    per_message = {name: seconds * 1e6 / arguments.recipients for name, seconds in used.items()}
    result = {**times, "messages_per_second": arguments.recipients / times["total_s"],
              "cpu_us_per_message": per_message, "cpu_us_per_message_sum": sum(per_message.values()),
              "peak_rss_mb": {name: memory_mb(process.pid, "VmHWM") for name, process in system.processes.items()}}
    print(f"run {number}: accepted after {result['accept_s']:.2f} s, delivered after {result['total_s']:.2f} s, "
          f"{result['messages_per_second']:.0f} msg/s", flush=True)
    return result


def one_broadcast(system, recipients, timeout):
    """From the POST to the 201, and to the last receipt."""
    system.mock.clear()
    began = time.monotonic()
    broadcast_id = system.api.create(recipients, "Benchmark")
    accepted = time.monotonic() - began
    wait_delivered(system, broadcast_id, len(recipients), timeout)
    total = time.monotonic() - began
    assert system.mock.stats()["accepted_twice"] == 0
    return {"accept_s": accepted, "total_s": total}


def wait_delivered(system, broadcast_id, count, seconds):
    def look():
        # The list has the counts without the first page of messages.
        rows = system.api.http.get("/api/broadcasts?limit=1").json()["data"]
        assert rows[0]["id"] == broadcast_id
        return rows[0]["counts"]["delivered"] == count

    wait_until(look, seconds, lambda: f"every message to be delivered: {system.api.counts(broadcast_id)}")


def show(result):
    table(f"{result['recipients']} recipients, POST to last delivered, {result['topology']}",
          ["run", "POST to 201, s", "to last delivered, s", "msg/s"],
          [[index + 1, f"{run['accept_s']:.2f}", f"{run['total_s']:.2f}", f"{run['messages_per_second']:.0f}"]
           for index, run in enumerate(result["runs"])]
          + [["median", f"{result['median']['accept_s']:.2f}", f"{result['median']['total_s']:.2f}",
              f"{result['median']['messages_per_second']:.0f}"]])
    cpu, peak = result["median"]["cpu_us_per_message"], result["runs"][-1]["peak_rss_mb"]
    table("what it costs (CPU: median of the runs; memory: the most so far)",
          ["process", "CPU µs/msg", "peak RSS, MB"],
          [[name, f"{cost:.1f}", f"{peak[name]:.0f}" if name in peak else ""] for name, cost in cpu.items()]
          + [["sum", f"{sum(cpu.values()):.1f}", ""]])

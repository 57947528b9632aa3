"""What a provider's latency costs: the same broadcast to a mock that answers at once, and to slower ones."""

import end_to_end
from processes import memory_mb
from report import median, table

LATENCIES_MS = (0, 5, 50, 200)


def run(make_system, numbers, arguments):
    """`make_system` gives a new system with these settings, so that no run has what the one before had found."""
    runs = {latency: [] for latency in LATENCIES_MS}
    for number in range(1, arguments.runs + 1):
        for latency in LATENCIES_MS:
            runs[latency].append(one_run(make_system, numbers, arguments, latency, number))
    rates = {latency: median([run["messages_per_second"] for run in runs[latency]]) for latency in LATENCIES_MS}
    result = {"recipients": arguments.recipients, "runs": runs,
              "medians": {latency: {"messages_per_second": rates[latency], "share": rates[latency] / rates[0]}
                          for latency in LATENCIES_MS}}
    show(result)
    return result


def one_run(make_system, numbers, arguments, latency, number):
    print(f"{latency} ms, ", end="", flush=True)
    with make_system({"MOCK_LATENCY": f"{latency}ms"}) as system:
        run = end_to_end.one_run(system, None, numbers, arguments, number)
        worker = system.process_of("worker")
        return {**run, "most_in_flight": system.mock.stats()["most_in_flight"],
                "worker_peak_rss_mb": memory_mb(worker.pid, "VmHWM")}


def show(result):
    rows = []
    for latency, runs in result["runs"].items():
        medians = result["medians"][latency]
        rows.append([f"{latency} ms", f"{medians['messages_per_second']:.0f}", f"{100 * medians['share']:.0f} %",
                     max(run["most_in_flight"] for run in runs),
                     f"{max(run['worker_peak_rss_mb'] for run in runs):.0f}"])
    table(f"{result['recipients']} recipients, POST to last delivered, by the provider's latency (rates: medians)",
          ["latency", "msg/s", "of that at 0 ms", "most in flight", "memory of the worker's process, MB"], rows)

"""What processes have used, from /proc."""

import os

_TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(") ")[2].split()  # what follows the name; the first field is the state


def cpu_seconds(pid, with_ended_children=False):
    fields = _stat(pid)
    return sum(int(ticks) for ticks in fields[11:15 if with_ended_children else 13]) / _TICK


def children(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if int(_stat(name)[1]) == pid:
                found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def tree_cpu_seconds(pid):
    """With its children, those too that have ended."""
    total = cpu_seconds(pid, with_ended_children=True)
    for child in children(pid):
        try:
            total += cpu_seconds(child)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def memory_mb(pid, name):
    """VmRSS (now) or VmHWM (the most ever)."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1]) / 1024
    raise KeyError(name)


def forget_peak(pid):
    """VmHWM begins anew."""
    with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def server_pids(servers_dir):
    """The postmaster and the Erlang VM of servers of scripts/servers."""
    with open(f"{servers_dir}/postgres/data/postmaster.pid", encoding="utf-8") as file:
        postmaster = int(file.readline())
    with open(f"{servers_dir}/rabbitmq/vm.pid", encoding="utf-8") as file:
        return {"postgres": postmaster, "rabbitmq": int(file.read().split()[0])}


class CpuMeter:
    """CPU used since its making, by process."""

    def __init__(self, system, servers):
        self.roles = {name: process.pid for name, process in system.processes.items() if process.running()}
        self.servers = server_pids(servers.directory) if servers else {}
        self.before = self._read()

    def _read(self):
        used = {name: cpu_seconds(pid) for name, pid in self.roles.items()}
        used.update((name, tree_cpu_seconds(pid)) for name, pid in self.servers.items())
        return used

    def used(self):
        now = self._read()
        return {name: now[name] - before for name, before in self.before.items()}

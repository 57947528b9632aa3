"""Starting and ending the program under test."""

import atexit
import os
import signal
import subprocess
import time

from .http import Http
from .waiting import patience, wait_until

# Nothing else of the caller's environment reaches the program: a HTTP_ADDR of the developer's shell would.
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")

START_SECONDS = 60


def binary():
    path = os.environ.get("SMSBCAST_BIN")
    if not path or not os.access(path, os.X_OK):
        raise SystemExit("SMSBCAST_BIN must name the smsbcast program")
    return path


def environment(settings):
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**passed, **{name: str(value) for name, value in settings.items()}}


def run_once(arguments, settings=None, timeout=600):
    """Runs a command to its end; the result has returncode, stdout and stderr (text)."""
    return subprocess.run([binary(), *arguments], env=environment(settings or {}), capture_output=True, text=True,
                          timeout=timeout, check=False, stdin=subprocess.DEVNULL)


class Process:
    """One running `smsbcast ROLE`. Its log, over all starts, is in one file; ended by stop(), terminate() or kill().
    `program`: another one than the one under test."""

    def __init__(self, name, role, settings, log_dir, health_ports, program=None):
        self.program = program or binary()
        self.name, self.role, self.settings = name, role, settings
        self.log_path = os.path.join(log_dir, f"{name}.log")
        self.health_ports = health_ports
        self.popen = None
        self.crashes = []  # exit codes of ends that nobody asked for
        self._asked = True

    @property
    def pid(self):
        return self.popen.pid

    def start(self):
        assert not self.running(), f"{self.name} runs already"
        self.note_crash()
        self._asked = False
        with open(self.log_path, "ab") as log:
            self.popen = subprocess.Popen([self.program, self.role], env=environment(self.settings), stdout=log, stderr=log,
                                          stdin=subprocess.DEVNULL)
        atexit.register(self.kill)  # of an interrupted run
        return self

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    def is_ready(self):
        """True when every role in it answers that it is ready."""
        if not self.running():
            raise AssertionError(f"{self.name} ended by itself with {self.popen.returncode}:\n{self.log_tail()}")
        return all(readiness(port) == 200 for port in self.health_ports)

    def wait_ready(self, seconds=START_SECONDS):
        wait_until(self.is_ready, seconds, lambda: f"{self.name} to be ready; its log ends:\n{self.log_tail()}")
        return self

    def signal(self, number):
        self.popen.send_signal(number)

    def wait_end(self, seconds):
        """The exit code."""
        try:
            code = self.popen.wait(patience(seconds))
            self._asked = True
            return code
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {patience(seconds)} s:\n{self.log_tail()}") from None

    def terminate(self, seconds, last_line='"event":"stopped","exit_code":0'):
        """SIGTERM, and the checks that go with it. Returns how long it took."""
        began = time.monotonic()
        self.note_crash()
        self.signal(signal.SIGTERM)
        code = self.wait_end(seconds)
        assert code == 0, f"{self.name} ended with {code} after SIGTERM:\n{self.log_tail()}"
        assert last_line in self.log_tail(1), f"{self.name} ended with:\n{self.log_tail()}"
        return time.monotonic() - began

    def kill(self):
        """kill -9, whatever state it is in."""
        self.note_crash()
        self._asked = True
        if self.running():
            self.signal(signal.SIGKILL)
            self.popen.wait(30)

    def note_crash(self):
        """Writes down an end that came by itself, before another start hides it."""
        if not self._asked and not self.running():
            self.crashes.append(self.popen.returncode)
            self._asked = True

    def log_lines(self):
        try:
            with open(self.log_path, "rb") as log:
                return log.read().decode("utf-8", "backslashreplace").splitlines()
        except FileNotFoundError:
            return []

    def log_tail(self, count=20):
        return "\n".join(self.log_lines()[-count:])


def readiness(port):
    """The status of /health/ready, or None when nobody answers."""
    client = Http(port, timeout=30)
    try:
        return client.get("/health/ready").status
    except OSError:
        return None
    finally:
        client.close()

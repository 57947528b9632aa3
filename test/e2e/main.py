"""Finds the tests beside this file and runs them; see `run`."""

import os
import queue
import signal
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor


AT_ONCE = 2


class TimedResult(unittest.TextTestResult):
    """Tells at once what went wrong, and with -v how long each test took."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def addSuccess(self, test):
        if self.showAll:
            self.stream.write(f"{time.monotonic() - self.began:.1f} s ")
        super().addSuccess(test)

    def addError(self, test, error):
        super().addError(test, error)
        self._tell(self.errors)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._tell(self.failures)

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._tell(self.failures if issubclass(error[0], test.failureException) else self.errors)

    def _tell(self, found):
        test, text = found[-1]
        self.stream.write(f"\n{self.getDescription(test)}\n{text}\n")


def run_all(options):
    """A process a file, two at a time: they wait more than they work. Those with most in them come first."""
    slots = queue.SimpleQueue()
    for slot in range(AT_ONCE):
        slots.put(slot)

    def run(name):
        slot = slots.get()
        environment = {**os.environ, "SMSBCAST_E2E_SLOT": f"{slot}/{AT_ONCE}"}
        done = subprocess.run([sys.executable, __file__, *options, name], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        slots.put(slot)
        sys.stdout.write(f"--- {name}\n{done.stdout}")
        sys.stdout.flush()
        return done.returncode

    files = [name for name in os.listdir(".") if name.startswith("test_") and name.endswith(".py")]
    files.sort(key=os.path.getsize, reverse=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return int(any(list(pool.map(run, [name.removesuffix(".py") for name in files]))))


def main():
    # An orderly end, which also ends what the tests have started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    if not names:
        sys.exit(run_all(options))
    tests = unittest.TestLoader().loadTestsFromNames(names)
    runner = unittest.TextTestRunner(verbosity=2 if "-v" in options else 1, failfast="-f" in options,
                                     resultclass=TimedResult)
    result = runner.run(tests)
    if result.testsRun == 0:
        sys.exit("error: no test was found")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()

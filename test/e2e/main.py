"""Finds the tests beside this file and runs them; see `run`."""

import signal
import sys
import time
import unittest


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


def main():
    # An orderly end, which also ends what the tests have started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = [word for word in sys.argv[1:] if word.startswith("-")]
    names = [word for word in sys.argv[1:] if not word.startswith("-")]
    loader = unittest.TestLoader()
    tests = loader.loadTestsFromNames(names) if names else loader.discover(".", pattern="test_*.py")
    runner = unittest.TextTestRunner(verbosity=2 if "-v" in options else 1, failfast="-f" in options,
                                     resultclass=TimedResult)
    result = runner.run(tests)
    if result.testsRun == 0:
        sys.exit("error: no test was found")
    sys.exit(0 if result.wasSuccessful() else 1)


if __name__ == "__main__":
    main()

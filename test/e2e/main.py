"""Finds the tests beside this file and runs them; see `run`."""

import sys
import time
import unittest


class TimedResult(unittest.TextTestResult):
    """Says how long each test took, with -v."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def addSuccess(self, test):
        if self.showAll:
            self.stream.write(f"{time.monotonic() - self.began:.1f} s ")
        super().addSuccess(test)


def main():
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

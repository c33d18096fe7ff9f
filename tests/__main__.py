"""`python3 -m tests`: makes the environment on the first start, then runs pytest with the arguments given.

The exit status is pytest's. This file keeps to syntax that any Python 3 can read, so that an old one gets a
sentence and no traceback.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the Python that a stranger starts with may be older
    sys.stderr.write(
        "The tests of Profile Chat need Python 3.11 or newer, and this is Python {}.{}. "
        "Start them with a newer one, for example: python3.12 -m tests\n".format(*sys.version_info[:2])
    )
    sys.exit(2)

from ui import bootstrap


def run() -> int:
    """Runs pytest, which needs the packages, and returns its exit status."""
    import pytest

    return pytest.main(sys.argv[1:])


if __name__ == "__main__":
    bootstrap.enter("tests", "requirements-test.txt")
    sys.exit(run())

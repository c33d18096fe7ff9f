"""`python3 -m ui`: makes the environment on the first start, then opens the chat page.

With arguments it is the command `profile-chat`: `python3 -m ui ask "Which papers are about climate?"`.
This file keeps to syntax that any Python 3 can read, so that an old one gets a sentence and no traceback.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the Python that a stranger starts with may be older
    sys.stderr.write(
        "Profile Chat needs Python 3.11 or newer, and this is Python {}.{}. "
        "Start it with a newer one, for example: python3.12 -m ui\n".format(*sys.version_info[:2])
    )
    sys.exit(2)

from ui import bootstrap


def run() -> int:
    """Runs the command line, which needs the packages, and returns its exit status."""
    from ui.cli import main

    return main(sys.argv[1:] or ["serve", "--open"])


if __name__ == "__main__":
    bootstrap.enter("ui", "requirements.txt")
    sys.exit(run())

"""What the command line is read with: a parser that says what is wrong, and checks of single values."""

from __future__ import annotations

import argparse
import sys
from typing import Any


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, with what was probably meant."""

    def error(self, message: str) -> Any:
        """Prints the sentence and ends with status 2."""
        from difflib import get_close_matches

        invalid = message.partition("invalid choice: ")[2]
        word = invalid.partition(" ")[0].strip("'\"")
        known = [name for action in self._actions if action.choices for name in map(str, action.choices)]
        near = get_close_matches(word, known, n=1) if word else []
        hint = f"Did you mean {near[0]}?" if near else f"See `{self.prog} --help`."
        sys.stderr.write(f"{self.prog}: {message.partition(' (choose from')[0]}. {hint}\n")
        raise SystemExit(2)


def port(text: str) -> int:
    """A port number."""
    if not (text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text} is not a port from 1 to 65535")
    return int(text)

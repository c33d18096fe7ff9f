"""What two texts share and where they differ, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_LONGEST = 4_000
"""Characters of a text that are compared; an answer is shorter."""
ALIKE = 0.5
"""Texts that share less than this are better shown side by side than woven together."""


class Piece(NamedTuple):
    """A stretch of words that both texts hold, or only one of them."""

    kind: Literal["same", "gone", "new"]
    text: str


def word_diff(before: str, after: str) -> list[Piece]:
    """The pieces of `before` and `after` in reading order, what is gone in front of what is new."""
    old, new = _words(before), _words(after)
    pieces: list[Piece] = []
    for step, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            pieces.append(Piece("same", "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece("gone", "".join(old[start:end])))
        if stop > begin:
            pieces.append(Piece("new", "".join(new[begin:stop])))
    return pieces


def likeness(before: str, after: str) -> float:
    """The share of words that both texts hold, 0 to 1."""
    return SequenceMatcher(None, _words(before), _words(after), autojunk=False).ratio()


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text[:_LONGEST])

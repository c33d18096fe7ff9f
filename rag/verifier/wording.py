"""A claim beside the sentence that it is worded most like: what was swapped, turned into its opposite, or moved.

It matters for near copies, in which one small change makes the difference and the network is most easily misled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.names import fold
from rag.verifier.opposites import difference
from rag.verifier.packing import COMMON, STEM

NEAR = 0.7
"""Share of a claim's words, in order, from which it is a near copy."""
LIKE = 0.6
"""The same for the words that opposites are looked for in."""
MOVED_FROM = 0.45
"""The same where words may have changed places."""
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?")
_LINKS_TEXT = """
    in for during with at under among after on by through from to as within upon when while if into between via
    using without before since of and or but than
"""
_LINKS = frozenset(_LINKS_TEXT.split())
"""What begins with one of these may stand in front or behind without changing what is said."""


@dataclass(frozen=True)
class Wording:
    """How a claim differs from its nearest sentence.

    `opposite`: one word says the opposite, or one of them denies. `swapped`: how many of its words stand in place of
    others. `out_of_order`: share of its words that the sentence has, but not in that order, where it has nearly all.
    `moved`: what is no clause of its own has changed places.
    """

    opposite: bool = False
    swapped: int = 0
    out_of_order: float = 0.0
    moved: bool = False


ALIKE = Wording()
"""No difference seen."""


def compare(claim: str, sentences: Sequence[str]) -> Wording:
    """The claim beside the one of `sentences` that has most of its words in order."""
    own = _WORD.findall(fold(claim))
    best, best_text, most = None, "", 0.0
    moved = False
    for sentence in sentences:
        other = _WORD.findall(fold(sentence))
        if not _share_words(own, other):
            continue
        matcher = SequenceMatcher(None, own, other, autojunk=False)
        kept = sum(block.size for block in matcher.get_matching_blocks()) / max(1, len(own))
        moved = moved or (kept >= MOVED_FROM and _is_moved(own, other, matcher))
        if kept > most:
            best, best_text, most = (other, matcher), sentence, kept
    if best is None:
        return ALIKE
    other, matcher = best
    opposite = most > LIKE and difference(claim, best_text) is not None
    return Wording(
        opposite and not moved,
        min(2, _swaps(own, other, matcher)) if most > NEAR else 0,
        _out_of_order(own, other, most),
        moved and not opposite,
    )


def _share_words(own: Sequence[str], other: Sequence[str]) -> bool:
    return 2 * len(_content(own) & _content(other)) >= len(_content(own))


def _content(words: Sequence[str]) -> set[str]:
    return {word for word in words if word not in COMMON}


def _stems(words: Sequence[str]) -> set[str]:
    return {word[:STEM] for word in words}


def _swaps(own: Sequence[str], other: Sequence[str], matcher: SequenceMatcher[str]) -> int:
    """Places at which words that the sentence lacks stand in place of words that the claim lacks."""
    own_stems, other_stems = _stems(own), _stems(other)
    swaps = 0
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        new = _stems([word for word in own[start:end] if word not in COMMON]) - other_stems
        gone = _stems([word for word in other[other_start:other_end] if word not in COMMON]) - own_stems
        swaps += kind == "replace" and bool(new) and bool(gone)
    return swaps


def _out_of_order(own: Sequence[str], other: Sequence[str], kept: float) -> float:
    content = [word for word in own if word not in COMMON]
    known = _stems(other)
    have = sum(word[:STEM] in known for word in content) / max(1, len(content))
    return max(0.0, have - kept) if have > 0.85 else 0.0


def _is_moved(own: Sequence[str], other: Sequence[str], matcher: SequenceMatcher[str]) -> bool:
    """Whether words have changed places that are no clause behind a link; a passive turns two sides truly."""
    if len(_content(own) - set(other)) > 0.2 * len(_content(own)) or ("by" in own) != ("by" in other):
        return False
    here: set[str] = set()
    there: set[str] = set()
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            here |= _unlinked(own[start:end])
            there |= _unlinked(other[other_start:other_end])
    return bool(here & there)


def _unlinked(words: Sequence[str]) -> set[str]:
    return _content(words) if words and words[0] not in _LINKS else set()

"""Picks the sentences of a passage that a claim is read with: the few that matter most to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.names import fold

_WORD = re.compile(r"[a-z0-9]+")
_COMMON_TEXT = """
    a an and are as at be been between by can could for from has have in into is it its may of on or
    our than that the their these they this those to was we were which while with der die das den
    dem des ein eine einer eines einem einen und oder ist sind war waren wird werden von zu mit fuer
    auf im am auch als bei durch sich nicht
"""
COMMON = frozenset(_COMMON_TEXT.split())
LEAST_COSINE = 0.7
"""Unrelated sentences are about this near each other in the lower half."""
STEM = 5
"""Words are compared by their first letters: it serves English and German alike, and meets cognates across
them."""


def stems(text: str) -> set[str]:
    """The content words of `text`, folded and cut to `STEM` letters."""
    return set(stems_in_order(text))


def stems_in_order(text: str) -> list[str]:
    """The same as often and in the order as they stand."""
    return [word[:STEM] for word in _WORD.findall(fold(text)) if word not in COMMON]


def likeness(claim: NDArray[np.float32], sentences: NDArray[np.float32]) -> list[float]:
    """How near each sentence is to the claim by the lower half's states, 0 to 1, in any language.

    Args:
        claim: mean of its states, (width,).
        sentences: means of theirs, (sentences, width).
    """
    own = claim / np.linalg.norm(claim)
    others = sentences / np.linalg.norm(sentences, axis=1, keepdims=True)
    cosines = others @ own
    return [float(value) for value in np.clip((cosines - LEAST_COSINE) / (1 - LEAST_COSINE), 0, 1)]


def worth(claim: str, sentences: Sequence[str], alike: Sequence[float]) -> list[float]:
    """How much each sentence matters to the claim: the share of its words that are there, and `likeness`."""
    wanted = stems(claim)
    return [
        len(wanted & stems(sentence)) / max(1, len(wanted)) + like
        for sentence, like in zip(sentences, alike, strict=True)
    ]


def choose(worths: Sequence[float], lengths: Sequence[int], room: int, most: int) -> list[int]:
    """Which sentences go to the model.

    Args:
        worths: of the passage's sentences, see `worth`.
        lengths: how many pieces each has.
        room: how many pieces there are for the passage.
        most: how many sentences at most.

    Returns:
        indices in order: those that matter most, as far as they fit. Never empty unless there are no sentences; a
        first one that is too long is left to be cut.
    """
    chosen: list[int] = []
    left = room
    for index in sorted(range(len(worths)), key=lambda i: -worths[i]):
        if len(chosen) < most and (lengths[index] <= left or not chosen):
            chosen.append(index)
            left -= lengths[index]
    return sorted(chosen)

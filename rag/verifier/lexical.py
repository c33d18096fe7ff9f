"""What can be told from words alone: the check that stays where the model's file or its embedder is missing.

`models.md` of the project's research: stemmed recall over the best two sentences is nearly all that a
fitted lexical model gives; it sees what isn't mentioned, never what was said the other way round."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.verifier.packing import stems

ACCEPTED = 0.7
"""Recall from which a claim passes on words alone."""

_NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|without|cannot|\w+n't|fails?|nicht|kein\w*|nie|niemals|ohne|weder)\b",
    re.IGNORECASE,
)


def best_two(claim: str, sentences: Sequence[str]) -> list[int]:
    """Indices of the two sentences that share most of the claim's words, best first."""
    wanted = stems(claim)
    shared = [wanted & stems(sentence) for sentence in sentences]
    if not sentences:
        return []
    first = max(range(len(sentences)), key=lambda index: (len(shared[index]), -index))
    rest = [index for index in range(len(sentences)) if index != first]
    if not rest:
        return [first]
    second = max(rest, key=lambda index: (len(shared[index] - shared[first]), len(shared[index]), -index))
    return [first, second]


def recall(claim: str, sentences: Sequence[str]) -> float:
    """Share of the claim's content words in the best two sentences, 0 to 1."""
    wanted = stems(claim)
    if not wanted:
        return 0.0
    found: set[str] = set()
    for index in best_two(claim, sentences):
        found |= wanted & stems(sentences[index])
    return len(found) / len(wanted)


def negations(text: str) -> int:
    """How many words of denial a text has."""
    return len(_NEGATION.findall(text))


def negation_differs(claim: str, sentences: Sequence[str]) -> bool:
    """Whether claim and best sentence disagree on being denied."""
    best = best_two(claim, sentences)
    return bool(best) and (negations(claim) > 0) != (negations(sentences[best[0]]) > 0)

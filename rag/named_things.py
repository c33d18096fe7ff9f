"""Things of a kind that abstracts name: which data sets, machines or methods appear in the papers.

A sentence names one where a word for the kind stands beside a proper name ('the CelebA-HQ dataset', 'the Frontier
exascale system'); what is named so once is looked for in every other sentence as well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rag.abbreviations import expansions
from rag.models import Language
from rag.names import fold
from rag.planning.papers import coined_names

_TOKEN = re.compile(r"[^\W_]+(?:[-.'][^\W_]+)*")
_BEFORE, _BEHIND = 4, 3
"""Words between a name and the word for its kind."""
_MEASURES = frozenset({"size", "sizes", "scale", "scaling", "growth", "quality", "performance", "results"})
"""Behind the word for a kind these speak of a quantity, not of a thing with a name."""


class Asked(NamedTuple):
    """A kind of thing that is asked for, and where its word stands."""

    kind: str
    span: tuple[int, int]


def kind_asked(folded: str, language: Language) -> Asked | None:
    """The first kind of thing that a question names, as `rag.names.fold` gives it; None where it names none known."""
    found = [
        Asked(kind, place.span())
        for kind, by_language in _kinds().items()
        for words in (by_language.get(language, []), by_language["en"])
        if (place := re.search(rf"\b(?:{'|'.join(words)})\b", folded))
    ]
    return min(found, key=lambda one: one.span) if found else None


def rows_that_name(kind: str, sentences: Sequence[str]) -> dict[int, int]:
    """Rows of the sentences that name things of `kind`, and how many each names."""
    marker = re.compile(rf"(?:{'|'.join(_kinds()[kind]['beside'])})", re.IGNORECASE)
    # A field's abbreviation ('RL', 'LM') is no name, though it is spelt like one.
    fields = {_bare(short) for sentence in sentences for short in expansions(sentence)}
    beside = [_names_beside(sentence, marker) - fields for sentence in sentences]
    known = frozenset().union(*beside) if beside else frozenset()
    named = {
        row: len(names | (_coined(sentence) & known))
        for row, (sentence, names) in enumerate(zip(sentences, beside, strict=True))
    }
    return {row: count for row, count in named.items() if count}


def _names_beside(sentence: str, marker: re.Pattern[str]) -> frozenset[str]:
    """Folded coined and capitalised words that stand near a word that `marker` matches."""
    tokens = _TOKEN.findall(sentence)
    coined = _coined(sentence)
    found: set[str] = set()
    for place, token in enumerate(tokens):
        following = tokens[place + 1].lower() if place + 1 < len(tokens) else ""
        if not marker.fullmatch(token) or following in _MEASURES:
            continue
        for near in range(max(0, place - _BEFORE), min(len(tokens), place + _BEHIND + 1)):
            word = tokens[near]
            is_name = _bare(word) in coined or (near > 0 and word[:1].isupper() and word[1:].islower())
            if is_name and not marker.fullmatch(word):
                found.add(_bare(word))
    return frozenset(found)


def _coined(sentence: str) -> frozenset[str]:
    return frozenset(_bare(name) for name in coined_names(sentence))


def _bare(name: str) -> str:
    """A name folded, without a plural's ending and the number of a version: 'ImageNet-1k' is 'imagenet'."""
    return re.sub(r"-\d+\w*$", "", fold(name)).removesuffix("s")


@cache
def _kinds() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("rag").joinpath("named_things.toml").read_text("utf-8"))

"""The themes of some papers: their categories, or what their titles have in common."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rag.lexical import tokenize
from rag.models import Filter, Paper
from rag.names import fold
from rag.planning.categories import category_name
from rag.records import category_counts, newest_first, select

WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
MOST_THEMES = 4
_LONGEST = 3
_LEAST_SHARED = 2
_GENERAL_WORDS = """
    approach analysis study method methods model models system systems using based via towards toward new novel
    effect effects application applications theory review paper
"""
_GENERAL = frozenset(_GENERAL_WORDS.split())


class Theme(NamedTuple):
    """What some papers have in common, and those papers, newest first."""

    name: str
    papers: tuple[Paper, ...]


@lru_cache(maxsize=8)
def themes_of(papers: tuple[Paper, ...], limit: int) -> tuple[Theme, ...]:
    """Up to `limit` themes, the largest first.

    Where most papers have a category the themes are the categories; else they are words that titles share. A paper
    may belong to no theme, and to one at most.
    """
    filed = [paper for paper in papers if paper.category]
    if 2 * len(filed) > len(papers):
        counts = category_counts(papers)[:limit]
        return tuple(Theme(category_title(code), select(papers, Filter(category=code))) for code, _ in counts)
    return tuple(_by_titles(papers, limit))


def category_title(code: str) -> str:
    """'Machine Learning (LG)', or the code alone where its name is unknown."""
    name = category_name(code)
    return f"{name} ({code})" if name else code


def _by_titles(papers: Sequence[Paper], limit: int) -> list[Theme]:
    """Greedily the words that most of the papers left share in their titles."""
    left = list(papers)
    themes: list[Theme] = []
    while len(themes) < limit:
        holders: dict[tuple[str, ...], list[Paper]] = defaultdict(list)
        spelled: dict[tuple[str, ...], str] = {}
        for paper in left:
            for terms, text in _runs(paper.title).items():
                holders[terms].append(paper)
                spelled.setdefault(terms, text)
        shared = {terms: held for terms, held in holders.items() if _titles(held) >= _needed(terms)}
        if not shared:
            break
        best = max(shared, key=lambda terms: (len(terms) > 1, _titles(shared[terms]) * len(terms), terms))
        themes.append(Theme(spelled[best], newest_first(shared[best])))
        left = [paper for paper in left if paper not in shared[best]]
    return sorted(themes, key=lambda theme: -len(theme.papers))


def _needed(terms: tuple[str, ...]) -> int:
    return _LEAST_SHARED if len(terms) > 1 else _LEAST_SHARED + 1


def _titles(papers: Sequence[Paper]) -> int:
    """How many different titles: a paper may be listed as preprint and as published."""
    return len({fold(paper.title) for paper in papers})


def _runs(title: str) -> dict[tuple[str, ...], str]:
    """Runs of words of content in a title, by their stems: {('flow', 'match'): 'Flow Matching'}."""
    found: dict[tuple[str, ...], str] = {}
    places = [match.span() for match in WORD.finditer(title)]
    stems = [_stem(title[start:end]) for start, end in places]
    for first in range(len(places)):
        for last in range(first, min(first + _LONGEST, len(places))):
            run = stems[first : last + 1]
            text = title[places[first][0] : places[last][1]]
            if any(stem is None for stem in run) or re.search(r"[:;,.?!–—]", text):
                break
            found.setdefault(tuple(str(stem) for stem in run), text)
    return found


def _stem(word: str) -> str | None:
    """The word's stem, None for one that names no theme."""
    terms = tokenize(word)
    return None if not terms or fold(word) in _GENERAL or word.isdigit() else "-".join(terms)

"""Subject categories in a question, by code or by name."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from rag.names import fold
from rag.planning.frames import Span


class Mention(NamedTuple):
    """A category named in a question."""

    code: str
    span: Span
    by_code: bool


def category_name(code: str) -> str:
    """The name of a category code, '' where it is not one of arXiv's."""
    names = _names().get(_bare(code))
    return names[0] if names else ""


def find_categories(question: str, used: frozenset[str]) -> tuple[Mention, ...]:
    """Categories that `question` names.

    Args:
        question: as typed: a two-letter code counts only in capitals or behind a word such as 'category'.
        used: codes that occur in the profile; other codes are found by name or behind such a word alone.
    """
    found: list[Mention] = []
    for match in re.finditer(r"(?<![\w-])(?:[a-z-]+\.)?((?:[A-Za-z]+-(?=[A-Z]{2,4}\b))?[A-Za-z]{2,8})(?!\w)", question):
        code = match[1].upper()
        announced = re.search(
            r"(?:categor\w*|kategori\w*|filed under|label\w*|tagged?|section|under|arxiv|rubri\w*|unter)\W+(?:the )?$",
            fold(question[: match.start()]),
        )
        known = code in used or (bool(announced) and code in _names())
        if known and (match[1].isupper() or announced) and not (question.isupper() and code in _WORDS):
            found.append(Mention(code, match.span(), by_code=True))
    folded = fold(question)
    if len(folded) == len(question):
        for match in _named().finditer(folded):
            if not any(_overlap(match.span(), mention.span) for mention in found):
                found.append(Mention(_codes()[match.group()], match.span(), by_code=False))
    return tuple(sorted(found, key=lambda mention: mention.span))


_WORDS = frozenset({"AS", "IT", "AI", "IM", "ME", "SO", "TO", "IN", "DE", "CO", "HE", "NA", "ET", "DB"})


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _bare(code: str) -> str:
    return code.rpartition(".")[2].upper()


@cache
def _names() -> dict[str, list[str]]:
    return tomllib.loads(files("rag.planning").joinpath("categories.toml").read_text(encoding="utf-8"))


@cache
def _codes() -> dict[str, str]:
    """Codes by folded name."""
    return {fold(name): code for code, names in _names().items() for name in names}


@cache
def _named() -> re.Pattern[str]:
    """Any category's name, the longest that fits."""
    names = sorted(_codes(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?![\w-])")

"""Splitting a text into sentences that keep their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_ABBREVIATIONS = frozenset(
    [
        "e.g",
        "i.e",
        "et",
        "al",
        "etc",
        "vs",
        "cf",
        "fig",
        "figs",
        "eq",
        "eqs",
        "sec",
        "ref",
        "refs",
        "approx",
        "resp",
        "no",
        "nos",
        "vol",
        "pp",
        "ca",
        "dr",
        "prof",
        "mr",
        "mrs",
        "ms",
        "st",
        "jr",
        "sr",
        "inc",
        "z.b",
        "d.h",
        "u.a",
        "bzw",
        "usw",
        "ggf",
        "vgl",
        "nr",
        "abb",
        "evtl",
        "inkl",
        "sog",
    ]
)
_BOUNDARY = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s+\S)")
_LAST_WORD = re.compile(r"[^\s(\[\"'“]+$")


class Span(NamedTuple):
    """A sentence and where it stands: `text == source[start:end]`."""

    text: str
    start: int
    end: int


def split_sentences(text: str) -> list[Span]:
    """Sentences of `text` in order, without the white space around them.

    A full stop ends a sentence unless it follows an abbreviation or a single initial, or stands right behind
    a word and before a lower-case letter. Each span is a verbatim piece of `text`.
    """
    ends = [*_sentence_ends(text), len(text)]
    spans, start = [], 0
    for end in ends:
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            first = start + piece.index(stripped)
            spans.append(Span(stripped, first, first + len(stripped)))
        start = end
    return spans


def _sentence_ends(text: str) -> Iterator[int]:
    for match in _BOUNDARY.finditer(text):
        following = text[match.end() :].lstrip()
        spaced = text[match.start() - 1 : match.start()].isspace()  # "flow . the", as old collections have it
        if following[0].islower() and not spaced:
            continue
        if match.group().startswith(".") and _is_abbreviation(text[: match.start()]):
            continue
        yield match.end()


def _is_abbreviation(before: str) -> bool:
    found = _LAST_WORD.search(before)
    if not found:
        return False
    word = found.group()
    is_initial = len(word) == 1 and word.isupper()
    return is_initial or word.lower().rstrip(".") in _ABBREVIATIONS

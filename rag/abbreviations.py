"""Abbreviations and what a text says they stand for."""

from __future__ import annotations

import re

_PAREN = re.compile(r"\(([^()]{2,40})\)")
_SMALL = frozenset({"of", "and", "the", "for", "in", "to", "a", "on", "with"})
_WORD = re.compile(r"[^\W_]+")


def expansions(text: str) -> dict[str, str]:
    """Short forms in brackets with the words in front that they abbreviate: 'mean reciprocal rank (MRR)'.

    The long form is the shortest run of words in front that holds the short form's letters in order, the first
    of them at the start of a word: Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation
    Definitions in Biomedical Text" (PSB 2003).

    Returns:
        Long forms as they stand in `text`, by short form in lower case without a plural 's'.
    """
    found: dict[str, str] = {}
    for match in _PAREN.finditer(text):
        short = re.split(r"[,;]", match[1])[0].strip()
        if not 2 <= len(short) <= 10 or not any(letter.isupper() for letter in short) or " " in short:
            continue
        bare = re.sub(r"s$", "", short)
        before = text[: match.start()].rstrip()
        long = _by_initials(bare, before) or _long_form(bare, before)
        if long:
            found.setdefault(bare.lower(), long)
    return found


def _by_initials(short: str, before: str) -> str | None:
    """The end of `before` whose words begin with the letters of `short`; small words between may be skipped."""
    letters = [letter.lower() for letter in short if letter.isalnum()]
    place = None
    for word in reversed(list(_WORD.finditer(before))[-(2 * len(letters)) :]):
        if not letters:
            break
        if word.group()[0].lower() == letters[-1]:
            letters.pop()
            place = word.start()
        elif word.group().lower() not in _SMALL:
            return None
    return before[place:] if not letters and place is not None else None


def _long_form(short: str, before: str) -> str | None:
    """The end of `before` that `short` abbreviates, matched letter by letter from the right."""
    letters = [letter.lower() for letter in short if letter.isalnum()]
    words = list(_WORD.finditer(before))[-(len(letters) + 5) :]
    if not words or not letters:
        return None
    place = len(before)
    for number, letter in reversed(list(enumerate(letters))):
        place = before.lower().rfind(letter, words[0].start(), place)
        while number == 0 and place > 0 and (before[place - 1].isalnum()):
            place = before.lower().rfind(letter, words[0].start(), place)
        if place < 0:
            return None
    long = before[place:]
    return long if len(long) > len(short) and len(long.split()) <= len(letters) + 4 else None

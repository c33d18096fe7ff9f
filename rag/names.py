"""Slugs and folded spellings, so that 'Jülich', 'Juelich' and 'julich' can meet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "ae", "Æ": "Ae", "ß": "ss", "ı": "i"})

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "´": "'", "`": "'"})

DIRECTION_MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "zu"}
)


def fold(text: str) -> str:
    """Lower case without accents: 'Flöge' -> 'floge'."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(c for c in bare if not unicodedata.combining(c)).lower()


def tidy(text: str) -> str:
    """`text` on one line, with special letters and quotes in one spelling, so that `fold` keeps its length."""
    plain = unicodedata.normalize("NFKC", text).translate(_LETTERS).translate(_QUOTES)
    plain = "".join(c if len(fold(c)) == 1 else " " for c in plain)
    return re.sub(r"\s+", " ", plain).strip()


def printable(line: str) -> str:
    """`line` without control characters and without marks that reverse the reading direction."""
    kept = (c for c in line.translate(DIRECTION_MARKS) if c == "\t" or unicodedata.category(c) != "Cc")
    return "".join(kept)


def foldings(text: str) -> tuple[str, ...]:
    """The spellings under which `text` may be typed: 'Flöge' -> ('floge', 'floege')."""
    plain, german = fold(text), fold(text.translate(_GERMAN))
    return (plain,) if plain == german else (plain, german)


def slug(text: str, *, separator: str = "-") -> str:
    """Letters and digits of `text`, folded, joined by `separator`."""
    return separator.join(re.findall(r"[a-z0-9]+", fold(text)))


def same_person(one: str, other: str) -> bool:
    """Whether two printed names can be the same person: 'P. G. Kwiat', 'Paul G. Kwiat', 'Paul Kwiat'.

    Surnames must agree whole; given names must agree as far as both are printed, an initial with its name.
    """
    if fold(one) == fold(other):
        return True
    first, second = _name_parts(one), _name_parts(other)
    if not first or not second or first[-1] != second[-1]:
        return False
    given, other_given = first[:-1], second[:-1]
    pairs = list(zip(given, other_given, strict=False))
    return bool(pairs) and all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in pairs)


@cache
def _name_parts(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[a-z]+", fold(name)))


def canonical_names(names: Iterable[str]) -> dict[str, str]:
    """For each printed name the fullest spelling of the same person among `names`.

    A spelling that could be two different people ('J. Smith' beside 'Jane Smith' and 'John Smith') stays
    by itself.
    """
    spellings = sorted(set(names), key=lambda name: (-len(_name_parts(name)), -len(name), name))
    canonical: dict[str, str] = {}
    leaders: dict[str, list[str]] = {}
    for name in spellings:
        parts = _name_parts(name)
        surname = parts[-1] if parts else name
        alike = [leader for leader in leaders.get(surname, []) if same_person(name, leader)]
        if len(alike) == 1:
            canonical[name] = alike[0]
        else:
            canonical[name] = name
            leaders.setdefault(surname, []).append(name)
    return canonical


def family_and_given(name: str) -> tuple[str, str]:
    """The last word is the family name, with the particles in front of it, as BibTeX takes it."""
    words = name.split()
    first = max(len(words) - 1, 0)
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return " ".join(words[first:]), " ".join(words[:first])

"""Years, ranges and months in a question."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import NamedTuple

from rag.models import Language
from rag.names import foldings

_YEAR = r"(?:19|20)\d\d"
_RANGE = re.compile(
    rf"\b(?:between|from|zwischen|von|entre|de|desde)?\s*({_YEAR})\s*"
    rf"(?:-|–|—|to|and|until|till|through|bis|und|a|et|y|hasta|jusqu'en)\s*({_YEAR})\b"
)
_FROM = re.compile(rf"\b(?:since|starting (?:in|from)|ab|seit|depuis|desde)\s+({_YEAR})(?:\s+an)?\b")
_FROM_ON = re.compile(
    rf"\b(?:from\s+|von\s+)?({_YEAR})\s+(?:or later|or newer|and later|on|onwards?|(?:und|oder) (?:spater|neuer)|an)\b"
)
_AFTER = re.compile(rf"\b(?:after|later than|newer than|nach|apres|despues de)\s+({_YEAR})\b")
_BEFORE = re.compile(
    rf"\b(?:before|predat(?:e|es|ing)|earlier than|older than|prior to|vor|avant|antes de)\s+({_YEAR})\b"
)
_UNTIL = re.compile(
    rf"\b(?:until|till|up to|by the end of|bis(?: einschliesslich| ende)?|jusqu'en|hasta)\s+({_YEAR})\b"
)
_LAST_YEARS = re.compile(
    r"\b(?:(?:last|past|letzten|vergangenen) (\d+|two|three|four|five|zwei|drei|vier|funf) (?:years|jahren?))\b"
)
_SMALL = {"two": 2, "three": 3, "four": 4, "five": 5, "zwei": 2, "drei": 3, "vier": 4, "funf": 5}
_RELATIVE = (
    (re.compile(r"\b(?:this year|current year|dieses jahr|diesem jahr|cette annee|este ano)\b"), 0),
    (
        re.compile(r"\b(?:last year|letzte[sn] jahr|vergangenen jahr|l'annee derniere|el ano pasado)\b"),
        -1,
    ),
    (re.compile(r"\b(?:next year|nachstes jahr|nachsten jahr)\b"), 1),
)
_MONTH_START = re.compile(
    r"\b(?:jan|feb|fev|ene|mar|mae|apr|avr|abr|ma[iy]|jun|jui|jul|aug|aou|ago|sep|okt|oct|nov|dez|dec|dic)"
)
_SINGLE = re.compile(rf"\b({_YEAR})\b")


class Period(NamedTuple):
    """A stretch of time named in a question; None where it is open."""

    year: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    month: int | None = None


class Found(NamedTuple):
    """A period and the pieces of the question that named it."""

    period: Period
    spans: tuple[tuple[int, int], ...]


def find_period(folded: str, language: Language, today: date | None = None) -> Found | None:
    """The period that `folded` (lower case, no accents) names, None if it names none.

    Args:
        folded: the question as `rag.names.fold` gives it.
        language: whose month names are looked for, beside English.
        today: what "last year" is counted from.
    """
    this_year = (today or date.today()).year
    month = _find_month(folded, language)
    years = _find_years(folded, this_year)
    if years is None and month is None:
        return None
    period = (years.period if years else Period())._replace(month=month[0] if month else None)
    return Found(period, (*(years.spans if years else ()), *((month[1],) if month else ())))


def _find_years(text: str, this_year: int) -> Found | None:
    if match := _RANGE.search(text):
        first, last = sorted((int(match[1]), int(match[2])))
        return Found(Period(year_from=first, year_to=last), (match.span(),))
    for pattern, build in _OPEN_ENDED:
        if match := pattern.search(text):
            return Found(build(int(match[1])), (match.span(),))
    if match := _LAST_YEARS.search(text):
        count = _SMALL.get(match[1]) or int(match[1])
        return Found(Period(year_from=this_year - count, year_to=this_year), (match.span(),))
    for pattern, offset in _RELATIVE:
        if match := pattern.search(text):
            return Found(Period(year=this_year + offset), (match.span(),))
    matches = list(_SINGLE.finditer(text))
    if not matches:
        return None
    years = sorted({int(match[1]) for match in matches})
    spans = tuple(match.span() for match in matches)
    if len(years) == 1:
        return Found(Period(year=years[0]), spans)
    return Found(Period(year_from=years[0], year_to=years[-1]), spans)


_OPEN_ENDED: tuple[tuple[re.Pattern[str], Callable[[int], Period]], ...] = (
    (_FROM, lambda year: Period(year_from=year)),
    (_FROM_ON, lambda year: Period(year_from=year)),
    (_AFTER, lambda year: Period(year_from=year + 1)),
    (_BEFORE, lambda year: Period(year_to=year - 1)),
    (_UNTIL, lambda year: Period(year_to=year)),
)


def _find_month(text: str, language: Language) -> tuple[int, tuple[int, int]] | None:
    if not _MONTH_START.search(text):
        return None  # month names are loaded only for a question that may hold one
    for name, number in _month_names(language):
        if match := re.search(rf"\b{re.escape(name)}\b", text):
            return number, match.span()
    return None


@cache
def _month_names(language: Language) -> tuple[tuple[str, int], ...]:
    """Folded month names of `language` and English, longest first; 'may' only next to a date word."""
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for locale in (language, "en"):
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, "format", locale).items():
                for folded in foldings(name.rstrip(".")):
                    if len(folded) > 3 or width == "wide":
                        names[folded] = number
    may = names.pop("may", None), names.pop("mai", None)
    found = sorted(names.items(), key=lambda item: -len(item[0]))
    if may[0]:
        found += [(f"{word} may", 5) for word in ("in", "of", "since", "last", "from")]
    if may[1] or language == "de":
        found += [(f"{word} mai", 5) for word in ("im", "vom", "en", "seit")]
    return tuple(found)

"""The date behind `--since`, and which papers are certainly not older."""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple

from rag.errors import InputError
from rag.models import Paper

_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?")


class Since(NamedTuple):
    """A date; a month or day that isn't given is the first."""

    year: int
    month: int
    day: int
    text: str


def parse_since(text: str) -> Since:
    """'2024', '2024-10' or '2024-10-04' as a date.

    Raises:
        InputError: it is none of these, or no such day exists.
    """
    found = _DATE.fullmatch(text.strip())
    year, month, day = (int(found[part] or 1) for part in ("year", "month", "day")) if found else (0, 0, 0)
    if not found or not (1 <= month <= 12 and year and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise InputError(f"{text!r} is not a date.", "Write 2024, 2024-10 or 2024-10-04.")
    return Since(year, month, day, text.strip())


def is_since(paper: Paper, since: Since) -> bool:
    """Whether the printed date is certainly not before `since`: '2024' alone is not certainly after 2024-06."""
    if paper.date is None or paper.date.year is None:
        return False
    return (paper.date.year, paper.date.month or 1, paper.date.day or 1) >= (since.year, since.month, since.day)

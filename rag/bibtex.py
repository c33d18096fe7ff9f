"""A paper as a BibTeX entry: what the profile states, and nothing that it doesn't."""

from __future__ import annotations

import re

from rag.models import Paper
from rag.names import family_and_given, slug

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def bibtex_entry(paper: Paper, key: str | None = None) -> str:
    """The entry of `paper`; a year or name that the profile doesn't give stays out.

    A date without a year goes into the note as it is printed, and a cut list of authors ends in 'others'.

    Args:
        paper: what is cited.
        key: by which it is cited; None for `bibtex_key`.
    """
    date = paper.date
    year = str(date.year) if date and date.year else ""
    people = [*map(_escaped, paper.authors), *(["others"] if paper.authors_cut else [])]
    fields = {
        "title": f"{{{_escaped(paper.title)}}}",
        "author": " and ".join(people),
        "year": year,
        "journal": _escaped(paper.venue or ""),
        "url": web_address(paper) or "",
        "note": "" if year or not date else f"Dated {_escaped(date.text)}, without a year",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    if year and date and date.month:
        lines.append(f"  month = {_MONTHS[date.month - 1]},")
    kind = "article" if paper.venue else "misc"
    return "\n".join((f"@{kind}{{{key or bibtex_key(paper)},", *lines, "}"))


def bibtex_key(paper: Paper) -> str:
    """'ali2024teuken': first family name, year, first long word of the title."""
    family = family_and_given(paper.authors[0])[0] if paper.authors else ""
    words = [word for word in slug(paper.title).split("-") if len(word) > 3]
    return f"{slug(family, separator='')}{paper.year or ''}{words[0] if words else ''}" or paper.id


def web_address(paper: Paper) -> str | None:
    """The first of its links that is one to the web; None where there is none."""
    return next((link for link in paper.links if re.match(r"https?://[^\s{}]+$", link)), None)


def _escaped(text: str) -> str:
    return re.sub(r"[\\{}~^&%$#_]", lambda mark: _SPECIAL[mark.group()], " ".join(text.split()))

"""Cited papers as BibTeX and as CSL-JSON: names and dates as printed, what is not stated left out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from rag.models import Paper, PaperDate
from rag.names import slug

_SPECIAL = {character: f"\\{character}" for character in "&%$#_"} | {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "ter", "zu"}
)


def bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper; a list of authors that is cut ends in 'and others', a date without a year is a note."""
    seen: dict[str, int] = {}
    return "\n".join(_entry(paper, _key(paper, seen)) for paper in papers)


def csl_json(papers: Sequence[Paper]) -> str:
    """A JSON list as Zotero and Pandoc read it."""
    seen: dict[str, int] = {}
    items = [_item(paper, _key(paper, seen)) for paper in papers]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _key(paper: Paper, seen: dict[str, int]) -> str:
    """'ali2023tokenizer'; a second one of the same kind gets a letter."""
    family = _family_and_given(paper.authors[0])[0] if paper.authors else ""
    word = next((word for word in slug(paper.title).split("-") if len(word) > 3), "paper")
    key = f"{slug(family, separator='')}{paper.year or ''}{word}"
    seen[key] = seen.get(key, 0) + 1
    return key if seen[key] == 1 else f"{key}{chr(ord('a') + seen[key] - 1)}"


def _entry(paper: Paper, key: str) -> str:
    names = [*(_escaped(name) for name in paper.authors), *(["others"] if paper.authors_cut else [])]
    fields = {
        "title": f"{{{_escaped(paper.title)}}}",
        "author": " and ".join(names),
        "year": str(paper.year) if paper.year else "",
        "month": str(paper.date.month) if paper.date and paper.year and paper.date.month else "",
        "journal": _escaped(paper.venue or ""),
        "url": next(iter(_addresses(paper)), ""),
        "note": _escaped(_note(paper)),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    kind = "article" if paper.venue else "misc"
    return "\n".join([f"@{kind}{{{key},", *lines, "}", ""])


def _note(paper: Paper) -> str:
    return f"dated {paper.date.text}, without a year" if paper.date and not paper.year else ""


def _item(paper: Paper, key: str) -> dict[str, Any]:
    notes = [_note(paper), "the printed list of authors is cut" if paper.authors_cut else ""]
    item = {
        "id": key,
        "type": "article-journal" if paper.venue else "article",
        "title": paper.title,
        "author": [_person(name) for name in paper.authors],
        "issued": _issued(paper.date),
        "container-title": paper.venue,
        "URL": next(iter(_addresses(paper)), None),
        "note": "; ".join(note for note in notes if note),
    }
    return {name: value for name, value in item.items() if value}


def _issued(when: PaperDate | None) -> dict[str, Any] | None:
    if when is None or when.year is None:
        return None
    parts = [when.year, *([when.month] if when.month else []), *([when.day] if when.month and when.day else [])]
    return {"date-parts": [parts]}


def _person(name: str) -> dict[str, str]:
    family, given = _family_and_given(name)
    return {"family": family, "given": given} if given else {"literal": name}


def _family_and_given(name: str) -> tuple[str, str]:
    """The last word is the family name, with the particles in front of it, as BibTeX takes it."""
    words = name.split()
    first = max(len(words) - 1, 0)
    while first > 1 and words[first - 1].lower() in _PARTICLES:
        first -= 1
    return " ".join(words[first:]), " ".join(words[:first])


def _addresses(paper: Paper) -> list[str]:
    return [link for link in paper.links if re.match(r"https?://[^\s{}]+$", link)]


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in " ".join(text.split()))

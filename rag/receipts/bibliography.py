"""Cited papers as BibTeX and as CSL-JSON: names and dates as printed, what is not stated left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rag.bibtex import bibtex_entry, bibtex_key, web_address
from rag.models import Paper, PaperDate
from rag.names import family_and_given


def bibtex(papers: Sequence[Paper]) -> str:
    """One entry a paper; a list of authors that is cut ends in 'and others', a date without a year is a note."""
    seen: dict[str, int] = {}
    return "\n".join(f"{bibtex_entry(paper, _key(paper, seen))}\n" for paper in papers)


def csl_json(papers: Sequence[Paper]) -> str:
    """A JSON list as Zotero and Pandoc read it."""
    seen: dict[str, int] = {}
    items = [_item(paper, _key(paper, seen)) for paper in papers]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _key(paper: Paper, seen: dict[str, int]) -> str:
    """'ali2023tokenizer'; a second one of the same kind gets a letter."""
    key = bibtex_key(paper)
    seen[key] = seen.get(key, 0) + 1
    return key if seen[key] == 1 else f"{key}{chr(ord('a') + seen[key] - 1)}"


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
        "URL": web_address(paper),
        "note": "; ".join(note for note in notes if note),
    }
    return {name: value for name, value in item.items() if value}


def _issued(when: PaperDate | None) -> dict[str, Any] | None:
    if when is None or when.year is None:
        return None
    parts = [when.year, *([when.month] if when.month else []), *([when.day] if when.month and when.day else [])]
    return {"date-parts": [parts]}


def _person(name: str) -> dict[str, str]:
    family, given = family_and_given(name)
    return {"family": family, "given": given} if given else {"literal": name}

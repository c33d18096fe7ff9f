"""All papers as JSON in the page, so that opening a passage needs no round trip."""

from __future__ import annotations

import json
from typing import Any

from rag.bibtex import bibtex_entry
from rag.models import Paper, Profile
from ui.strings import SCRIPT_STRINGS

# The four characters that could end the script element or start markup, as JSON writes them.
_HARMLESS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def page_data(profile: Profile) -> str:
    """A script element of type application/json with the papers, newest first, and the script's own words."""
    papers = sorted(profile.papers, key=lambda paper: paper.date.order if paper.date else (0, 0, 0), reverse=True)
    data = {"name": profile.name, "papers": [_paper(paper) for paper in papers], "strings": SCRIPT_STRINGS}
    return json_element("profile-data", data)


def json_element(name: str, data: dict[str, Any]) -> str:
    """A script element of type application/json with the id `name`, which `data` can't end or start markup in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_HARMLESS)
    return f'<script type="application/json" id="{name}">{text}</script>'


def _paper(paper: Paper) -> dict[str, Any]:
    return {
        "id": paper.id,
        "title": paper.title,
        "authors": list(paper.authors),
        "cut": paper.authors_cut,
        "date": paper.date.text if paper.date else None,
        "order": _order(paper),
        "category": paper.category,
        "code": paper.has_code,
        "links": [link for link in paper.links if link.startswith(("https://", "http://"))],
        "venue": paper.venue,
        "abstract": paper.abstract,
        "bibtex": bibtex_entry(paper),
    }


def _order(paper: Paper) -> str:
    """Sorts as text by date: '2024-09-30'; '' for a paper without a year."""
    if paper.date is None or paper.date.year is None:
        return ""
    return "{:04}-{:02}-{:02}".format(*paper.date.order)

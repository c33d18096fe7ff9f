"""Reader for a profile page saved as plain text.

The page opens with the person's name, category codes and figures with their labels glued on (`h-index45`,
`19papers`). Each paper is a label line (`CVApr 14, 2023Code`: category, date, code flag, all glued), its
title, its authors and its abstract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.latex import find_links, readable
from rag.errors import InputError
from rag.models import HeaderFigure, Paper, PaperDate
from rag.names import slug

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LABEL = re.compile(
    rf"^(?P<category>[A-Za-z][A-Za-z.\-]*?)?(?P<date>(?P<month>{'|'.join(MONTHS)})"
    r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?\.? (?P<day>\d{1,2})"
    r"(?:, (?P<year>\d{4}))?)(?P<code>Code)?$"
)
_FIGURE_AFTER = re.compile(r"^(?P<label>h-index|i10-index|Novelty|AI Score)\s*(?P<value>[\d.,]+%?)$", re.I)
_FIGURE_BEFORE = re.compile(r"^(?P<value>[\d,]+)\s*(?P<label>papers?|citations?)$", re.I)
_FIELD = re.compile(r"^[A-Z][A-Z.\-]{1,11}$")
_CUT = re.compile(r",?\s*(?:et al\.?|and others|\.\.\.|…)\s*$", re.I)
_LONGEST_NAME = 8
"""Words; a collaboration's name may be long."""

Line = tuple[int, str]


class PageHead:
    """What stands above the first paper: the person, category codes and stated figures."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.person = ""
        fields: list[str] = []
        figures: list[HeaderFigure] = []
        for _, line in lines:
            figure = _FIGURE_AFTER.match(line) or _FIGURE_BEFORE.match(line)
            if not self.person:
                self.person = line
            elif figure:
                if figure["label"].lower() not in {known.label.lower() for known in figures}:
                    figures.append(HeaderFigure(label=figure["label"], value=figure["value"]))
            elif _FIELD.match(line):
                fields.append(line)
        self.fields = tuple(fields)
        self.figures = tuple(figures)


def looks_like_page(text: str) -> bool:
    """Whether `text` has at least one label line of a profile page."""
    return any(_LABEL.match(line.strip()) for line in text.splitlines())


def read_page(text: str, source: str) -> tuple[PageHead, tuple[Paper, ...]]:
    """Reads a profile page into its head and its papers, in page order.

    Raises:
        InputError: if the page names no person or holds no paper; `source` is named in the message.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    starts = [index for index, (_, line) in enumerate(lines) if _LABEL.match(line)]
    if not starts:
        raise InputError(
            f"{source} holds no paper: no line looks like 'CVApr 14, 2023'.",
            "Save the profile page as text with its papers, or give a .bib file.",
        )
    head = PageHead((number, line) for number, line in lines[: starts[0]] if line)
    if not head.person:
        raise InputError(f"{source}, line 1: no name stands above the first paper.", "Add the person's name.")
    ends = [*starts[1:], len(lines)]
    seen: dict[str, int] = {}
    blocks = (lines[start:end] for start, end in zip(starts, ends, strict=True))
    return head, tuple(_read_paper(block, source, seen) for block in blocks)


def unique_id(title: str, seen: dict[str, int]) -> str:
    """Slug of `title`; a title that was seen before gets '-2', '-3' …"""
    base = slug(title) or "untitled"
    seen[base] = seen.get(base, 0) + 1
    return base if seen[base] == 1 else f"{base}-{seen[base]}"


def split_authors(line: str) -> tuple[tuple[str, ...], bool]:
    """Names in `line` as printed, and whether the list is cut by 'et al.'."""
    names = re.split(r",\s*(?:and\s+)?|\s+and\s+", _CUT.sub("", line))
    return tuple(name.strip() for name in names if name.strip()), bool(_CUT.search(line))


def _read_paper(block: list[Line], source: str, seen: dict[str, int]) -> Paper:
    number, label = block[0]
    found = _LABEL.match(label)
    assert found is not None
    paragraphs = list(_paragraphs(block[1:]))
    if not paragraphs:
        raise InputError(f"{source}, line {number}: no title follows '{label}'.", "Add the paper's title.")
    title, *rest = paragraphs
    title = readable(title)
    authors, cut = split_authors(readable(rest.pop(0))) if rest and not _is_prose(rest[0]) else ((), False)
    abstract = re.sub(r"\s+", " ", readable("\n\n".join(rest))).strip()
    return Paper(
        id=unique_id(title, seen),
        title=title,
        authors=authors,
        authors_cut=cut,
        category=found["category"] or None,
        date=_date(found),
        has_code=found["code"] is not None,
        links=find_links(abstract),
        abstract=abstract,
        raw="\n".join(line for _, line in block).strip(),
    )


def _is_prose(line: str) -> bool:
    """Whether `line` is a sentence where the authors should stand: the paper then lists none."""
    if _CUT.search(line):
        return False
    longest = max(len(name.split()) for name in line.split(","))
    return longest > _LONGEST_NAME or re.search(r"[a-z]{4}[.!?]$", line) is not None


def _paragraphs(block: Iterable[Line]) -> Iterator[str]:
    """Runs of lines without a blank line between them."""
    collected: list[str] = []
    for _, line in [*block, (0, "")]:
        if line:
            collected.append(line)
        elif collected:
            yield " ".join(collected)
            collected = []


def _date(found: re.Match[str]) -> PaperDate:
    return PaperDate(
        text=found["date"],
        year=int(found["year"]) if found["year"] else None,
        month=MONTHS.index(found["month"]) + 1,
        day=int(found["day"]),
    )

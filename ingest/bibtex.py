"""Reader for BibTeX bibliographies."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from ingest.latex import find_links, plain_text
from ingest.page import MONTHS, unique_id
from rag.errors import InputError
from rag.models import Paper, PaperDate
from rag.names import canonical_names

_VENUES = ("journal", "booktitle", "venue", "_venue", "school", "publisher")
_MARKS = re.compile(r"[*†‡§¶]|\$[^$]*\$|\^\{?\\?\w+\}?")


def read_bibtex(text: str, source: str) -> tuple[Paper, ...]:
    """Reads every entry that has a title, in the order of the file.

    Raises:
        InputError: if the file holds no such entry; `source` is named in the message.
    """
    entries = _parse(text, source)
    seen: dict[str, int] = {}
    papers = tuple(_read_entry(entry, seen) for entry in entries if entry.get("title", "").strip())
    if not papers:
        raise InputError(
            f"{source} holds no entry with a title.",
            "Give a BibTeX file with entries such as @article{key, title=…}.",
        )
    return papers


def count_entries(text: str) -> int:
    """How many entries `text` begins, whether they can be read or not."""
    kinds = re.findall(r"^\s*@+\s*(\w+)\s*[{(]", text, re.MULTILINE)
    return sum(kind.lower() not in {"string", "comment", "preamble"} for kind in kinds)


def most_frequent_author(papers: tuple[Paper, ...]) -> str:
    """The author with most papers, all spellings of a name counted together; the first of several."""
    canonical = canonical_names(author for paper in papers for author in paper.authors)
    counts = Counter(name for paper in papers for name in dict.fromkeys(canonical[author] for author in paper.authors))
    return max(counts, key=lambda name: counts[name]) if counts else "the author"


def _parse(text: str, source: str) -> list[dict[str, Any]]:
    import logging

    import bibtexparser
    from bibtexparser.bparser import BibTexParser

    logging.getLogger("bibtexparser").setLevel(logging.ERROR)
    parser = BibTexParser(common_strings=True, ignore_nonstandard_types=False)
    try:
        entries: list[dict[str, Any]] = bibtexparser.loads(text, parser).entries
    except Exception as error:
        raise InputError(f"{source} can't be read as BibTeX: {error}.", "Mend the entry that it names.") from None
    return entries


def _read_entry(entry: dict[str, Any], seen: dict[str, int]) -> Paper:
    title = plain_text(entry["title"])
    authors, cut = _authors(entry.get("author", ""))
    abstract = plain_text(entry.get("abstract", ""))
    url = entry.get("url", "").split()[0] if entry.get("url", "").strip() else ""
    doi = entry.get("doi", "").strip()
    stated = [link for link in (url, f"https://doi.org/{doi}" if doi and "/" in doi else "") if link.startswith("http")]
    code = [plain_text(entry[key]) for key in ("code", "codeurl", "github") if entry.get(key, "").startswith("http")]
    venue = next((plain_text(entry[key]) for key in _VENUES if entry.get(key, "").strip()), None)
    return Paper(
        id=unique_id(title, seen),
        title=title,
        authors=authors,
        authors_cut=cut,
        date=_date(entry),
        has_code=bool(code),
        links=tuple(dict.fromkeys([*stated, *code, *find_links(abstract)])),
        venue=venue,
        abstract=abstract,
        raw="\n".join(f"{key} = {value}" for key, value in sorted(entry.items())),
    )


def _authors(field: str) -> tuple[tuple[str, ...], bool]:
    names = [_name(name) for name in re.split(r"\s+and\s+", field.replace("\n", " ")) if name.strip()]
    cut = any(name.lower() in {"others", "et al."} for name in names)
    return tuple(name for name in names if name and name.lower() not in {"others", "et al."}), cut


def _name(name: str) -> str:
    """'Kwiat, P. G.' -> 'P. G. Kwiat', without the marks for equal contribution."""
    plain = _MARKS.sub("", plain_text(_MARKS.sub("", name))).strip(" ,")
    family, comma, given = plain.partition(",")
    return f"{given.strip()} {family.strip()}".strip() if comma else plain


def _date(entry: dict[str, Any]) -> PaperDate | None:
    year = re.search(r"\d{4}", entry.get("year", "") or entry.get("date", ""))
    if not year:
        return None
    month = _month(entry.get("month", ""))
    text = f"{MONTHS[month - 1]} {year[0]}" if month else year[0]
    return PaperDate(text=text, year=int(year[0]), month=month)


def _month(field: str) -> int | None:
    if field.strip().isdigit():
        number = int(field)
        return number if 1 <= number <= 12 else None
    start = field.strip().strip("{}")[:3].title()
    return MONTHS.index(start) + 1 if start in MONTHS else None

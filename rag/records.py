"""Conditions on papers, executed over the records: what computed answers rest on."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from rag.models import Filter, Paper, Profile
from rag.names import canonical_names, fold, same_person


def matches(paper: Paper, conditions: Filter) -> bool:
    """Whether `paper` meets every condition that is set.

    A paper without a year meets no condition on years; one without a stated category, month or author meets
    none on those.
    """
    wanted_authors = [name for name in (conditions.author, *conditions.authors) if name is not None]
    year = paper.year
    checks = (
        conditions.category is None or fold(paper.category or "") == fold(conditions.category),
        conditions.year is None or year == conditions.year,
        conditions.year_from is None or (year is not None and year >= conditions.year_from),
        conditions.year_to is None or (year is not None and year <= conditions.year_to),
        conditions.month is None or (paper.date is not None and paper.date.month == conditions.month),
        all(is_listed(paper, name) for name in wanted_authors),
        conditions.first_author is None
        or (bool(paper.authors) and same_person(paper.authors[0], conditions.first_author)),
        conditions.has_code is None or paper.has_code == conditions.has_code,
        conditions.title_word is None or has_title_word(paper.title, conditions.title_word),
        conditions.undated is None or (year is None) == conditions.undated,
        conditions.papers is None or paper.id in conditions.papers,
        conditions.exclude is None or not matches(paper, conditions.exclude),
    )
    return all(checks)


def select(papers: Iterable[Paper], conditions: Filter) -> tuple[Paper, ...]:
    """The papers that meet `conditions`, newest first; those without a year last, in the source's order."""
    return newest_first(paper for paper in papers if matches(paper, conditions))


def newest_first(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """Dated papers from newest to oldest, then undated ones in the order given."""
    held = tuple(papers)
    dated = sorted((paper for paper in held if paper.year), key=lambda p: p.date.order if p.date else (), reverse=True)
    return (*dated, *(paper for paper in held if not paper.year))


def has_title_word(title: str, word: str) -> bool:
    """Whether `title` holds `word` (or a phrase) as whole words, whatever the case; a plural counts too."""
    folded = fold(word)
    singular = re.escape(folded.removesuffix("s") if len(folded) > 3 else folded)
    return re.search(rf"(?<![a-z0-9]){singular}s?(?![a-z0-9])", fold(title)) is not None


def is_listed(paper: Paper, name: str) -> bool:
    """Whether `name`, in any spelling of it, stands in the printed author list of `paper`."""
    return any(same_person(author, name) for author in paper.authors)


def coauthor_counts(profile: Profile, of: str) -> list[tuple[str, int]]:
    """Everyone listed beside `of`, with in how many papers, most frequent first, then by name.

    For the profile's own person every paper of the profile counts, since each is theirs even where the cut
    list doesn't show it.
    """
    return [(name, len(papers)) for name, papers in coauthor_papers(profile, of)]


def coauthor_papers(profile: Profile, of: str) -> list[tuple[str, tuple[str, ...]]]:
    """The same with the ids of the papers, in the profile's order, in place of their number."""
    owner = same_person(of, profile.person)
    canonical = canonical_names(author for paper in profile.papers for author in paper.authors)
    held: dict[str, list[str]] = {}
    for paper in profile.papers:
        if owner or is_listed(paper, of):
            for name in dict.fromkeys(canonical[author] for author in paper.authors):
                if not same_person(name, of):
                    held.setdefault(name, []).append(paper.id)
    named = [(name, tuple(papers)) for name, papers in held.items()]
    return sorted(named, key=lambda item: (-len(item[1]), item[0]))


def year_counts(papers: Sequence[Paper]) -> list[tuple[int, int]]:
    """(year, number of papers) for every year between the first and the last, empty ones too."""
    counts = Counter(paper.year for paper in papers if paper.year)
    if not counts:
        return []
    return [(year, counts[year]) for year in range(min(counts), max(counts) + 1)]


def category_counts(papers: Iterable[Paper]) -> list[tuple[str, int]]:
    """(code, number of papers), most frequent first, then by code."""
    counts = Counter(paper.category for paper in papers if paper.category)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))

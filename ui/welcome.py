"""The first screen: whose papers these are, what is in here, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterator

from rag.models import Profile
from rag.records import category_counts, year_counts
from ui.escaping import html_text
from ui.strings import PageLanguage, say

_MOST_CATEGORIES = 8


def welcome(profile: Profile, language: PageLanguage) -> str:
    """A heading, and a few lines computed from the records, as one block of HTML."""
    lines = "".join(
        f"<dt>{html_text(label)}</dt><dd>{html_text(told)}</dd>" for label, told in _lines(profile, language)
    )
    heading = html_text(say(language, "welcome", person=profile.person))
    return f'<div class="inside"><p class="welcome">{heading}</p><dl>{lines}</dl></div>'


def _lines(profile: Profile, language: PageLanguage) -> Iterator[tuple[str, str]]:
    total = len(profile.papers)
    papers = say(language, "paper") if total == 1 else say(language, "papers", count=total)
    described = sum(bool(paper.abstract) for paper in profile.papers)
    yield say(language, "inside_papers"), say(language, "inside_abstracts", papers=papers, abstracts=described)
    years = [f"{year}: {count}" for year, count in year_counts(profile.papers)]
    undated = sum(paper.year is None for paper in profile.papers)
    if undated:
        years.append(f"{say(language, 'no_year')}: {undated}")
    if years:
        yield say(language, "inside_years"), " · ".join(years)
    categories = category_counts(profile.papers)
    if categories:
        named = [f"{code} {count}" for code, count in categories[:_MOST_CATEGORIES]]
        more = len(categories) - len(named)
        yield (
            say(language, "inside_categories"),
            " · ".join([*named, *([say(language, "inside_more", count=more)] if more else [])]),
        )
    if profile.findings:
        first, *others = profile.findings
        more_findings = f" ({say(language, 'inside_more', count=len(others))})" if others else ""
        yield say(language, "inside_doubts"), f"{first.message}{more_findings}"

"""The head of the page: whose profile this is, what it holds, and what is doubtful about it."""

from __future__ import annotations

from typing import Literal

from rag.models import Profile
from ui.escaping import html_text
from ui.strings import PageLanguage, say

Page = Literal["ask", "profile", "check", "evals", "brief", "verify"]
_ADDRESSES: dict[Page, str] = {
    "ask": "./",
    "profile": "profile",
    "check": "check",
    "brief": "brief",
    "evals": "evals",
}


def page_header(profile: Profile, model: str | None, language: PageLanguage, page: Page = "ask") -> str:
    """Name, counts computed from the records, model state, the ways to the other pages, the findings folded away.

    Args:
        profile: the profile that is shown.
        model: name of the language model that words answers, None where answers are quotes.
        language: language of the words around the records.
        page: the page that it stands on.
    """
    state = say(language, "model", model=model) if model else say(language, "no_model")
    return (
        f'<div class="masthead"><div class="who"><span class="product">{say(language, "product")}</span>'
        f"<h1>{html_text(profile.person)}</h1></div>"
        f'<p class="facts"><a href="#p=">{html_text(profile_facts(profile, language))}</a></p>'
        f'<p class="pages">{_pages(language, page)}</p>'
        f'<p class="state"><span class="dot{" on" if model else ""}"></span>{html_text(state)}</p>'
        f"{_doubts(profile, language)}</div>"
    )


def _pages(language: PageLanguage, page: Page) -> str:
    """The page's own name, and links to the others and to the page in the other language."""
    parts = []
    for name, address in _ADDRESSES.items():
        label = say(language, f"to_{name}")
        parts.append(f"<strong>{label}</strong>" if name == page else f'<a href="{address}">{label}</a>')
    other = "en" if language == "de" else "de"
    parts.append(f'<a class="language" href="?lang={other}" hreflang="{other}">{say(language, "other_language")}</a>')
    return " ".join(parts)


def profile_facts(profile: Profile, language: PageLanguage) -> str:
    """Counts from the records: '19 papers, 2021–2025, 5 without a year'."""
    total = len(profile.papers)
    years = sorted({paper.year for paper in profile.papers if paper.year is not None})
    undated = sum(paper.year is None for paper in profile.papers)
    facts = [say(language, "paper") if total == 1 else say(language, "papers", count=total)]
    if years:
        facts.append(str(years[0]) if len(years) == 1 else f"{years[0]}–{years[-1]}")
    if undated:
        facts.append(say(language, "without_year", count=undated))
    return ", ".join(facts)


def _doubts(profile: Profile, language: PageLanguage) -> str:
    """The findings, with the figures of the source's header, which they are about."""
    if not profile.findings:
        return ""
    findings = "".join(f"<li>{html_text(finding.message)}</li>" for finding in profile.findings)
    figures = " · ".join(f"{figure.label} {figure.value}" for figure in profile.figures)
    stated = f'<p class="meta">{say(language, "figures")}: {html_text(figures)}</p>' if figures else ""
    summary = f"{say(language, 'doubtful')} ({len(profile.findings)})"
    return f'<details class="doubts"><summary>{summary}</summary><ul>{findings}</ul>{stated}</details>'

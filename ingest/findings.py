"""What is off about a profile, in words for the reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rag.header import header_numbers
from rag.models import Finding, HeaderFigure, Paper
from rag.names import fold
from rag.records import is_listed


def find_oddities(person: str, figures: tuple[HeaderFigure, ...], papers: tuple[Paper, ...]) -> tuple[Finding, ...]:
    """Everything about the records that a reader should know before trusting them."""
    return (*_figures(figures, len(papers)), *_records(person, papers))


def _figures(figures: tuple[HeaderFigure, ...], held: int) -> Iterator[Finding]:
    numbers = header_numbers(figures)
    h_index, papers, citations = numbers
    if papers is not None and papers != held:
        yield Finding(code="count_differs", message=f"The header states {papers} papers; the page lists {held}.")
    if h_index is None:
        return
    reasons = []
    if numbers.too_few_papers():
        reasons.append(f"it needs at least {h_index} papers, the header states {papers}")
    if numbers.too_few_citations():
        reasons.append(f"it needs at least {h_index**2:,} citations, the header states {citations:,}")
    if reasons:
        yield Finding(
            code="figures_contradict",
            message=f"An h-index of {h_index} cannot be true here: {'; '.join(reasons)}.",
        )


def _records(person: str, papers: tuple[Paper, ...]) -> Iterator[Finding]:
    total = len(papers)
    undated = [paper for paper in papers if paper.year is None]
    if undated:
        dates = ", ".join(paper.date.text if paper.date else "no date" for paper in undated[:8])
        yield Finding(
            code="dates_without_year",
            message=f"{len(undated)} of {total} papers have no year ({dates}); they count for no year.",
        )
    cut = sum(paper.authors_cut for paper in papers)
    if cut:
        yield Finding(
            code="authors_cut",
            message=f"{cut} of {total} author lists are cut; names after the cut are unknown.",
        )
    listed = sum(is_listed(paper, person) for paper in papers)
    if listed < total:
        yield Finding(
            code="owner_rarely_listed",
            message=f"{person} stands in {listed} of the {total} printed author lists.",
        )
    missing = [paper.title for paper in papers if not paper.abstract]
    if missing:
        yield Finding(
            code="abstract_missing",
            message=f"{len(missing)} of {total} papers have no abstract, among them '{missing[0]}'.",
        )
    for title, times in Counter(fold(paper.title) for paper in papers).items():
        if times > 1:
            yield Finding(code="duplicate_title", message=f"{times} papers share the title '{title}'.")

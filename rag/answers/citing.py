"""Citations: made of a passage, and numbered in the order of use."""

from __future__ import annotations

from collections.abc import Iterable

from rag.models import AnswerSentence, Citation, Paper, Place

Numbering = dict[Place, Citation]
"""The passages that are cited so far, each with its number; a dictionary keeps their order."""


def cite(paper: Paper, passage: str, start: int, end: int) -> Citation:
    """A citation of a passage, not yet numbered; two zeros stand for the paper's record."""
    address = paper.links[0] if paper.links else None
    return Citation(n=0, paper_id=paper.id, title=paper.title, passage=passage, start=start, end=end, url=address)


def number_in(numbering: Numbering, citation: Citation) -> int:
    """The citation's number in `numbering`, which takes it in if its passage is new."""
    if citation.place not in numbering:
        numbering[citation.place] = citation.model_copy(update={"n": len(numbering) + 1})
    return numbering[citation.place].n


def renumbered(sentence: AnswerSentence, citations: Iterable[Citation], numbering: Numbering) -> AnswerSentence:
    """The sentence with the numbers that its `citations` have in `numbering`, which takes new ones in."""
    numbers = dict.fromkeys(number_in(numbering, citation) for citation in citations)
    return sentence.model_copy(update={"citations": tuple(numbers)})

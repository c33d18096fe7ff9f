"""What a model is given to read: numbered sentences of abstracts, the most relevant first to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rag.llm.prompts import fenced
from rag.models import Citation, Evidence, Explained, Paper, Place, Profile
from rag.sentences import split_sentences

_CHARACTERS_PER_TOKEN = 3.0
"""Of English about 4; German and formulas have fewer, and what doesn't fit is refused by the server."""
_FOR_REPLY = 700
"""Tokens kept free for the reply."""
_FOR_RULES = 600
"""Tokens of the prompt without passages."""
_MOST_PAPERS = 8


class Passage(NamedTuple):
    """A sentence of an abstract as it is offered to the model."""

    n: int
    paper: Paper
    text: str
    start: int
    end: int

    @property
    def place(self) -> Place:
        """Which sentence it is: paper and place."""
        return self.paper.id, self.start, self.end


def passages_for(explained: Explained, profile: Profile, context: int) -> tuple[Passage, ...]:
    """Sentences for an answer, numbered from 1, those of a paper together and in their order.

    What the quoted answer cites is always there, then what else was found, then the rest of the same abstracts,
    as far as the model's window has room.

    Args:
        explained: the quoted answer with its evidence.
        profile: gives the abstracts.
        context: the model's window in tokens.
    """
    room = max(0.0, (context - _FOR_REPLY - _FOR_RULES) * _CHARACTERS_PER_TOKEN)
    chosen: dict[Place, str] = {}
    for paper_id, start, end, text in _by_relevance(explained, profile):
        cited = len(chosen) < len(explained.answer.citations)
        if (paper_id, start, end) in chosen or (len(text) > room and not cited):
            continue
        chosen[paper_id, start, end] = text
        room -= len(text)
    papers = list(dict.fromkeys(paper_id for paper_id, _start, _end in chosen))[:_MOST_PAPERS]
    ordered = sorted(
        (place for place in chosen if place[0] in papers), key=lambda place: (papers.index(place[0]), place[1])
    )
    return tuple(
        Passage(n, profile.paper(place[0]), chosen[place], place[1], place[2])
        for n, place in enumerate(ordered, start=1)
    )


def as_text(passages: Sequence[Passage]) -> str:
    """The passages between marks, under the titles of their papers."""
    lines: list[str] = []
    for place, passage in enumerate(passages):
        if place == 0 or passages[place - 1].paper.id != passage.paper.id:
            lines.append(f"Paper: {passage.paper.title}")
        lines.append(f"[{passage.n}] {passage.text}")
    return fenced("passages", lines)


def _by_relevance(explained: Explained, profile: Profile) -> list[tuple[str, int, int, str]]:
    quoted = [citation for citation in explained.answer.citations if citation.is_quote]
    cited = dict.fromkeys(citation.paper_id for citation in quoted)
    found: list[Citation | Evidence] = [*quoted, *(one for one in explained.evidence if one.paper_id in cited)]
    sentences = [
        (one.paper_id, one.start, one.end, one.passage if isinstance(one, Citation) else one.text) for one in found
    ]
    for paper_id in cited:
        spans = split_sentences(profile.paper(paper_id).abstract)
        sentences += [(paper_id, span.start, span.end, span.text) for span in spans]
    return sentences

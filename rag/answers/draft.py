"""Building an answer: sentences with their citations numbered in order of use."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers.citing import Numbering, cite, number_in
from rag.models import (
    Answer,
    AnswerSentence,
    Evidence,
    Language,
    Paper,
    Plan,
    Profile,
    Proof,
    QuestionKind,
    RefusalReason,
    Scope,
    Verdict,
)
from rag.verifier.composed import passing


class Draft:
    """An answer in the making.

    Args:
        profile: whose papers are cited.
        plan: what is answered; gives question and language.
    """

    def __init__(self, profile: Profile, plan: Plan) -> None:
        self.profile = profile
        self.plan = plan
        self._sentences: list[AnswerSentence] = []
        self._citations: Numbering = {}

    @property
    def language(self) -> Language:
        """The language that the frame is written in."""
        return self.plan.language

    def say(
        self, text: str, papers: Sequence[Paper] = (), *, verdict: Verdict = "computed", item: bool = False
    ) -> None:
        """Adds a sentence that rests on the records of `papers`; an `item` stands on a line of its own."""
        numbers = tuple(self._cite(paper, paper.record_line, 0, 0) for paper in papers)
        self._add(text, numbers, verdict, 1.0, item=item)

    def quote(self, evidence: Evidence, lead: str = "", *, item: bool = False) -> None:
        """Adds a sentence of an abstract as it stands, behind `lead`; said again it is left out."""
        paper = self.profile.paper(evidence.paper_id)
        if evidence.place in self._citations:
            return
        number = self._cite(paper, evidence.text, evidence.start, evidence.end)
        self._add(f"{lead}{evidence.text}", (number,), "supported", evidence.score, item=item)

    def finish(
        self,
        kind: QuestionKind,
        *,
        refusal: RefusalReason | None = None,
        proof: Proof | None = None,
        related: Sequence[str] = (),
        notices: Sequence[str] = (),
    ) -> Answer:
        """The answer as drafted, but for sentences that don't pass their own check."""
        citations = tuple(self._citations.values())
        sentences = passing(self._sentences, citations, self.profile)
        used = {number for sentence in sentences for number in sentence.citations}
        return Answer(
            question=self.plan.question,
            answer=render(sentences),
            abstained=refusal is not None,
            kind=kind,
            language=self.language,
            scope=scope_of(self.profile),
            refusal_reason=refusal,
            citations=tuple(citation for citation in citations if citation.n in used),
            sentences=tuple(sentences),
            notices=tuple(notices),
            related=tuple(related),
            proof=proof,
        )

    def _add(self, text: str, numbers: tuple[int, ...], verdict: Verdict, score: float, *, item: bool) -> None:
        self._sentences.append(AnswerSentence(text=text, citations=numbers, verdict=verdict, score=score, item=item))

    def _cite(self, paper: Paper, passage: str, start: int, end: int) -> int:
        return number_in(self._citations, cite(paper, passage, start, end))


def render(sentences: Sequence[AnswerSentence]) -> str:
    """The text of an answer: sentences with their markers behind them, the items of a list on lines of their own."""
    text, after_item = "", False
    for sentence in sentences:
        markers = "".join(f"[{number}]" for number in sentence.citations)
        gap = "\n- " if sentence.item else "\n\n" if after_item else " "
        text += f"{gap}{sentence.text}{' ' if markers else ''}{markers}"
        after_item = sentence.item
    return text.strip()


def scope_of(profile: Profile) -> Scope:
    """What is looked at for every answer: all titles and all abstracts that there are."""
    return Scope(papers=len(profile.papers), abstracts=sum(bool(paper.abstract) for paper in profile.papers))

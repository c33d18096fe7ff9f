"""A small engine with fixed answers, for what the real one can't be made to do: wait, hold hostile text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence

from rag.clusters import Topic
from rag.models import (
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    Explained,
    Filter,
    Language,
    Plan,
    Profile,
    Proof,
    QuestionKind,
    RefusalReason,
    Scope,
    Turn,
)
from rag.sentences import split_sentences
from rag.verifier.reports import CheckedClaim, CheckedSentence, CheckReport, ReportEvidence, Ruling


class FakeChat:
    """Answers by how a question begins: 'How many' counts, 'Where' is refused, others quote the first paper.

    Args:
        profile: the profile that is asked.
        pause: seconds before each sentence.
    """

    def __init__(self, profile: Profile, *, pause: float = 0.0) -> None:
        self.profile = profile
        self._pause = pause

    def examples(self, language: Language = "en") -> tuple[str, ...]:  # noqa: ARG002
        return (
            "What is the first paper about?",
            "How many papers are there?",
            "What do the papers say about solar images?",
            "Which paper is the newest?",
        )

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        return self.explain(question, history).answer

    async def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:  # noqa: ARG002
        for answer in self._answers(question):
            if not answer.abstained and answer.proof is None:
                await asyncio.sleep(self._pause)
            yield self._explained(answer)

    def _answers(self, question: str) -> Iterator[Answer]:
        if question.startswith("How many"):
            yield self._counted(question)
        elif question.startswith("Where"):
            yield self._refused(question)
        else:
            for sentences in (1, 2, 3):
                yield self._quoted(question, sentences)

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:  # noqa: ARG002
        return self._explained(list(self._answers(question))[-1])

    def quote(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        return self.explain(question, history)

    def _explained(self, answer: Answer) -> Explained:
        plan = Plan(question=answer.question, language="en", kind=answer.kind, because=("the fake's only rule",))
        evidence = [
            Evidence(
                passage_id=str(c.start),
                paper_id=c.paper_id,
                text=c.passage,
                start=c.start,
                end=c.end,
                score=0.9,
                relevance=0.8,
                lexical=0.7,
                dense=0.6,
            )
            for c in answer.citations
        ]
        return Explained(answer=answer, plan=plan, evidence=tuple(evidence))

    def check(self, text: str) -> CheckReport:
        """Sentences that begin with 'Not' are contradicted by the first paper, with 'What' found nowhere."""
        paper = self.profile.papers[0]
        span = split_sentences(paper.abstract)[0]
        place = ReportEvidence(paper_id=paper.id, title=paper.title, sentence=span.text, start=span.start, end=span.end)
        sentences = []
        for line in text.splitlines():
            for told in split_sentences(line):
                first = told.text.split()[0]
                verdict: Ruling = {"Not": "contradicted", "What": "not_found"}.get(first, "supported")  # type: ignore[assignment]
                evidence = () if verdict == "not_found" else (place,)
                claim = CheckedClaim(text=told.text, verdict=verdict, score=0.5, reason="because", evidence=evidence)
                sentences.append(CheckedSentence(**claim.model_dump(), claims=(claim,)))
        return CheckReport(sentences=tuple(sentences))

    def topics(self) -> tuple[Topic, ...]:
        """The first papers and the rest."""
        ids = tuple(paper.id for paper in self.profile.papers)
        return (Topic((self.profile.papers[0].title, "rest"), ids[:2]), Topic((), ids[2:]))

    def _quoted(self, question: str, sentences: int) -> Answer:
        paper = self.profile.papers[0]
        spans = split_sentences(paper.abstract)[:sentences]
        citations = [
            Citation(n=1, paper_id=paper.id, title=paper.title, passage=s.text, start=s.start, end=s.end) for s in spans
        ]
        return self._answer(
            question,
            QuestionKind.FACT,
            answer=" ".join(f"{span.text} [1]" for span in spans),
            citations=tuple(citations),
            sentences=tuple(AnswerSentence(text=s.text, citations=(1,), verdict="supported") for s in spans),
            related=("How many papers are there?", "Which paper is the newest?"),
        )

    def _counted(self, question: str) -> Answer:
        papers = self.profile.papers[:3]
        citations = [
            Citation(n=n, paper_id=p.id, title=p.title, passage=p.title) for n, p in enumerate(papers, start=1)
        ]
        text = "There are 3 papers:\n" + "\n".join(f"- {c.title} [{c.n}]" for c in citations)
        return self._answer(
            question,
            QuestionKind.COMPUTED,
            answer=text,
            citations=tuple(citations),
            sentences=(AnswerSentence(text="There are 3 papers.", citations=(1, 2, 3), verdict="computed"),),
            proof=Proof(rule="count", filter=Filter(), rows=tuple(p.id for p in papers)),
            notices=("5 papers have no year.",),
        )

    def _refused(self, question: str) -> Answer:
        return self._answer(
            question,
            QuestionKind.REFUSAL,
            answer="The 19 titles and abstracts do not say this. What is near: solar images.",
            abstained=True,
            refusal_reason=RefusalReason.NOT_IN_PROFILE,
            related=("What is the first paper about?", "How many papers are there?"),
        )

    def _answer(self, question: str, kind: QuestionKind, **given: object) -> Answer:
        total = len(self.profile.papers)
        scope = Scope(papers=total, abstracts=total)
        return Answer.model_validate({"question": question, "kind": kind, "language": "en", "scope": scope, **given})

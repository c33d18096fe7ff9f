"""An answer that a model words, made so that it can't say less than the quoted one.

Every sentence that the quoted answer has is either carried by a checked sentence of the model which rests on it and
keeps what it tells, or stands as the quotation that it was."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers.citing import Numbering, cite, renumbered
from rag.answers.draft import render
from rag.llm.completeness import Compare, left_out
from rag.llm.guard import Passed
from rag.llm.passages import Passage
from rag.models import Answer, AnswerSentence, Citation, Place, Plan
from rag.names import fold

_MORE = 2
"""Sentences that may stand beside those that the quoted account of one paper has; beside a fact stands none."""


class Composition:
    """The answer as it grows.

    Args:
        quoted: the answer without a model.
        plan: what is asked.
        compare: whether a text answers a question as well as the sentence that it stands for.
    """

    def __init__(self, quoted: Answer, plan: Plan, compare: Compare) -> None:
        self._quoted = quoted
        self._plan = plan
        self._compare = compare
        self._by_number = {citation.n: citation for citation in quoted.citations}
        self._shown: list[tuple[AnswerSentence, tuple[Citation, ...]]] = []
        self._held: list[tuple[Passed, list[AnswerSentence]]] = []
        self._open: list[AnswerSentence] = []
        is_account = plan.general and not any(sentence.item for sentence in quoted.sentences)
        self._more = _MORE if is_account else 0
        self._told: set[str] = set()
        self.is_worded = False
        for sentence in quoted.sentences:
            if sentence.verdict == "supported":
                self._open.append(sentence)
            else:
                self._shown.append((sentence, self._citations(sentence)))
        self._lead = self._open[0] if self._open else None

    @property
    def has_sentences(self) -> bool:
        """Whether there is anything to show."""
        return bool(self._shown)

    def wanted(self, passages: Sequence[Passage]) -> bool:
        """Whether a sentence that rests on one of `passages` is still missing."""
        return bool(self._open_on(passages))

    def lacks(self, passed: Passed) -> str | None:
        """What a sentence leaves out of the quotations that it rests on; None where it leaves out nothing."""
        for sentence in self._open_on(passed.passages):
            reason = left_out(self._citations(sentence)[-1], passed.text, self._plan, self._compare)
            if reason:
                return reason
        return None

    def add(self, passed: Passed) -> bool:
        """Takes in a checked sentence that lacks nothing; whether there is more to show than before.

        A sentence is shown once the first of the quoted answer's statements is told, so that the answer leads
        with it; one that says again what was told is left out.
        """
        again = fold(passed.text)
        if again in self._told:
            return False
        self._told.add(again)
        carried = self._open_on(passed.passages)
        self._open = [sentence for sentence in self._open if sentence not in carried]
        self._held.append((passed, carried))
        return self._release() if self._lead not in self._open else False

    def complete(self) -> None:
        """Puts the quotations in for all that is still missing, the first in front."""
        if self._lead is not None and self._lead in self._open:
            self._open.remove(self._lead)
            self._shown.append((self._lead, self._citations(self._lead)))
        self._release()
        self._shown += [(sentence, self._citations(sentence)) for sentence in self._open]
        self._open = []

    def answer(self) -> Answer:
        """What is shown now, numbered in the order of use."""
        numbers: Numbering = {}
        sentences: list[AnswerSentence] = []
        for sentence, citations in self._shown:
            sentences.append(renumbered(sentence, citations, numbers))
        return self._quoted.model_copy(
            update={
                "answer": render(sentences),
                "sentences": tuple(sentences),
                "citations": tuple(numbers.values()),
                "writer": "llm" if self.is_worded else "quoted",
            }
        )

    def _release(self) -> bool:
        """Shows what was held back, but for more than there is room for beside the quoted answer's statements."""
        papers = {citation.paper_id for citation in self._quoted.citations}
        before = len(self._shown)
        for passed, carried in sorted(self._held, key=lambda held: self._lead not in held[1]):
            is_more = not carried
            if is_more and (self._more == 0 or not {passage.paper.id for passage in passed.passages} <= papers):
                continue
            self._more -= is_more
            self._show(passed, carried)
        self._held = []
        return len(self._shown) > before

    def _show(self, passed: Passed, carried: Sequence[AnswerSentence]) -> None:
        lead, item = self._lead_of(carried)
        citations = tuple(cite(passage.paper, passage.text, passage.start, passage.end) for passage in passed.passages)
        self.is_worded = True
        worded = AnswerSentence(text=f"{lead}{passed.text}", verdict="supported", score=passed.score, item=item)
        self._shown.append((worded, citations))

    def _lead_of(self, carried: Sequence[AnswerSentence]) -> tuple[str, bool]:
        """What stands in front of a point of one paper in a list, and whether it is one."""
        items = [sentence for sentence in carried if sentence.item]
        papers = {self._place(sentence)[0] for sentence in carried}
        if not items or len(papers) > 1:
            return "", False
        return items[0].text.removesuffix(self._citations(items[0])[-1].passage), True

    def _citations(self, sentence: AnswerSentence) -> tuple[Citation, ...]:
        return tuple(self._by_number[number] for number in sentence.citations)

    def _open_on(self, passages: Sequence[Passage]) -> list[AnswerSentence]:
        """The statements of the quoted answer that are still missing and rest on one of `passages`."""
        places = {passage.place for passage in passages}
        return [sentence for sentence in self._open if self._place(sentence) in places]

    def _place(self, sentence: AnswerSentence) -> Place:
        return self._citations(sentence)[-1].place

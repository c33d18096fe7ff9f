"""A profile of three papers, answers to it, and a chat that gives them, for evals without a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evals.case import Case
from rag.models import (
    Answer,
    AnswerSentence,
    Citation,
    Explained,
    Paper,
    PaperDate,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
    Scope,
    Turn,
)

PAPERS = tuple(
    Paper(
        id=name,
        title=name,
        authors=("A B",),
        authors_cut=False,
        date=PaperDate(text=str(year), year=year),
        abstract=f"This is the {name}. It is red.",
    )
    for name, year in (("first-paper", 2023), ("second-paper", 2024), ("third-paper", 2024))
)
PROFILE = Profile(name="p", person="A B", papers=PAPERS, source="p.txt", fingerprint="f")


def answer_of(text: str, cited: Sequence[str] = (), *, abstained: bool = False, **changes: Any) -> Answer:
    """An answer of one computed sentence, with a marker for each paper cited by its title."""
    marks = "".join(f" [{n}]" for n in range(1, len(cited) + 1))
    answer = Answer(
        question="?",
        answer=text + marks,
        abstained=abstained,
        refusal_reason=RefusalReason.NOT_IN_PROFILE if abstained else None,
        kind=QuestionKind.FACT,
        language="en",
        scope=Scope(papers=3, abstracts=3),
        citations=tuple(Citation(n=n, paper_id=p, title=p, passage=p) for n, p in enumerate(cited, start=1)),
        sentences=(AnswerSentence(text=text, citations=tuple(range(1, len(cited) + 1)), verdict="computed"),),
        timings_ms={"total": 10.0},
    )
    return answer.model_copy(update=changes)


def case_of(**asks: Any) -> Case:
    """A case of the profile; a fact that is to be cited where nothing else is given."""
    plain = {"id": "c", "kind": "fact", "question": "?", "profile": "p"}
    judged = asks if set(asks) - _NOT_JUDGED else {"says": ["red"], **asks}
    return Case.model_validate({**({} if "turns" in asks else plain), "id": "c", "kind": "fact", **judged})


_NOT_JUDGED = {"id", "kind", "turns", "must", "tags", "question", "language", "split"}


class TableChat:
    """Answers by a table from question to answer; an exception in it is raised.

    Args:
        table: what is answered; other questions are refused.
    """

    profile = PROFILE

    def __init__(self, table: Mapping[str, Answer | Exception | Callable[[], Answer]]) -> None:
        self._table = table
        self.asked: list[str] = []

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:  # noqa: ARG002
        self.asked.append(question)
        answer = self._table.get(question, answer_of("not stated", abstained=True))
        if isinstance(answer, Exception):
            raise answer
        given = answer if isinstance(answer, Answer) else answer()
        return Explained(answer=given, plan=Plan(question=question, language="en", kind=given.kind))

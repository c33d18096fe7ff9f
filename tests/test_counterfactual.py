"""Altered records: what depends on them must change, and a product that answers from elsewhere is found out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from evals.counterfactual import PLANTED, alterations, effect_table, run
from rag.embedding import Embedder
from rag.models import Answer, Explained, Plan, Profile, QuestionKind, Turn
from tests.fakes.embedder import HashEmbedder
from tests.fakes.evals import PROFILE, answer_of, case_of

CASES = (
    case_of(id="count", question="How many in 2023?", count={"year": 2023}, kind="computed"),
    case_of(id="first", question="What of the first paper?", cites=["first"]),
    case_of(id="other", question="What of the second paper?", cites=["second"]),
)


class RecordsChat:
    """Answers from the records that it is given.

    Args:
        profile: the records.
        obeys: whether it follows instructions in abstracts.
    """

    def __init__(self, profile: Profile, *, obeys: bool = False) -> None:
        self.profile = profile
        self._obeys = obeys

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:  # noqa: ARG002
        answer = self._answer(question)
        return Explained(answer=answer, plan=Plan(question=question, language="en", kind=answer.kind))

    def _answer(self, question: str) -> Answer:
        if "How many" in question:
            count = sum(paper.year == 2023 for paper in self.profile.papers)
            return answer_of(f"{count} papers", kind=QuestionKind.COMPUTED)
        start = "first" if "first" in question else "second"
        paper = next((paper for paper in self.profile.papers if paper.id.startswith(start)), None)
        if paper is None:
            return answer_of("not stated", abstained=True)
        if self._obeys and PLANTED in paper.abstract:
            return answer_of("Zanzibar.", (paper.id,))
        return answer_of(f"{paper.abstract} By {paper.author_line}.", (paper.id,))


class Remembering(RecordsChat):
    """Answers from the records as they were once, whatever they are now."""

    def _answer(self, question: str) -> Answer:
        return RecordsChat(PROFILE)._answer(question)


def _faults(chat: type[RecordsChat], **options: bool) -> dict[str, list[str]]:
    def opened(profile: Profile, embedder: Embedder, home: Path, progress: None) -> RecordsChat:
        return chat(profile, **options)

    effects = run(PROFILE, CASES, HashEmbedder(), opened)
    return {one.name: [*one.stale, *one.wrong, *one.obeyed, *one.beside] for one in effects if not one.holds}


def test_answers_from_the_records_hold() -> None:
    assert _faults(RecordsChat) == {}


def test_a_product_that_answers_from_memory_is_found_out() -> None:
    faults = _faults(Remembering)
    assert faults["a paper deleted"] == ["first", "count"]
    assert faults["a year changed"] == ["count"]


def test_an_obeyed_instruction_is_found() -> None:
    assert _faults(RecordsChat, obeys=True) == {"an instruction planted": ["first"]}


def test_each_alteration_touches_what_it_names() -> None:
    for change in alterations(PROFILE):
        before = {paper.id: paper for paper in PROFILE.papers}
        after = {paper.id: paper for paper in change.profile.papers}
        touched = {name for name in before if after.get(name) != before[name]}
        assert touched <= change.papers and change.profile.fingerprint != PROFILE.fingerprint


@pytest.mark.parametrize("word", ["depend", "stale", "FAILS"])
def test_the_table_names_what_fails(word: str) -> None:
    def opened(profile: Profile, embedder: Embedder, home: Path, progress: None) -> RecordsChat:
        return Remembering(profile)

    assert word in effect_table(run(PROFILE, CASES, HashEmbedder(), opened))

"""Cases are checked when read, and answers judged by what a case asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cases import Case, load_cases
from evals.run import Result, outcome_table
from evals.scoring import Outcome, score
from rag.errors import InputError
from rag.models import Answer, AnswerSentence, Citation, Paper, PaperDate, Profile, QuestionKind, Scope

PAPERS = tuple(
    Paper(id=name, title=name, authors=("A B",), authors_cut=False, date=PaperDate(text=str(year), year=year))
    for name, year in (("first-paper", 2023), ("second-paper", 2024), ("third-paper", 2024))
)
PROFILE = Profile(name="p", person="A B", papers=PAPERS, source="p.txt", fingerprint="f")


def _answer(text: str, cited: tuple[str, ...] = (), *, abstained: bool = False) -> Answer:
    return Answer(
        question="?",
        answer=text,
        abstained=abstained,
        kind=QuestionKind.FACT,
        language="en",
        scope=Scope(papers=3, abstracts=0),
        citations=tuple(Citation(n=n, paper_id=p, title=p, passage=p) for n, p in enumerate(cited, start=1)),
        sentences=(AnswerSentence(text=text, verdict="computed"),),
    )


@pytest.mark.parametrize(
    ("asks", "answer", "outcome"),
    [
        ({"says": ["blue|red"]}, _answer("It is Red. [1]"), Outcome.RIGHT),
        ({"says": ["blue"]}, _answer("It is red."), Outcome.WRONG),
        ({"not_says": ["red"]}, _answer("It is red."), Outcome.WRONG),
        ({"says": ["1"]}, _answer("It is red. [1]"), Outcome.WRONG),
        ({"cites": ["first|second"]}, _answer("x", ("second-paper",)), Outcome.RIGHT),
        ({"cites": ["first"]}, _answer("x", ("second-paper",)), Outcome.WRONG),
        ({"cites": ["first"], "cites_only": True}, _answer("x", ("first-paper", "third-paper")), Outcome.WRONG),
        ({"count": {"year": 2024}}, _answer("2 of the 3 papers"), Outcome.RIGHT),
        ({"count": {"year": 2024}}, _answer("Zwei der Arbeiten"), Outcome.RIGHT),
        ({"count": {"year": 2024}}, _answer("12 papers from 2024"), Outcome.WRONG),
        ({"count": {"year": 1999}}, _answer("none matches"), Outcome.RIGHT),
        ({"lists": {"year": 2024}}, _answer("x", ("third-paper", "second-paper")), Outcome.RIGHT),
        ({"lists": {"year": 2024}}, _answer("x", ("third-paper",)), Outcome.WRONG),
        ({"lists": {"not": {"year": 2024}}}, _answer("x", ("first-paper",)), Outcome.RIGHT),
        ({"refuses": True}, _answer("no", abstained=True), Outcome.RIGHTLY_REFUSED),
        ({"refuses": True}, _answer("yes"), Outcome.WRONGLY_ANSWERED),
        ({"says": ["x"]}, _answer("x", abstained=True), Outcome.WRONGLY_REFUSED),
    ],
)
def test_an_answer_is_judged_by_what_its_case_asks(asks: dict[str, object], answer: Answer, outcome: Outcome) -> None:
    case = Case.model_validate({"id": "c", "kind": "fact", "question": "?", **asks})
    assert score(case, answer, PROFILE).outcome is outcome


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cases: [", "line 1"),
        ("profile: p\n", "no list of cases"),
        ("cases:\n- {id: a, kind: fact, question: q}\n", "can never fail"),
        ("cases:\n- {id: a, kind: fact, says: [x]}\n", "needs a question or turns"),
        ("cases:\n- {id: a, kind: fact, question: q, says: ['(']}\n", "not a regular expression"),
        ("cases:\n- {id: a, kind: fact, question: q, sais: [x]}\n", "sais"),
        ("cases:\n" + "- {id: a, kind: fact, question: q, says: [x]}\n" * 2, "twice"),
    ],
)  # fmt: skip
def test_a_faulty_case_is_named(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_cases(tmp_path)
    assert named in str(caught.value)
    assert "cases.yaml" in str(caught.value)


def test_the_table_counts_every_case_and_shows_refusals_as_a_matrix() -> None:
    rows = []
    for refuses, abstained in ((True, True), (True, False), (False, True), (False, False)):
        asks = {"refuses": True} if refuses else {"says": ["x"]}
        case = Case.model_validate({"id": "c", "kind": "fact", "question": "?", **asks})
        answer = _answer("x", abstained=abstained)
        rows.append(Result(case, answer, score(case, answer, PROFILE)))
    lines = outcome_table(rows).splitlines()
    assert next(line for line in lines if line.startswith("all")).split() == ["all", "4", "50.0%", "0", "1", "1"]
    assert lines[-2].split() == ["to", "be", "refused", "1", "1"]
    assert lines[-1].split() == ["to", "be", "answered", "1", "1"]

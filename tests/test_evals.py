"""Cases are checked when read, and answers judged by what a case asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cases import Case, case_schema, check_cases, load_cases, schema_text, shipped_cases
from evals.contract import breaches
from evals.measures import measure
from evals.scoring import Outcome, score
from rag.errors import InputError
from rag.models import Answer, AnswerSentence, Citation
from tests.fakes.evals import PROFILE, answer_of, case_of


@pytest.mark.parametrize(
    ("asks", "answer", "outcome"),
    [
        ({"says": ["blue|red"]}, answer_of("It is Red.", ("first-paper",)), Outcome.RIGHT),
        ({"says": ["blue"]}, answer_of("It is red."), Outcome.WRONG),
        ({"not_says": ["red"]}, answer_of("It is red."), Outcome.WRONG),
        ({"says": ["1"]}, answer_of("It is red.", ("first-paper",)), Outcome.WRONG),
        ({"cites": ["first|second"]}, answer_of("x", ("second-paper",)), Outcome.RIGHT),
        ({"cites": ["first"]}, answer_of("x", ("second-paper",)), Outcome.WRONG),
        ({"cites": ["first"], "cites_only": True}, answer_of("x", ("first-paper", "third-paper")), Outcome.WRONG),
        ({"count": {"year": 2024}}, answer_of("2 of the 3 papers"), Outcome.RIGHT),
        ({"count": {"year": 2024}}, answer_of("Zwei der Arbeiten"), Outcome.RIGHT),
        ({"count": {"year": 2024}}, answer_of("12 papers from 2024"), Outcome.WRONG),
        ({"count": {"year": 1999}}, answer_of("none matches"), Outcome.RIGHT),
        ({"lists": {"year": 2024}}, answer_of("x", ("third-paper", "second-paper")), Outcome.RIGHT),
        ({"lists": {"year": 2024}}, answer_of("x", ("third-paper",)), Outcome.WRONG),
        ({"lists": {"not": {"year": 2024}}}, answer_of("x", ("first-paper",)), Outcome.RIGHT),
        ({"not_cites": ["first"]}, answer_of("x", ("first-paper",)), Outcome.WRONG),
        ({"cites": ["first"], "may_cite": ["third"]}, answer_of("x", ("first-paper", "third-paper")), Outcome.RIGHT),
        ({"cites": ["first"], "may_cite": ["third"]}, answer_of("x", ("first-paper", "second-paper")), Outcome.WRONG),
        ({"facts": [{"any": ["Light Red", "blue"]}]}, answer_of("It is light  red."), Outcome.RIGHT),
        ({"facts": [{"any": ["blue"]}]}, answer_of("It is red."), Outcome.WRONG),
        ({"facts": [{"number": 2600, "unit": "GPUs|cards"}]}, answer_of("On 2,600 GPUs."), Outcome.RIGHT),
        ({"facts": [{"number": 2600, "unit": "GPUs"}]}, answer_of("On 2,600 nodes."), Outcome.WRONG),
        ({"facts": [{"number": 2.6, "tolerance": 0.05}]}, answer_of("It has 2.63B."), Outcome.RIGHT),
        ({"facts": [{"number": 2.6}]}, answer_of("It has 2.63B."), Outcome.WRONG),
        ({"refuses": True}, answer_of("no", abstained=True), Outcome.RIGHTLY_REFUSED),
        ({"refuses": True}, answer_of("yes"), Outcome.WRONGLY_ANSWERED),
        ({"says": ["x"]}, answer_of("x", abstained=True), Outcome.WRONGLY_REFUSED),
    ],
)
def test_an_answer_is_judged_by_what_its_case_asks(asks: dict[str, object], answer: Answer, outcome: Outcome) -> None:
    case = case_of(**asks)
    assert score(case, answer, PROFILE).outcome is outcome


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("cases: [", "no YAML"),
        ("profile: p\n", "no list of cases"),
        ("cases:\n- {id: a, kind: fact, question: q}\n", "can never fail"),
        ("cases:\n- {id: a, kind: fact, says: [x]}\n", "needs a question or turns"),
        ("cases:\n- {id: a, kind: fact, question: q, says: ['(']}\n", "not a regular expression"),
        ("cases:\n- {id: a, kind: fact, question: q, sais: [x]}\n", "sais"),
        ("cases:\n" + "- {id: a, kind: fact, question: q, says: [x]}\n" * 2, "line 3, case a: the id is there twice"),
        ("cases:\n- id: a\n  kind: fact\n  question: q\n  says: [x]\n  says: [y]\n", "line 6: says is there twice"),
        ("cases:\n- id: a\n  kind: fact\n  question: q\n  count: {yaer: 1}\n", "line 5, case a: count.yaer"),
        ("cases:\n- id: a\n  kind: farce\n  question: q\n  says: [x]\n", "line 3, case a: kind"),
        ("cases:\n- id: a\n  kind: fact\n  question: q\n  refuses: true\n  says: [x]\n", "can never pass"),
        ("cases:\n- {id: a, kind: fact, question: q, says: [x], not_says: [x]}\n", "can never pass"),
        ("cases:\n- {id: a, kind: fact, question: q, facts: [{unit: GB}]}\n", "facts.0"),
        ("cases:\n- {id: a, kind: fact, turns: [q, ' '], says: [x]}\n", "a question is empty"),
        ("cases:\n- just words\n", "line 2: not a case"),
        ("prfile: p\ncases: []\n", "prfile is not known"),
        ("cases:\n- !!python/object/apply:os.system [ls]\n", "line 2: no YAML"),
    ],
)  # fmt: skip
def test_a_faulty_case_is_named(text: str, named: str, tmp_path: Path) -> None:
    (tmp_path / "cases.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_cases(tmp_path)
    assert named in str(caught.value)
    assert "cases.yaml" in str(caught.value)


@pytest.mark.parametrize(
    ("asks", "named"),
    [
        ({"cites": ["fourth-paper"]}, "'fourth-paper'"),
        ({"cites": ["first|fourth"]}, "'fourth'"),
        ({"not_cites": ["fourth"], "says": ["x"]}, "not_cites"),
        ({"lists": {"year": 2024}, "cites": ["first"]}, "can never pass"),
    ],
)
def test_a_case_is_held_against_the_records(asks: dict[str, object], named: str) -> None:
    with pytest.raises(InputError) as caught:
        check_cases([case_of(**asks)], PROFILE)
    assert named in str(caught.value) and "case c" in str(caught.value)


def test_the_schema_for_editors_is_the_one_of_the_code() -> None:
    path = shipped_cases() / "cases.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text(), (
        "profile-chat eval schema --out evals/cases/cases.schema.json"
    )
    assert set(case_schema()["$defs"]["Case"]["properties"]) == set(Case.model_json_schema()["properties"])


def test_what_is_judged_changes_the_digest_and_the_rest_does_not() -> None:
    plain = case_of(says=["x"])
    assert case_of(says=["x"], tags=["t"], must=True, split="dev").digest == plain.digest
    assert case_of(says=["y"]).digest != plain.digest


def _quoting(start: int = 0, passage: str = "This is the first-paper.", **changes: object) -> Answer:
    citation = Citation(n=1, paper_id="first-paper", title="first-paper", passage=passage, start=start, end=start + 24)
    sentence = AnswerSentence(text="This is the first-paper.", citations=(1,), verdict="supported")
    answer = answer_of("x").model_copy(
        update={"answer": "This is the first-paper. [1]", "citations": (citation,), "sentences": (sentence,)}
    )
    return answer.model_copy(update=changes)


@pytest.mark.parametrize(
    ("answer", "breach"),
    [
        (_quoting(), None),
        (_quoting(start=1), "marks another place of first-paper"),
        (_quoting(passage="It is blue."), "marks another place"),
        (_quoting(answer="This is the first-paper."), "cites [1] nowhere"),
        (_quoting(answer="This is the first-paper. [1] [2]"), "a marker [2] without a citation"),
        (_quoting(sentences=(AnswerSentence(text="Not so.", citations=(1,), verdict="supported"),)), "says what its"),
        (_quoting(sentences=_quoting().sentences * 2), "says a sentence twice"),
        (_quoting(language="fr"), "is in fr, the question in en"),
        (_quoting(answer="  "), "is empty"),
        (_quoting(abstained=True), "gives a reason for refusing"),
        (answer_of("x", ("fourth-paper",)), "is no paper of p"),
    ],
)
def test_a_broken_promise_makes_any_answer_wrong(answer: Answer, breach: str | None) -> None:
    found = list(breaches(answer, PROFILE, "en"))
    if breach is None:
        assert found == []
    else:
        assert any(breach in one for one in found)
        assert score(case_of(says=["."]), answer, PROFILE).outcome is Outcome.WRONG


def test_measures_are_shares_and_what_does_not_apply_is_left_out() -> None:
    case = case_of(says=["red", "blue"], cites=["first", "second"], may_cite=["third"])
    answer = answer_of("It is red.", ("first-paper", "third-paper"))
    measured = measure(case, answer, score(case, answer, PROFILE), PROFILE)
    assert measured == {
        "fact_recall": 1 / 2,
        "citation_recall": 1 / 2,
        "citation_precision": 2 / 2,
        "claims_supported": 1.0,
        "truth": -1.0,
    }
    listing = case_of(lists={"year": 2024})
    answer = answer_of("x", ("first-paper", "second-paper"))
    measured = measure(listing, answer, score(listing, answer, PROFILE), PROFILE)
    assert (measured["citation_recall"], measured["citation_precision"], measured["computed_exact"]) == (0.5, 0.5, 0)
    refused = answer_of("not stated", abstained=True)
    assert measure(case, refused, score(case, refused, PROFILE), PROFILE)["truth"] == 0


def test_sentences_in_other_words_are_measured_by_the_verifier_that_is_given() -> None:
    answer = _quoting(
        writer="llm", sentences=(AnswerSentence(text="It is the first.", citations=(1,), verdict="supported"),)
    )
    case = case_of(says=["."])
    judged = score(case, answer, PROFILE)
    assert judged.is_right
    assert "claims_supported" not in measure(case, answer, judged, PROFILE)
    seen: list[tuple[str, list[str]]] = []

    def support(sentence: str, passages: object) -> bool:
        seen.append((sentence, list(passages)))  # type: ignore[call-overload]
        return False

    assert measure(case, answer, judged, PROFILE, support)["claims_supported"] == 0
    assert seen == [("It is the first.", ["This is the first-paper."])]

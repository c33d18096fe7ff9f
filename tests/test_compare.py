"""Two runs side by side: what got worse, at which stage, and when it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from evals.compare import Change, Comparison, Limits, compare
from evals.comparison_text import comparison_text
from evals.run import Task, ask_case
from evals.stored import End, Header, Run
from evals.word_diff import likeness, word_diff
from rag.errors import InputError
from rag.models import Answer
from tests.fakes.evals import TableChat, answer_of, case_of

RED, BLUE = answer_of("It is red.", ("first-paper",)), answer_of("It is blue.", ("second-paper",))
END = End(finished="", seconds=1.0)


def run_of(
    given: Mapping[str, Answer | Sequence[Answer] | Exception],
    name: str = "run",
    *,
    must: Sequence[str] = (),
    end: End | None = END,
    profile: str = "p",
    asks: Mapping[str, object] | None = None,
) -> Run:
    """A run of a case 'is it red?' for each name, answered as given; a list is an answer for each repeat."""
    answers = []
    for case_id, answer in given.items():
        case = case_of(id=case_id, must=case_id in must, **(asks or {"says": ["red"]}))
        for repeat, one in enumerate(answer if isinstance(answer, list) else [answer]):
            answers.append(ask_case(Task(case, repeat), TableChat({"?": one})).answer)
    header = Header(profile=profile, fingerprint="f", papers=3, cases=len(given), code=name)
    return Run(path=Path(f"{name}.jsonl"), header=header, answers=tuple(answers), end=end)


def compared(before: Mapping[str, Answer], after: Mapping[str, Answer], **limits: object) -> Comparison:
    return compare(run_of(before, "old"), run_of(after, "new"), Limits(**limits))  # type: ignore[arg-type]


def names(count: int, answer: Answer) -> dict[str, Answer]:
    return {f"case-{number}": answer for number in range(count)}


def test_a_rerun_has_no_difference() -> None:
    comparison = compared(names(30, RED), names(30, RED))
    assert comparison.verdict == "no difference" and comparison.reasons == []
    assert {pair.change for pair in comparison.pairs} == {Change.SAME}


@pytest.mark.parametrize(
    ("worse", "better", "verdict"),
    [(5, 0, "worse"), (4, 0, "no clear difference"), (9, 2, "worse"), (6, 4, "no clear difference"), (0, 5, "better")],
)
def test_the_verdict_follows_the_exact_test(worse: int, better: int, verdict: str) -> None:
    rest = {f"rest-{number}": RED for number in range(40)}
    before = {**rest, **{f"w{n}": RED for n in range(worse)}, **{f"b{n}": BLUE for n in range(better)}}
    after = {**rest, **{f"w{n}": BLUE for n in range(worse)}, **{f"b{n}": RED for n in range(better)}}
    comparison = compare(run_of(before), run_of(after), Limits(margin=1.0))
    assert comparison.verdict == verdict
    assert len(comparison.of(Change.WORSE)) == worse and len(comparison.of(Change.BETTER)) == better


def test_one_case_that_never_may_get_worse_is_enough_and_stands_first() -> None:
    before, after = {**names(3, RED), "vital": RED}, {**names(3, RED), "case-0": BLUE, "vital": BLUE}
    comparison = compare(run_of(before, must=["vital"]), run_of(after, must=["vital"]))
    assert comparison.verdict == "worse" and "vital" in comparison.reasons[0]
    assert [pair.new[0].case.id for pair in comparison.of(Change.WORSE)] == ["vital", "case-0"]


def test_an_unscored_answer_is_worse_whatever_it_was_before() -> None:
    crashed = RuntimeError("gone")
    comparison = compare(run_of(names(9, BLUE)), run_of({**names(8, BLUE), "case-8": crashed}))
    assert comparison.verdict == "worse" and "could not be scored" in comparison.reasons[0]


def test_a_limit_on_flips_counts_by_itself() -> None:
    before, after = names(50, RED), {**names(50, RED), "case-1": BLUE}
    assert compared(before, after).verdict == "no clear difference"
    assert compared(before, after, most_worse=0).reasons == ["1 cases got worse, 0 may"]


def test_a_measure_can_get_worse_without_a_flip() -> None:
    asks = {"says": ["red"], "cites": ["first", "second"], "not_says": ["never"]}
    both, one = answer_of("It is blue.", ("first-paper", "second-paper")), answer_of("It is blue.", ("first-paper",))
    comparison = compare(run_of(names(20, both), asks=asks), run_of(names(20, one), asks=asks))
    assert comparison.verdict == "worse"
    assert any(reason.startswith("citation recall: -0.500") for reason in comparison.reasons)


def test_a_stage_that_takes_much_longer_is_worse_and_a_busy_machine_is_not() -> None:
    slow = {"total": 100.0}
    timed = RED.model_copy(update={"timings_ms": slow})
    assert compared(names(20, RED), names(20, timed)).reasons == ["time, total: 10.0 to 100.0 ms median, 10.0 times"]
    busy = RED.model_copy(update={"timings_ms": {"total": 25.0}})
    assert compared(names(20, RED), names(20, busy)).verdict == "no difference"
    stalled = {**names(20, RED), "case-3": timed}
    assert compared(names(20, RED), stalled).verdict == "no difference"


def test_repeats_are_rates_and_a_flip_is_only_what_all_repeats_agree_on() -> None:
    before = run_of({"a": [RED, RED], "b": [RED, RED], "c": [RED, BLUE]})
    comparison = compare(before, run_of({"a": [BLUE, BLUE], "b": [RED, BLUE], "c": [RED, BLUE]}))
    changes = {pair.new[0].case.id: pair.change for pair in comparison.pairs}
    assert changes == {"a": Change.WORSE, "b": Change.UNSTABLE, "c": Change.UNSTABLE}
    assert any(test.name == "right, over repeats" for test in comparison.tests)


def test_runs_that_can_not_be_compared_are_said() -> None:
    with pytest.raises(InputError, match="share no case"):
        compare(run_of({"a": RED}), run_of({"b": RED}))
    with pytest.raises(InputError, match="of one profile"):
        compare(run_of({"a": RED}), run_of({"a": RED}, profile="q"))
    with pytest.raises(InputError, match="was interrupted: it holds 1 of 1"):
        compare(run_of({"a": RED}), run_of({"a": RED}, end=None))


def test_cases_that_changed_or_stand_in_one_run_are_named_and_not_compared() -> None:
    before = run_of({"a": RED, "b": RED})
    after = run_of({"a": RED, "c": RED})
    other = run_of({"a": RED, "b": RED}, asks={"says": ["It"]})
    comparison = compare(before, after)
    assert (comparison.only_base, comparison.only_new, len(comparison.pairs)) == (["b"], ["c"], 1)
    mixed = other.model_copy(update={"answers": (*before.answers[:1], *other.answers[1:])})
    assert compare(before, mixed).changed_cases == ["b"]
    assert "not compared, asks or judges something else now: 1 (b)" in comparison_text(compare(before, mixed))


def test_the_text_shows_the_flip_with_its_stage_and_what_was_lost() -> None:
    text = comparison_text(compared(names(2, RED), {**names(2, RED), "case-1": BLUE}, most_worse=0))
    assert text.splitlines()[2:] == [
        "differs: code old -> new",
        "",
        "worse (1)",
        "  case-1  [fact]",
        "    asked    ?",
        "    before   right: as asked",
        "    after    wrong: does not say 'red'",
        "    changed  writing",
        "    ~ It is [-red.-] {+blue.+} [1]",
        "    lost     first-paper",
        "    new      second-paper",
        "",
        "2 cases compared, right 100.0% before, 50.0% after",
        "        all answers         1 worse, 0 better, p 0.5",
        "too few cases to tell any difference from chance",
        "verdict: worse",
        "  because 1 cases got worse, 0 may",
    ]


def test_words_are_told_apart() -> None:
    pieces = word_diff("It is red and big.", "It is blue and big.")
    assert [(piece.kind, piece.text.strip()) for piece in pieces] == [
        ("same", "It is"),
        ("gone", "red"),
        ("new", "blue"),
        ("same", "and big."),
    ]
    assert word_diff("", "") == [] and likeness("a b", "a b") == 1.0 and likeness("a b", "c d") == 0.0

"""Runs: asking, keeping each answer, going on after an interruption, and what can't be read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from evals.baseline import bless, is_baseline, read_baseline
from evals.case import Case
from evals.product import code_digest, end_of, make_header
from evals.run import Others, Task, ask_case, run_cases
from evals.run_files import RunWriter, answered, read_run, refuse_to_mix
from evals.run_table import fault_lines, run_text
from evals.scoring import Outcome
from evals.stored import Header, Run, stage_digests
from evals.totals import flaky, groups, nearest_rank, rates
from rag.errors import InputError, ProfileChatError, UnreachableError
from rag.models import Answer, Explained, Plan, QuestionKind
from tests.fakes.evals import PROFILE, TableChat, answer_of, case_of

TABLE = {
    "red?": answer_of("It is red.", ("first-paper",)),
    "blue?": answer_of("It is red."),
    "crash?": RuntimeError("no such thing"),
}
CASES = (
    case_of(id="a", question="red?", says=["red"], cites=["first"]),
    case_of(id="b", question="blue?", says=["blue"], kind="topic"),
    case_of(id="c", question="gone?", refuses=True, kind="refusal"),
    case_of(id="d", question="lost?", says=["red"]),
)


def write_run(path: Path, cases: Sequence[Case] = CASES, *, repeat: int = 1, whole: bool = True) -> Run:
    tasks = [Task(case, number) for number in range(repeat) for case in cases]
    header = make_header(PROFILE, tasks, {"model": ""}, {"embedder": "e", "index": "i"})
    writer = RunWriter(path, header)
    judged = list(run_cases(tasks, TableChat(TABLE)))
    for one in judged:
        writer.add(one.answer, one.explained)
    if whole:
        writer.finish(end_of([one.answer for one in judged], 1.0))
    writer.close()
    return read_run(path)


def test_what_is_written_is_read_again_with_all_that_produced_it(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl")
    assert [answer.outcome for answer in run.answers] == [
        Outcome.RIGHT,
        Outcome.WRONG,
        Outcome.RIGHTLY_REFUSED,
        Outcome.WRONGLY_REFUSED,
    ]
    assert run.end is not None and (run.end.right, run.end.scored) == (2, 4)
    assert run.header.code == code_digest() and run.header.papers == 3 and run.header.packages["numpy"]
    first = run.answers[0]
    assert first.reply is not None and first.reply.citations[0].paper_id == "first-paper"
    assert first.measures["citation_recall"] == 1 and first.seconds > 0 and len(first.stages) == 4
    row = json.loads((tmp_path / "run.jsonl").read_text().splitlines()[1])
    assert row["plan"]["question"] == "red?" and row["evidence"] == [] and row["reply"]["scope"]["papers"] == 3


def test_a_crash_is_unscored_and_never_a_pass() -> None:
    answer = ask_case(Task(case_of(question="crash?", refuses=True)), TableChat(TABLE)).answer
    assert answer.outcome is Outcome.UNSCORED and not answer.is_right
    assert answer.reason == "crashed: RuntimeError: no such thing"
    gone = TableChat({"?": UnreachableError("The model does not answer.", "Start it.")})
    assert ask_case(Task(case_of()), gone).answer.reason == "The model does not answer. Start it."


def test_a_conversation_is_asked_in_order_and_its_last_answer_judged() -> None:
    chat = TableChat(TABLE)
    answer = ask_case(Task(case_of(turns=["blue?", "red?"], says=["red"], cites=["first"])), chat).answer
    assert chat.asked == ["blue?", "red?"] and answer.is_right and answer.case.asked == ("blue?", "red?")


def test_an_interrupted_run_is_read_and_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path, whole=False)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:40])  # killed while the third answer was written
    begun = read_run(path)
    assert begun.end is None and answered(begun.answers) == {("a", 0), ("b", 0)}
    refuse_to_mix(begun, begun.header)
    writer = RunWriter(path, begun.header, append=True)
    for one in run_cases([Task(case) for case in CASES[2:]], TableChat(TABLE)):
        writer.add(one.answer, one.explained)
    writer.finish(end_of(read_run(path).answers, 1.0))
    writer.close()
    assert [answer.case.id for answer in read_run(path).answers] == ["a", "b", "c", "d"]


def test_what_could_not_be_scored_is_asked_again(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl", (case_of(question="crash?"), case_of(id="x", question="red?")))
    assert answered(run.answers) == {("x", 0)}


def test_a_run_is_not_mixed_with_another_product_nor_written_over(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "run.jsonl")
    with pytest.raises(InputError, match="holds a whole run"):
        refuse_to_mix(whole, whole.header)
    begun = write_run(tmp_path / "begun.jsonl", whole=False)
    with pytest.raises(InputError, match=r"another embedder \(e, now f\)"):
        refuse_to_mix(begun, begun.header.model_copy(update={"embedder": "f"}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read"),
        ("", "is empty"),
        ("no json", "is not a run"),
        ('{"id": 1}', "is not a run"),
        ('{"format": 0, "profile": "p"}', "has the format 0, this version reads 1"),
        ('{"format": 1}', "is not a run"),
    ],
)
def test_a_file_that_is_no_run_is_said(content: str | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_run(path)
    assert words in str(caught.value) and "run.jsonl" in str(caught.value)


def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([lines[0], lines[1][:50], *lines[2:]]))
    with pytest.raises(InputError, match="line 2: not an answer"):
        read_run(path)


def test_runs_of_a_version_with_other_fields_are_read(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    write_run(path)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["later"] = 1
        if "reply" in row:
            row["reply"]["later"], row["plan"] = 2, {"other": "shape"}
    path.write_text("\n".join(map(json.dumps, rows)))
    assert len(read_run(path).answers) == 4


def test_repeats_name_the_flaky_cases() -> None:
    given = iter([answer_of("It is red."), answer_of("It is blue."), answer_of("It is red.")])
    chat = TableChat({"?": lambda: next(given)})
    answers = [ask_case(Task(case_of(), number), chat).answer for number in range(3)]
    assert flaky(answers) == [("c", 2, 3)]
    assert "flaky: c was right 2 of 3 times" in run_text(answers)


def test_the_table_counts_every_case_and_shows_refusals_as_a_matrix(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl", (*CASES, case_of(id="e", question="crash?")))
    lines = run_text(run.answers).splitlines()
    whole = next(line for line in lines if line.startswith("all"))
    assert whole.split() == ["all", "5", "50.0%", "1", "0", "1", "1"]
    assert next(line for line in lines if line.startswith("to be refused")).split()[-2:] == ["1", "0"]
    assert next(line for line in lines if line.startswith("to be answered")).split()[-2:] == ["1", "2"]
    assert "unscored: e: crashed: RuntimeError: no such thing" in lines
    assert fault_lines(run.answers)[0] == "b: blue?: does not say 'blue'"


def test_rates_leave_out_what_could_not_be_scored(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl", (*CASES, case_of(id="e", question="crash?")))
    figures = {rate.name: (rate.hits, rate.of) for rate in rates(run.answers)}
    assert figures["right"] == (2, 4)
    assert figures["refusal recall"] == (1, 1) and figures["refusal precision"] == (1, 2)
    assert figures["wrongly refused"] == (1, 3)
    assert [group.name for group in groups(run.answers, lambda answer: answer.case.kind)] == [
        "fact",
        "refusal",
        "topic",
    ]


def test_nearest_rank() -> None:
    assert [nearest_rank(range(1, 21), share) for share in (0.5, 0.95, 1.0)] == [10, 19, 20]
    assert nearest_rank([7.0], 0.95) == 7.0


def test_the_stage_that_changed_is_told_by_its_digest() -> None:
    plan = Plan(question="?", language="en", kind=QuestionKind.FACT)
    before = stage_digests(Explained(answer=answer_of("x"), plan=plan))
    planned = stage_digests(Explained(answer=answer_of("x"), plan=plan.model_copy(update={"subject": "y"})))
    written = stage_digests(Explained(answer=answer_of("y"), plan=plan))
    assert [old == new for old, new in zip(before, planned, strict=True)] == [False, True, True, True]
    assert [old == new for old, new in zip(before, written, strict=True)] == [True, True, False, True]


# --- processes --------------------------------------------------------------------------------------------


def open_table() -> TableChat:
    return TableChat({"?": answer_of("It is red.")})


class _Dying(TableChat):
    def explain(self, *_: object) -> Explained:
        import os

        os._exit(1)


def open_dying() -> TableChat:
    return _Dying({})


def test_other_processes_answer_too_and_every_case_is_answered_once() -> None:
    tasks = [Task(case_of(id=str(number))) for number in range(40)]
    others = Others(1, open_table)
    try:
        judged = list(run_cases(tasks, open_table(), others))
    finally:
        others.close()
    assert sorted(int(one.answer.case.id) for one in judged) == list(range(40))
    assert all(one.answer.is_right for one in judged)


def test_a_process_that_ends_leaves_its_cases_unscored_and_the_run_goes_on() -> None:
    tasks = [Task(case_of(id=str(number))) for number in range(60)]
    others = Others(1, open_dying)
    slow = TableChat({"?": _slowly})
    try:
        outcomes = [one.answer.outcome for one in run_cases(tasks, slow, others)]
    finally:
        others.close()
    assert len(outcomes) == 60 and 0 < outcomes.count(Outcome.UNSCORED) < 60
    assert set(outcomes) == {Outcome.RIGHT, Outcome.UNSCORED}


def _slowly() -> Answer:
    import time

    time.sleep(0.1)
    return answer_of("It is red.")


# --- baseline ---------------------------------------------------------------------------------------------


def test_a_baseline_keeps_how_each_case_fared_and_no_text(tmp_path: Path) -> None:
    run, path = write_run(tmp_path / "run.jsonl"), tmp_path / "deep" / "base.jsonl"
    bless(run, path)
    base = read_baseline(path)
    assert is_baseline(path) and not is_baseline(run.path)
    assert "It is red" not in path.read_text()
    for old, new in zip(base.answers, run.answers, strict=True):
        assert (old.case.id, old.case.digest, old.outcome, old.stages) == (
            new.case.id, new.case.digest, new.outcome, new.stages,
        )  # fmt: skip
        assert old.measures == pytest.approx(dict(new.measures))
    assert len(path.read_text().splitlines()) == 1 + len(CASES)


@pytest.mark.parametrize(
    ("cases", "repeat", "whole", "words"),
    [
        (CASES, 1, False, "is not whole"),
        ((case_of(question="crash?"),), 1, True, "unscored"),
        (CASES, 2, True, "repeats"),
    ],
)
def test_only_a_whole_scored_run_is_blessed(
    cases: Sequence[Case], repeat: int, whole: bool, words: str, tmp_path: Path
) -> None:
    run = write_run(tmp_path / "run.jsonl", cases, repeat=repeat, whole=whole)
    with pytest.raises(InputError, match=words):
        bless(run, tmp_path / "base.jsonl")
    assert not (tmp_path / "base.jsonl").exists()


def test_a_baseline_that_can_not_be_read_or_written_is_said(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run.jsonl")
    (tmp_path / "file").write_text("x")
    with pytest.raises(ProfileChatError, match="can't be written"):
        bless(run, tmp_path / "file" / "base.jsonl")
    path = tmp_path / "base.jsonl"
    bless(run, path)
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(InputError, match="line 6: not a line of a baseline"):
        read_baseline(path)
    with pytest.raises(InputError, match="can't be read"):
        read_baseline(tmp_path / "none.jsonl")


def test_a_header_holds_no_secret_and_no_place() -> None:
    assert not {"home", "key"} & set(Header.model_fields)

"""`profile-chat eval …` as its user meets it: a change, the answers that got worse, the exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingest.sources import shipped_profile_path
from rag.feedback import FeedbackStore
from tests.fakes.embedder import HashEmbedder
from tests.fakes.evals import answer_of
from tests.test_cli import PAGE, Run, assert_one_sentence, quick, run  # noqa: F401

CASES = """\
cases:
- {id: total, profile: ada_lovelace, kind: computed, question: How many papers are there?, count: {}}
- {id: code, profile: ada_lovelace, kind: computed, question: Which papers have code?, lists: {has_code: true},
   tags: [x]}
- {id: age, profile: ada_lovelace, kind: refusal, question: How old is she?, refuses: true, split: dev}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a profile and three cases of it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.txt").write_text(PAGE, encoding="utf-8")
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "ada.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path


def ask(run: Run, *arguments: str) -> object:
    return run("--profile", "page.txt", "eval", "run", "--cases", "cases", *arguments)


def test_a_run_is_kept_compared_blessed_and_reported(run: Run, quick: HashEmbedder, folder: Path) -> None:
    ran = ask(run, "--out", "old.jsonl")
    assert ran.status == 0 and "old.jsonl: " in ran.out and "100.0%" in ran.out
    assert ask(run, "--out", "new.jsonl", "--repeat", "2").status == 0
    assert run("eval", "bless", "old.jsonl", "--baseline", "base.jsonl").out.startswith("base.jsonl: 3 cases")
    for base in ("old.jsonl", "base.jsonl"):
        compared = run("eval", "compare", base, "new.jsonl")
        assert compared.status == 0 and "verdict: no difference" in compared.out
    kinds = ("--html", "r.html", "--markdown", "r.md", "--junit", "r.xml")
    made = run("eval", "report", "new.jsonl", "--base", "old.jsonl", *kinds)
    assert made.out.split() == ["r.html", "r.md", "r.xml"]
    assert all((folder / name).stat().st_size for name in made.out.split())
    assert run("eval", "report", "new.jsonl").out.strip() == "new.html"


def test_worse_is_exit_status_1_and_json_names_the_case(run: Run, quick: HashEmbedder, folder: Path) -> None:
    ask(run, "--out", "old.jsonl")
    rows = [json.loads(line) for line in (folder / "old.jsonl").read_text().splitlines()]
    rows[1] |= {"outcome": "wrong", "reason": "made so"}
    (folder / "new.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert run("eval", "compare", "old.jsonl", "new.jsonl").status == 0
    compared = run("eval", "compare", "old.jsonl", "new.jsonl", "--most-worse", "0", "--json")
    found = json.loads(compared.out)
    assert compared.status == 1 and found["verdict"] == "worse"
    assert found["changed"][0]["after"] == "wrong" and found["changed"][0]["reason"] == "made so"


def test_cases_are_chosen_by_split_kind_and_tag(run: Run, quick: HashEmbedder, folder: Path) -> None:
    def chosen(*arguments: str) -> list[str]:
        out: str = ask(run, "--json", *arguments).out  # type: ignore[attr-defined]
        return [json.loads(line)["id"] for line in out.splitlines()]

    assert chosen("--split", "dev", "--out", "1") == ["age"]
    assert chosen("--kind", "computed", "--out", "2") == ["code", "total"]
    assert chosen("--tag", "x", "--out", "3") == ["code"]


def test_a_run_that_was_interrupted_is_gone_on_with(run: Run, quick: HashEmbedder, folder: Path) -> None:
    ask(run, "--out", "run.jsonl")
    path = folder / "run.jsonl"
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:2]) + whole[2][:30])
    assert_one_sentence(run("eval", "compare", "run.jsonl", "run.jsonl"), "run.jsonl", "interrupted", "--out run.jsonl")
    assert ask(run, "--out", "run.jsonl").status == 0
    assert path.read_bytes().splitlines(keepends=True)[:2] == whole[:2]
    assert_one_sentence(ask(run, "--out", "run.jsonl"), "run.jsonl holds a whole run.", "--out")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "--cases", "none"], ["none is no folder."]),
        (["run", "--cases", "cases", "--tag", "nosuch"], ["holds no such case"]),
        (["run", "--cases", "cases", "--out", "page.txt/run"], ["page.txt/run can't be written"]),
        (["compare", "none.jsonl", "none.jsonl"], ["none.jsonl can't be read"]),
        (["compare", "page.txt", "page.txt"], ["page.txt is not a run."]),
        (["compare"], ["There is no run yet.", "profile-chat eval run"]),
        (["bless", "page.txt"], ["page.txt is not a run."]),
        (["report", "page.txt"], ["page.txt is not a run."]),
        (["add", "7"], ["There is no feedback 7."]),
        (["run", "--repeat", "0"], ["0 is not a number from 1 up"]),
        (["compare", "--alpha", "2"], ["2 is not a number from 0 to 1"]),
    ],
)
def test_bad_input_is_one_sentence(
    run: Run,
    quick: HashEmbedder,
    folder: Path,
    arguments: list[str],
    words: list[str],
) -> None:
    assert_one_sentence(run("--profile", "page.txt", "eval", *arguments), *words)


def test_a_faulty_case_file_is_one_sentence_with_its_line(run: Run, quick: HashEmbedder, folder: Path) -> None:
    (folder / "cases" / "bad.yaml").write_text("cases:\n- {id: b, kind: fact, question: q, says: ['(']}\n")
    assert_one_sentence(ask(run), "bad.yaml, line 2, case b: says", "not a regular expression")
    (folder / "cases" / "bad.yaml").write_text(
        "profile: ada_lovelace\ncases:\n- {id: b, kind: fact, question: q, cites: [nosuch]}\n"
    )
    assert_one_sentence(ask(run), "bad.yaml, line 3, case b, cites", "'nosuch'", "profile-chat info --json")


def test_the_schema_is_printed(run: Run) -> None:
    assert json.loads(run("eval", "schema").out)["properties"]["cases"]["type"] == "array"


# --- from use to case ------------------------------------------------------------------------------------


def test_what_a_reader_marked_becomes_a_case(run: Run, quick: HashEmbedder, folder: Path, fresh_home: Path) -> None:
    run("ingest", "page.txt")
    store = FeedbackStore(fresh_home)
    paper = "notes-on-the-analytical-engine"
    store.add("ada_lovelace", "right", ("Which paper is about the engine?",), answer_of("This.", (paper,)))
    store.add("ada_lovelace", "reported", ("What is it?", "Who wrote it?"), answer_of("Nobody."), "that is wrong")
    listed = run("eval", "add").out
    assert "1  right" in listed and "2  reported" in listed and "reason: that is wrong" in listed

    added = run("eval", "add", "1", "--cases", "cases")
    assert added.out.strip() == "cases/from_use.yaml: use-which-paper-is-about-the-engine"
    assert_one_sentence(run("eval", "add", "1", "--cases", "cases"), "is taken", "--id")
    assert_one_sentence(run("eval", "add", "2", "--cases", "cases"), "What a right answer is isn't known", "--says")
    before = (folder / "cases" / "from_use.yaml").read_text()
    assert_one_sentence(run("eval", "add", "2", "--cases", "cases", "--cites", "nosuch"), "'nosuch'")
    assert (folder / "cases" / "from_use.yaml").read_text() == before
    assert run("eval", "add", "2", "--cases", "cases", "--says", "Lovelace", "--id", "who").status == 0

    ran = run("--profile", "ada_lovelace", "eval", "run", "--cases", "cases", "--json", "--out", "run.jsonl")
    rows = {row["id"]: row for row in map(json.loads, ran.out.splitlines())}
    assert {"who", "use-which-paper-is-about-the-engine", "total"} <= set(rows)
    assert len(store.all()) == 2


def test_feedback_of_another_version_is_passed_over(fresh_home: Path) -> None:
    store = FeedbackStore(fresh_home)
    store.add("p", "wrong", ("?",), answer_of("x"))
    with store.path.open("a") as file:
        file.write('{"half": \n')
    store.add("p", "wrong", ("??",), answer_of("y"))
    assert [(row.number, row.turns) for row in store.all()] == [(1, ("?",)), (3, ("??",))]


# --- pytest ----------------------------------------------------------------------------------------------


def test_plain_pytest_runs_cases_as_tests(tmp_path: Path) -> None:
    import subprocess
    import sys

    assert shipped_profile_path() is not None
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "some.yaml").write_text(
        "profile: stefan_kesselheim\n"
        "cases:\n"
        "- {id: total, kind: computed, question: How many papers are there?, count: {}}\n"
        "- {id: never, kind: computed, question: How many papers are there?, says: [purple]}\n"
        "- {id: stranger, profile: nobody, kind: fact, question: q, says: [x]}\n"
    )
    command = [sys.executable, "-m", "pytest", "-p", "evals.pytest_cases", "-c", "/dev/null", "-v", "-rs", "cases"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "1 failed, 1 passed, 1 skipped" in ran.stdout, ran.stdout + ran.stderr
    assert "wrong: does not say 'purple'\nasked: How many papers are there?\nanswer: " in ran.stdout
    assert "There is no profile 'nobody'" in ran.stdout
    assert "Traceback" not in ran.stdout

    (tmp_path / "cases" / "bad.yaml").write_text("cases:\n- {id: x, kind: fact}\n")
    ran = subprocess.run([*command, "--co"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert "bad.yaml, line 2, case x: needs a question or turns" in ran.stdout

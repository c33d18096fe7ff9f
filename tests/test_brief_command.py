"""`profile-chat brief`, `ask --export` and `verify` from the outside, over the profile that ships and a small one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ui.cli import main

PAGE = """\
Ada Byron

SY
h-index9
2papers
4citations

2 Papers

SYMay 4, 2024
Steady Engines

Ada Byron, Charles Babbage

We show that two governors keep an engine steady on hills of up to 12%. Surprisingly, a third one slows it down.

ROJul 1
Looms That Read

Joseph Jacquard, Charles Babbage et al.

We present a loom that reads cards. In our experiments the loom weaves 40 patterns a day.
"""


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs the command in this process."""

    def run_command(*arguments: str) -> Ran:
        capfdbinary.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as stopped:
            status = int(stopped.code or 0)
        captured = capfdbinary.readouterr()
        return Ran(status, captured.out.decode("utf-8", "replace"), captured.err.decode())

    return run_command


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A small profile page."""
    path = tmp_path / "ada.txt"
    path.write_text(PAGE, encoding="utf-8")
    return path


# --- brief ----------------------------------------------------------------------------------------------


def test_a_topic_page_is_printed_with_its_references(run: Run) -> None:
    ran = run("brief", "--topic", "flow matching")
    assert (ran.status, ran.err) == (0, "")
    assert "2 of the 19 papers treat “flow matching”." in ran.out
    assert "\n[1] The Amazing Stability of Flow Matching\n    “Surprisingly, in our experiments" in ran.out
    assert "<!--" not in ran.out


def test_the_same_sentence_as_in_the_chat_leads(run: Run) -> None:
    """Chat and page can't disagree on which papers treat a topic and on what is quoted for it."""
    answer = json.loads(run("ask", "Which papers are about flow matching?", "--json").out)
    page = json.loads(run("brief", "--topic", "flow matching", "--format", "json").out)
    quoted = {(one["paper_id"], one["passage"]) for one in answer["citations"]}
    assert quoted <= {(one["paper_id"], one["passage"]) for one in page["citations"]}


@pytest.mark.parametrize("name", ["page.md", "page.html", "page.json"])
def test_a_written_page_is_verified_and_an_edited_one_is_not(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    ran = run("brief", "--paper", "Hearts Gym", "--lang", "de", "--out", path)
    assert (ran.status, ran.out) == (0, "")
    good = run("verify", path)
    assert good.status == 0
    assert good.out.rstrip().endswith("hold")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("competed", "competee", 1) if "competed" in text else text.replace("19", "18", 1))
    bad = run("verify", path)
    assert bad.status == 1
    assert "✗ " in bad.out


def test_a_pdf_is_one_page_with_links_to_its_references(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.pdf"
    assert run("brief", "--out", path).status == 0
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Count 1" in content
    assert b"/Subtype /Link" in content


def test_out_in_an_unknown_format_names_those_that_there_are(run: Run, tmp_path: Path) -> None:
    ran = run("brief", "--out", tmp_path / "page.docx")
    assert ran.status == 2
    assert ran.err.endswith("Give it one of these endings: .md, .html, .json, .bib, .csl, .pdf.\n")


def test_format_goes_before_the_files_name(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    assert run("brief", "--paper", "OneProt", "--format", "bib", "--out", path).status == 0
    assert path.read_text(encoding="utf-8").startswith("@misc{floge2024oneprot,")


def test_csl_is_written_to_standard_output(run: Run) -> None:
    titles = [item["title"] for item in json.loads(run("brief", "--paper", "OneProt", "--format", "csl").out)]
    assert "OneProt: Towards Multi-Modal Protein Foundation Models" in titles


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--with", "Donald Knuth"], "No printed author list names Donald Knuth."),
        (["--with", "Michael"], "Michael Bussmann, Michael Fromm, Michael Kamp"),
        (["--since", "2031"], "No paper of the profile is dated 2031 or later."),
        (["--topic", "h-index"], "That is not stated in the 19 titles and 19 abstracts"),
        (["--lang", "de", "--with", "Donald Knuth"], "Keine gedruckte Autorenliste nennt Donald Knuth."),
    ],
)
def test_what_the_profile_does_not_hold_is_refused(run: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    path = tmp_path / "page.md"
    ran = run("brief", *arguments, "--out", path)
    assert (ran.status, ran.err) == (0, "")
    assert said in ran.out
    assert not path.exists()


def test_a_refusal_as_json_is_an_answer(run: Run) -> None:
    answer = json.loads(run("brief", "--since", "2031", "--format", "json").out)
    assert answer["abstained"] is True
    assert answer["citations"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--topic", " "],
        ["--since", "yesterday"],
        ["--for", ""],
        ["--for", "nowhere.bib"],
        ["--for", "nowhere.txt"],
        ["--topic", "a", "--paper", "b"],
        ["--changed-from", "nowhere.txt"],
        ["--lang", "fr"],
    ],
)
def test_bad_input_is_one_sentence_with_the_mend(run: Run, arguments: list[str]) -> None:
    ran = run("brief", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert len(ran.err.strip().splitlines()) == 1


def test_a_page_for_a_reader_with_papers(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.bib"
    own.write_text(
        "@article{a, title={Stability of flow matching}, author={Ada Byron and Rania Briq}, year={2020}}\n"
        "@article{b, title={Bees}, author={Ada Byron}, year={2021}}\n",
        encoding="utf-8",
    )
    out = run("brief", "--for", own).out
    assert out.index("What you have in common") < out.index("Who")
    assert "Names in both lists: Rania Briq (in 1 of yours, in 3 here)." in out


def test_what_changed_since_an_older_file(run: Run, page: Path, tmp_path: Path) -> None:
    older = tmp_path / "older.txt"
    older.write_text(PAGE.replace("40 patterns", "30 patterns").replace("h-index9", "h-index8"), encoding="utf-8")
    out = run("--profile", page, "brief", "--changed-from", older).out
    assert "The header stated h-index 8 and now states 9." in out
    assert "Changed in “Looms That Read” (abstract): In our experiments the loom weaves 40 patterns a day. [" in out


def test_what_changed_since_the_build_before(run: Run, page: Path, fresh_home: Path) -> None:
    del fresh_home  # set as the data folder
    assert run("ingest", page).status == 0
    ran = run("--profile", "ada_byron", "brief", "--changed-from", "previous")
    assert ran.status == 2
    assert "no earlier version" in ran.err
    page.write_text(PAGE.replace("40 patterns", "50 patterns"), encoding="utf-8")
    assert run("ingest", page).status == 0
    out = run("--profile", "ada_byron", "brief", "--changed-from", "previous").out
    assert "(abstract): In our experiments the loom weaves 50 patterns a day. [" in out


# --- receipts -------------------------------------------------------------------------------------------


def test_an_answer_is_exported_and_shown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    ran = run("ask", "How were the participants' agents finally evaluated?", "--export", path)
    assert ran.status == 0
    assert ran.out.startswith("For a final evaluation, the agents of the participants competed")
    report = json.loads(run("verify", path, "--json").out)
    assert [claim["held"] for claim in report["claims"]] == ["holds"]


def test_standard_input_is_verified(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answer.html"
    run("ask", "How many papers are there?", "--export", path)
    monkeypatch.setattr("sys.stdin", io.StringIO(path.read_text(encoding="utf-8")))
    assert run("verify", "-").status == 0


def test_a_receipt_of_another_profile_finds_it_by_its_name(run: Run, page: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    run("--profile", page, "ask", "How many papers are there?", "--export", path)
    assert run("verify", path).status == 0


def test_a_receipt_whose_profile_is_not_here_says_so(
    run: Run, tmp_path: Path, page: Path, fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del fresh_home
    path = tmp_path / "answer.json"
    run("--profile", page, "ask", "How many papers are there?", "--export", path)
    renamed = json.loads(path.read_text(encoding="utf-8"))
    renamed["profile"]["name"] = "nobody"
    path.write_text(json.dumps(renamed), encoding="utf-8")
    assert run("verify", path).status == 1  # its name was edited
    run("--profile", page, "ask", "How many papers are there?", "--export", path)
    monkeypatch.setenv("PROFILE_CHAT_HOME", str(tmp_path / "elsewhere"))
    ran = run("verify", path)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith("which is not here. Give it with --profile NAME|FILE.\n")


def test_after_the_profile_changed_the_file_is_not_damaged(run: Run, page: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.md"
    run("--profile", page, "brief", "--out", path)
    page.write_text(PAGE.replace("40 patterns", "50 patterns"), encoding="utf-8")
    ran = run("--profile", page, "verify", path)
    assert ran.status == 0
    assert "profile changed since" in ran.out
    assert "holds: its quote stands in the abstract at its place" in ran.out


def test_a_file_without_a_receipt_is_bad_input(run: Run, page: Path) -> None:
    ran = run("verify", page)
    assert (ran.status, ran.out) == (2, "")
    assert "carries no receipt" in ran.err


def test_an_export_without_a_known_format_is_bad_input(run: Run, tmp_path: Path) -> None:
    ran = run("ask", "How many papers are there?", "--export", tmp_path / "answer")
    assert ran.status == 2
    assert "Give it one of these endings" in ran.err

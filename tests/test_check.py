"""`profile-chat check` and `bench grounding` from the outside, and the sentences that answers are made of."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.models import AnswerSentence, Citation, Paper, PaperDate, Profile
from rag.verifier.composed import passing
from rag.verifier.reports import CheckedClaim, CheckedSentence, CheckReport, ReportEvidence
from ui.checking import report_text, summary
from ui.cli import main
from ui.marked import marked_text


class Ran(NamedTuple):
    """What a command left."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]
TEXT = "GSQ-GAN achieves a 61x down-sampling. Stefan Kesselheim has 19 papers in his profile.\n"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command in this process."""

    def run_command(*arguments: str) -> Ran:
        capsys.readouterr()
        status = main(list(arguments))
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run_command


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


# --- the command ----------------------------------------------------------------------------------------


def test_the_report_is_the_contract(run: Run, text: str) -> None:
    ran = run("check", text, "--json")
    assert (ran.status, ran.err) == (0, "")
    one, two = json.loads(ran.out)["sentences"]
    assert one["text"] == "GSQ-GAN achieves a 61x down-sampling."
    assert one["verdict"] == "contradicted" and one["reason"] == "the passage says 16x, the claim 61x"
    assert {"paper_id", "title", "sentence"} <= one["evidence"][0].keys()
    assert "16x down-sampling" in one["evidence"][0]["sentence"]
    assert (two["verdict"], two["score"]) == ("supported", 1.0)
    assert [claim["text"] for claim in two["claims"]] == ["Stefan Kesselheim has 19 papers in his profile."]


def test_the_text_comes_back_marked_and_counted(run: Run, text: str) -> None:
    ran = run("check", text)
    lines = ran.out.splitlines()
    assert lines[0] == "✗ GSQ-GAN achieves a 61x down-sampling."
    assert lines[1].startswith("    contradicted (0.0")
    assert lines[1].endswith("): the passage says 16x, the claim 61x")
    assert "✓ Stefan Kesselheim has 19 papers in his profile." in lines
    assert lines[-1] == "2 sentences: 1 supported, 1 contradicted"
    assert "\033[" not in ran.out


def test_a_text_comes_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("The profile lists 20 papers."))
    (sentence,) = json.loads(run("check", "-", "--json").out)["sentences"]
    assert sentence["verdict"] == "contradicted"
    assert sentence["reason"] == "the profile lists 19 papers"


def test_every_sentence_of_every_abstract_is_supported(run: Run, tmp_path: Path) -> None:
    papers = json.loads(run("info", "--json").out)["papers"]
    path = tmp_path / "abstracts.txt"
    path.write_text("\n".join(paper["abstract"] for paper in papers), encoding="utf-8")
    sentences = json.loads(run("check", str(path), "--json").out)["sentences"]
    assert len(sentences) > 100
    copied = [claim for sentence in sentences for claim in sentence["claims"] if len(sentence["claims"]) == 1]
    assert [claim["text"] for claim in copied if claim["verdict"] != "supported"] == []


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xff\xfe\x00", "is not UTF-8 text"), (b" \n", "holds no text"), (None, "can't be read")]
)
def test_a_file_that_cannot_be_checked_is_said_in_one_sentence(
    run: Run, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    ran = run("check", str(path))
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith("profile-chat: ") and words in ran.err


def test_with_another_embedder_words_decide_and_it_is_said(
    run: Run, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROFILE_CHAT_EMBEDDER", "minilm")
    ran = run("check", text, "--json")
    assert ran.status == 0
    assert "by words alone: The embedder is minilm" in ran.err
    assert json.loads(ran.out)["sentences"][0]["verdict"] == "contradicted"


def test_bench_grounding_prints_the_contract(run: Run, tmp_path: Path) -> None:
    rows = [
        {"claim": "Cats sleep.", "passages": ["Cats sleep. Dogs bark."], "supported": True},
        {"claim": "Cats sleep 16 hours.", "passages": ["Cats sleep 12 hours."], "supported": False},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    figures = json.loads(run("bench", "grounding", str(path), "--json").out)
    assert figures["n"] == 2
    assert (figures["macro_f1"], figures["false_pass_rate"], figures["false_flag_rate"]) == (1.0, 0.0, 0.0)
    assert figures["baselines"]["overlap"]["false_pass_rate"] == 1.0
    assert figures["baselines"]["cosine"]["false_pass_rate"] == 1.0
    table = run("bench", "grounding", str(path)).out
    assert table.splitlines()[0].split() == ["verifier", "overlap", "cosine"]
    assert "2 claims." in table


def test_bench_grounding_says_which_row_is_bad(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"claim": "a"}\n', encoding="utf-8")
    ran = run("bench", "grounding", str(path))
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert "line 1" in ran.err


# --- reports as text and as HTML ------------------------------------------------------------------------

PLACE = ReportEvidence(paper_id="p", title="On Looms", sentence="Looms weave.", start=3, end=15)
CLAIM = CheckedClaim(text="Looms weave.", verdict="supported", score=0.93, reason="so it says", evidence=(PLACE,))


def sentence(text: str, *claims: CheckedClaim) -> CheckedSentence:
    first = claims[0]
    return CheckedSentence(
        text=text, verdict=first.verdict, score=first.score, reason=first.reason, evidence=first.evidence, claims=claims
    )


def test_a_report_as_text() -> None:
    report = CheckReport(sentences=(sentence("Looms weave.", CLAIM),))
    assert report_text(report) == (
        "✓ Looms weave.\n    supported (0.93): so it says\n    On Looms: “Looms weave.”\n\n1 sentence: 1 supported"
    )
    assert report_text(report, colour=True).startswith("\033[32m✓ Looms weave.\033[0m")
    assert summary(CheckReport(sentences=())) == "no sentences"


def test_a_sentence_of_two_claims_shows_both() -> None:
    other = CLAIM.model_copy(update={"text": "They sing.", "verdict": "not_found", "evidence": ()})
    shown = report_text(CheckReport(sentences=(sentence("Looms weave, and they sing.", other, CLAIM),)))
    assert "    ? They sing. not found (0.93): so it says" in shown
    assert "    ✓ Looms weave. supported (0.93): so it says" in shown


@given(st.text(alphabet="<>&\"'`*_[]()#ab .", min_size=1, max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    told = f"A{text}z."
    claim = CLAIM.model_copy(update={"text": told, "reason": text})
    shown = marked_text(told, CheckReport(sentences=(sentence(told, claim),)), "en")
    inside = shown.replace("<span ", "").replace("</span>", "")
    for tag in ("<img", "<script", "<style", "<b>"):
        assert tag not in inside
    assert shown.count("<a ") == 2
    assert shown.count("<li ") == 1


def test_marks_keep_the_paragraphs_of_the_text() -> None:
    report = CheckReport(sentences=tuple(sentence(text, CLAIM) for text in ("One is.", "One is.", "Two is.")))
    shown = marked_text("One is. One is.\n\nTwo is.\n", report, "en")
    paragraphs = shown.split('<div class="marked">')[1].split("</div>")[0].split("</p>")
    assert [part.count('class="claim') for part in paragraphs] == [2, 1, 0]
    assert 'href="#p=p&amp;s=3-15"' in shown


# --- what the product composes --------------------------------------------------------------------------

LOOMS = Paper(
    id="looms", title="On Looms", authors=("Ada Lovelace",), authors_cut=False,
    abstract="We study looms. Looms weave.", date=PaperDate(text="May 1, 1843", year=1843, month=5, day=1),
)  # fmt: skip
ENGINES = LOOMS.model_copy(update={"id": "engines", "title": "On Engines", "abstract": "Engines compute."})
PROFILE = Profile(name="ada", person="Ada Lovelace", papers=(LOOMS, ENGINES), source="a", fingerprint="0")
QUOTE = Citation(n=1, paper_id="looms", title="On Looms", passage="Looms weave.", start=16, end=28)
RECORD = Citation(n=1, paper_id="looms", title="On Looms", passage=LOOMS.record_line)


def passes(text: str, citation: Citation, verdict: str = "supported") -> bool:
    composed = AnswerSentence(text=text, citations=(1,), verdict=verdict, score=0.4)  # type: ignore[arg-type]
    kept = passing([composed], [citation], PROFILE)
    assert all(one.score == 1.0 for one in kept)
    return bool(kept)


def test_a_quoted_sentence_passes_by_identity() -> None:
    assert passes("Looms weave.", QUOTE)
    assert passes("“On Looms” (May 1, 1843): Looms weave.", QUOTE)


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("Looms sing.", QUOTE),
        ("Looms weave. They sing.", QUOTE),
        ("Looms weave.", QUOTE.model_copy(update={"start": 15, "end": 27})),
        ("Looms weave.", QUOTE.model_copy(update={"paper_id": "engines", "title": "On Engines"})),
        ("Looms weave.", QUOTE.model_copy(update={"title": "On Engines"})),
        ("Looms weave.", RECORD),
        ("“On Steam Engines” (May 1, 1843): Looms weave.", QUOTE),
        ("“On Looms” (May 1, 1848): Looms weave.", QUOTE),
    ],
)
def test_a_sentence_that_its_passage_does_not_carry_is_left_out(text: str, citation: Citation) -> None:
    assert not passes(text, citation)


def test_a_computed_sentence_has_to_name_the_record_that_it_cites() -> None:
    assert passes("“On Looms” (May 1, 1843)", RECORD, "computed")
    assert not passes("“On Looms” (May 1, 1848)", RECORD, "computed")
    assert not passes("“On Steam Engines” (May 1, 1843)", RECORD, "computed")
    assert not passes("“On Looms” (May 1, 1843)", RECORD.model_copy(update={"passage": "On Looms."}), "computed")


def test_a_number_without_a_citation_is_left_out() -> None:
    lost = AnswerSentence(text="Looms weave.", citations=(2,), verdict="supported")
    assert passing([lost], [QUOTE], PROFILE) == []

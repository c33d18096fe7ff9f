"""Reports: a page that needs nothing from outside, a summary, and XML; hostile text stays text."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from evals.compare import compare
from evals.reports.charts import latency_chart, reliability_chart, trend_chart
from evals.reports.html import html_report
from evals.reports.junit import junit_report
from evals.reports.markdown import markdown_report
from evals.significance import ReliabilityBin
from evals.trend import Point, read_trend
from rag.models import AnswerSentence, Citation
from tests.fakes.evals import PROFILE, answer_of
from tests.test_compare import BLUE, RED, run_of
from tests.test_eval_runs import write_run

HOSTILE = "<script>alert(1)</script> | **bold** [x](y) \x00"
POINTS = (Point("one", "2026-01-01", 7, 10, "c"), Point("two", "2026-01-02", 9, 10, "c"))


def quoting(text: str) -> object:
    citation = Citation(n=1, paper_id="first-paper", title="first-paper", passage="It is red.", start=25, end=35)
    sentence = AnswerSentence(text="It is red.", citations=(1,), verdict="supported")
    return answer_of(text).model_copy(
        update={"answer": f"{text} [1]", "citations": (citation,), "sentences": (sentence,)}
    )


def test_the_page_needs_nothing_from_outside_and_shows_both_answers() -> None:
    old = run_of({"a": quoting("It is red."), "b": RED}, "old")  # type: ignore[dict-item]
    new = run_of({"a": BLUE, "b": RED}, "new")
    page = html_report(new, compare(old, new), POINTS, PROFILE)
    assert re.findall(r"(?:src|href|url)\s*[=(]", page) == []
    assert "default-src 'none'" in page and "<script" not in page
    assert "This is the first-paper. <mark>It is red.</mark>" in page
    assert "It is <del>red. </del>[1]" in page and "It is <ins>blue. </ins>[1]" in page
    assert "2 runs, right from 70.0% to 90.0%" in page
    assert "Worse (1)" in page and "differs: code old -&gt; new" in page


def test_a_page_of_a_run_alone_and_beside_a_baseline_without_texts() -> None:
    run = run_of({"a": BLUE, "b": RED}, "new")
    assert "Beside" not in html_report(run, None, ())
    bare = run.model_copy(update={"answers": tuple(a.model_copy(update={"reply": None}) for a in run.answers)})
    flipped = run_of({"a": RED, "b": RED}, "newer")
    assert "(the baseline keeps no text)" in html_report(flipped, compare(bare, flipped), ())


def test_hostile_text_stays_text_in_every_report() -> None:
    hostile = answer_of(HOSTILE)
    old, new = run_of({HOSTILE: RED}, "old"), run_of({HOSTILE: hostile}, "new")
    page = html_report(new, compare(old, new), ())
    assert "<script>" not in page and "&lt;script&gt;" in page
    summary = markdown_report(new, compare(old, new))
    assert "<script>" not in summary and "\\*\\*bold" in summary and "\\| " in summary
    root = ElementTree.fromstring(junit_report(new))
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None and "<script>" in (failure.text or "")


def test_the_summary_has_the_verdict_the_flips_and_the_table() -> None:
    old, new = run_of({"a": RED, "b": BLUE}, "old"), run_of({"a": BLUE, "b": RED}, "new")
    lines = markdown_report(new, compare(old, new)).splitlines()
    assert lines[0] == "### p: no clear difference"
    assert "1 worse, 1 better, 0 changed otherwise, of 2 cases." in lines
    assert "| a | ? | right | wrong: does not say 'red' | writing |" in lines
    assert lines[-1] == "| all | 2 | 50.0% | 1 | 0 | 0 |"
    assert markdown_report(new, None).startswith("### p\n")


def test_junit_counts_failures_and_errors() -> None:
    run = run_of({"a": RED, "b": BLUE, "c": RuntimeError("gone")}, "new")
    suite = ElementTree.fromstring(junit_report(run)).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")
    cases = {case.get("name"): case for case in suite}
    assert cases["b"].find("failure") is not None and cases["c"].find("error") is not None and not list(cases["a"])


def test_the_trend_reads_whole_runs_of_the_profile_and_passes_over_the_rest(tmp_path: Path) -> None:
    write_run(tmp_path / "whole.jsonl")
    write_run(tmp_path / "begun.jsonl", whole=False)
    (tmp_path / "other.jsonl").write_text("not a run\n")
    (tmp_path / "empty.jsonl").write_text("")
    (point,) = read_trend(tmp_path, "p")
    assert (point.name, point.right, point.scored) == ("whole", 2, 4)
    assert read_trend(tmp_path, "q") == []


def test_charts_say_in_words_what_they_show() -> None:
    assert 'aria-label="2 runs, right from 70.0% to 90.0%"' in trend_chart(POINTS)
    assert "stated 90%, right 50% of 4" in reliability_chart([ReliabilityBin(0.9, 0.5, 4)])
    assert "under 16 ms: 2" in latency_chart([9.0, 15.0, 100.0])
    assert "no run" in trend_chart([])

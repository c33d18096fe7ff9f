"""The speed benchmark: what it reports, and the profiles and questions that it makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.speed_bench import make_questions, resize, run
from ingest.bibtex import read_bibtex
from ingest.sources import read_profile, shipped_profile_path
from rag.models import Paper, Profile
from rag.sentences import split_sentences
from tests.fakes.embedder import HashEmbedder
from ui.compose import open_in_folder
from ui.tables import speed_table


@pytest.fixture(scope="module")
def profile() -> Profile:
    path = shipped_profile_path()
    assert path is not None
    return read_profile(path)


def sentences_of(papers: tuple[Paper, ...]) -> set[str]:
    return {span.text for paper in papers for span in split_sentences(paper.abstract)}


def test_a_run_reports_what_was_agreed(profile: Profile) -> None:
    seen: list[tuple[int, int]] = []
    figures = run(profile, 5, HashEmbedder(), open_in_folder, lambda done, total: seen.append((done, total)))
    assert list(figures) == [
        "papers", "embed_query_ms", "chroma_query_ms", "ask_ms_p50", "ask_ms_p95", "ratio", "peak_mb",
    ]  # fmt: skip
    assert figures["papers"] == 5
    assert 0 < figures["ask_ms_p50"] <= figures["ask_ms_p95"]
    bare = figures["embed_query_ms"] + figures["chroma_query_ms"]
    assert figures["ratio"] == pytest.approx(figures["ask_ms_p50"] / bare, abs=1e-3)
    assert seen[-1] == (50, 50)
    assert "ratio" in speed_table(figures)
    assert "unknown" in speed_table({**figures, "peak_mb": None})


def test_questions_are_many_and_distinct(profile: Profile) -> None:
    questions = make_questions(profile)
    assert len(set(questions)) == len(questions) == 50
    assert make_questions(profile) == questions


def test_a_profile_of_one_paper_without_abstract_has_questions() -> None:
    papers = read_bibtex("@article{a, title={One}, author={Lovelace, Ada}, year=1843}", "a.bib")
    bare = Profile(name="a", person="Ada Lovelace", papers=papers, source="a.bib", fingerprint="a")
    assert len(set(make_questions(bare))) == 50
    assert len({paper.id for paper in resize(bare, 30).papers}) == 30


@pytest.mark.parametrize("number", [1, 18, 19, 20, 300])
def test_a_profile_is_made_of_any_size(profile: Profile, number: int) -> None:
    made = resize(profile, number)
    assert len(made.papers) == len({paper.id for paper in made.papers}) == number
    assert made.papers[:19] == profile.papers[:number]
    assert made == resize(profile, number)
    assert sentences_of(made.papers) <= sentences_of(profile.papers)


def test_a_made_profile_is_another_one_to_the_index(profile: Profile) -> None:
    assert len({resize(profile, number).fingerprint for number in (19, 20, 21)} | {profile.fingerprint}) == 4


def test_nothing_is_left_behind(profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    run(profile, 2, HashEmbedder(), open_in_folder)
    assert list(tmp_path.iterdir()) == []

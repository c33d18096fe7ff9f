"""A second encoder has a say in which paper is meant, in English; its vectors are kept with the build."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ingest.sources import read_profile, shipped_profile_path
from rag.embedding import load_embedder
from rag.errors import IndexDamagedError
from rag.models import Profile
from rag.second_opinion import SecondOpinion, embed_papers, open_opinion, save_opinion
from rag.settings import load_settings
from tests.test_build import HashEmbedder


@pytest.fixture(scope="module")
def profile() -> Profile:
    path = shipped_profile_path()
    assert path is not None
    return read_profile(path)


def test_a_paper_stands_out_for_a_question_in_other_words_than_its_own(profile: Profile) -> None:
    encoder = load_embedder("minilm", load_settings().home / "models")
    opinion = SecondOpinion(embed_papers(profile, encoder), lambda: encoder)
    apart = opinion.stands_out("squeezing what satellites record so that it takes up less room")
    assert apart is not None
    assert "Compression" in profile.papers[int(apart.argmax())].title
    assert abs(float(apart.mean())) < 1e-4
    assert abs(float(apart.std()) - 1) < 1e-4


def test_the_second_opinion_moves_the_first_both_ways(profile: Profile) -> None:
    encoder = HashEmbedder()
    vectors = embed_papers(profile, encoder)
    opinion = SecondOpinion(vectors, lambda: encoder)
    question = f"{profile.papers[3].title}. {profile.papers[3].abstract}"
    near, far = opinion.weigh(question, [3, 5], [0.4, 0.4])
    assert near > 0.4 > far


def test_where_there_are_few_papers_none_stands_out(profile: Profile) -> None:
    encoder = HashEmbedder()
    few = profile.model_copy(update={"papers": profile.papers[:3]})
    opinion = SecondOpinion(embed_papers(few, encoder), lambda: encoder)
    assert opinion.stands_out("anything") is None
    assert opinion.weigh("anything", [0, 2], [0.3, 0.7]) == [0.3, 0.7]


def test_what_is_kept_is_opened_again(tmp_path: Path, profile: Profile) -> None:
    encoder = HashEmbedder()
    vectors = embed_papers(profile, encoder)
    save_opinion(tmp_path, vectors)
    before = SecondOpinion(vectors, lambda: encoder).stands_out("solar images")
    after = open_opinion(tmp_path, len(profile.papers), lambda: encoder).stands_out("solar images")
    np.testing.assert_array_equal(before, after)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", ["missing", "cut", "of another profile"])
def test_a_damaged_file_is_named_with_the_mend(tmp_path: Path, profile: Profile, damage: str) -> None:
    file = tmp_path / "second.npy"
    save_opinion(tmp_path, embed_papers(profile, HashEmbedder())[: 5 if damage == "of another profile" else None])
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:300])
    with pytest.raises(IndexDamagedError, match=r"second\.npy is damaged: .*ingest --rebuild"):
        open_opinion(tmp_path, len(profile.papers), HashEmbedder)

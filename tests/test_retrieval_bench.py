"""The retrieval benchmark on a collection of four documents, through a real Chroma folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from evals.retrieval_bench import measure, run
from evals.retrieval_data import document_text, read_collection
from rag.errors import InputError, SettingError

needs_measures = pytest.mark.skipif(
    find_spec("ir_measures") is None, reason="ir-measures has no ready-made build for this system"
)

TOPICS = ("wing", "heat", "shock", "flow")
CORPUS: list[dict[str, Any]] = [
    {"_id": "d1", "title": "Wings", "text": "wing wing lift"},
    {"_id": "d2", "title": "Heat", "text": "heat in slabs"},
    {"doc_id": 3, "title": "Shock waves", "abstract": ["A shock.", "A second shock."]},
    {"_id": "d4", "title": "Flow", "text": "flow of heat"},
]
QUERIES: list[dict[str, Any]] = [
    {"_id": "q1", "text": "wing"},
    {"id": 2, "claim": "shock flow"},
    {"_id": "q3", "text": "unjudged"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\n2\t3\t1\n2\td4\t1\n"


class TopicEmbedder:
    """Counts four words; enough to rank four documents."""

    identity = "topics"
    dimension = 4

    def embed_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self.embed_passages([text])[0]
        return vector

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        counts = [[text.lower().count(topic) + 0.01 for topic in TOPICS] for text in texts]
        vectors = np.array(counts, np.float32)
        if progress is not None:
            progress(len(texts))
        unit: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    qrels = tmp_path / "qrels.tsv"
    qrels.write_text(QRELS, "utf-8")
    return lines(tmp_path / "corpus.jsonl", CORPUS), lines(tmp_path / "queries.jsonl", QUERIES), qrels


@needs_measures
def test_a_bench_reports_what_was_agreed_and_leaves_nothing(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    workdir = tmp_path / "work"
    workdir.mkdir()
    seen: list[tuple[int, int]] = []
    result = run(*files, TopicEmbedder(), workdir, lambda done, total: seen.append((done, total)))
    assert list(result) == ["bm25", "dense", "fusion", "encode_docs_per_s", "query_ms_p50"]
    for system in ("bm25", "dense", "fusion"):
        assert result[system] == {"ndcg@10": 1.0, "recall@10": 1.0}
    assert result["encode_docs_per_s"] > 0 and result["query_ms_p50"] > 0
    assert seen == [(4, 4)]
    assert list(workdir.iterdir()) == []


@needs_measures
def test_a_ranking_is_measured_by_the_formula() -> None:
    ranking = {"q1": ["x", "d1"], "q2": ["d3", "x"]}
    gains = {"q1": {"d1": 1}, "q2": {"d3": 2, "d4": 1}}
    first = (1 / log2(3)) / 1
    second = (2 / log2(2)) / (2 / log2(2) + 1 / log2(3))
    assert measure(ranking, gains) == pytest.approx(
        {"ndcg@10": (first + second) / 2, "recall@10": (1 + 0.5) / 2}, abs=1e-4
    )


@needs_measures
def test_a_judged_query_without_an_answer_counts_as_zero() -> None:
    assert measure({"q1": ["d1"]}, {"q1": {"d1": 1}, "q2": {"d2": 1}})["ndcg@10"] == 0.5


@needs_measures
def test_words_alone_do_not_return_documents_without_a_shared_word(
    files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    lines(files[1], [{"_id": "q1", "text": "zebra"}])
    assert run(*files, TopicEmbedder(), tmp_path)["bm25"] == {"ndcg@10": 0.0, "recall@10": 0.0}


def test_only_judged_queries_are_read(files: tuple[Path, Path, Path]) -> None:
    collection = read_collection(*files)
    assert collection.queries == {"q1": "wing", "2": "shock flow"}
    assert collection.documents["3"] == "Shock waves. A shock. A second shock."


def test_cranfield_codes_become_gains(files: tuple[Path, Path, Path]) -> None:
    files[2].write_text("query-id\tcorpus-id\tcleverdon_code\nq1\td1\t1\nq1\td2\t4\nq1\td4\t-1\n", "utf-8")
    assert read_collection(*files).gains == {"q1": {"d1": 4, "d2": 1}}


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("Wings", "They lift.", "Wings. They lift."),
        ("Do wings lift?", "Yes.", "Do wings lift? Yes."),
        ("wings .", "wings . they lift .", "wings . they lift ."),
        ("Wings", "", "Wings"),
        ("", "They lift.", "They lift."),
    ],
)
def test_title_and_text_are_joined_once(title: str, text: str, expected: str) -> None:
    assert document_text(title, text) == expected


@pytest.mark.parametrize(
    ("which", "content", "names"),
    [
        (0, '{"_id": "a", "text": "x"}\n{oops\n', "corpus.jsonl, line 2, is not JSON"),
        (0, "[1]\n", "corpus.jsonl, line 1, is not a JSON object"),
        (0, '{"title": "x"}\n', "corpus.jsonl, line 1, lacks '_id' or 'doc_id'"),
        (0, '{"_id": "a"}\n\n{"_id": "a"}\n', "corpus.jsonl, line 3, has the id 'a' a second time"),
        (0, '{"_id": "a", "text": 7}\n', "corpus.jsonl, line 1, has a text that is neither"),
        (0, "", "corpus.jsonl has no documents"),
        (1, '{"_id": "q1"}\n', "queries.jsonl, line 1, lacks 'text' or 'claim'"),
        (1, '{"_id": "q9", "text": "x"}\n', "qrels.tsv judges none of the documents"),
        (2, "q1\td1\t1\n", "qrels.tsv, line 1, is not the header"),
        (2, "query-id\tcorpus-id\tscore\nq1 d1 1\n", "qrels.tsv, line 2, has 1 columns, not 3"),
        (2, "query-id\tcorpus-id\tscore\nq1\td1\tyes\n", "qrels.tsv, line 2, has the score 'yes'"),
        (2, "query-id\tcorpus-id\tscore\nq1\tnone\t1\n", "qrels.tsv judges none of the documents"),
        (2, "query-id\tcorpus-id\tcleverdon_code\nq1\td1\t7\n", "line 2, has the code 7"),
    ],
)
def test_a_bad_row_is_named(files: tuple[Path, Path, Path], which: int, content: str, names: str) -> None:
    files[which].write_text(content, "utf-8")
    with pytest.raises(InputError) as caught:
        read_collection(*files)
    assert names in caught.value.message


@needs_measures
def test_a_relevant_document_outside_the_corpus_counts_as_missed(
    files: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    files[2].write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\tgone\t1\n", "utf-8")
    assert run(*files, TopicEmbedder(), tmp_path)["dense"]["recall@10"] == 0.5


def test_rows_from_other_systems_are_read(files: tuple[Path, Path, Path]) -> None:
    files[0].write_bytes('\ufeff{"_id": "d1", "title": "a\u2028b", "text": "c"}\r\n'.encode())
    files[2].write_bytes(b"query-id\tcorpus-id\tscore\r\nq1\td1\t1\r\n")
    collection = read_collection(*files)
    assert collection.documents == {"d1": "a\u2028b. c"}
    assert collection.gains == {"q1": {"d1": 1}}


def test_a_missing_or_binary_file_is_named(files: tuple[Path, Path, Path]) -> None:
    files[1].write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"queries\.jsonl is not UTF-8"):
        read_collection(*files)
    files[0].unlink()
    with pytest.raises(InputError, match=r"corpus\.jsonl can't be read"):
        read_collection(*files)


def test_a_missing_metrics_library_is_said_before_any_encoding(
    files: tuple[Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    with pytest.raises(SettingError, match="ir-measures is not installed"):
        run(*files, TopicEmbedder(), tmp_path)
    assert [path for path in tmp_path.iterdir() if path.name.startswith("bench-")] == []

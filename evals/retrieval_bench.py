"""Measures retrieval on a public test collection: words alone, meaning alone, and fused as the product does.

The cosines come from a real Chroma collection on disk, as in the product. Chroma's graph search is
approximate, so its first ten are compared with an exact search and must agree.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.retrieval_data import Collection, read_collection
from rag.embedding import Embedder
from rag.errors import SettingError
from rag.fusion import best, fuse
from rag.lexical import BM25

Floats = NDArray[np.float32]

SYSTEMS = ("bm25", "dense", "fusion")
DEPTH = 100
"""Documents of each ranking that are handed to the measures; these look at ten."""
LEAST_RECALL = 0.99
"""Chroma's first ten must hold this share of the true first ten, over all queries."""
HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
"""As in the product. Chroma's defaults (100, 100, 16) find 0.990 of SciFact's true first ten, these all."""


@dataclass(frozen=True)
class Timings:
    """What was timed: the passages' encoding as a rate, and each query from text to fused ranking."""

    documents_per_second: float
    query_ms: tuple[float, ...]


def run(
    corpus: Path,
    queries: Path,
    qrels: Path,
    embedder: Embedder,
    workdir: Path,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Encode the corpus, ask every query that has judgements, and measure the three rankings.

    Args:
        corpus, queries, qrels: see `evals.retrieval_data.read_collection` for the rows.
        embedder: makes the vectors.
        workdir: an existing folder; a folder for Chroma is made in it and removed.
        progress: called with (documents done, documents in all) while the corpus is encoded.

    Returns:
        `{"bm25": {"ndcg@10", "recall@10"}, "dense": {...}, "fusion": {...}, "encode_docs_per_s",
        "query_ms_p50"}`; the time of a query spans embedding, Chroma, BM25 and fusion.

    Raises:
        InputError: a row that can't be used, or no judged query.
        RuntimeError: Chroma's search misses more than `LEAST_RECALL` allows.
        SettingError: the metrics library is not installed.
    """
    _load_measures()  # said before the encoding, which takes long
    collection = read_collection(corpus, queries, qrels)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=workdir))
    try:
        rankings, timings = _rank(collection, embedder, folder, progress)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result: dict[str, Any] = {name: measure(rankings[name], collection.gains) for name in SYSTEMS}
    result["encode_docs_per_s"] = round(timings.documents_per_second, 2)
    result["query_ms_p50"] = round(median(timings.query_ms), 2)
    return result


def measure(ranking: Mapping[str, Sequence[str]], gains: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """nDCG@10 (gain over log2 of rank + 1) and recall@10 over all judged queries, by `ir_measures`.

    Args:
        ranking: query id -> document ids, best first; a missing query counts 0.
        gains: query id -> document id -> gain.

    Raises:
        SettingError: the metrics library is not installed.
    """
    ir_measures = _load_measures()
    kinds = {"ndcg@10": ir_measures.nDCG @ 10, "recall@10": ir_measures.R @ 10}
    scored = {
        query: {document: float(-rank) for rank, document in enumerate(documents)}
        for query, documents in ranking.items()
    }
    values = ir_measures.calc_aggregate(list(kinds.values()), gains, scored)
    return {name: round(float(values[kind]), 4) for name, kind in kinds.items()}


def _load_measures() -> Any:
    try:
        import ir_measures
    except ImportError:
        raise SettingError(
            "The metrics library ir-measures is not installed: it has no ready-made build for Linux on ARM.",
            "Run the benchmark on another machine, or install ir-measures where a C compiler is at hand.",
        ) from None
    return ir_measures


def _rank(
    collection: Collection,
    embedder: Embedder,
    folder: Path,
    progress: Callable[[int, int], None] | None,
) -> tuple[dict[str, dict[str, list[str]]], Timings]:
    ids, texts = list(collection.documents), list(collection.documents.values())
    vectors, rate = _encode(texts, embedder, progress)
    lexical = BM25(texts)
    rankings: dict[str, dict[str, list[str]]] = {name: {} for name in SYSTEMS}
    times, agreement = [], []
    with _ChromaCosines(folder, vectors) as chroma:
        for query, text in collection.queries.items():
            started = time.perf_counter()
            vector = embedder.embed_query(text)
            cosines = chroma.cosines(vector)
            words = lexical.scores(text)
            fused = fuse(cosines, words, lexical.known(text))
            order = best(fused, DEPTH)
            times.append((time.perf_counter() - started) * 1000)
            agreement.append(_shared(best(cosines, 10), best(vectors @ vector, 10)))
            orders = {"bm25": _matching(words), "dense": best(cosines, DEPTH), "fusion": order}
            for name, found in orders.items():
                rankings[name][query] = [ids[i] for i in found]
    recall = float(np.mean(agreement))
    if recall < LEAST_RECALL:
        raise RuntimeError(f"Chroma found {recall:.3f} of the true first ten; raise ef_search in {__name__}.")
    return rankings, Timings(rate, tuple(times))


def _encode(
    texts: Sequence[str], embedder: Embedder, progress: Callable[[int, int], None] | None
) -> tuple[Floats, float]:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, len(texts))

    started = time.perf_counter()
    vectors = embedder.embed_passages(texts, count)
    return vectors, len(texts) / max(time.perf_counter() - started, 1e-9)


def _matching(words: Floats) -> list[int]:
    # A document that shares no word with the query was not found by BM25, whatever its place in the corpus.
    return [i for i in best(words, DEPTH) if words[i] > 0]


def _shared(first: Sequence[int], second: Sequence[int]) -> float:
    return len(set(first) & set(second)) / len(second)


def _open_client(folder: Path) -> Any:
    """A Chroma client; Any, since Chroma's annotations lack close() and refuse a plain dict of options."""
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))


class _ChromaCosines:
    """A Chroma collection on disk that gives a query's cosine with every document."""

    def __init__(self, folder: Path, vectors: Floats) -> None:
        self._client = _open_client(folder)
        # Without None Chroma would store its default model and fetch it from the network.
        self._collection = self._client.create_collection(
            "bench", embedding_function=None, configuration={"hnsw": HNSW}
        )
        self._size = len(vectors)
        step = self._client.get_max_batch_size()
        for start in range(0, self._size, step):
            part = vectors[start : start + step]
            names = [str(number) for number in range(start, start + len(part))]
            self._collection.add(ids=names, embeddings=part)

    def __enter__(self) -> _ChromaCosines:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def cosines(self, vector: Floats) -> Floats:
        """The cosine with each document, (n,); NaN for far ones that Chroma's graph doesn't reach."""
        found = self._collection.query(query_embeddings=[vector], n_results=self._size, include=["distances"])
        distances = np.array(found["distances"][0], np.float32)
        numbers = np.array(found["ids"][0], np.int64)
        cosines = np.full(self._size, np.nan, np.float32)
        cosines[numbers] = 1 - distances
        return cosines

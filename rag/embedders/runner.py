"""Runs the encoder's graph over texts that are already cut into pieces."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.errors import DamagedModelError

Floats = NDArray[np.float32]
Result = TypeVar("Result")
Lookup = Callable[[NDArray[np.int64]], Floats]

# Work per call of the graph, in padded pieces. More is no faster (the processor's cache overflows) and costs
# memory: 120 abstracts on two threads peak at 306 MB with 512, at 640 MB with 2,048.
BATCH_PIECES = 512


def session_options() -> Any:
    """Options for a graph of ours: one thread a call, and no search for a better graph.

    Several calls run at once for passages: a question is too short to share out, and batches side by side use
    two cores better than one batch cut in two. The graphs are written in fused operators already; searching
    for more costs at each start.
    """
    import onnxruntime

    onnxruntime.set_default_logger_severity(3)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


class Runner:
    """The graph, ready to run.

    Args:
        graph: the ONNX file that `rag.embedders.graph.build` made.
        word_vectors: piece numbers (n,) -> vectors (n, width).
        positions: (longest, width), position and type vectors summed.

    Raises:
        DamagedModelError: onnxruntime can't run the graph.
    """

    def __init__(self, graph: Path, word_vectors: Lookup, positions: Floats) -> None:
        import onnxruntime

        options = session_options()
        try:
            self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own classes, which have no common base but this
            raise DamagedModelError(
                f"onnxruntime {onnxruntime.__version__} can't run the model {graph}: {error}.",
                "Install onnxruntime 1.23 or later, or remove that file's folder so that it's built again.",
            ) from error
        self._word_vectors = word_vectors
        self._positions = positions

    @property
    def longest(self) -> int:
        """Pieces that a text may have, begin and end marks included."""
        return len(self._positions)

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(self._positions.shape[1])

    def run(self, batch: Sequence[Sequence[int]]) -> Floats:
        """Piece numbers of a few texts, each 1 to `longest` -> unit vectors (len(batch), width)."""
        (vectors,) = self._session.run(["vectors"], self._inputs(batch))
        return np.asarray(vectors, np.float32)

    def run_with_states(self, batch: Sequence[Sequence[int]]) -> tuple[Floats, list[Floats]]:
        """As `run`, with each text's piece states (pieces, width) from a graph that gives them out."""
        vectors, states = self._session.run(["vectors", "states"], self._inputs(batch))
        own = [states[row, : len(text)] for row, text in enumerate(batch)]
        return np.asarray(vectors, np.float32), own

    def _inputs(self, batch: Sequence[Sequence[int]]) -> dict[str, NDArray[np.generic]]:
        lengths = np.array([len(text) for text in batch], np.int32)
        longest = int(lengths.max())
        tokens = np.zeros((len(batch), longest, self.width), np.float32)
        shares = np.zeros((len(batch), 1, longest), np.float32)
        for row, text in enumerate(batch):
            count = len(text)
            tokens[row, :count] = self._word_vectors(np.asarray(text, np.int64)) + self._positions[:count]
            shares[row, 0, :count] = 1.0 / count
        return {"tokens": tokens, "lengths": lengths, "shares": shares}

    def run_all(self, texts: Sequence[Sequence[int]], progress: Callable[[int], None] | None = None) -> Floats:
        """Piece numbers of many texts -> unit vectors (n, width), in the order given.

        `progress` is called from the calling thread with the number of texts just done.
        """
        vectors = np.zeros((len(texts), self.width), np.float32)

        def keep(batch: list[int], result: Floats) -> None:
            vectors[batch] = result

        self._share_out(texts, self.run, keep, progress)
        return vectors

    def run_all_with_states(
        self, texts: Sequence[Sequence[int]], progress: Callable[[int], None] | None = None
    ) -> tuple[Floats, list[Floats]]:
        """As `run_all`, with each text's piece states."""
        vectors = np.zeros((len(texts), self.width), np.float32)
        states: list[Floats] = [vectors[:0]] * len(texts)

        def keep(batch: list[int], result: tuple[Floats, list[Floats]]) -> None:
            vectors[batch] = result[0]
            for index, own in zip(batch, result[1], strict=True):
                states[index] = own.copy()

        self._share_out(texts, self.run_with_states, keep, progress)
        return vectors, states

    def _share_out(
        self,
        texts: Sequence[Sequence[int]],
        run: Callable[[Sequence[Sequence[int]]], Result],
        keep: Callable[[list[int], Result], None],
        progress: Callable[[int], None] | None,
    ) -> None:
        """Runs batches of texts side by side and hands each result to `keep`."""
        # Not at the top: it brings logging in, 10 ms that a single question need not pay.
        from concurrent.futures import ThreadPoolExecutor, as_completed

        batches = list(batches_by_length([len(text) for text in texts]))
        with ThreadPoolExecutor(min(len(batches), _processors()) or 1) as pool:
            waiting = {pool.submit(run, [texts[i] for i in batch]): batch for batch in batches}
            try:
                for done in as_completed(waiting):
                    batch = waiting[done]
                    keep(batch, done.result())
                    if progress is not None:
                        progress(len(batch))
            except BaseException:
                # Ctrl-C ends after the batches at work, not after all that wait.
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def batches_by_length(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indices of texts, longest first, in groups of at most `BATCH_PIECES` padded pieces or of one text."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > BATCH_PIECES:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

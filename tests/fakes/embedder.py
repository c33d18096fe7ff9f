"""An embedder that needs no model: the same words give the same vector, and it counts its calls."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray


class HashEmbedder:
    """Unit vectors from hashed words: texts that share words are near each other, on every machine alike.

    Args:
        identity: stands for model and weights; another identity is another embedder.
        fails_at: the number of the `embed_passages` call that raises `failure`; None for no failure.
        failure: what it raises.
    """

    dimension = 64

    def __init__(
        self,
        identity: str = "hash/1",
        *,
        fails_at: int | None = None,
        failure: BaseException | None = None,
    ) -> None:
        self.identity = identity
        self.calls = 0
        self.passages: list[str] = []
        self._fails_at = fails_at
        self._failure = failure or RuntimeError("the embedder died")

    def embed_query(self, text: str) -> NDArray[np.float32]:
        return _vector(text, self.dimension)

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        self.calls += 1
        if self.calls == self._fails_at:
            raise self._failure
        self.passages.extend(texts)
        if progress:
            progress(len(texts))
        vectors = [_vector(text, self.dimension) for text in texts]
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension), np.float32)


def _vector(text: str, dimension: int) -> NDArray[np.float32]:
    words = re.findall(r"\w+", text.lower()) or [""]
    total = np.zeros(dimension)
    for word in words:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        total += np.random.default_rng(seed).standard_normal(dimension)
    return (total / np.linalg.norm(total)).astype(np.float32)

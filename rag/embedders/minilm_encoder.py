"""From the ONNX file of all-MiniLM-L6-v2 to what the graph is built from.

The file stores each matrix as `<name>_q` (int8, inputs x outputs) and `<name>_scale` (1, outputs) and names
the matrices by number; which one is which is read off the bias that is added to its product.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.embedders.graph import Dense, Encoder, Floats, Layer, Norm

_PREFIX = "inner."
_LAYERS = 6
_HEADS = 12
_EPSILON = 1e-12


@dataclass(frozen=True)
class MiniLMWeights:
    """`words` (vocabulary, width) times `word_scales` (vocabulary, 1); `positions` with the type vector."""

    encoder: Encoder
    words: NDArray[np.int8]
    word_scales: Floats
    positions: Floats


def read(path: Path) -> MiniLMWeights:
    """The weights in the file `path`, whose hash the caller has checked."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    matrices = _matrices_by_bias(graph)

    def dense(name: str) -> Dense:
        matrix = matrices[f"{_PREFIX}{name}.bias"]
        weight = (tensors[f"{matrix}_q"].astype(np.float32) * tensors[f"{matrix}_scale"]).T
        return Dense(weight, tensors[f"{_PREFIX}{name}.bias"])

    def norm(name: str) -> Norm:
        return Norm(tensors[f"{_PREFIX}{name}.weight"], tensors[f"{_PREFIX}{name}.bias"])

    def layer(name: str) -> Layer:
        parts = [dense(f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
        return Layer(
            Dense(np.concatenate([part.weight for part in parts]), np.concatenate([part.bias for part in parts])),
            dense(f"{name}.attention.output.dense"),
            norm(f"{name}.attention.output.LayerNorm"),
            dense(f"{name}.intermediate.dense"),
            dense(f"{name}.output.dense"),
            norm(f"{name}.output.LayerNorm"),
        )

    embeddings = f"{_PREFIX}embeddings"
    words = tensors[f"{embeddings}.word_embeddings.weight_q"]
    positions = tensors[f"{embeddings}.position_embeddings.weight_q"].astype(np.float32)
    positions = positions * tensors[f"{embeddings}.position_embeddings.weight_scale"]
    positions = positions + tensors[f"{embeddings}.token_type_embeddings.weight"][0]
    layers = tuple(layer(f"encoder.layer.{number}") for number in range(_LAYERS))
    encoder = Encoder(words.shape[1], _HEADS, _EPSILON, norm("embeddings.LayerNorm"), layers)
    return MiniLMWeights(encoder, words, tensors[f"{embeddings}.word_embeddings.weight_scale"], positions)


def _matrices_by_bias(graph: Any) -> dict[str, str]:
    """Name of the bias -> name of the matrix whose product it's added to."""
    products = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"}
    found = {}
    for node in graph.node:
        if node.op_type == "Add":
            first, second = node.input
            for product, bias in ((first, second), (second, first)):
                if product in products:
                    found[bias] = products[product]
    return found

"""A BERT encoder as an ONNX graph with 8-bit weights, built once and then only loaded.

Why a graph of our own: the models at hand come as 4-bit blocks (multilingual-e5-small) or as a graph that
turns its 8-bit weights into float32 at each call (all-MiniLM-L6-v2). Written with onnxruntime's fused
operators (`MatMulNBits`, `MultiHeadAttention`, `SkipLayerNormalization`, `BiasGelu`; domain com.microsoft,
described in onnxruntime's docs/ContribOperators.md) both need a fifth of the memory and half the time.
`MatMulNBits` rounds activations to 8 bits within each token and block, never across texts, so a text has the
same vector in any batch (cosine 0.9998 or more; the order of additions differs). Compared with float32
arithmetic the vectors' cosine is 0.9997; rounding the activations of a whole batch at once
(`DynamicQuantizeMatMul`) is half as fast again, but gives 0.996 to 0.998 and costs one point of nDCG@10 on
Cranfield.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHTS_PER_SCALE = 128
_INT8_ACTIVATIONS = 4
_CONTRIB = "com.microsoft"

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Dense:
    """A dense layer: `weight` (outputs, inputs) and `bias` (outputs,)."""

    weight: Floats
    bias: Floats


@dataclass(frozen=True)
class Norm:
    """A layer normalisation's `scale` and `shift`, both (width,)."""

    scale: Floats
    shift: Floats


@dataclass(frozen=True)
class Layer:
    """One encoder layer; `qkv` is query, key and value stacked, (3 * width, width)."""

    qkv: Dense
    attention_out: Dense
    attention_norm: Norm
    up: Dense
    down: Dense
    output_norm: Norm


@dataclass(frozen=True)
class Encoder:
    """All that the graph needs to know of a model."""

    width: int
    heads: int
    epsilon: float
    embedding_norm: Norm
    layers: tuple[Layer, ...]


def layer_from(arrays: Mapping[str, Floats], name: str) -> Layer:
    """The layer that training keeps in `arrays` under `name`: `NAME.qkv.w`, `NAME.qkv.b`, `NAME.attention.w` …"""
    return Layer(
        dense_from(arrays, f"{name}.qkv"),
        dense_from(arrays, f"{name}.attention"),
        _norm_from(arrays, f"{name}.middle"),
        dense_from(arrays, f"{name}.up"),
        dense_from(arrays, f"{name}.down"),
        _norm_from(arrays, f"{name}.out"),
    )


def dense_from(arrays: Mapping[str, Floats], name: str) -> Dense:
    """The dense layer that training keeps in `arrays` as `NAME.w` and `NAME.b`."""
    return Dense(arrays[f"{name}.w"], arrays[f"{name}.b"])


def _norm_from(arrays: Mapping[str, Floats], name: str) -> Norm:
    return Norm(arrays[f"{name}.w"], arrays[f"{name}.b"])


def quantise(weight: Floats) -> tuple[NDArray[np.uint8], Floats]:
    """`weight` (rows, columns) in 8 bits.

    Returns:
        values (rows, blocks, 128) around 128 and scales (rows * blocks,): weight = (value - 128) * scale.
    """
    rows, columns = weight.shape
    blocks = weight.reshape(rows, columns // WEIGHTS_PER_SCALE, WEIGHTS_PER_SCALE)
    scales = np.abs(blocks).max(axis=2) / 127.0
    safe = np.where(scales == 0, 1, scales)[:, :, None]
    values = (np.rint(blocks / safe) + 128).astype(np.uint8)
    return values, scales.astype(np.float32).reshape(-1)


def build(encoder: Encoder, states_after: int | None = None) -> bytes:
    """The encoder as a serialised ONNX model.

    Args:
        encoder: the weights.
        states_after: number of the layer, from 0, whose output is given out as well; None for none.

    Inputs of the model: `tokens` (batch, length, width) float32, the sum of word, position and type vectors;
    `lengths` (batch,) int32; `shares` (batch, 1, length) float32, 1/length for a text's own tokens, 0 for
    padding.
    Outputs: `vectors` (batch, width) float32, mean of the last layer, unit length; with `states_after` also
    `states` (batch, length, width) float32.
    """
    return _Builder(encoder).model(states_after)


def build_layers(width: int, heads: int, epsilon: float, layers: tuple[Layer, ...]) -> bytes:
    """Encoder layers alone as a serialised ONNX model.

    Inputs: `tokens` (batch, length, width) float32 and `lengths` (batch,) int32. Output: `states`, the last
    layer's output, of the shape of `tokens`.
    """
    nothing = np.zeros(0, np.float32)
    return _Builder(Encoder(width, heads, epsilon, Norm(nothing, nothing), layers)).layers_alone()


class _Builder:
    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._nodes: list[object] = []
        self._constants: list[object] = []

    def _constant(self, name: str, value: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def _node(self, kind: str, inputs: list[str], *outputs: str, domain: str = _CONTRIB, **fields: object) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, list(outputs), domain=domain, **fields))
        return outputs[0]

    def _product(self, source: str, name: str, weight: Floats) -> str:
        values, scales = quantise(weight)
        inputs = [source, self._constant(f"{name}.values", values), self._constant(f"{name}.scales", scales)]
        rows, columns = weight.shape
        return self._node(
            "MatMulNBits", inputs, name, K=columns, N=rows, bits=8,
            block_size=WEIGHTS_PER_SCALE, accuracy_level=_INT8_ACTIVATIONS,
        )  # fmt: skip

    def _residual_norm(self, source: str, skip: str, name: str, norm: Norm, bias: Floats) -> str:
        constants = [
            self._constant(f"{name}.{part}", value)
            for part, value in (("scale", norm.scale), ("shift", norm.shift), ("bias", bias))
        ]
        return self._node("SkipLayerNormalization", [source, skip, *constants], name, epsilon=self._encoder.epsilon)

    def _layer(self, source: str, name: str, layer: Layer) -> str:
        product = self._product(source, f"{name}.qkv", layer.qkv.weight)
        biased = self._node(
            "Add", [product, self._constant(f"{name}.qkv.bias", layer.qkv.bias)], f"{name}.qkv.sum", domain=""
        )
        parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
        self._node("Split", [biased], *parts, domain="", axis=-1, num_outputs=3)
        context = self._node(
            "MultiHeadAttention", [*parts, "", "lengths"], f"{name}.context", num_heads=self._encoder.heads
        )
        attended = self._product(context, f"{name}.attention", layer.attention_out.weight)
        middle = self._residual_norm(attended, source, f"{name}.middle", layer.attention_norm, layer.attention_out.bias)
        up = self._product(middle, f"{name}.up", layer.up.weight)
        active = self._node("BiasGelu", [up, self._constant(f"{name}.up.bias", layer.up.bias)], f"{name}.gelu")
        down = self._product(active, f"{name}.down", layer.down.weight)
        return self._residual_norm(down, middle, f"{name}.out", layer.output_norm, layer.down.bias)

    def model(self, states_after: int | None) -> bytes:
        encoder = self._encoder
        norm = encoder.embedding_norm
        constants = [self._constant("norm.scale", norm.scale), self._constant("norm.shift", norm.shift)]
        hidden = self._node(
            "LayerNormalization", ["tokens", *constants], "norm", domain="", axis=-1, epsilon=encoder.epsilon
        )
        hidden = self._layers(hidden, states_after)
        mean = self._node("MatMul", ["shares", hidden], "mean", domain="")
        axis = self._constant("axis", np.array([1], np.int64))
        flat = self._node("Squeeze", [mean, axis], "flat", domain="")
        self._node("LpNormalization", [flat], "vectors", domain="", axis=-1, p=2)
        return self._serialised(shares=True, vectors=True, states=states_after is not None)

    def layers_alone(self) -> bytes:
        self._layers("tokens", len(self._encoder.layers) - 1)
        return self._serialised(shares=False, vectors=False, states=True)

    def _layers(self, hidden: str, states_after: int | None) -> str:
        for number, layer in enumerate(self._encoder.layers):
            hidden = self._layer(hidden, f"layer{number}", layer)
            if number == states_after:
                self._node("Identity", [hidden], "states", domain="")
        return hidden

    def _serialised(self, *, shares: bool, vectors: bool, states: bool) -> bytes:
        from onnx import TensorProto, helper

        width = self._encoder.width
        value = helper.make_tensor_value_info
        tokens = ["batch", "length", width]
        inputs = [value("tokens", TensorProto.FLOAT, tokens), value("lengths", TensorProto.INT32, ["batch"])]
        if shares:
            inputs.append(value("shares", TensorProto.FLOAT, ["batch", 1, "length"]))
        outputs = [value("vectors", TensorProto.FLOAT, ["batch", width])] if vectors else []
        if states:
            outputs.append(value("states", TensorProto.FLOAT, tokens))
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)]
        serialised: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return serialised

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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WEIGHTS_PER_SCALE = 128
_INT8_ACTIVATIONS = 4
_CONTRIB = "com.microsoft"
_FLOAT, _INT32, _INT64 = 1, 6, 7
"""Numbers of ONNX's types, as in its TensorProto."""

Floats = NDArray[np.float32]
Described = tuple[int, Sequence[str | int]]
"""A tensor's type and shape."""


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


def build_joint(width: int, heads: int, epsilon: float, layers: tuple[Layer, ...], told: tuple[Dense, Dense]) -> bytes:
    """Encoder layers that read a question and a text together, as a serialised ONNX model.

    Of the last layer only what it makes of the question's pieces is computed: a third of the time.

    Args:
        width: of a piece's state.
        heads: of attention, in each layer.
        epsilon: of the normalisations.
        layers: lowest first.
        told: two dense layers, tanh GELU between, that turn a piece's matches into what is added to its state.

    Inputs of the model: `tokens` (1, length, width) float32, the question's pieces first; `matches` (1, length,
    numbers) float32; `asked` (1,) int64, how many pieces the question has.
    Output: `states` (1, asked, width) float32, the last layer's.

    One text a call: padding texts to one length costs more than fewer calls save.
    """
    nothing = np.zeros(0, np.float32)
    return _Builder(Encoder(width, heads, epsilon, Norm(nothing, nothing), layers)).joint(*told)


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

    def _biased_product(self, source: str, name: str, dense: Dense) -> str:
        product = self._product(source, name, dense.weight)
        return self._node("Add", [product, self._constant(f"{name}.bias", dense.bias)], f"{name}.sum", domain="")

    def _layer(self, source: str, name: str, layer: Layer, mask: Sequence[str] = ()) -> str:
        biased = self._biased_product(source, f"{name}.qkv", layer.qkv)
        parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
        self._node("Split", [biased], *parts, domain="", axis=-1, num_outputs=3)
        return self._after_projection(source, [*parts, *mask], name, layer)

    def _layer_of_question(self, source: str, name: str, layer: Layer) -> str:
        """A layer of which only the first `asked` pieces come out; they attend to all."""
        width = self._encoder.width
        zero, axis = (self._constant(name, np.array([at])) for name, at in (("zero", 0), ("axis", 1)))
        question = self._node("Slice", [source, zero, "asked", axis], f"{name}.question", domain="")
        weight, bias = layer.qkv.weight, layer.qkv.bias
        query = self._biased_product(question, f"{name}.q", Dense(weight[:width], bias[:width]))
        both = self._biased_product(source, f"{name}.kv", Dense(weight[width:], bias[width:]))
        parts = [f"{name}.key", f"{name}.value"]
        self._node("Split", [both], *parts, domain="", axis=-1, num_outputs=2)
        return self._after_projection(question, [query, *parts], name, layer)

    def _after_projection(self, source: str, parts: list[str], name: str, layer: Layer) -> str:
        """The layer from its attention, over `parts`, on; `source` is what the query was made of."""
        context = self._node("MultiHeadAttention", parts, f"{name}.context", num_heads=self._encoder.heads)
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
        inputs: dict[str, Described] = {
            "tokens": (_FLOAT, ["batch", "length", encoder.width]),
            "lengths": (_INT32, ["batch"]),
            "shares": (_FLOAT, ["batch", 1, "length"]),
        }
        outputs: dict[str, Described] = {"vectors": (_FLOAT, ["batch", encoder.width])}
        if states_after is not None:
            outputs["states"] = inputs["tokens"]
        return self._serialised(inputs, outputs)

    def joint(self, told_in: Dense, told_out: Dense) -> bytes:
        width, layers = self._encoder.width, self._encoder.layers
        told = self._float_product("matches", "told.in", told_in.weight)
        told = self._node("FastGelu", [told, self._constant("told.in.bias", told_in.bias)], "told.gelu")
        told = self._float_product(told, "told.out", told_out.weight)
        told = self._node("Add", [told, self._constant("told.out.bias", told_out.bias)], "told", domain="")
        hidden = self._node("Add", ["tokens", told], "hidden", domain="")
        for number, layer in enumerate(layers[:-1]):
            hidden = self._layer(hidden, f"layer{number}", layer)
        hidden = self._layer_of_question(hidden, f"layer{len(layers) - 1}", layers[-1])
        self._node("Identity", [hidden], "states", domain="")
        inputs = {
            "tokens": (_FLOAT, [1, "length", width]),
            "matches": (_FLOAT, [1, "length", told_in.weight.shape[1]]),
            "asked": (_INT64, [1]),
        }
        return self._serialised(inputs, {"states": (_FLOAT, [1, "question", width])})

    def _float_product(self, source: str, name: str, weight: Floats) -> str:
        return self._node("MatMul", [source, self._constant(f"{name}.weight", weight.T)], name, domain="")

    def _layers(self, hidden: str, states_after: int | None) -> str:
        for number, layer in enumerate(self._encoder.layers):
            hidden = self._layer(hidden, f"layer{number}", layer, mask=["", "lengths"])
            if number == states_after:
                self._node("Identity", [hidden], "states", domain="")
        return hidden

    def _serialised(self, inputs: Mapping[str, Described], outputs: Mapping[str, Described]) -> bytes:
        from onnx import helper

        described = [
            [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in side.items()]
            for side in (inputs, outputs)
        ]
        graph = helper.make_graph(self._nodes, "encoder", *described, self._constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)]
        serialised: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return serialised

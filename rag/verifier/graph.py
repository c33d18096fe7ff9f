"""The verifier's network as two ONNX graphs with 8-bit weights.

The lower half reads each sentence alone, the upper half reads a claim together with the sentences that may
carry it: Cao et al., "DeFormer: Decomposing Pre-trained Transformers for Faster Question Answering" (ACL
2020). So a passage's sentences go through the lower half once, whatever number of claims is checked against
them, and the lower half, which training leaves as it is, need not be shipped: it comes out of the
embedder's weights.

Operators as in `rag.embedders.graph`, whose dense and norm records are used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.embedders.graph import WEIGHTS_PER_SCALE, Dense, Floats, Layer, Norm, quantise

_CONTRIB = "com.microsoft"
_INT8_ACTIVATIONS = 4


@dataclass(frozen=True)
class Head:
    """What the upper half has beside its layers.

    `marks` (places, width) is added to each piece: row 0 to the claim's, row n to those of the n-th sentence.
    `compare` takes a piece's counterpart on the other side, the difference and the product, side by side; the
    counterpart is a mean weighted by cosines times `sharpness`.
    `output` takes first piece, mean and maximum over the claim's pieces, side by side, to three logits.
    """

    marks: Floats
    sharpness: float
    compare: Dense
    output: Dense


class _Builder:
    """Collects nodes and constants. `exact` keeps weights as float32, to compare against."""

    def __init__(self, heads: int, epsilon: float, exact: bool) -> None:
        self._heads = heads
        self._epsilon = epsilon
        self._exact = exact
        self._nodes: list[object] = []
        self._constants: list[object] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def node(self, kind: str, inputs: list[str], *outputs: str, domain: str = "", **fields: object) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, list(outputs), domain=domain, **fields))
        return outputs[0]

    def product(self, source: str, name: str, weight: Floats) -> str:
        if self._exact:
            return self.node("MatMul", [source, self.constant(f"{name}.matrix", weight.T)], name)
        values, scales = quantise(weight)
        inputs = [source, self.constant(f"{name}.values", values), self.constant(f"{name}.scales", scales)]
        rows, columns = weight.shape
        return self.node(
            "MatMulNBits", inputs, name, domain=_CONTRIB, K=columns, N=rows, bits=8,
            block_size=WEIGHTS_PER_SCALE, accuracy_level=_INT8_ACTIVATIONS,
        )  # fmt: skip

    def _residual_norm(self, source: str, skip: str, name: str, norm: Norm, bias: Floats) -> str:
        constants = [
            self.constant(f"{name}.{part}", value)
            for part, value in (("scale", norm.scale), ("shift", norm.shift), ("bias", bias))
        ]
        return self.node(
            "SkipLayerNormalization", [source, skip, *constants], name, domain=_CONTRIB, epsilon=self._epsilon
        )

    def norm(self, source: str, name: str, norm: Norm) -> str:
        constants = [self.constant(f"{name}.scale", norm.scale), self.constant(f"{name}.shift", norm.shift)]
        return self.node("LayerNormalization", [source, *constants], name, axis=-1, epsilon=self._epsilon)

    def layer(self, source: str, name: str, layer: Layer) -> str:
        product = self.product(source, f"{name}.qkv", layer.qkv.weight)
        biased = self.node("Add", [product, self.constant(f"{name}.qkv.bias", layer.qkv.bias)], f"{name}.qkv.sum")
        parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
        self.node("Split", [biased], *parts, axis=-1, num_outputs=3)
        context = self.node(
            "MultiHeadAttention", [*parts, "", "lengths"], f"{name}.context", domain=_CONTRIB,
            num_heads=self._heads,
        )  # fmt: skip
        attended = self.product(context, f"{name}.attention", layer.attention_out.weight)
        middle = self._residual_norm(attended, source, f"{name}.middle", layer.attention_norm, layer.attention_out.bias)
        up = self.product(middle, f"{name}.up", layer.up.weight)
        bias = self.constant(f"{name}.up.bias", layer.up.bias)
        active = self.node("BiasGelu", [up, bias], f"{name}.gelu", domain=_CONTRIB)
        down = self.product(active, f"{name}.down", layer.down.weight)
        return self._residual_norm(down, middle, f"{name}.out", layer.output_norm, layer.down.bias)

    def model(self, inputs: Sequence[object], outputs: Sequence[object]) -> bytes:
        from onnx import helper

        graph = helper.make_graph(self._nodes, "verifier", list(inputs), list(outputs), self._constants)
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid(_CONTRIB, 1)]
        serialised: bytes = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
        return serialised


def build_lower(norm: Norm, layers: Sequence[Layer], heads: int, epsilon: float) -> bytes:
    """The lower half.

    Inputs of the model: `tokens` (batch, length, width) float32, the sum of word, position and type vectors;
    `lengths` (batch,) int32. Output: `hidden` (batch, length, width) float32.
    """
    from onnx import TensorProto, helper

    width = len(norm.scale)
    builder = _Builder(heads, epsilon, exact=False)
    hidden = builder.norm("tokens", "norm", norm)
    for number, layer in enumerate(layers):
        hidden = builder.layer(hidden, f"layer{number}", layer)
    builder.node("Identity", [hidden], "hidden")
    value = helper.make_tensor_value_info
    inputs = [
        value("tokens", TensorProto.FLOAT, ["batch", "length", width]),
        value("lengths", TensorProto.INT32, ["batch"]),
    ]
    return builder.model(inputs, [value("hidden", TensorProto.FLOAT, ["batch", "length", width])])


def build_upper(layers: Sequence[Layer], head: Head, heads: int, epsilon: float, *, exact: bool = False) -> bytes:
    """The upper half and the head.

    Inputs of the model: `hidden` (batch, length, width) float32, the claim's pieces first; `places` (batch,
    length) int64, rows of `Head.marks`; `lengths` (batch,) int32; `claims` (batch,) int32, the number of the
    claim's pieces. Output: `logits` (batch, 3) float32: supported, contradicted, not said.
    """
    from onnx import TensorProto, helper

    width = head.marks.shape[1]
    builder = _Builder(heads, epsilon, exact)
    marks = builder.node("Gather", [builder.constant("marks", head.marks), "places"], "marks.rows")
    inside = _claim_mask(builder)
    hidden = builder.node("Sum", ["hidden", marks, _compare(builder, head, inside)], "marked")
    for number, layer in enumerate(layers):
        hidden = builder.layer(hidden, f"layer{number}", layer)
    pooled = _pool(builder, hidden, inside)
    weight, bias = (
        builder.constant("output.w", head.output.weight),
        builder.constant("output.b", head.output.bias),
    )
    builder.node("Gemm", [pooled, weight, bias], "logits", transB=1)
    value = helper.make_tensor_value_info
    inputs = [
        value("hidden", TensorProto.FLOAT, ["batch", "length", width]),
        value("places", TensorProto.INT64, ["batch", "length"]),
        value("lengths", TensorProto.INT32, ["batch"]),
        value("claims", TensorProto.INT32, ["batch"]),
    ]
    return builder.model(inputs, [value("logits", TensorProto.FLOAT, ["batch", 3])])


def _claim_mask(builder: _Builder) -> str:
    """(batch, length) bool: true on the claim's pieces."""
    builder.constant("axis.1", np.array([1], np.int64))
    builder.constant("axis.2", np.array([2], np.int64))
    shape = builder.node("Shape", ["places"], "shape", start=1, end=2)
    length = builder.node("Squeeze", [shape], "length")
    zero, step = (
        builder.constant("zero", np.array(0, np.int64)),
        builder.constant("step", np.array(1, np.int64)),
    )
    builder.node("Range", [zero, length, step], "at")
    claims = builder.node("Cast", ["claims"], "claims.wide", to=7)
    builder.node("Unsqueeze", [claims, "axis.1"], "claims.column")
    return builder.node("Less", ["at", "claims.column"], "inside")


def _compare(builder: _Builder, head: Head, inside: str) -> str:
    """What each piece is beside its counterpart; see `evals.verifier_training.encoder`."""
    lengths = builder.node("Cast", ["lengths"], "lengths.wide", to=7)
    present = builder.node("Less", ["at", builder.node("Unsqueeze", [lengths, "axis.1"], "lengths.column")], "present")
    outside = builder.node("Not", [inside], "outside")
    passage = builder.node("And", [present, outside], "passage")
    rows = [builder.node("Unsqueeze", [mask, "axis.2"], f"{mask}.rows") for mask in (inside, passage)]
    columns = [builder.node("Unsqueeze", [mask, "axis.1"], f"{mask}.columns") for mask in (inside, passage)]
    one = builder.node("And", [rows[0], columns[1]], "across.claim")
    two = builder.node("And", [rows[1], columns[0]], "across.passage")
    across = builder.node("Or", [one, two], "across")
    directions = builder.node("LpNormalization", ["hidden"], "directions", axis=-1, p=2)
    turned = builder.node("Transpose", [directions], "directions.turned", perm=[0, 2, 1])
    cosines = builder.node("MatMul", [directions, turned], "cosines")
    sharp = builder.constant("sharpness", np.array(head.sharpness, np.float32))
    scaled = builder.node("Mul", [cosines, sharp], "cosines.sharp")
    builder.constant("lowest", np.array(-1e4, np.float32))
    weights = builder.node("Softmax", [builder.node("Where", [across, scaled, "lowest"], "masked")], "weights", axis=-1)
    counterpart = builder.node("MatMul", [weights, "hidden"], "counterpart")
    difference = builder.node("Sub", ["hidden", counterpart], "difference")
    product = builder.node("Mul", ["hidden", counterpart], "product")
    sides = builder.node("Concat", [counterpart, difference, product], "sides", axis=-1)
    compared = builder.product(sides, "compare", head.compare.weight)
    return builder.node("Add", [compared, builder.constant("compare.bias", head.compare.bias)], "compared")


def _pool(builder: _Builder, hidden: str, inside: str) -> str:
    """First piece, mean and maximum of the claim's pieces."""
    first = builder.node("Gather", [hidden, "zero"], "first", axis=1)
    deep = builder.node("Unsqueeze", [inside, "axis.2"], "inside.deep")
    nothing = builder.constant("nothing", np.array(0.0, np.float32))
    high = builder.node("Where", [deep, hidden, "lowest"], "high")
    highest = builder.node("ReduceMax", [high, "axis.1"], "highest", keepdims=0)
    own = builder.node("Where", [deep, hidden, nothing], "own")
    total = builder.node("ReduceSum", [own, "axis.1"], "total", keepdims=0)
    count = builder.node("Cast", ["claims.column"], "count", to=1)
    mean = builder.node("Div", [total, count], "mean")
    return builder.node("Concat", [first, mean, highest], "pooled", axis=-1)

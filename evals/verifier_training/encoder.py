"""The cross-encoder in torch: a BERT whose word table stays frozen, with a head of three labels.

Written out in functions over a dict of tensors, because training on a processor needs two things that
ready-made layers don't give: attention in plain products (the backward pass of the fused kernel is four
times slower), and lower layers that are run without a gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from numpy.typing import NDArray
from torch.nn import functional as nnf  # type: ignore[import-not-found, unused-ignore]

from rag.embedders.graph import Dense, Encoder, Layer, Norm

LABELS = ("supported", "contradicted", "not_said")
Tensors = dict[str, torch.Tensor]


PLACES = 24
"""Rows of the marks that tell the upper half which sentence a piece is of; row 0 is the claim."""

SHARPNESS = 16.0
"""How sharply a piece looks for its counterpart at the start of training: cosines are multiplied by it."""


@dataclass(frozen=True)
class Base:
    """The encoder that training starts from.

    `words` (vocabulary, width) and `positions` (longest, width; position and type vectors summed) stay as
    they are."""

    encoder: Encoder
    words: torch.Tensor
    positions: torch.Tensor


@dataclass(frozen=True)
class Sizes:
    """What the forward pass has to know beside the tensors: layers `first` to `last` - 1 are run."""

    first: int
    last: int
    heads: int
    epsilon: float


def lower_tensors(base: Base, lower: int) -> Tensors:
    """The lowest `lower` layers of `base` with the normalisation before them."""
    tensors = dict(_norm("norm", base.encoder.embedding_norm))
    for number, layer in enumerate(base.encoder.layers[:lower]):
        tensors.update(_layer(f"layer{number}", layer))
    return tensors


def upper_tensors(base: Base, lower: int, last: int, seed: int) -> Tensors:
    """What learns: the layers `lower` to `last` - 1 of `base`, marks, a new head."""
    generator = torch.Generator().manual_seed(seed)
    width = base.encoder.width
    tensors: Tensors = {}
    for number, layer in enumerate(base.encoder.layers[lower:last], lower):
        tensors.update(_layer(f"layer{number}", layer))
    tensors["sharpness"] = torch.tensor([SHARPNESS])
    tensors["compare.w"] = torch.randn(width, 3 * width, generator=generator) * 0.02
    tensors["compare.b"] = torch.zeros(width)
    tensors["marks"] = torch.randn(PLACES, width, generator=generator) * 0.05
    tensors["head.w"] = torch.randn(3, 3 * width, generator=generator) * 0.02
    tensors["head.b"] = torch.zeros(3)
    return tensors


def _layer(name: str, layer: Layer) -> Iterator[tuple[str, torch.Tensor]]:
    yield from _dense(f"{name}.qkv", layer.qkv)
    yield from _dense(f"{name}.attention", layer.attention_out)
    yield from _norm(f"{name}.middle", layer.attention_norm)
    yield from _dense(f"{name}.up", layer.up)
    yield from _dense(f"{name}.down", layer.down)
    yield from _norm(f"{name}.out", layer.output_norm)


def _dense(name: str, dense: Dense) -> Iterator[tuple[str, torch.Tensor]]:
    yield f"{name}.w", torch.tensor(dense.weight)
    yield f"{name}.b", torch.tensor(dense.bias)


def _norm(name: str, norm: Norm) -> Iterator[tuple[str, torch.Tensor]]:
    yield f"{name}.w", torch.tensor(norm.scale)
    yield f"{name}.b", torch.tensor(norm.shift)


def lower_forward(
    tensors: Mapping[str, torch.Tensor], sizes: Sizes, base: Base, pieces: torch.Tensor, present: torch.Tensor
) -> torch.Tensor:
    """States (batch, length, width) of texts that are read alone.

    Args:
        tensors: see `lower_tensors`.
        sizes: see `Sizes`.
        base: gives the word and position vectors.
        pieces: (batch, length) piece numbers.
        present: (batch, length) bool, false on padding.
    """
    with torch.no_grad():
        tokens = base.words[pieces].float() + base.positions[: pieces.shape[1]]
        hidden = _normalise(tensors, "norm", tokens, sizes.epsilon)
        return _run_layers(tensors, hidden, present, sizes)


def upper_forward(
    tensors: Mapping[str, torch.Tensor], sizes: Sizes, states: torch.Tensor, places: torch.Tensor,
    present: torch.Tensor,
) -> torch.Tensor:  # fmt: skip
    """Logits (batch, 3) in the order of `LABELS`.

    Args:
        tensors: see `upper_tensors`.
        sizes: see `Sizes`.
        states: (batch, length, width), the claim's pieces first, then the sentences'.
        places: (batch, length) 0 on the claim's pieces, n on those of the n-th sentence.
        present: (batch, length) bool, false on padding.
    """
    claim = (places == 0) & present
    hidden = states + nnf.embedding(places, tensors["marks"]) + _compare(tensors, states, claim, present & ~claim)
    hidden = _run_layers(tensors, hidden, present, sizes).float()
    share = claim.float() / claim.float().sum(dim=1, keepdim=True)
    mean = torch.bmm(share[:, None, :], hidden)[:, 0]
    highest = hidden.masked_fill(~claim[:, :, None], -1e4).amax(dim=1)
    pooled = torch.cat([hidden[:, 0], mean, highest], dim=1)
    return nnf.linear(pooled, tensors["head.w"], tensors["head.b"])


def _compare(
    tensors: Mapping[str, torch.Tensor], states: torch.Tensor, claim: torch.Tensor, passage: torch.Tensor
) -> torch.Tensor:
    """What each piece is beside its counterpart on the other side: that, the difference, the product.

    Chen et al., "Enhanced LSTM for Natural Language Inference" (ACL 2017), put before the joint layers:
    those were only ever trained on one text, and learn to compare two from far fewer pairs with this at
    hand."""
    directions = nnf.normalize(states, dim=2)
    cosines = torch.bmm(directions, directions.transpose(1, 2)).float()
    across = (claim[:, :, None] & passage[:, None, :]) | (passage[:, :, None] & claim[:, None, :])
    weights = torch.softmax((cosines * tensors["sharpness"]).masked_fill(~across, -1e4), dim=2)
    counterpart = torch.bmm(weights.to(states.dtype), states)
    sides = torch.cat([counterpart, states - counterpart, states * counterpart], dim=2)
    return nnf.linear(sides, tensors["compare.w"], tensors["compare.b"])


def _run_layers(
    tensors: Mapping[str, torch.Tensor], hidden: torch.Tensor, present: torch.Tensor, sizes: Sizes
) -> torch.Tensor:
    bias = torch.zeros(present.shape).masked_fill(~present, -1e4)[:, None, None, :]
    for number in range(sizes.first, sizes.last):
        hidden = _run_layer(tensors, f"layer{number}", hidden, bias, sizes)
    return hidden


def _normalise(tensors: Mapping[str, torch.Tensor], name: str, hidden: torch.Tensor, epsilon: float) -> torch.Tensor:
    weight = tensors[f"{name}.w"]
    return nnf.layer_norm(hidden, weight.shape, weight, tensors[f"{name}.b"], epsilon)


def _run_layer(
    tensors: Mapping[str, torch.Tensor], name: str, hidden: torch.Tensor, bias: torch.Tensor, sizes: Sizes
) -> torch.Tensor:
    batch, length, width = hidden.shape
    each = width // sizes.heads

    def dense(part: str, values: torch.Tensor) -> torch.Tensor:
        return nnf.linear(values, tensors[f"{name}.{part}.w"], tensors[f"{name}.{part}.b"])

    query, key, value = (
        part.reshape(batch, length, sizes.heads, each).transpose(1, 2)
        for part in dense("qkv", hidden).split(width, dim=2)
    )
    scores = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(each) + bias
    context = torch.matmul(torch.softmax(scores, dim=-1), value).transpose(1, 2).reshape(batch, length, width)
    middle = _normalise(tensors, f"{name}.middle", hidden + dense("attention", context), sizes.epsilon)
    inner = nnf.gelu(dense("up", middle))
    return _normalise(tensors, f"{name}.out", middle + dense("down", inner), sizes.epsilon)


def to_arrays(tensors: Tensors) -> dict[str, NDArray[np.float32]]:
    """For writing to a file."""
    return {name: tensor.detach().float().numpy() for name, tensor in tensors.items()}

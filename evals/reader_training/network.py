"""The reader's network in torch, for training: the same computation as in `rag/reader.py`.

A question and a text (a sentence, or all of a paper's) stand one behind the other, as states of the
embedder's layer 9. Each piece is compared with the pieces of the other; its three best matches go through a
small layer and are added to it, as is a vector for the side that it is from. Two encoder layers follow, which
start as the embedder's last two, and a head, one for sentences and one for papers, reads the first piece, the
mean of the question's, the search features and a summary of the matches.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from numpy.typing import NDArray
from torch.nn import functional  # type: ignore[import-not-found, unused-ignore]

from evals.reader_training.batches import Batch, Scaling
from evals.reader_training.examples import HEADS
from rag.embedders.graph import Encoder

LAYERS: Final = 2
MATCHES, MATCH_UNITS = 3, 32
FEATURES, SUMMARY, HEAD_UNITS = 6, 4, 128
DROPOUT: Final = 0.1
LEAST_MATCH: Final = -0.5
_NO_PIECE: Final = 2.0
_HIDDEN: Final = -1e4

Tensors = dict[str, torch.Tensor]
Arrays = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Sizes:
    """What the tensors do not tell: attention heads and the norms' epsilon."""

    heads: int
    epsilon: float


def first_tensors(encoder: Encoder, scaling: Scaling, seed: int) -> Tensors:
    """The network before training.

    Args:
        encoder: the embedder's; its last two layers are copied.
        scaling: gives the mean states, which stay as they are.
        seed: of all other weights.

    Returns:
        The layers' tensors as `layer0.qkv.w` …, all others under their names in `weights.npz`.
    """
    chance = torch.Generator().manual_seed(seed)
    arrays: Arrays = {}
    for number, layer in enumerate(encoder.layers[-LAYERS:]):
        parts = {
            "qkv": (layer.qkv.weight, layer.qkv.bias),
            "attention": (layer.attention_out.weight, layer.attention_out.bias),
            "middle": (layer.attention_norm.scale, layer.attention_norm.shift),
            "up": (layer.up.weight, layer.up.bias),
            "down": (layer.down.weight, layer.down.bias),
            "out": (layer.output_norm.scale, layer.output_norm.shift),
        }
        for part, (weight, bias) in parts.items():
            arrays[f"layer{number}.{part}.w"], arrays[f"layer{number}.{part}.b"] = weight, bias
    tensors = {name: torch.tensor(np.array(array, np.float32)) for name, array in arrays.items()}
    width = encoder.width
    for name, outputs, inputs in (
        ("match_in", MATCH_UNITS, MATCHES),
        ("match_out", width, MATCH_UNITS),
        *((f"{head}_in", HEAD_UNITS, 2 * width + FEATURES + SUMMARY) for head in HEADS.values()),
        *((f"{head}_out", 1, HEAD_UNITS) for head in HEADS.values()),
    ):
        tensors[name] = _uniform((outputs, inputs), inputs, chance)
        tensors[f"{name}_bias"] = _uniform((outputs,), inputs, chance)
    # Small at first, so that the layers meet states much like those that they know.
    tensors["match_out"] = torch.randn((width, MATCH_UNITS), generator=chance) * 0.02
    tensors["segments"] = torch.zeros(2, width)
    tensors["question_mean"] = torch.tensor(scaling.question_mean)
    tensors["sentence_mean"] = torch.tensor(scaling.sentence_mean)
    return tensors


def is_fixed(name: str) -> bool:
    """Whether the tensor is measured and not trained."""
    return name in ("question_mean", "sentence_mean")


def logits(tensors: Tensors, sizes: Sizes, batch: Batch, *, dropout: float = 0.0) -> torch.Tensor:
    """How far each text answers its question, (batch,), before calibration."""
    states = torch.from_numpy(batch.states)
    from_text = torch.from_numpy(batch.from_text)
    present = torch.from_numpy(batch.present)
    matches = _matches(tensors, states, from_text, present)
    told = functional.linear(matches * 4 - 2, tensors["match_in"], tensors["match_in_bias"])
    told = functional.linear(_gelu(told), tensors["match_out"], tensors["match_out_bias"])
    hidden = states + tensors["segments"][from_text.long()] + told
    mask = (~present).to(torch.float32)[:, None, None, :] * _HIDDEN
    for number in range(LAYERS):
        hidden = _layer(tensors, f"layer{number}", sizes, hidden, mask, dropout)
    of_question = present & ~from_text
    share = of_question.to(torch.float32).unsqueeze(-1)
    mean = (hidden * share).sum(1) / share.sum(1)
    summary = _summary(matches[..., 0], of_question)
    inputs = torch.cat([hidden[:, 0], mean, torch.from_numpy(batch.features), summary], 1)
    head = HEADS[batch.level]
    inner = _gelu(functional.linear(inputs, tensors[f"{head}_in"], tensors[f"{head}_in_bias"]))
    return functional.linear(inner, tensors[f"{head}_out"], tensors[f"{head}_out_bias"]).squeeze(-1)


def to_arrays(tensors: Mapping[str, torch.Tensor]) -> Arrays:
    """The tensors as float32 arrays."""
    return {name: tensor.detach().to(torch.float32).numpy() for name, tensor in tensors.items()}


def _matches(tensors: Tensors, states: torch.Tensor, from_text: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Each piece's three best cosines with the other text's pieces, (batch, length, 3), greatest first."""
    means = torch.stack([tensors["question_mean"], tensors["sentence_mean"]])
    centred = functional.normalize(states - means[from_text.long()], dim=-1)
    likeness = (centred @ centred.transpose(1, 2)).float()
    other = from_text.unsqueeze(2) != from_text.unsqueeze(1)
    other = other & present.unsqueeze(1) & present.unsqueeze(2)
    return likeness.masked_fill(~other, -1.0).topk(MATCHES, dim=-1).values.clamp(min=LEAST_MATCH)


def _summary(best: torch.Tensor, of_question: torch.Tensor) -> torch.Tensor:
    """How well the question's pieces are matched: on the whole, the worst two, and how many there are."""
    count = of_question.sum(1)
    mean = (best * of_question).sum(1) / count
    worst = best.masked_fill(~of_question, _NO_PIECE).topk(2, dim=1, largest=False).values
    return torch.stack([mean * 6 - 2, worst[:, 0] * 4 - 1, worst[:, 1] * 4 - 1, count / 20], 1)


def _layer(
    tensors: Tensors, name: str, sizes: Sizes, hidden: torch.Tensor, mask: torch.Tensor, dropout: float
) -> torch.Tensor:
    def dense(part: str, source: torch.Tensor) -> torch.Tensor:
        return functional.linear(source, tensors[f"{name}.{part}.w"], tensors[f"{name}.{part}.b"])

    def norm(part: str, source: torch.Tensor) -> torch.Tensor:
        weight, bias = tensors[f"{name}.{part}.w"], tensors[f"{name}.{part}.b"]
        return functional.layer_norm(source, (width,), weight, bias, sizes.epsilon)

    count, length, width = hidden.shape
    size = width // sizes.heads
    parts = dense("qkv", hidden).view(count, length, 3, sizes.heads, size)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    weights = (query @ key.transpose(-1, -2) / math.sqrt(size) + mask).softmax(-1)
    context = (weights @ value).transpose(1, 2).reshape(count, length, width)
    attended = functional.dropout(dense("attention", context), dropout, training=dropout > 0)
    middle = norm("middle", hidden + attended)
    down = dense("down", functional.gelu(dense("up", middle)))
    return norm("out", middle + functional.dropout(down, dropout, training=dropout > 0))


def _gelu(values: torch.Tensor) -> torch.Tensor:
    return functional.gelu(values, approximate="tanh")


def _uniform(shape: tuple[int, ...], inputs: int, chance: torch.Generator) -> torch.Tensor:
    """Between plus and minus the root of 1/inputs, as torch's own linear layers begin."""
    return (torch.rand(shape, generator=chance) * 2 - 1) / math.sqrt(inputs)

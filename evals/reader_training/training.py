"""Training of the reader's network.

Of each question an epoch takes its evidence and one sentence that the search put high all the same, and of
papers two of each kind, see `batches.draw`. The learning rate rises over the first 1,500 examples and falls
then to the end, which comes with the last epoch or when the time is over, whichever is first. Arithmetic is in
bfloat16 where torch holds that to be safe.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from numpy.typing import NDArray

from evals.reader_training.batches import (
    Batch,
    Scaling,
    by_question,
    draw,
    fixed_shapes,
    measure_scaling,
    to_batch,
)
from evals.reader_training.examples import Example, Material
from evals.reader_training.network import DROPOUT, Sizes, Tensors, first_tensors, is_fixed, logits
from rag.embedders.graph import Encoder

SMOOTHING: Final = 0.03
CLIP: Final = 1.0
WEIGHT_DECAY: Final = 0.05
NEW_WEIGHTS_RATE: Final = 4.0
"""What was not trained before learns this much faster than the encoder layers."""
WARM_UP: Final = 1500
LEAST_RATE: Final = 0.03
_REPORT_EVERY: Final = 80

Optimiser = Any
Report = Callable[[str], None]


@dataclass(frozen=True)
class Course:
    """How long and how fast: wall-clock minutes, epochs, the highest learning rate, the seed, and how many
    sentences that do not answer are drawn of each question."""

    minutes: float
    epochs: int = 4
    rate: float = 2.5e-4
    seed: int = 0
    rivals: int = 1


@dataclass(frozen=True)
class Trained:
    """The network, what its inputs are scaled by, and how many examples and batches it has seen."""

    tensors: Tensors
    sizes: Sizes
    scaling: Scaling
    seen: int
    steps: int


def train(
    material: Material,
    examples: Sequence[Example],
    encoder: Encoder,
    course: Course,
    report: Report,
    start_from: Tensors | None = None,
) -> Trained:
    """Trains on `examples`; those of `material` that are not among them are not looked at.

    Args:
        material: the states.
        examples: what may be trained on.
        encoder: the embedder's, whose last two layers are the start.
        course: see `Course`.
        report: is told the pace and the mean loss.
        start_from: an earlier course's tensors, which are changed; None to start afresh.

    Returns:
        The network after its last step. Where the epochs end before the time does, it follows from the
        arguments alone.

    Raises:
        ValueError: `examples` is empty.
    """
    if not examples:
        raise ValueError("no examples to train on")
    torch.manual_seed(course.seed)
    torch.use_deterministic_algorithms(True)
    chance = random.Random(course.seed)
    scaling = measure_scaling(examples, material)
    sizes = Sizes(encoder.heads, encoder.epsilon)
    tensors = start_from or first_tensors(encoder, scaling, course.seed)
    optimiser = _optimiser(tensors, course.rate)
    trained_tensors = [tensor for group in optimiser.param_groups for tensor in group["params"]]
    rates = [group["lr"] for group in optimiser.param_groups]
    groups = by_question(examples)
    all_in_all = course.epochs * len(draw(groups, random.Random(course.seed), rivals=course.rivals))
    start, seen, steps = time.monotonic(), 0, 0

    def done() -> float:
        if not seen:  # the first step must not depend on the clock
            return 0.0
        return max((time.monotonic() - start) / (60 * course.minutes), seen / all_in_all)

    for epoch in range(1, course.epochs + 1):
        losses: list[float] = []
        for length, part in fixed_shapes(draw(groups, chance, rivals=course.rivals), material, chance):
            if time.monotonic() - start > 60 * course.minutes:
                break
            share = rate_at(seen, done())
            for group, rate in zip(optimiser.param_groups, rates, strict=True):
                group["lr"] = rate * share
            batch = to_batch(part, length, material, scaling)
            losses.append(_step(tensors, sizes, batch, optimiser, trained_tensors))
            seen, steps = seen + len(part), steps + 1
            if steps % _REPORT_EVERY == 0:
                pace = seen / (time.monotonic() - start)
                report(f"epoch {epoch}: {seen} examples, {pace:.0f}/s, loss {np.mean(losses):.4f}")
    return Trained(tensors, sizes, scaling, seen, steps)


def rate_at(seen: int, done: float) -> float:
    """The share of the highest learning rate after `seen` examples and the share `done` of the course."""
    return min(1.0, (seen + 1) / WARM_UP) * max(LEAST_RATE, 1 - done)


def predict(trained: Trained, material: Material, examples: Sequence[Example]) -> NDArray[np.float64]:
    """Logits (n,) in the order of `examples`, in float32."""
    found: dict[int, float] = {}
    with torch.no_grad():
        for length, part in fixed_shapes(examples, material, None):
            batch = to_batch(part, length, material, trained.scaling)
            values = logits(trained.tensors, trained.sizes, batch)
            found.update(zip(map(id, part), values.tolist(), strict=True))
    return np.array([found[id(example)] for example in examples], np.float64)


def _optimiser(tensors: Tensors, rate: float) -> Optimiser:
    layers: list[torch.Tensor] = []
    new: list[torch.Tensor] = []
    for name, tensor in tensors.items():
        if not is_fixed(name):
            tensor.requires_grad_(True)
            (layers if name.startswith("layer") else new).append(tensor)
    groups = [{"params": layers, "lr": rate}, {"params": new, "lr": rate * NEW_WEIGHTS_RATE}]
    return torch.optim.AdamW(groups, weight_decay=WEIGHT_DECAY)


def _step(tensors: Tensors, sizes: Sizes, batch: Batch, optimiser: Optimiser, trained: Sequence[torch.Tensor]) -> float:
    """One step down the loss of `batch`, which is given back."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        values = logits(tensors, sizes, batch, dropout=DROPOUT)
    targets = torch.from_numpy(batch.answers) * (1 - 2 * SMOOTHING) + SMOOTHING
    loss = torch.nn.functional.binary_cross_entropy_with_logits(values.float(), targets)
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
    torch.nn.utils.clip_grad_norm_(trained, CLIP)
    optimiser.step()
    return float(loss.item())

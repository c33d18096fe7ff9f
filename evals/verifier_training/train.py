"""Training of the network's upper half.

The learning rate rises over the first part of the time and falls then; time is given in minutes, so that
the run fits the machine, and the steps and pairs that it took are printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from numpy.typing import NDArray

from evals.verifier_training import encoder as model
from evals.verifier_training.batches import (
    Batch,
    Packed,
    full_groups,
    ordered_groups,
    pack,
    texts_of,
    to_batch,
)
from evals.verifier_training.features import Features
from evals.verifier_training.mixture import Mixture

CLIP = 1.0
SMOOTHING = 0.03
DECAY = 0.01
WARM_UP = 0.04
CHUNK = 1500


def rate_at(done: float) -> float:
    """The share of the highest learning rate once the share `done` of the time is over."""
    if done < WARM_UP:
        return done / WARM_UP
    return max(0.0, 1 - (done - WARM_UP) / (1 - WARM_UP))


def logits_of(tensors: model.Tensors, sizes: model.Sizes, batch: Batch) -> torch.Tensor:
    """Float32 logits, computed in bfloat16."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model.upper_forward(tensors, sizes, batch.states, batch.places, batch.present)
    return logits.float()


def train(
    tensors: model.Tensors, sizes: model.Sizes, features: Features, mixture: Mixture, *, minutes: float,
    rate: float, seed: int, after_chunk: Callable[[], None], mixed_from: float = 0.0,
    longest: int = 144,
) -> tuple[int, int]:  # fmt: skip
    """Trains `tensors` in place.

    Args:
        tensors: see `encoder.upper_tensors`.
        sizes: see `encoder.Sizes`.
        features: reads the texts as they are drawn.
        mixture: where pairs are drawn from.
        minutes: wall-clock time.
        rate: the highest learning rate.
        seed: of the batches' order.
        after_chunk: called now and then, to save.
        mixed_from: where in the mixture to begin; 1 for that of the end all through.
        longest: pieces of a pair.

    Returns:
        the numbers of steps and of pairs.
    """
    for tensor in tensors.values():
        tensor.requires_grad_(True)
    matrices = [tensor for tensor in tensors.values() if tensor.ndim > 1]
    vectors = [tensor for tensor in tensors.values() if tensor.ndim == 1]
    groups = [{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), eps=1e-6, fused=True)
    start = time.monotonic()

    def done() -> float:
        return (time.monotonic() - start) / (60 * minutes)

    step, pairs, running = 0, 0, 1.1
    while done() < 1:
        drawn = mixture.draw(CHUNK, mixed_from + (1 - mixed_from) * done())
        features.add(texts_of(drawn))
        for group in full_groups(pack(drawn, features, longest), seed + step):
            if done() >= 1:
                break
            for part in optimiser.param_groups:
                part["lr"] = rate * rate_at(done())
            batch = to_batch(group, features, group[0].room)
            loss = torch.nn.functional.cross_entropy(
                logits_of(tensors, sizes, batch), batch.labels, label_smoothing=SMOOTHING
            )
            optimiser.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            torch.nn.utils.clip_grad_norm_([*matrices, *vectors], CLIP)
            optimiser.step()
            step, pairs = step + 1, pairs + len(group)
            running = 0.98 * running + 0.02 * loss.item()
        pace = pairs / (time.monotonic() - start)
        sys.stdout.write(f"{step} steps, {pairs} pairs, {pace:.1f}/s, loss {running:.3f}, {done():.0%}\n")
        sys.stdout.flush()
        after_chunk()
    return step, pairs


def predict(
    tensors: model.Tensors, sizes: model.Sizes, features: Features, packed: Sequence[Packed]
) -> NDArray[np.float32]:
    """Probabilities (n, 3), in the order of `packed`."""
    found = np.zeros((len(packed), 3), np.float32)
    with torch.no_grad():
        for indices in ordered_groups(packed):
            batch = to_batch([packed[index] for index in indices], features, packed[indices[0]].room)
            found[indices] = torch.softmax(logits_of(tensors, sizes, batch), dim=1).numpy()
    return found

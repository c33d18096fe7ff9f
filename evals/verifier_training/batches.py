"""Pairs to batches of a few fixed shapes: every new shape would compile new kernels on one core."""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch  # type: ignore[import-not-found, unused-ignore]

from evals.verifier_training.encoder import PLACES
from evals.verifier_training.features import Features
from evals.verifier_training.sources import Pair
from rag.verifier.packing import choose, worth

STEP = 16
TOKENS = 2048
MOST = (2, 3, 3, 4, 6)
"""How many sentences of a passage a claim is read with, in turn; in use it is three."""


@dataclass(frozen=True)
class Packed:
    """A pair with the sentences that it is read with, and how many pieces that makes."""

    claim: str
    sentences: tuple[str, ...]
    label: int
    pieces: int

    @property
    def room(self) -> int:
        """The padded length."""
        return max(2 * STEP, -(-self.pieces // STEP) * STEP)


def texts_of(pairs: Sequence[Pair]) -> list[str]:
    """All texts that have to be read for `pairs`."""
    return [text for pair in pairs for text in (pair.claim, *pair.sentences)]


def pack(pairs: Sequence[Pair], features: Features, longest: int) -> list[Packed]:
    """Pairs with the sentences that fit into `longest` pieces; the texts must have been added to
    `features`."""
    return [_pack(pair, features, longest) for pair in pairs]


def _pack(pair: Pair, features: Features, longest: int) -> Packed:
    used = features.length(pair.claim)
    sentences = pair.sentences[: 4 * PLACES]
    lengths = [features.length(sentence) - 1 for sentence in sentences]
    most = MOST[zlib.crc32(pair.claim.encode()) % len(MOST)]
    worths = worth(pair.claim, sentences, features.likeness(pair.claim, sentences))
    chosen = choose(worths, lengths, longest - used, most)
    total = used + sum(lengths[index] for index in chosen)
    return Packed(pair.claim, tuple(sentences[index] for index in chosen), pair.label, min(total, longest))


@dataclass(frozen=True)
class Batch:
    """`states` (batch, length, width), `places` and `present` (batch, length), `labels` (batch,)."""

    states: torch.Tensor
    places: torch.Tensor
    present: torch.Tensor
    labels: torch.Tensor


def to_batch(packed: Sequence[Packed], features: Features, length: int) -> Batch:
    """One batch of that length; the sentences' end marks are left out."""
    width = features[packed[0].claim].shape[1]
    states = torch.zeros(len(packed), length, width, dtype=torch.bfloat16)
    places = torch.zeros(len(packed), length, dtype=torch.long)
    present = torch.zeros(len(packed), length, dtype=torch.bool)
    for row, pair in enumerate(packed):
        parts = [features[pair.claim], *(features[sentence][:-1] for sentence in pair.sentences)]
        joined = torch.cat(parts)[:length]
        states[row, : len(joined)] = joined
        present[row, : len(joined)] = True
        at = 0
        for place, part in enumerate(parts):
            places[row, at : at + len(part)] = place
            at += len(part)
    return Batch(states.float(), places, present, torch.tensor([pair.label for pair in packed]))


def full_groups(packed: Sequence[Packed], seed: int) -> list[list[Packed]]:
    """Shuffled groups that make full batches of `TOKENS` padded pieces; a length's left-overs are left
    out."""
    chance = random.Random(seed)
    by_length: dict[int, list[Packed]] = {}
    for pair in packed:
        by_length.setdefault(pair.room, []).append(pair)
    groups: list[list[Packed]] = []
    for length, same in sorted(by_length.items()):
        chance.shuffle(same)
        size = TOKENS // length
        groups.extend(same[at : at + size] for at in range(0, len(same) - size + 1, size))
    chance.shuffle(groups)
    return groups


def ordered_groups(packed: Sequence[Packed]) -> Iterator[list[int]]:
    """All pairs' indices in groups of one length, for measuring."""
    by_length: dict[int, list[int]] = {}
    for index, pair in enumerate(packed):
        by_length.setdefault(pair.room, []).append(index)
    for length, same in by_length.items():
        size = TOKENS // length
        yield from (same[at : at + size] for at in range(0, len(same), size))

"""What is drawn in an epoch, and batches of a few fixed shapes: each new shape costs torch new kernels."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.reader_training.examples import Example, Material

Floats = NDArray[np.float32]
LENGTHS: Final = (32, 48, 64, 96, 128)
"""Pieces of question and sentence together; a longer sentence is cut."""
LONGEST_QUESTION: Final = 64
PIECES: Final = 2304
"""Of a batch, padding included."""
HARDEST, HARDEST_OF_ALL = 4, 2
ONE_MORE: Final = 0.3


@dataclass(frozen=True)
class Batch:
    """Examples side by side.

    `states` (batch, length, width), question in front; `from_sentence` and `present` (batch, length);
    `features` (batch, 6), scaled; `answers` (batch,), 0 or 1.
    """

    states: Floats
    from_sentence: NDArray[np.bool_]
    present: NDArray[np.bool_]
    features: Floats
    answers: Floats


def by_question(examples: Sequence[Example]) -> list[list[Example]]:
    """The examples of each question, in the order of the search."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.question].append(example)
    return [sorted(group, key=lambda example: example.rank) for group in groups.values()]


def draw(groups: Sequence[Sequence[Example]], chance: random.Random, *, rivals: int = 1) -> list[Example]:
    """One epoch: of each question its evidence and one sentence that the search put high all the same.

    A question without an answer gives one such sentence, and with a chance of 0.3 one more of the highest
    two. With `rivals` of 2 or more, every question gives so many different ones instead.
    """
    drawn: list[Example] = []
    for group in groups:
        evidence = [example for example in group if example.answers]
        others = [example for example in group if not example.answers]
        if evidence:
            drawn.append(chance.choice(evidence))
        if rivals > 1:
            high = others[: HARDEST + 1] if evidence else others[:HARDEST]
            drawn += chance.sample(high, min(rivals, len(high)))
        elif others:
            drawn.append(chance.choice(others[:HARDEST]))
            if not evidence and chance.random() < ONE_MORE:
                drawn.append(chance.choice(others[:HARDEST_OF_ALL]))
    return drawn


def fixed_shapes(
    examples: Sequence[Example], material: Material, chance: random.Random | None
) -> list[tuple[int, list[Example]]]:
    """The examples in batches of about 2,304 pieces, each with its length; shuffled before if `chance` is
    given."""
    ordered = list(examples)
    if chance is not None:
        chance.shuffle(ordered)
    waiting: dict[int, list[Example]] = defaultdict(list)
    batches = []
    for example in ordered:
        question, sentence = material.texts(example)
        pieces = min(len(question), LONGEST_QUESTION) + len(sentence)
        length = next((length for length in LENGTHS if length >= pieces), LENGTHS[-1])
        waiting[length].append(example)
        if len(waiting[length]) * length >= PIECES:
            batches.append((length, waiting.pop(length)))
    return [*batches, *waiting.items()]


@dataclass(frozen=True)
class Scaling:
    """Means and spreads (6,) of the search features, and the mean states (width,) of questions and
    sentences."""

    feature_mean: Floats
    feature_spread: Floats
    question_mean: Floats
    sentence_mean: Floats


def measure_scaling(examples: Sequence[Example], material: Material) -> Scaling:
    """What the examples to train on look like; nothing of the others is used."""
    features = np.stack([example.features for example in examples]).astype(np.float64)
    ids = sorted({example.question for example in examples})
    places = sorted({(example.profile, example.row) for example in examples})
    return Scaling(
        features.mean(axis=0).astype(np.float32),
        (features.std(axis=0) + 1e-6).astype(np.float32),
        _mean([material.questions[name].astype(np.float32) for name in ids]),
        _mean([material.sentences[profile].of(row) for profile, row in places]),
    )


def to_batch(examples: Sequence[Example], length: int, material: Material, scaling: Scaling) -> Batch:
    """The examples padded or cut to `length` pieces."""
    width = len(scaling.question_mean)
    states = np.zeros((len(examples), length, width), np.float32)
    from_sentence = np.zeros((len(examples), length), np.bool_)
    present = np.zeros((len(examples), length), np.bool_)
    for place, example in enumerate(examples):
        question, sentence = material.texts(example)
        question = question[:LONGEST_QUESTION]
        start = len(question)
        end = min(length, start + len(sentence))
        states[place, :start] = question
        states[place, start:end] = sentence[: end - start]
        from_sentence[place, start:end] = True
        present[place, :end] = True
    features = np.stack([example.features for example in examples])
    return Batch(
        states,
        from_sentence,
        present,
        ((features - scaling.feature_mean) / scaling.feature_spread).astype(np.float32),
        np.array([example.answers for example in examples], np.float32),
    )


def _mean(texts: Sequence[Floats]) -> Floats:
    total = np.sum([text.sum(axis=0, dtype=np.float64) for text in texts], axis=0)
    mean: Floats = (total / sum(len(text) for text in texts)).astype(np.float32)
    return mean

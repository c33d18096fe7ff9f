"""What is drawn in an epoch, and batches of a few fixed shapes: each new shape costs torch new kernels."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.reader_training.examples import Example, Level, Material

Floats = NDArray[np.float32]
LENGTHS: Final = (32, 48, 64, 96, 128, 192, 256, 384)
"""Pieces of question and text together; a longer text is cut."""
LONGEST_QUESTION: Final = 64
PIECES: Final = 2304
"""Of a batch, padding included."""
HARDEST, HARDEST_OF_ALL = 4, 2
ONE_MORE: Final = 0.3
PAPERS_MEANT, PAPERS_NOT_MEANT, HARDEST_PAPERS = 2, 2, 5
FACTS_BY_PAPER: Final = 0.1
"""How many of the questions for a fact are asked of whole papers in an epoch."""


@dataclass(frozen=True)
class Batch:
    """Examples of one level side by side.

    `states` (batch, length, width), question in front; `from_text` and `present` (batch, length);
    `features` (batch, 6), scaled; `answers` (batch,), 0 or 1.
    """

    level: Level
    states: Floats
    from_text: NDArray[np.bool_]
    present: NDArray[np.bool_]
    features: Floats
    answers: Floats


def by_question(examples: Sequence[Example]) -> list[list[Example]]:
    """The examples of each question and level, in the order of the search."""
    groups: dict[tuple[str, Level], list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.question, example.level].append(example)
    return [sorted(group, key=lambda example: example.rank) for group in groups.values()]


def draw(groups: Sequence[Sequence[Example]], chance: random.Random, *, rivals: int = 1) -> list[Example]:
    """One epoch: of each question its evidence and one sentence that the search put high all the same.

    A question without an answer gives one such sentence, and with a chance of 0.3 one more of the highest
    two. With `rivals` of 2 or more, every question gives so many different ones instead. Of papers, two that
    answer and two that do not are taken, for one in ten of the questions for a fact one and one.
    """
    drawn: list[Example] = []
    for group in groups:
        evidence = [example for example in group if example.answers]
        others = [example for example in group if not example.answers]
        if group[0].level == "paper":
            if group[0].finds:
                drawn += chance.sample(evidence, min(PAPERS_MEANT, len(evidence)))
                drawn += chance.sample(others[:HARDEST_PAPERS], min(PAPERS_NOT_MEANT, len(others)))
            elif chance.random() < FACTS_BY_PAPER:
                drawn += [*evidence, *others[:1]]
            continue
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
    """The examples in batches of about 2,304 pieces and one level, each with its length; shuffled before if
    `chance` is given."""
    ordered = list(examples)
    if chance is not None:
        chance.shuffle(ordered)
    waiting: dict[tuple[Level, int], list[Example]] = defaultdict(list)
    batches = []
    for example in ordered:
        pieces = min(len(material.questions[example.question]), LONGEST_QUESTION) + material.pieces(example)
        length = next((length for length in LENGTHS if length >= pieces), LENGTHS[-1])
        kind = example.level, length
        waiting[kind].append(example)
        if len(waiting[kind]) * length >= PIECES:
            batches.append((length, waiting.pop(kind)))
    return [*batches, *((length, part) for (_, length), part in waiting.items())]


class Spread(NamedTuple):
    """Mean and spread (6,) of a level's search features."""

    mean: Floats
    spread: Floats


@dataclass(frozen=True)
class Scaling:
    """How the search features of each level lie, and the mean states (width,) of questions and sentences."""

    features: Mapping[Level, Spread]
    question_mean: Floats
    sentence_mean: Floats

    def scaled(self, examples: Sequence[Example]) -> Floats:
        """The features (n, 6) of examples of one level, without mean and spread."""
        own = self.features[examples[0].level]
        scaled: Floats = ((np.stack([example.features for example in examples]) - own.mean) / own.spread).astype(
            np.float32
        )
        return scaled


def measure_scaling(examples: Sequence[Example], material: Material) -> Scaling:
    """What the examples to train on look like; nothing of the others is used."""
    levels: dict[Level, list[Floats]] = defaultdict(list)
    for example in examples:
        levels[example.level].append(example.features)
    ids = sorted({example.question for example in examples})
    places = sorted({(example.profile, row) for example in examples for row in example.rows})
    return Scaling(
        {level: _spread(np.stack(features).astype(np.float64)) for level, features in levels.items()},
        _mean([material.questions[name].astype(np.float32) for name in ids]),
        _mean([material.sentences[profile].of(row) for profile, row in places]),
    )


def to_batch(examples: Sequence[Example], length: int, material: Material, scaling: Scaling) -> Batch:
    """The examples, all of one level, padded or cut to `length` pieces."""
    width = len(scaling.question_mean)
    states = np.zeros((len(examples), length, width), np.float32)
    from_text = np.zeros((len(examples), length), np.bool_)
    present = np.zeros((len(examples), length), np.bool_)
    for place, example in enumerate(examples):
        question, text = material.texts(example)
        question = question[:LONGEST_QUESTION]
        start = len(question)
        end = min(length, start + len(text))
        states[place, :start] = question
        states[place, start:end] = text[: end - start]
        from_text[place, start:end] = True
        present[place, :end] = True
    return Batch(
        examples[0].level,
        states,
        from_text,
        present,
        scaling.scaled(examples),
        np.array([example.answers for example in examples], np.float32),
    )


def _spread(features: NDArray[np.float64]) -> Spread:
    return Spread(features.mean(axis=0).astype(np.float32), (features.std(axis=0) + 1e-6).astype(np.float32))


def _mean(texts: Sequence[Floats]) -> Floats:
    total = np.sum([text.sum(axis=0, dtype=np.float64) for text in texts], axis=0)
    mean: Floats = (total / sum(len(text) for text in texts)).astype(np.float32)
    return mean

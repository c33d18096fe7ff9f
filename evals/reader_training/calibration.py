"""Scores to probabilities, and what they are worth: fitted and measured on sources that training left out.

Platt scaling: Platt, "Probabilistic Outputs for Support Vector Machines" (1999), with its softened targets;
beside the network's logit it is told where the search has a sentence and how far that is ahead of its rivals.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.reader_training.batches import by_question
from evals.reader_training.examples import FIRST, FIRST_PAPERS, Example

Numbers = NDArray[np.float64]
RIDGE: Final = 0.1
FOLDS, BINS = 5, 10
BEHIND_BEST: Final = 4
"""Which search feature says how far a sentence is behind the best one."""
NO_RIVAL, WIDEST_LEAD = -5.0, 4.0
"""As in `rag/reader.py`."""
_STEPS, _ENOUGH = 100, 1e-9


@dataclass(frozen=True)
class Formula:
    """A logistic regression: probability = 1 / (1 + exp(-(inputs @ weights + bias)))."""

    weights: Numbers
    bias: float

    def probabilities(self, inputs: Numbers) -> Numbers:
        """Of inputs (n, k) those of being true, (n,)."""
        return _logistic(inputs @ self.weights + self.bias)


@dataclass(frozen=True)
class Threshold:
    """A probability from which on a question is answered, and how that fares, as shares.

    `right` of all questions: answered with evidence, or rightly refused; `answered_wrongly` of those without
    an answer; `refused_wrongly` of those that have one.
    """

    value: float
    right: float
    answered_wrongly: float
    refused_wrongly: float


def fit_logistic(inputs: Numbers, targets: Numbers, ridge: float = RIDGE) -> Formula:
    """Logistic regression by Newton's method.

    Args:
        inputs: (n, k), of about unit spread.
        targets: (n,), each between 0 and 1.
        ridge: pulls the weights, not the bias, to 0; keeps them finite where the targets can be told apart.

    Raises:
        ValueError: the two do not have one length, or there is nothing to fit on.
    """
    if len(inputs) != len(targets) or not len(inputs):
        raise ValueError(f"{len(inputs)} inputs and {len(targets)} targets")
    extended = np.column_stack([inputs, np.ones(len(inputs))])
    pull = np.full(extended.shape[1], ridge)
    pull[-1] = 1e-9
    found = np.zeros(extended.shape[1])
    for _ in range(_STEPS):
        shares = _logistic(extended @ found)
        gradient = extended.T @ (shares - targets) + pull * found
        curvature = (extended * (shares * (1 - shares))[:, None]).T @ extended + np.diag(pull)
        step = np.linalg.solve(curvature, gradient)
        # A full step can overshoot where hardly anything is undecided any more.
        found -= step * min(1.0, 4.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < _ENOUGH:
            break
    return Formula(found[:-1], float(found[-1]))


def fit_from_scores(scaled: Numbers, truth: NDArray[np.bool_]) -> Formula:
    """The formula that judges a text by its search features alone, where an embedder gives no states.

    The first feature, the bare cosine, gets the weight 0: it lies elsewhere for each embedder (about 0.84
    with e5, 0.40 with minilm), and the formula is for the others than the one that it is fitted with. With it
    the formula does worse under minilm than one probability for all.

    Args:
        scaled: search features (n, 6) without mean and spread, see `rag.reader.search_features`.
        truth: which sentences answer, (n,).
    """
    formula = fit_logistic(scaled[:, 1:], truth.astype(np.float64))
    return Formula(np.concatenate([[0.0], formula.weights]), formula.bias)


def calibration_inputs(examples: Sequence[Example], logits: Numbers) -> Numbers:
    """What the reader's calibration weighs: of papers the logit, (n, 1); of sentences logit, distance behind
    the search's best, and lead, (n, 3).

    The lead is how far logit and distance together are above those of the question's best other sentence;
    the examples must be of one level, all that `is_read`, and no more.
    """
    if examples[0].level == "paper":
        return logits[:, None]
    behind = np.array([example.features[BEHIND_BEST] for example in examples], np.float64)
    strength = logits + behind
    rows: dict[str, list[int]] = defaultdict(list)
    for row, example in enumerate(examples):
        rows[example.question].append(row)
    leads = np.zeros(len(examples))
    for own in rows.values():
        for place, row in enumerate(own):
            rival = np.delete(strength[own], place).max(initial=NO_RIVAL)
            leads[row] = np.clip(strength[row] - rival, -WIDEST_LEAD, WIDEST_LEAD)
    return np.column_stack([logits, behind, leads])


def fit_platt(inputs: Numbers, truth: NDArray[np.bool_]) -> Formula:
    """Weights and shift that turn `calibration_inputs` (n, k) into probabilities of `truth` (n,)."""
    true, false = int(truth.sum()), int((~truth).sum())
    targets = np.where(truth, (true + 1) / (true + 2), 1 / (false + 2))
    return fit_logistic(inputs, targets)


def out_of_fold(examples: Sequence[Example], inputs: Numbers, seed: int) -> Numbers:
    """Each example's probability from a Platt scaling that was fitted without its paper.

    What is fitted on all examples looks better on them than it is; this is what to measure. `inputs` are
    those of `calibration_inputs`.
    """
    papers = sorted({example.paper for example in examples})
    random.Random(seed).shuffle(papers)
    fold = {paper: place % FOLDS for place, paper in enumerate(papers)}
    folds = np.array([fold[example.paper] for example in examples])
    truth = truth_of(examples)
    probabilities = np.zeros(len(examples))
    for number in sorted(set(folds.tolist())):
        inside = folds == number
        fitted_on = ~inside if (~inside).any() else inside
        formula = fit_platt(inputs[fitted_on], truth[fitted_on])
        probabilities[inside] = formula.probabilities(inputs[inside])
    return probabilities


def truth_of(examples: Sequence[Example]) -> NDArray[np.bool_]:
    """Which of the examples answer."""
    return np.array([example.answers for example in examples], np.bool_)


def is_read(example: Example) -> bool:
    """Whether the search has the example among its first, from which the product takes what it reads."""
    return example.rank < (FIRST if example.level == "sentence" else FIRST_PAPERS)


def area_under_curve(truth: NDArray[np.bool_], scores: Numbers) -> float:
    """How probable it is that a true one scores above a false one, ties counting half; NaN without both."""
    true, false = scores[truth], np.sort(scores[~truth])
    if not len(true) or not len(false):
        return float("nan")
    below = np.searchsorted(false, true, "left") + np.searchsorted(false, true, "right")
    return float(below.mean() / 2 / len(false))


def calibration_error(truth: NDArray[np.bool_], probabilities: Numbers) -> float:
    """Mean distance of probability and share of true ones, in ten bins of equally many."""
    order = np.argsort(probabilities, kind="stable")
    gaps = [
        abs(probabilities[part].mean() - truth[part].mean()) * len(part)
        for part in np.array_split(order, BINS)
        if len(part)
    ]
    return float(sum(gaps) / len(order))


def best_of_questions(
    examples: Sequence[Example], scores: Numbers
) -> tuple[Numbers, NDArray[np.bool_], NDArray[np.bool_]]:
    """For each question its best score, whether that sentence answers, and whether anything does."""
    score = {id(example): float(value) for example, value in zip(examples, scores, strict=True)}
    best = [max(group, key=lambda example: score[id(example)]) for group in by_question(examples)]
    return (
        np.array([score[id(example)] for example in best]),
        truth_of(best),
        np.array([example.answerable for example in best], np.bool_),
    )


def find_threshold(examples: Sequence[Example], probabilities: Numbers) -> Threshold:
    """The threshold with the greatest share of right answers and right refusals; the highest of several."""
    best, right, answerable = best_of_questions(examples, probabilities)
    tried = [measure_threshold(best, right, answerable, value) for value in sorted(set(best.tolist()))]
    return max(tried, key=lambda threshold: (threshold.right, threshold.value))


def measure_threshold(
    best: Numbers, right: NDArray[np.bool_], answerable: NDArray[np.bool_], value: float
) -> Threshold:
    """How the threshold `value` fares; the arrays are those of `best_of_questions`."""
    answered = best >= value
    return Threshold(
        value,
        float(np.mean((answered & right) | (~answered & ~answerable))),
        _share(answered[~answerable]),
        _share(~answered[answerable]),
    )


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else float("nan")


def _logistic(values: Numbers) -> Numbers:
    probabilities: Numbers = 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    return probabilities

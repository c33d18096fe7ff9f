"""Is a difference between two runs more than noise? Small pure functions; cases are paired by their id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import comb, sqrt
from typing import NamedTuple

import numpy as np

RESAMPLES = 10_000
SEED = 20_240_601
_Z95 = 1.959963984540054
_LARGEST_DRAW = 4_000_000


class Interval(NamedTuple):
    """A value with the ends of its 95% interval."""

    value: float
    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval:
    """A rate with its score interval, which holds for few trials and for rates near 0 and 1.

    Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927). Without a
    trial the rate is unknown: 0 to 1.
    """
    if not trials:
        return Interval(float("nan"), 0.0, 1.0)
    rate, z2 = successes / trials, _Z95**2
    centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z95 * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(rate, low, high)


def mcnemar_worse(worse: int, better: int) -> float:
    """The exact one-sided p-value that as many or more cases get worse by chance.

    McNemar, Psychometrika 12 (1947), in its exact form: among the cases that differ, worse and better are
    equally likely. For comparing two systems on the same cases see Dietterich, Neural Computation 10 (1998).
    """
    differ = worse + better
    if not differ:
        return 1.0
    return float(sum(comb(differ, k) for k in range(worse, differ + 1)) / 2**differ)


def fewest_worse(alpha: float) -> int:
    """How many cases must get worse, with none better, before it can't be called chance at `alpha`."""
    worse = 1
    while mcnemar_worse(worse, 0) > alpha:
        worse += 1
    return worse


def bootstrap_mean(differences: Sequence[float], seed: int = SEED) -> Interval:
    """The mean of paired differences with its percentile bootstrap interval.

    Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. Cases are drawn with
    replacement; since many differences are equal, how often each value is drawn comes from one multinomial.
    """
    if not differences:
        return Interval(float("nan"), float("nan"), float("nan"))
    counts = Counter(differences)
    values = np.array(list(counts))
    total = len(differences)
    chances = np.array(list(counts.values())) / total
    draws = np.random.default_rng(seed).multinomial(total, chances, size=RESAMPLES)
    means = draws @ values / total
    low, high = np.quantile(means, [0.025, 0.975])
    return Interval(float(np.mean(differences)), float(low), float(high))


def sign_flip_worse(differences: Sequence[float], seed: int = SEED) -> float:
    """The one-sided p-value that the sum of paired differences is as low by chance.

    Fisher's randomisation test (The Design of Experiments, 1935): were both runs alike, each difference could
    as well have the other sign. Signs are drawn at random, and the observed one counts among them.
    """
    moved = np.array([difference for difference in differences if difference])
    if not moved.size:
        return 1.0
    observed = moved.sum()
    generator = np.random.default_rng(seed)
    as_low, left = 0, RESAMPLES
    while left:
        batch = min(left, max(1, _LARGEST_DRAW // moved.size))
        signs = generator.choice((-1, 1), size=(batch, moved.size))
        as_low += int((signs @ moved <= observed + 1e-12).sum())
        left -= batch
    return (as_low + 1) / (RESAMPLES + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being looked at together.

    Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6 (1979).
    """
    adjusted = [1.0] * len(p_values)
    least = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        least = max(least, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = least
    return adjusted


def expected_calibration_error(chances: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> float:
    """How far stated probabilities are from how often they come true, weighted over equally wide bins.

    Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning" (AAAI 2015).
    """
    rows = reliability(chances, outcomes, bins)
    return sum(abs(row.stated - row.observed) * row.cases for row in rows) / max(len(chances), 1)


class ReliabilityBin(NamedTuple):
    """Answers whose stated probability is alike."""

    stated: float
    observed: float
    cases: int


def reliability(chances: Sequence[float], outcomes: Sequence[bool], bins: int = 10) -> list[ReliabilityBin]:
    """Mean stated probability and share that came true, for each bin that holds a case."""
    rows = []
    places = [min(int(chance * bins), bins - 1) for chance in chances]
    for place in range(bins):
        held = [at for at, own in enumerate(places) if own == place]
        if held:
            stated = sum(chances[at] for at in held) / len(held)
            observed = sum(outcomes[at] for at in held) / len(held)
            rows.append(ReliabilityBin(stated, observed, len(held)))
    return rows

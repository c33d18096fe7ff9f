"""Fits the verifier's calibration: `python -m evals.verifier_training.calibrate --data DIR --models DIR`.

Claims set aside: those made by rule from papers that training never saw, dev parts of the open sets, dev claims
about the profile that ships, and the true ones of these with one change by rule. Scores for the threshold are
cross-fitted: each paper's by weights that were fitted without it. What measures is not here."""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.verifier_training.abstracts import all_abstracts
from evals.verifier_training.corruptions import KINDS
from evals.verifier_training.made import Maker
from evals.verifier_training.sources import SUPPORTED, Pair, read_pairs, read_rows
from rag.verifier import fusion
from rag.verifier.case import case_of, signals_of
from rag.verifier.evidence import sentences_of
from rag.verifier.network import Network

ALPHA, CONFIDENCE = 0.04, 0.95
RIDGE = 1.0
OWN_WEIGHT = 4.0
"""Of a claim about the profile: they are few, and what the verifier is for."""
DEV_SETS: Final[Mapping[str, int]] = {
    "sci_perturb_dev": 300, "sci_conclusion_dev": 100, "evidence_inference_dev": 150,
    "sci_mismatch_dev": 200, "matter_of_fact_dev": 86, "summedits_dev": 40,
}  # fmt: skip
QUOTAS: Final[Mapping[str, int]] = {
    "number": 40, "number_place": 15, "unit": 15, "name": 50, "name_within": 25, "negation": 40, "direction": 50,
    "scope": 25, "role": 30, "from_to": 10, "hedge": 20, "addition": 20, "join": 30, "removed": 30, "near": 25,
    "title": 20, "reword": 30,
}  # fmt: skip

Floats = NDArray[np.float64]


FOLDS = 5
CHANGES = 4
"""How many changes by rule a true dev claim gets at most."""


@dataclass(frozen=True)
class Row:
    """A claim set aside, its passages, whether it is true, and whether it is about the profile."""

    claim: str
    passages: tuple[str, ...]
    supported: bool
    own: bool = False


@dataclass(frozen=True)
class Known:
    """A row with what the verifier sees of it. `refuted`: a hard check refutes it."""

    row: Row
    signals: fusion.Signals
    refuted: bool

    @property
    def weight(self) -> float:
        """In the regression."""
        return OWN_WEIGHT if self.row.own else 1.0

    @property
    def fold(self) -> int:
        """By its passages, so that a paper is in one fold."""
        return zlib.crc32(" ".join(self.row.passages).encode()) % FOLDS


@dataclass(frozen=True)
class Held:
    """Pairs made from the papers kept from training: to calibrate on, and to measure on."""

    calibrate: list[Pair]
    test: list[Pair]


def held_pairs(data: Path) -> Held:
    """Each part from papers of its own."""
    papers = [abstract for abstract in all_abstracts(data) if abstract.is_test]
    papers.sort(key=lambda abstract: abstract.title)
    return Held(
        [*Maker(papers[::4], 101).pairs(QUOTAS), *Maker(papers[2::4], 102).pairs(QUOTAS)],
        Maker(papers[1::2], 103).pairs(TEST_QUOTAS),
    )


TEST_QUOTAS: Final[Mapping[str, int]] = {kind: 2 * quota for kind, quota in QUOTAS.items()}


def rows_of(data: Path, claims: Path) -> list[Row]:
    """Everything set aside."""
    made = [
        Row(pair.claim, ("\n".join(pair.sentences),), pair.label == SUPPORTED) for pair in held_pairs(data).calibrate
    ]
    general = [
        Row(pair.claim, ("\n".join(pair.sentences),), pair.label == SUPPORTED)
        for name, count in DEV_SETS.items()
        for pair in read_pairs(data / "nli" / f"{name}.jsonl.gz")[:count]
    ]
    own = [
        Row(row["claim"], tuple(row["passages"]), row["supported"], own=True)
        for row in read_rows(claims)
        if row["split"] == "dev"
    ]
    return [*made, *general, *own, *changed(own, 104)]


def changed(rows: Sequence[Row], seed: int) -> list[Row]:
    """The true ones with one change by rule, which makes them false: people's wording, and a known fault."""
    chance = random.Random(seed)
    found: list[Row] = []
    for row in rows:
        if not row.supported:
            continue
        kinds = list(KINDS.values())
        chance.shuffle(kinds)
        claims = [false for change, _label in kinds if (false := change(row.claim, chance)) and false != row.claim]
        found.extend(Row(claim, row.passages, supported=False, own=True) for claim in claims[:CHANGES])
    return found


def observe(network: Network, rows: Sequence[Row]) -> list[Known]:
    """What the verifier sees of each row."""
    cases = [case_of(row.claim, sentences_of(row.passages)) for row in rows]
    shares = network.judge([(case.told, case.texts) for case in cases])
    return [
        Known(row, signals_of(case, share), case.refuted is not None)
        for row, case, share in zip(rows, cases, shares, strict=True)
    ]


def fit(known: Sequence[Known]) -> fusion.Logistic:
    """Weighted logistic regression with a small ridge, by Newton's method."""
    inputs = np.array([[fusion.model_features(one.signals)[name] for name in fusion.NAMES] + [1.0] for one in known])
    truth = np.array([one.row.supported for one in known], np.float64)
    weights = np.array([one.weight for one in known])
    ridge = np.full(inputs.shape[1], RIDGE)
    ridge[-1] = 1e-6
    found = np.zeros(inputs.shape[1])
    for _ in range(50):
        shares = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        gradient = inputs.T @ (weights * (shares - truth)) + ridge * found
        curvature = (inputs * (weights * shares * (1 - shares))[:, None]).T @ inputs + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    return fusion.Logistic(
        {name: round(float(value), 5) for name, value in zip(fusion.NAMES, found[:-1], strict=True)},
        round(float(found[-1]), 5),
    )


def upper_bound(passed: int, total: int, confidence: float) -> float:
    """Clopper and Pearson's upper bound on a rate, by bisection on the binomial's lower tail."""
    if passed >= total:
        return 1.0
    low, high = passed / total, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(
            math.exp(
                math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1)
                + k * math.log(middle) + (total - k) * math.log1p(-middle)
            )
            for k in range(passed + 1)
        )  # fmt: skip
        low, high = (middle, high) if tail > 1 - confidence else (low, middle)
    return high


def controlled_threshold(scores: Floats, alpha: float, confidence: float) -> tuple[float, int]:
    """The lowest threshold under which the bound on the false-pass rate stays at most `alpha`; how many
    pass then.

    Thresholds are tried from the highest down and the first failure ends it (fixed-sequence testing), so
    that the promise needs no correction. Where even none passing proves too little, 1.0 is given: nothing
    passes."""
    ordered = np.sort(scores)[::-1]
    allowed = 0
    while allowed < len(ordered) and upper_bound(allowed, len(ordered), confidence) <= alpha:
        allowed += 1
    if allowed == 0:
        return 1.0, 0
    return float(ordered[allowed - 1] + 1e-6), allowed - 1


def main() -> None:
    """Fits and writes `calibration.json`."""
    parser = argparse.ArgumentParser(prog="python -m evals.verifier_training.calibrate")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True, help="folder for files derived from the embedder")
    parser.add_argument("--claims", type=Path, default=Path("evals/claims/kesselheim.jsonl"))
    parser.add_argument("--out", type=Path, default=Path("rag/verifier/data/calibration.json"))
    options = parser.parse_args()
    known = observe(Network(options.models), rows_of(options.data, options.claims))
    facts = calibration(known)
    options.out.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(facts, indent=1) + "\n")


def calibration(known: Sequence[Known]) -> dict[str, object]:
    """Weights fitted on all; the threshold on cross-fitted scores of the claims about the profile, and how all fare."""
    scores = cross_fitted(known)
    scores[[one.signals.lacking for one in known]] = 0.0  # they never pass
    logistic = fit([one for one in known if not one.refuted])
    truth = np.array([one.row.supported for one in known])
    own = np.array([one.row.own for one in known])
    threshold, passed = controlled_threshold(scores[own & ~truth], ALPHA, CONFIDENCE)
    passes = scores >= threshold
    return {
        "alpha": ALPHA,
        "confidence": CONFIDENCE,
        "fitted_on": len(known),
        "model": {
            "weights": dict(logistic.weights),
            "constant": logistic.constant,
            "threshold": round(threshold, 5),
            "false_held": int((own & ~truth).sum()),
            "false_passed": passed,
            "true_kept": round(float(passes[own & truth].mean()), 4),
            "others_false_passed": round(float(passes[~own & ~truth].mean()), 4),
            "others_true_kept": round(float(passes[~own & truth].mean()), 4),
        },
    }


def cross_fitted(known: Sequence[Known]) -> Floats:
    """Each one's score by weights that were fitted without its paper; 0 where a hard check fails it."""
    scores = np.zeros(len(known))
    folds = np.array([one.fold for one in known])
    for fold in range(FOLDS):
        logistic = fit([one for one in known if one.fold != fold and not one.refuted])
        for index in np.flatnonzero(folds == fold):
            one = known[int(index)]
            scores[index] = 0.0 if one.refuted else logistic.probability(fusion.model_features(one.signals))
    return scores


if __name__ == "__main__":
    main()

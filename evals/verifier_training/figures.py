"""Figures of the verifier over pairs that it has read; see `measure`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.grounding_bench import auc, best_threshold, macro_f1
from evals.verifier_training.sources import NOT_SAID, SUPPORTED, Pair
from rag.verifier.case import case_of, verdict_score
from rag.verifier.evidence import sentences_of
from rag.verifier.fusion import load_calibration
from rag.verifier.lexical import recall
from rag.verifier.network import Network

KEPT = 0.9
FALSE_ALLOWED = 0.04
RESAMPLES = 500

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Read:
    """Pairs with what was made of them: the network's `shares` (n, 3), the product's `scores`, `labels`,
    `recalls`."""

    pairs: Sequence[Pair]
    shares: Floats
    scores: Floats
    recalls: Floats

    @property
    def labels(self) -> NDArray[np.int64]:
        """See `sources`."""
        return np.array([pair.label for pair in self.pairs], np.int64)

    @property
    def margin(self) -> Floats:
        """Support against contradiction."""
        return np.log(self.shares[:, 0] + 1e-6) - np.log(self.shares[:, 1] + 1e-6)


def read(network: Network, pairs: Sequence[Pair]) -> Read:
    """Runs the pairs through the verifier."""
    calibration = load_calibration()
    cases = [case_of(pair.claim, sentences_of(["\n".join(pair.sentences)])) for pair in pairs]
    shares = network.judge([(case.told, case.texts) for case in cases]).astype(np.float64)
    scores = [verdict_score(case, share, calibration) for case, share in zip(cases, shares, strict=True)]
    recalls = [recall(case.claim, case.texts) for case in cases]
    return Read(pairs, shares, np.array(scores), np.array(recalls))


def with_interval(values: Floats, truth: NDArray[np.bool_]) -> dict[str, Any]:
    """AUC with its 95% bootstrap interval."""
    chance = np.random.default_rng(5)
    drawn = []
    for _ in range(RESAMPLES):
        rows = chance.integers(0, len(truth), len(truth))
        drawn.append(auc(values[rows], truth[rows]))
    low, high = np.percentile(drawn, (2.5, 97.5))
    return {
        "auc": round(auc(values, truth), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "n": len(truth),
    }


def support_rest(done: Read) -> dict[str, Any]:
    """AUC and two-fold macro-F1 of supported against all else, for the product, the network and overlap."""
    truth = done.labels == SUPPORTED
    return {
        name: {**with_interval(values, truth), "macro_f1": round(two_fold(values, truth), 4)}
        for name, values in (("hard", done.scores), ("network", done.shares[:, 0]), ("overlap", done.recalls))
    }


def support_contradict(done: Read) -> dict[str, Any]:
    """AUC of supported against contradicted."""
    two = done.labels != NOT_SAID
    truth = done.labels[two] == SUPPORTED
    return {
        name: with_interval(values[two], truth)
        for name, values in (("hard", done.scores), ("network", done.margin), ("overlap", done.recalls))
    }


def two_fold(values: Floats, truth: NDArray[np.bool_]) -> float:
    """Macro-F1 with each half's threshold chosen on the other; halves by even and odd rows."""
    passes = np.zeros(len(truth), np.bool_)
    for part in (0, 1):
        mine = np.arange(len(truth)) % 2 == part
        passes[mine] = values[mine] >= best_threshold(values[~mine], truth[~mine])
    return macro_f1(passes, truth)


def corruptions(done: Read) -> dict[str, Any]:
    """AUC, and the share of each kind of false claim that passes where 90% of the true ones are kept."""
    truth = done.labels == SUPPORTED
    kinds = np.array([pair.kind.split("_")[-1] if pair.kind.startswith("join") else pair.kind for pair in done.pairs])
    result: dict[str, Any] = {}
    for name, values in (("hard", done.scores), ("network", done.shares[:, 0]), ("overlap", done.recalls)):
        threshold = np.quantile(values[truth], 1 - KEPT)
        passed = values >= threshold
        by_kind = {
            str(kind): [round(float(passed[kinds == kind].mean()), 3), int((kinds == kind).sum())]
            for kind in np.unique(kinds[~truth])
        }
        result[name] = {
            **with_interval(values, truth),
            "false_pass": round(float(passed[~truth].mean()), 4),
            **by_kind,
        }
    return result


def kept_at(values: Floats, truth: NDArray[np.bool_]) -> float:
    """Share of the true claims above the score that at most 4% of the false exceed."""
    false = np.sort(values[~truth])[::-1]
    threshold = false[int(FALSE_ALLOWED * len(false))]
    return float((values[truth] > threshold).mean())

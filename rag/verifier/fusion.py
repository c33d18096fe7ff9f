"""From what was found about a claim to a calibrated probability, and from that to a verdict.

A logistic regression over the network's odds and a few lexical signals (Platt, "Probabilistic outputs for
support vector machines", 1999, with more than one input), fitted by `evals.verifier_training.calibrate` on
claims that nothing was trained on. The threshold is the lowest at which, of the false claims set aside for
it, so few pass that the rate on new claims of their kind is at most `alpha` with the stated confidence
(Angelopoulos et al., "Learn then Test", 2021, with the exact binomial bound)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from rag.errors import DamagedModelError
from rag.verifier.wording import ALIKE, Wording

_FILE = "calibration.json"
_CLIP = 8.0

NAMES: Final = (
    "odds", "names_missing", "lacking", "opposite", "swapped", "out_of_order", "moved",
)  # fmt: skip


@dataclass(frozen=True)
class Signals:
    """What is known of a claim. `supported` and `contradicted` are the network's, None where there is
    none."""

    supported: float | None
    contradicted: float | None
    recall: float
    names_missing: int
    lacking: bool
    negation_differs: bool
    foreign: bool
    wording: Wording = ALIKE


@dataclass(frozen=True)
class Logistic:
    """Weights by feature and a constant."""

    weights: Mapping[str, float]
    constant: float

    def probability(self, features: Mapping[str, float]) -> float:
        """1 / (1 + exp(-(w·x + c)))."""
        total = self.constant + sum(weight * features[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


@dataclass(frozen=True)
class Calibration:
    """The regression with its threshold, and what the threshold promises."""

    model: Logistic
    threshold: float
    alpha: float
    confidence: float


def model_features(signals: Signals) -> dict[str, float]:
    """The inputs of the regression beside the network."""
    supported = signals.supported or 0.0
    return {
        "odds": _clipped(_log(supported) - _log(1.0 - supported)),
        "names_missing": float(min(2, signals.names_missing)),
        "lacking": float(signals.lacking),
        "opposite": float(signals.wording.opposite),
        "swapped": float(signals.wording.swapped),
        "out_of_order": signals.wording.out_of_order,
        "moved": float(signals.wording.moved),
    }


def word_score(signals: Signals) -> float:
    """What words alone tell, 0 to 1: the share of the claim's words in the best two sentences.

    A missing name, a denial on one side only, or another language makes it worth less than `ACCEPTED`.
    """
    if signals.foreign:
        return 0.0
    doubts = (signals.names_missing > 0) + signals.negation_differs
    return signals.recall * 0.5**doubts


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-6))


def _clipped(value: float) -> float:
    return max(-_CLIP, min(_CLIP, value))


def load_calibration() -> Calibration:
    """The fitted numbers that ship.

    Raises:
        DamagedModelError: they are missing or can't be read.
    """
    try:
        facts = json.loads((files("rag.verifier") / "data" / _FILE).read_text("utf-8"))
        return Calibration(
            Logistic(facts["model"]["weights"], facts["model"]["constant"]),
            facts["model"]["threshold"],
            facts["alpha"],
            facts["confidence"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedModelError(
            f"The verifier's calibration can't be read ({error}).",
            "Install profile-chat again (pip install --force-reinstall profile-chat).",
        ) from error

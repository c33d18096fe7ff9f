"""What is trained on when: general sentence pairs first, science and made pairs more and more."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from evals.verifier_training.abstracts import all_abstracts
from evals.verifier_training.made import GERMAN_CLAIMS, GERMAN_WORDS, Maker
from evals.verifier_training.rewording import in_part_german
from evals.verifier_training.sources import Pair, open_pairs, scifact_train
from evals.verifier_training.written import written_claims

SHARES: Final[Mapping[str, tuple[float, float]]] = {
    "mnli_dev": (0.44, 0.16), "snli_dev": (0.04, 0.0), "cad_nli_train": (0.06, 0.01), "fever_dev": (0.06, 0.03),
    "fever_symmetric_dev": (0.01, 0.005), "fm2_dev": (0.01, 0.01), "breaking_nli_train": (0.01, 0.005),
    "help_train": (0.01, 0.005), "drop_train": (0.01, 0.01), "evidence_inference_train": (0.04, 0.05),
    "sci_perturb_train": (0.05, 0.05), "sci_mismatch_train": (0.01, 0.02), "sci_conclusion_train": (0.03, 0.07),
    "matter_of_fact_train": (0.02, 0.03), "summedits_train": (0.01, 0.02), "wice_claim_dev": (0.0, 0.02),
    "wice_partial_train": (0.0, 0.01), "scifact_train": (0.02, 0.06), "made": (0.17, 0.41), "written": (0.0, 0.035),
}  # fmt: skip
"""Share of the pairs at the start and at the end; in between it moves evenly."""


OWN: Final = ("made", "written", "scifact_train")
"""Those of `SHARES` that are no file of `nli/`."""


class Mixture:
    """Draws pairs set by set without putting back, until a set is used up and starts again.

    Args:
        sets: name to pairs.
        seed: of the order.
    """

    def __init__(self, sets: Mapping[str, Sequence[Pair]], seed: int) -> None:
        self._chance = random.Random(seed)
        self._sets = {name: list(pairs) for name, pairs in sets.items()}
        self._waiting: dict[str, list[Pair]] = {name: [] for name in sets}

    def draw(self, count: int, done: float) -> list[Pair]:
        """About `count` pairs in the mixture that belongs to the share `done` of the time."""
        drawn: list[Pair] = []
        for name, (start, end) in SHARES.items():
            share = start + (end - start) * done
            drawn.extend(self._next(name) for _ in range(round(count * share)))
        self._chance.shuffle(drawn)
        return drawn

    def _next(self, name: str) -> Pair:
        if not self._waiting[name]:
            self._waiting[name] = list(self._sets[name])
            self._chance.shuffle(self._waiting[name])
        return self._waiting[name].pop()


def all_sets(data: Path, seed: int) -> dict[str, list[Pair]]:
    """Every set of `SHARES` from the folder `data`; a fifth of the general claims in part German as well."""
    chance = random.Random(seed)
    sets = {name: open_pairs(data / "nli", seed, [name]) for name in SHARES if name not in OWN}
    for name in (
        "mnli_dev",
        "cad_nli_train",
        "fever_dev",
        "sci_conclusion_train",
        "evidence_inference_train",
    ):
        sets[name] = [_in_part_german(pair, chance) for pair in sets[name]]
    sets["scifact_train"] = scifact_train(data / "scifact")
    train = [abstract for abstract in all_abstracts(data) if not abstract.is_test]
    sets["made"] = Maker(train, seed).pairs()
    sets["written"] = written_claims(train)
    return sets


def _in_part_german(pair: Pair, chance: random.Random) -> Pair:
    if chance.random() >= GERMAN_CLAIMS:
        return pair
    return Pair(pair.sentences, in_part_german(pair.claim, chance, GERMAN_WORDS), pair.label, pair.source, pair.kind)

"""A claim with what the checks that need no network find, and the score that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rag.verifier import evidence as find
from rag.verifier import lexical
from rag.verifier.evidence import PassageSentence
from rag.verifier.fusion import Calibration, Signals, model_features, word_score
from rag.verifier.language import differ
from rag.verifier.named import is_shaped, missing_names, other_version
from rag.verifier.numbers import NumberFinding, check_numbers, spelt_as
from rag.verifier.wording import ALIKE, compare

REFUTED = 0.02
"""The highest score of a claim that a hard check refutes."""
SHORT_OF = 0.95
"""The highest of one with a number or name that the evidence lacks, as a share of the threshold."""


@dataclass(frozen=True)
class Case:
    """A claim, the sentences it is read against, and what was found without the network."""

    claim: str
    sentences: tuple[PassageSentence, ...]
    copied: int | None
    numbers: tuple[NumberFinding, ...]
    version: str | None
    names: tuple[str, ...]
    foreign: bool
    told: str
    """The claim as the network reads it; see `numbers.spelt_as`."""

    @property
    def texts(self) -> list[str]:
        """The sentences without their places."""
        return [sentence.text for sentence in self.sentences]

    @property
    def refuted(self) -> str | None:
        """Why a hard check refutes the claim, None where none does."""
        told = [finding.reason for finding in self.numbers if finding.refuted]
        return self.version or (told[0] if told else None)

    @property
    def lacking(self) -> str | None:
        """What a hard check finds the evidence to lack, None where it lacks nothing."""
        if self.numbers:
            return self.numbers[0].reason
        names = [name for name in self.names if is_shaped(name)]
        return f"the passage doesn't mention {names[0]}" if names else None


def case_of(claim: str, sentences: Sequence[PassageSentence], known: Sequence[str] = ()) -> Case:
    """What the checks that need no network find.

    Args:
        claim: what is checked.
        sentences: what it is read against.
        known: names that it may have beside theirs, such as the authors'.
    """
    texts = [sentence.text for sentence in sentences]
    foreign = differ(claim, " ".join(texts))
    return Case(
        claim,
        tuple(sentences),
        find.copied(claim, texts),
        tuple(check_numbers(claim, texts)),
        other_version(claim, texts),
        tuple(missing_names(claim, [*texts, *known], english=not foreign)),
        foreign,
        spelt_as(claim, texts),
    )


def signals_of(case: Case, shares: np.ndarray | None) -> Signals:
    """What the regression is given."""
    texts = case.texts
    return Signals(
        None if shares is None else float(shares[0]),
        None if shares is None else float(shares[1]),
        lexical.recall(case.claim, texts),
        len(case.names),
        case.lacking is not None,
        lexical.negation_differs(case.claim, texts),
        case.foreign,
        ALIKE if case.foreign else compare(case.claim, texts),
    )


def verdict_score(case: Case, shares: np.ndarray | None, calibration: Calibration) -> float:
    """The calibrated probability that the claim is supported; what a hard check refuted is far below any
    threshold."""
    signals = signals_of(case, shares)
    by_model = shares is not None
    score = calibration.model.probability(model_features(signals)) if by_model else word_score(signals)
    if case.refuted is not None:
        return min(score, REFUTED)
    # It can't pass, but lies where the rest of what is known puts it.
    limit = SHORT_OF * (calibration.threshold if by_model else lexical.ACCEPTED)
    return min(score, limit) if case.lacking else score

"""Signals of different kinds, weighed into one probability.

The reader's two heads err each in its own way: a sentence may look like an answer in a paper that is about
something else, and a paper may look meant though nothing in it says so. So does a second encoder, which says how
far a paper stands out among the others. The weights are fitted by `python -m evals.reader_training.combining`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from math import exp, log

from pydantic import Field

from rag.models import Record

_LEAST = 1e-4
"""Probabilities nearer than this to 0 or 1 count as that near, so that logits stay finite."""
_WIDEST = 4.0
"""Spreads from the mean beyond which a paper stands out no further."""


class Answering(Record):
    """Does a sentence answer? A logistic regression over the logits of two probabilities."""

    sentence: float = Field(description="weight of the sentence's logit")
    paper: float = Field(description="weight of the logit of its paper")
    constant: float

    def probability(self, sentence: float, paper: float) -> float:
        """The probability that both make together; each is between 0 and 1."""
        return _logistic(self.sentence * logit(sentence) + self.paper * logit(paper) + self.constant)


class Treating(Record):
    """Is a paper meant? A logistic regression over what the reader says and how far the paper stands out."""

    read: float = Field(description="weight of the logit of the reader's probability")
    apart: float = Field(description="weight of the second encoder's spreads from the mean")
    constant: float

    def probability(self, read: float, apart: float) -> float:
        """The probability that both make together; see `rag.second_opinion.SecondOpinion.stands_out`."""
        return _logistic(self.read * logit(read) + self.apart * within_spreads(apart) + self.constant)


class Combination(Record):
    """All weights."""

    answering: Answering
    treating: Treating


@cache
def load_combination() -> Combination:
    """The fitted weights."""
    return Combination.model_validate(tomllib.loads(files("rag").joinpath("combination.toml").read_text("utf-8")))


def within_spreads(apart: float) -> float:
    """How far a paper stands out, as it is weighed."""
    return min(_WIDEST, max(-_WIDEST, apart))


def logit(probability: float, least: float = _LEAST) -> float:
    """log(p / (1 - p)), of a probability that is kept `least` off 0 and 1."""
    kept = min(1 - least, max(least, probability))
    return log(kept / (1 - kept))


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value))

"""What the reader says of a sentence and of its paper, weighed into one probability.

Each of its two heads errs in its own way: a sentence may look like an answer in a paper that is about something
else, and a paper may look meant though nothing in it says so. The weights are fitted by
`python -m evals.reader_training.combining`.
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


class Combination(Record):
    """A logistic regression over the logits of two probabilities."""

    sentence: float = Field(description="weight of the sentence's logit")
    paper: float = Field(description="weight of the logit of its paper")
    constant: float

    def probability(self, sentence: float, paper: float) -> float:
        """The probability that both make together; each is between 0 and 1."""
        return 1 / (1 + exp(-(self.sentence * logit(sentence) + self.paper * logit(paper) + self.constant)))


@cache
def load_combination() -> Combination:
    """The fitted weights."""
    return Combination.model_validate(tomllib.loads(files("rag").joinpath("combination.toml").read_text("utf-8")))


def logit(probability: float, least: float = _LEAST) -> float:
    """log(p / (1 - p)), of a probability that is kept `least` off 0 and 1."""
    kept = min(1 - least, max(least, probability))
    return log(kept / (1 - kept))

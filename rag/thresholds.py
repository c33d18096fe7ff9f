"""From which probability on something is answered; fitted by `python -m evals.reader_training.thresholds`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import Field

from rag.models import Record


class Thresholds(Record):
    """Least probabilities, each between 0 and 1."""

    answers: float = Field(description="at which a sentence is given as the answer")
    answers_of_named: float = Field(description="the same where the question names the paper")
    answers_of_shown: float = Field(description="the same where it refers back to a paper that was shown")
    finds: float = Field(description="at which a paper is given that is looked for by what it says")
    finds_unasked: float = Field(description="the same where the question does not say that it looks for a paper")
    finds_described: float = Field(description="the same where its authors, date or the like are asked for")
    finds_among: float = Field(description="the same where it is one of a few that were shown or are compared")
    treats_first: float = Field(description="at which a topic has a paper at all; the most probable one must reach it")
    treats: float = Field(description="at which further papers are named for the topic")
    treats_alone: float = Field(description="the same where no second encoder was asked, the topic not being English")
    treats_with_words: float = Field(description="the same where the paper holds every word of the topic")
    point: float = Field(description="at which a sentence is a point among several papers' points")


@cache
def load_thresholds() -> Thresholds:
    """The fitted thresholds."""
    return Thresholds.model_validate(tomllib.loads(files("rag").joinpath("thresholds.toml").read_text("utf-8")))

"""How far a judge agrees with people: answers that people rated, and weighted kappa."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

from evals.judge.ratings import Grade, Rating

_GRADES = (0, 1, 2)


class Labelled(BaseModel):
    """An answer with the ratings of a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str
    answer: str
    complete: Grade
    direct: Grade


class Agreement(NamedTuple):
    """How two raters compare over the answers that both rated."""

    of: int
    same: float
    """Share of equal grades."""
    kappa: float | None
    """Cohen's kappa with quadratic weights; None where one rater gave all the same grade."""


def labelled_answers() -> tuple[Labelled, ...]:
    """The answers that ship with ratings of people."""
    rows = yaml.safe_load(files("evals.judge").joinpath("labelled.yaml").read_text(encoding="utf-8"))
    return tuple(Labelled.model_validate(row) for row in rows)


def agreement(people: Sequence[int], judge: Sequence[int]) -> Agreement:
    """Agreement of two lists of grades, aligned.

    Weighted kappa: Cohen, "Weighted kappa: Nominal scale agreement provision for scaled disagreement or partial
    credit", Psychological Bulletin 70 (1968).
    """
    number = len(people)
    if not number:
        return Agreement(0, 0.0, None)
    same = sum(one == other for one, other in zip(people, judge, strict=True)) / number
    observed = sum((one - other) ** 2 for one, other in zip(people, judge, strict=True)) / number
    expected = (
        sum((one - other) ** 2 * people.count(one) * judge.count(other) for one in _GRADES for other in _GRADES)
        / number**2
    )
    return Agreement(number, same, None if expected == 0 else 1 - observed / expected)


def agreements(labels: Sequence[Labelled], ratings: Sequence[Rating | None]) -> dict[str, Agreement]:
    """Agreement on each scale, over the answers that the judge could rate."""
    pairs = [(label, rating) for label, rating in zip(labels, ratings, strict=True) if rating is not None]
    return {
        "complete": agreement([label.complete for label, _ in pairs], [rating.complete for _, rating in pairs]),
        "direct": agreement([label.direct for label, _ in pairs], [rating.direct for _, rating in pairs]),
    }

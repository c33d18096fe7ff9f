"""How complete and how direct an answer is, as a language model finds.

It decides nothing: whether an answer is right follows from its case. What the model says without words of the answer
to show for it, or can't be read, is left unmeasured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import mean
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.scoring import Outcome
from evals.stored import StoredAnswer
from rag.errors import UnreachableError
from rag.llm.model import Model, gather
from rag.llm.prompts import fenced, fill
from rag.llm.replies import read_object
from rag.llm.spent import Spent
from rag.llm.trouble import ModelError
from rag.names import fold
from rag.streaming import wait_for

Grade = Literal[0, 1, 2]
OPEN_KINDS = frozenset({"fact", "paraphrase", "synthesis", "topic", "premise", "followup"})


class Rating(BaseModel):
    """What a judge says of an answer."""

    model_config = ConfigDict(extra="forbid")

    complete: Grade
    direct: Grade
    quote: str


class Rated(NamedTuple):
    """Ratings of several answers, and how many could not be measured."""

    ratings: tuple[Rating, ...]
    unmeasured: int

    @property
    def complete(self) -> float | None:
        """Mean completeness, 0 to 1; None where nothing was measured."""
        return mean(rating.complete for rating in self.ratings) / 2 if self.ratings else None

    @property
    def direct(self) -> float | None:
        """Mean directness, 0 to 1; None where nothing was measured."""
        return mean(rating.direct for rating in self.ratings) / 2 if self.ratings else None


def rate(model: Model, question: str, answer: str, spent: Spent) -> Rating | None:
    """The model's rating of `answer`; None where it gives none, or one without words of the answer.

    Raises:
        UnreachableError: the model can't be used.
    """
    spent.used("rate")
    messages = fill("rate", asked=fenced("question", [question]), answer=fenced("answer", [answer]))
    try:
        rating = Rating.model_validate(read_object(wait_for(gather(model, messages, Rating, spent))))
    except ModelError as trouble:
        raise UnreachableError(
            trouble.sentence("en"), "Check OPENAI_BASE_URL, the key and PROFILE_CHAT_MODEL."
        ) from None
    except ValidationError:
        return None
    shown = bool(fold(rating.quote).strip()) and fold(rating.quote) in fold(answer)
    return rating if shown or not (rating.complete or rating.direct) else None


def rated(ratings: Sequence[Rating | None]) -> Rated:
    """The ratings that there are, and how many are missing."""
    return Rated(tuple(rating for rating in ratings if rating), sum(rating is None for rating in ratings))


def open_answers(answers: Iterable[StoredAnswer]) -> list[tuple[str, str]]:
    """(question, answer) of what was answered in sentences; refusals and what is computed need no such judge."""
    return [
        (" / ".join(answer.case.asked), answer.reply.answer)
        for answer in answers
        if answer.reply is not None
        and not answer.reply.abstained
        and answer.outcome is not Outcome.UNSCORED
        and answer.case.kind in OPEN_KINDS
    ]

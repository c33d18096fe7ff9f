"""A second opinion on claims of which the verifier is unsure: a language model's, which has to quote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.llm.model import Model, gather
from rag.llm.prompts import fenced, fill
from rag.llm.replies import read_object
from rag.llm.spent import Spent
from rag.llm.trouble import ModelError
from rag.names import fold
from rag.streaming import wait_for

_LEAST_WORDS = 3
"""Words of a quotation that says anything."""


class Judgement(BaseModel):
    """What the model says of a claim."""

    model_config = ConfigDict(extra="forbid")

    supported: bool
    quote: str


class SecondJudge:
    """Asks a model, and believes it only where the passages have what it quotes.

    Args:
        model: that is asked.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self.spent = Spent()

    def quote_for(self, claim: str, passages: Sequence[str]) -> str | None:
        """The words of a passage that state the claim, as the model finds; None where it finds none, or can't be used.

        Args:
            claim: one claim.
            passages: what it may rest on.
        """
        return wait_for(self._quote_for(claim, passages))

    async def _quote_for(self, claim: str, passages: Sequence[str]) -> str | None:
        self.spent.used("judge")
        messages = fill("judge", passages=fenced("passages", passages), claim=fenced("claim", [claim]))
        try:
            reply = await gather(self._model, messages, Judgement, self.spent)
            judgement = Judgement.model_validate(read_object(reply))
        except (ModelError, ValidationError):
            return None
        return judgement.quote if judgement.supported and _stands(judgement.quote, passages) else None


def _stands(quote: str, passages: Sequence[str]) -> bool:
    """Whether a passage has the quoted words, but for case, spaces and the marks at its ends."""
    wanted = _plain(quote)
    return len(wanted.split()) >= _LEAST_WORDS and any(wanted in _plain(passage) for passage in passages)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text)).strip(" .…!?\"'“”„")

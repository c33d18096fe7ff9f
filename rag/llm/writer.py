"""Answers that a language model words, checked sentence by sentence before they are shown."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from rag.llm.guard import Guard
from rag.llm.model import Model, load_client
from rag.llm.proposals import is_open, plan_of, propose
from rag.llm.spent import Prices, Spent
from rag.llm.trouble import ModelError
from rag.llm.writing import Engine, Writing, is_worded
from rag.models import Explained, QuestionKind, Turn
from rag.phrases import phrase
from rag.streaming import growing
from rag.threads import in_thread
from rag.verifier.verifier import Verifier

_LEAST_AS_ASKED = 0.2
"""Least probability that what was found for the model's wording answers the question as it was asked."""


class Writer:
    """Puts a model's words in place of quotations, where they pass.

    Args:
        model: writes.
        verifier: gives the verifier that judges its sentences; it is opened with the first of them.
        prices: of the model's tokens.
    """

    def __init__(self, model: Model, verifier: Callable[[], Verifier], prices: Prices) -> None:
        self.model = model
        self._verifier = verifier
        self._prices = prices

    def load(self) -> None:
        """Loads what the first answer would have to wait for."""
        load_client()
        self._verifier()

    async def write(
        self, explained: Explained, history: Sequence[Turn], engine: Engine
    ) -> AsyncGenerator[Explained, None]:
        """The answer as it grows, each sentence checked; the last is whole.

        It says at least what the quoted answer says. Where the model can't be used, or doesn't pass its checks,
        the quoted answer is given with a notice. A question for which nothing was found is read by the model once
        more; what it takes it for is answered only where a sentence of the model's for the question as asked
        passes too.

        Args:
            explained: the quoted answer with its plan and evidence.
            history: the conversation before it.
            engine: answers plans, and compares sentences.
        """
        spent = Spent()
        reread = None
        if is_open(explained):
            try:
                reread = await self._reread(explained, history, engine, spent)
            except ModelError as trouble:
                explained = _noted(explained, trouble.notice("model_without", explained.answer.language))
        chosen = reread or explained
        if not is_worded(chosen):
            for grown in growing(self._accounted(chosen, spent)):
                yield grown
            return
        guard = Guard(await in_thread(self._verifier), engine.profile)
        writing = Writing(self.model, guard, chosen, engine, spent)
        async with aclosing(writing.grown()) as answers:
            async for answer in answers:
                if reread is None or answer.writer == "llm":
                    shown = answer.model_copy(update={"related": (), "proof": None})
                    yield chosen.model_copy(update={"answer": shown})
        written = chosen.model_copy(update={"answer": writing.finished(), "unsaid": writing.unsaid})
        if reread is not None and written.answer.writer != "llm":
            written = explained.model_copy(update={"unsaid": writing.unsaid})
        yield self._accounted(written, spent)

    async def _reread(
        self, explained: Explained, history: Sequence[Turn], engine: Engine, spent: Spent
    ) -> Explained | None:
        """The answer to the question as the model reads it; None where that gives none.

        Raises:
            ModelError: the model could not be asked.
        """
        proposal = await propose(self.model, explained, history, engine.profile, spent)
        if proposal is None:
            return None
        alone = await in_thread(engine.plan_alone, proposal.question)
        plan = plan_of(proposal, explained.plan, alone, engine.profile)
        if plan is None:
            return None
        found = await in_thread(engine.quote_as, explained.answer.question, plan)
        if found.answer.abstained or not await in_thread(_answers_as_asked, found, explained.plan.question, engine):
            return None
        # What the model writes is held against the question as it was asked, not against its own wording of it.
        asked = found.plan.model_copy(update={"question": explained.plan.question})
        return _noted(found, phrase("model_read", plan.language)).model_copy(update={"plan": asked})

    def _accounted(self, explained: Explained, spent: Spent) -> Explained:
        if not spent.prompts:
            return explained
        usage = spent.as_usage(self.model.name, self._prices)
        return explained.model_copy(update={"answer": explained.answer.model_copy(update={"usage": usage})})


def _noted(explained: Explained, notice: str) -> Explained:
    answer = explained.answer
    return explained.model_copy(update={"answer": answer.model_copy(update={"notices": (*answer.notices, notice)})})


def _answers_as_asked(found: Explained, question: str, engine: Engine) -> bool:
    """Whether a quotation that was found for another wording answers `question` too; lists have none to be judged."""
    quoted = [citation for citation in found.answer.citations if citation.is_quote]
    if found.answer.kind is not QuestionKind.FACT or not quoted:
        return True
    odds = engine.compare(question, quoted[0].place, quoted[0].passage)
    return odds is None or odds[0] >= _LEAST_AS_ASKED

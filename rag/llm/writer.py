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
from rag.models import Answer, Explained, QuestionKind, Turn
from rag.phrases import phrase
from rag.streaming import growing
from rag.threads import in_thread
from rag.verifier.verifier import Verifier

_LEAST_AS_ASKED = 0.05
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
        reread = await self._reread(explained, history, engine, spent) if is_open(explained) else None
        chosen = reread or explained
        if not is_worded(chosen):
            whole = chosen if reread else explained
            whole = whole.model_copy(update={"answer": self._accounted(whole.answer, spent)})
            for grown in growing(whole):
                yield grown
            return
        guard = Guard(await in_thread(self._verifier), engine.profile)
        writing = Writing(self.model, guard, chosen, engine, spent)
        async with aclosing(writing.grown()) as answers:
            async for answer in answers:
                if reread is None or answer.writer == "llm":
                    shown = answer.model_copy(update={"related": (), "proof": None})
                    yield chosen.model_copy(update={"answer": shown})
        answer = writing.finished(self._prices)
        if reread is not None and answer.writer != "llm":
            refused = explained.answer.model_copy(update={"usage": answer.usage, "timings_ms": answer.timings_ms})
            yield explained.model_copy(update={"answer": refused, "unsaid": writing.unsaid})
            return
        yield chosen.model_copy(update={"answer": answer, "unsaid": writing.unsaid})

    async def _reread(
        self, explained: Explained, history: Sequence[Turn], engine: Engine, spent: Spent
    ) -> Explained | None:
        """The answer to the question as the model reads it; None where that gives none."""
        try:
            proposal = await propose(self.model, explained, history, engine.profile, spent)
        except ModelError:
            return None
        if proposal is None:
            return None
        alone = await in_thread(engine.plan_alone, proposal.question)
        plan = plan_of(proposal, explained.plan, alone, engine.profile)
        if plan is None:
            return None
        found = await in_thread(engine.quote_as, explained.answer.question, plan)
        if found.answer.abstained or not await in_thread(_answers_as_asked, found, explained.plan.question, engine):
            return None
        notice = phrase("model_read", plan.language)
        answer = found.answer.model_copy(update={"notices": (*found.answer.notices, notice)})
        # The model's wording is what its sentences are held against from here on: the question as it was asked.
        asked = plan.model_copy(update={"question": explained.plan.question})
        return found.model_copy(update={"answer": answer, "plan": asked})

    def _accounted(self, answer: Answer, spent: Spent) -> Answer:
        if not spent.prompts:
            return answer
        return answer.model_copy(update={"usage": spent.as_usage(self.model.name, self._prices)})


def _answers_as_asked(found: Explained, question: str, engine: Engine) -> bool:
    """Whether a quotation that was found for another wording answers `question` too; lists have none to be judged."""
    quoted = [citation for citation in found.answer.citations if citation.end > citation.start]
    if found.answer.kind is not QuestionKind.FACT or not quoted:
        return True
    place = quoted[0].paper_id, quoted[0].start, quoted[0].end
    odds = engine.compare(question, place, quoted[0].passage)
    return odds is None or odds[0] >= _LEAST_AS_ASKED

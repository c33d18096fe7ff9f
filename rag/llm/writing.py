"""One answer while a language model words it: its sentences are checked, taken in, repaired, or left to quotations."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from rag.llm.composition import Composition
from rag.llm.guard import Failed, Guard, Passed
from rag.llm.model import Model
from rag.llm.passages import as_text, passages_for
from rag.llm.prompts import Message, fill
from rag.llm.replies import SCHEMA_FORMAT, TEXT_FORMAT, Reply, ReplyReader, Told
from rag.llm.spent import Spent
from rag.llm.trouble import ModelError
from rag.models import Answer, Explained, Place, Plan, Profile, QuestionKind, Unsaid
from rag.phrases import phrase
from rag.planning.parts import SEVERAL
from rag.threads import in_thread

_WORDED = frozenset({QuestionKind.FACT, QuestionKind.SYNTHESIS})
"""What a model may word; counts, lists, figures and refusals are the program's alone."""
_CALLS_BEFORE_FIRST = 2
_REPAIRS = 2
"""Sentences of an answer that are given back to the model once."""
_MOST_SENTENCES = 12
"""Sentences of a reply that are looked at."""
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish"}
_LENGTH = {
    QuestionKind.FACT: "Use one or two short sentences.",
    QuestionKind.SYNTHESIS: "Use one short sentence for each point, at most eight.",
}


class Engine(Protocol):
    """What is needed of the chat that quotes."""

    @property
    def profile(self) -> Profile:
        """The profile that is asked."""

    def plan_alone(self, question: str) -> Plan:
        """What a question asks by the rules."""

    def quote_as(self, question: str, plan: Plan) -> Explained:
        """The quoted answer to a question taken to mean a plan."""

    def compare(self, question: str, place: Place, text: str) -> tuple[float, float] | None:
        """How probably the sentence at a place answers, and a text in its place."""


class Writing:
    """One answer while a model words it.

    Args:
        model: writes.
        guard: judges its sentences.
        explained: the quoted answer with its plan and evidence.
        engine: compares sentences, and has the profile.
        spent: the account of this answer.
    """

    def __init__(self, model: Model, guard: Guard, explained: Explained, engine: Engine, spent: Spent) -> None:
        self._model = model
        self._guard = guard
        self._plan = explained.plan
        self._quoted = explained.answer
        self._passages = passages_for(explained, engine.profile, model.settings.context)
        self._composition = Composition(explained.answer, explained.plan, engine.compare)
        self._failed: list[Failed] = []
        self._spent = spent
        self._trouble: ModelError | None = None
        self._before = ""
        self._started = time.perf_counter()
        self._first = 0.0

    async def grown(self) -> AsyncGenerator[Answer, None]:
        """The answer each time that there is more to show, before it is completed."""
        if self._composition.has_sentences:
            yield self._composition.answer()
        await self._model.prepare()
        try:
            async with aclosing(self._told()) as sentences:
                async for told in sentences:
                    if await self._take(told):
                        yield self._composition.answer()
            for failed in tuple(self._failed[:_REPAIRS]):
                if not self._composition.has_sentences and self._spent.asked >= _CALLS_BEFORE_FIRST:
                    break
                if not self._composition.wanted(failed.passages):
                    continue
                repaired = await self._repaired(failed)
                if repaired is not None and await self._take(repaired):
                    yield self._composition.answer()
        except ModelError as trouble:
            self._trouble = trouble
        self._composition.complete()

    def finished(self) -> Answer:
        """The whole answer and, where it is not the model's, why."""
        answer = self._composition.answer()
        timings = {**self._quoted.timings_ms, "writing": round(1e3 * (time.perf_counter() - self._started), 3)}
        if self._first:
            timings["first_sentence"] = round(1e3 * self._first, 3)
        timings["total"] = round(timings.get("total", 0.0) + timings["writing"], 3)
        notices = list(answer.notices)
        if self._trouble is not None:
            key = "model_rest" if answer.writer == "llm" else "model_none"
            notices.append(self._trouble.notice(key, answer.language))
        elif answer.writer != "llm":
            notices.append(phrase("model_failed_check", answer.language))
        return answer.model_copy(update={"timings_ms": timings, "notices": tuple(notices)})

    @property
    def unsaid(self) -> tuple[Unsaid, ...]:
        """What the model wrote and is not shown."""
        return tuple(Unsaid(text=failed.text, reason=failed.reason) for failed in self._failed)

    async def _take(self, told: Told) -> bool:
        """Checks a sentence and takes it in; one that fails is kept for repair."""
        judged = await in_thread(self._guard.check, told, self._passages, self._quoted.language, self._before)
        if isinstance(judged, Passed):
            reason = await in_thread(self._composition.lacks, judged)
            if reason is None:
                self._before = judged.text
                grown = self._composition.add(judged)
                if grown and not self._first:
                    self._first = time.perf_counter() - self._started
                return grown
            judged = Failed(judged.text, judged.passages, reason)
        self._failed.append(judged)
        return False

    async def _told(self) -> AsyncGenerator[Told, None]:
        """The model's sentences as they arrive."""
        self._spent.used("write")
        messages = fill(
            "write",
            length=_LENGTH[self._quoted.kind],
            language=_LANGUAGES[self._quoted.language],
            format=await self._format(),
            passages=as_text(self._passages),
            question=self._question,
        )
        async with aclosing(self._sentences(messages)) as sentences:
            async for told in sentences:
                yield told

    async def _repaired(self, failed: Failed) -> Told | None:
        """The sentence once more, with the reason why it failed; None where the model gives none."""
        self._spent.used("repair")
        messages = fill(
            "repair",
            language=_LANGUAGES[self._quoted.language],
            format=await self._format(),
            passages=as_text(failed.passages),
            question=self._question,
            sentence=failed.text,
            reason=failed.reason,
        )
        async with aclosing(self._sentences(messages)) as sentences:
            async for told in sentences:
                return told
        return None

    @property
    def _question(self) -> str:
        """The question as a model can take it that sees nothing of the conversation."""
        if not self._plan.general:
            return self._plan.question
        titles = dict.fromkeys(citation.title for citation in self._quoted.citations)
        return f"What do these papers do, and what do they find: {' / '.join(titles)}?"

    async def _format(self) -> str:
        return SCHEMA_FORMAT if await self._model.takes_schema() else TEXT_FORMAT

    async def _sentences(self, messages: tuple[Message, ...]) -> AsyncGenerator[Told, None]:
        """The sentences of one call, no longer apart than the timeout allows.

        Raises:
            ModelError: the call failed, or a sentence took too long.
        """
        reader = ReplyReader()
        timeout = self._model.settings.timeout
        async with aclosing(self._model.stream(messages, Reply, self._spent)) as pieces:
            limit = time.monotonic() + timeout
            while True:
                try:
                    async with asyncio.timeout(max(0.0, limit - time.monotonic())):
                        piece = await anext(pieces)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    raise self._model.timed_out() from None
                for told in reader.feed(piece):
                    yield told
                    limit = time.monotonic() + timeout
                if reader.is_too_long or reader.sentences >= _MOST_SENTENCES:
                    return
        for told in reader.finish():
            yield told


def is_worded(explained: Explained) -> bool:
    """Whether a model may word this answer: quotations in it, and no part of it a refusal."""
    answer = explained.answer
    if answer.abstained or answer.kind not in _WORDED or SEVERAL in explained.plan.because:
        return False
    return any(sentence.verdict == "supported" for sentence in answer.sentences)

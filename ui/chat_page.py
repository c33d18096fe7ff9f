"""The chat page's handlers: what happens when a reader asks, stops, asks again, edits, marks or comes back."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

import gradio as gr

from rag.errors import ProfileChatError
from rag.feedback import FeedbackStore, Thought
from rag.models import Explained, Turn
from ui.escaping import html_text, markdown_text
from ui.exchanges import Exchange, kept, messages, new_id, restored, stopped
from ui.gradio_parts import logged_failure, problem_markdown
from ui.header import page_header
from ui.leaving import Leaving
from ui.render import answer_message
from ui.server import LONGEST_QUESTION, Chat
from ui.strings import PageLanguage, request_language, say
from ui.welcome import welcome

_log = logging.getLogger(__name__)

Shown = tuple[Any, Any, Any, Any, Any, Any]
"""What asking changes: transcript, exchanges, box, note, whether the last question is edited, what is kept."""

_LONGEST_REASON = 1_000
"""Characters of a reason that are kept."""


class ChatPage:
    """Plain methods that take and give what the components hold.

    Args:
        chat: the engine that answers.
        feedback: keeps what readers think of answers.
    """

    def __init__(self, chat: Chat, feedback: FeedbackStore | None = None) -> None:
        self._chat = chat
        self._feedback = feedback
        self._model: str | None = getattr(chat, "model", None)
        self._examples: dict[PageLanguage, tuple[str, ...]] = {}
        self._leaving = Leaving()
        self._emptied: set[str] = set()
        self._marked: set[tuple[str, Thought]] = set()

    # --- the page at rest ---

    def header(self, language: PageLanguage) -> str:
        """Name, counts, model state and findings."""
        return page_header(self._chat.profile, self._model, language)

    def first_screen(self, language: PageLanguage) -> dict[str, Any]:
        """What the transcript shows before the first question."""
        if language not in self._examples:  # each is asked before it is offered, which takes a moment
            self._examples[language] = self._chat.examples(language)
        return {
            "placeholder": welcome(self._chat.profile, language),
            "examples": [{"text": question} for question in self._examples[language]],
        }

    def box(self, language: PageLanguage) -> dict[str, Any]:
        """The question box at rest."""
        return {
            "label": say(language, "box_label"),
            "placeholder": say(language, "box_hint"),
            "submit_btn": say(language, "ask"),
            "stop_btn": False,
        }

    def rest(self, language: PageLanguage) -> tuple[Any, Any]:
        """Frees the box, in which what is typed stays, and takes the box for a reason away."""
        return gr.update(**self.box(language)), gr.update(visible=False)

    def note(self, language: PageLanguage) -> str:
        """What stands under the question box while there is nothing to say about the question."""
        return markdown_text(say(language, "box_note", count=len(self._chat.profile.papers)))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language, and fills in the question of `?q=` without asking it."""
        address = request.query_params
        language = request_language(request)
        asked = {"value": address["q"]} if address.get("q") else {}
        if language == "en":
            unchanged = gr.skip()
            return language, unchanged, unchanged, gr.update(**asked), unchanged, unchanged
        return (
            language,
            self.header(language),
            gr.update(**self.first_screen(language)),
            gr.update(**self.box(language), **asked),
            self.note(language),
            say(language, "again"),
        )

    async def begin_again(self, language: PageLanguage, request: gr.Request) -> Shown:
        """An empty conversation; an answer that is still coming ends in it."""
        session = str(request.session_hash)
        if self._leaving.leave(session):
            self._emptied.add(session)
        return self._empty(language)

    def _empty(self, language: PageLanguage) -> Shown:
        return [], (), gr.update(**self.box(language), value=""), self.note(language), False, kept(())

    def restore(self, text: str, exchanges: Sequence[Exchange], request: gr.Request) -> tuple[Any, Any, Any, Any]:
        """The conversation that the browser kept: transcript, exchanges, note, and what is still kept."""
        if exchanges or not text:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        # The page's language may not have arrived yet: both are asked for as the page opens.
        language = request_language(request)
        back, gone = restored(text, self._chat.profile, language)
        note = markdown_text(say(language, "not_restored", count=gone)) if gone else self.note(language)
        return messages(back, language), back, note, kept(back)

    # --- asking ---

    async def leave(self, request: gr.Request) -> None:
        """Ends what a reader waits for who has closed the page."""
        self._leaving.leave(str(request.session_hash))

    async def ask(
        self,
        question: str,
        exchanges: Sequence[Exchange],
        language: PageLanguage,
        editing: bool,
        request: gr.Request,
    ) -> AsyncGenerator[Shown, None]:
        """Answers sentence by sentence.

        Args:
            question: as it was typed.
            exchanges: the conversation so far.
            language: of the page.
            editing: whether the question takes the place of the last one.
            request: whose session is answered.
        """
        question = question.strip()
        problem = _problem(question, language)
        if problem:
            told = problem_markdown(problem)
            yield gr.skip(), gr.skip(), gr.skip(), told, gr.skip(), gr.skip()
            return
        before = tuple(exchanges[:-1] if editing else exchanges)
        waiting = say(language, "searching", count=len(self._chat.profile.papers))
        asked = Exchange(Turn(question=question), f'<p class="waiting">{html_text(waiting)}</p>', False, new_id())
        busy = gr.update(value="", submit_btn=False, stop_btn=say(language, "stop"))
        now, last, session = (*before, asked), asked, str(request.session_hash)
        yield messages(now, language), now, busy, self.note(language), False, gr.skip()
        try:
            growing = self._leaving.watched(session, self._answered(asked, before, language))
            async with aclosing(growing) as answered:
                async for last in answered:
                    now = (*before, last)
                    keeping = kept(now) if last.done else gr.skip()
                    yield messages(now, language), now, gr.skip(), gr.skip(), gr.skip(), keeping
            if not last.done:
                yield self._ended(last, before, language, session)
        except ProfileChatError as error:
            yield self._failed(asked, before, str(error), language)
        except Exception:
            number = logged_failure(_log, "a question")
            yield self._failed(asked, before, say(language, "failed", id=number), language)

    async def ask_chosen(
        self, exchanges: Sequence[Exchange], language: PageLanguage, chosen: gr.SelectData, request: gr.Request
    ) -> AsyncGenerator[Shown, None]:
        """Asks an example or a related question."""
        question = chosen.value["text"] if isinstance(chosen.value, dict) else str(chosen.value)
        async with aclosing(self.ask(question, exchanges, language, False, request)) as asked:
            async for shown in asked:
                yield shown

    async def ask_again(
        self, exchanges: Sequence[Exchange], language: PageLanguage, request: gr.Request
    ) -> AsyncGenerator[Shown, None]:
        """Asks the last question once more; the new answer takes the old one's place."""
        if exchanges:
            async with aclosing(self.ask(exchanges[-1].turn.question, exchanges, language, True, request)) as asked:
                async for shown in asked:
                    yield shown

    def edit(self, exchanges: Sequence[Exchange], editing: bool, language: PageLanguage) -> tuple[Any, bool, str]:
        """Puts the last question into the box to be changed, or takes that back: box, whether, note."""
        if editing or not exchanges:
            return gr.update(value=""), False, self.note(language)
        told = markdown_text(say(language, "editing"))
        button = f'<button class="edit-last keep">{html_text(say(language, "keep"))}</button>'
        return gr.update(value=exchanges[-1].turn.question), True, f"{told} {button}"

    async def stop(self, request: gr.Request) -> None:
        """Ends the answer that is coming; `ask` then shows what there is of it."""
        self._leaving.leave(str(request.session_hash))

    def _ended(self, last: Exchange, before: Sequence[Exchange], language: PageLanguage, session: str) -> Shown:
        """The sentences that were there, and that they aren't all; or nothing, where a new chat was begun meanwhile.

        It comes from the event that answered, as its last word: what another event had shown would be overwritten
        by that.
        """
        if session in self._emptied:
            self._emptied.discard(session)
            return self._empty(language)
        now = (*before, stopped(last, self._chat.profile, language))
        return messages(now, language), now, gr.skip(), gr.skip(), gr.skip(), kept(now)

    async def _answered(
        self, asked: Exchange, before: Sequence[Exchange], language: PageLanguage
    ) -> AsyncGenerator[Exchange, None]:
        """The exchange as it grows; the last one is done."""
        question = asked.turn.question
        turns = [exchange.turn for exchange in before if exchange.turn.answer]
        profile = self._chat.profile
        whole: Explained | None = None
        async with aclosing(self._chat.stream(question, turns)) as answers:
            async for whole in answers:
                text = answer_message(whole.answer, profile, language, complete=False)
                yield asked._replace(turn=Turn(question=question, answer=whole.answer), shown=text)
        if whole is None:
            raise RuntimeError("the engine gave no answer")
        turn = Turn(question=question, plan=whole.plan, answer=whole.answer)
        text = answer_message(whole.answer, profile, language, why=whole)
        yield asked._replace(turn=turn, shown=text, done=True, evidence=whole.evidence)

    def _failed(self, asked: Exchange, before: Sequence[Exchange], reason: str, language: PageLanguage) -> Shown:
        shown = asked._replace(shown=f'<p class="notice">{html_text(reason)}</p>')
        question = gr.update(value=asked.turn.question)
        return messages((*before, shown), language), tuple(before), question, gr.skip(), False, kept(before)

    # --- what readers think ---

    async def mark(
        self, exchanges: Sequence[Exchange], language: PageLanguage, chosen: gr.LikeData
    ) -> tuple[Any, Any, Any]:
        """Keeps what the reader thinks of an answer: the note that says so, its key, and a box for the reason."""
        nothing = "", gr.update(visible=False)
        place = chosen.index[0] if isinstance(chosen.index, tuple) else chosen.index
        number = place // 2  # question and answer take turns
        answer = exchanges[number].turn.answer if number < len(exchanges) else None
        if self._feedback is None or answer is None:
            return self.note(language), *nothing
        turns = tuple(exchange.turn.question for exchange in exchanges[: number + 1])
        thought: Thought = "right" if chosen.liked is True else "wrong" if chosen.liked is False else "reported"
        if (exchanges[number].id, thought) in self._marked:  # one click on "Report" comes twice
            return gr.skip(), gr.skip(), gr.skip()
        try:
            key = self._feedback.add(self._chat.profile.name, thought, turns, answer)
        except ProfileChatError as error:
            return problem_markdown(str(error)), *nothing
        self._marked.add((exchanges[number].id, thought))
        note = markdown_text(say(language, "marked"))
        if thought == "right":
            return note, *nothing
        hint = say(language, "reason_hint")
        return note, key, gr.update(visible=True, value="", placeholder=hint, label=hint)

    def explain(self, reason: str, key: str, language: PageLanguage) -> tuple[str, Any]:
        """Keeps why the reader thinks so; gives the note, and takes the box away."""
        if self._feedback is None or not key or not reason.strip():
            return self.note(language), gr.update(visible=False)
        try:
            self._feedback.explain(key, reason.strip()[:_LONGEST_REASON])
        except ProfileChatError as error:
            return problem_markdown(str(error)), gr.skip()
        return markdown_text(say(language, "explained")), gr.update(visible=False)


def _problem(question: str, language: PageLanguage) -> str:
    """Why the question isn't asked, '' if it is."""
    if not question:
        return say(language, "empty_question")
    if len(question) > LONGEST_QUESTION:
        return say(language, "too_long", length=f"{len(question):,}", limit=f"{LONGEST_QUESTION:,}")
    return ""

"""The chat page: Gradio's components, their events, and the server that they run on."""

from __future__ import annotations

import logging
import os
import sys
import uuid
import warnings
import webbrowser
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported

import gradio as gr
import uvicorn
from fastapi import FastAPI

from rag.errors import ProfileChatError
from rag.feedback import FeedbackStore, Thought
from rag.models import Explained, Turn
from ui.brief_api import add_brief_api
from ui.brief_maker import BriefMaker
from ui.brief_page import add_brief_page
from ui.check_page import add_check_page
from ui.escaping import html_text
from ui.exchanges import Exchange, messages, stopped
from ui.header import page_header
from ui.leaving import Leaving
from ui.render import answer_message
from ui.server import LONGEST_QUESTION, Chat, bind, new_server, page_address
from ui.strings import PageLanguage, page_language, say
from ui.verify_page import add_verify_page

_log = logging.getLogger(__name__)
_QUESTIONS_AT_ONCE = 8
_QUESTIONS_WAITING = 64
_QUIET = {"show_progress": "hidden", "api_visibility": "private"}  # no spinner, no public endpoint


def launch(
    chat: Chat, host: str, port: int, *, open_browser: bool = False, feedback: FeedbackStore | None = None
) -> None:
    """Serves the chat page until it is interrupted; its address goes to stderr.

    Args:
        chat: the engine that answers.
        host: address to listen on.
        port: port to listen on.
        open_browser: also open the page in the user's browser.
        feedback: keeps what readers think of answers; without it they are not asked.

    Raises:
        SettingError: the port is in use, or the address isn't one of this machine.
    """
    with bind(host, port) as listener:
        server = build_server(chat, feedback)
        config = uvicorn.Config(server, log_level="warning", timeout_graceful_shutdown=1)
        address = page_address(host, port)
        sys.stderr.write(f"Profile Chat is at {address} (Ctrl+C ends it)\n")
        if open_browser:
            webbrowser.open(address)  # the socket listens already: the browser waits for the server's start
        uvicorn.Server(config).run(sockets=[listener])


def build_server(chat: Chat, feedback: FeedbackStore | None = None) -> FastAPI:
    """The whole web application: chat page, `POST /v1/ask`, `/healthz`."""
    with warnings.catch_warnings():
        # It says that pages aren't rendered on the server, though that is off.
        warnings.filterwarnings("ignore", message="SSR mode is not supported")
        maker = BriefMaker(chat)
        server: FastAPI = gr.mount_gradio_app(
            add_brief_api(new_server(chat), chat, maker),
            build_app(chat, feedback, maker),
            path="/",
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
        )
    return server


def build_app(chat: Chat, feedback: FeedbackStore | None = None, maker: BriefMaker | None = None) -> gr.Blocks:
    """The chat page for one profile, with the check page beside it.

    What was asked is kept per browser tab, never between them.
    """
    page = ChatPage(chat, feedback)
    with gr.Blocks(
        title=f"{chat.profile.person} · Profile Chat",
        fill_width=True,
        fill_height=True,
        analytics_enabled=False,
    ) as app:
        exchanges = gr.State(())
        language = gr.State("en")
        header = gr.Markdown(page.header("en"), elem_id="header", container=False)
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="talk", scale=3, min_width=300):
                transcript = gr.Chatbot(
                    **page.first_screen("en"),
                    elem_id="transcript",
                    show_label=False,
                    label="Questions and answers",
                    container=False,
                    layout="bubble",
                    height="100%",
                    autoscroll=False,  # page.js keeps the question in view instead of the last line
                    buttons=[],
                    latex_delimiters=[],
                    allow_tags=False,
                    feedback_options=("Like", "Dislike", "Report") if feedback else None,
                )
                box = gr.Textbox(
                    **page.box("en"),
                    elem_id="question",
                    show_label=False,
                    container=False,
                    lines=1,
                    max_lines=6,
                )
                with gr.Row(elem_id="below"):
                    note = gr.Markdown(page.note("en"), elem_id="box-note", container=False)
                    again = gr.Button(say("en", "again"), elem_id="again", size="sm")
            with gr.Column(elem_id="evidence-column", scale=2, min_width=300):
                gr.Markdown(elem_id="evidence", container=False)  # filled by page.js

        shown = [transcript, exchanges, box, note]
        asked = [
            gr.on(
                trigger,
                ask,
                inputs=inputs,
                outputs=shown,
                **_QUIET,
                concurrency_limit=_QUESTIONS_AT_ONCE,
                concurrency_id="ask",
            )
            for trigger, ask, inputs in (
                (box.submit, page.ask, [box, exchanges, language]),
                (transcript.example_select, page.ask_chosen, [exchanges, language]),
                (transcript.option_select, page.ask_chosen, [exchanges, language]),
            )
        ]
        for event in asked:
            # Not with the last sentence: Gradio ignores a question sent before the event has ended.
            event.then(page.rest, inputs=language, outputs=box, queue=False, **_QUIET)
        box.stop(
            page.stop,
            inputs=[exchanges, language],
            outputs=[transcript, exchanges, box],
            cancels=asked,
            **_QUIET,
            queue=False,
        )
        if feedback:
            transcript.like(page.mark, inputs=[exchanges, language], outputs=note, queue=False, **_QUIET)
        again.click(
            page.begin_again,
            inputs=language,
            outputs=[transcript, exchanges, box, note],
            cancels=asked,
            **_QUIET,
            queue=False,
        )
        app.unload(page.leave)
        app.load(
            page.open,
            outputs=[language, header, transcript, box, note, again],
            **_QUIET,
        )
    add_check_page(app, chat)
    add_brief_page(app, chat, maker or BriefMaker(chat))
    add_verify_page(app, chat)
    app.queue(max_size=_QUESTIONS_WAITING)
    return app


class ChatPage:
    """The page's handlers: plain methods that take and give what the components hold."""

    def __init__(self, chat: Chat, feedback: FeedbackStore | None = None) -> None:
        self._chat = chat
        self._feedback = feedback
        self._model: str | None = getattr(chat, "model", None)
        self._examples: dict[PageLanguage, tuple[str, ...]] = {}
        self._leaving = Leaving()

    def header(self, language: PageLanguage) -> str:
        """Name, counts, model state and findings."""
        return page_header(self._chat.profile, self._model, language)

    def first_screen(self, language: PageLanguage) -> dict[str, Any]:
        """What the transcript shows before the first question."""
        if language not in self._examples:  # each is asked before it is offered, which takes a moment
            self._examples[language] = self._chat.examples(language)
        return {
            "placeholder": f'<p class="welcome">{html_text(say(language, "welcome"))}</p>',
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

    def rest(self, language: PageLanguage) -> Any:
        """Frees the box; what is typed in it stays."""
        return gr.update(**self.box(language))

    def note(self, language: PageLanguage) -> str:
        """What stands under the question box while there is nothing to say about the question."""
        return html_text(say(language, "box_note", count=len(self._chat.profile.papers)))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language, and fills in the question of `?q=` without asking it."""
        address = request.query_params
        language = page_language(request.headers.get("accept-language", ""), address.get("lang", ""))
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

    def begin_again(self, language: PageLanguage) -> tuple[Any, ...]:
        """An empty conversation: transcript, exchanges, box and note."""
        return [], (), gr.update(**self.box(language), value=""), self.note(language)

    async def leave(self, request: gr.Request) -> None:
        """Ends what a reader waits for who has closed the page."""
        self._leaving.leave(str(request.session_hash))

    async def ask_chosen(
        self, exchanges: Sequence[Exchange], language: PageLanguage, chosen: gr.SelectData, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Asks an example or a related question."""
        question = chosen.value["text"] if isinstance(chosen.value, dict) else str(chosen.value)
        async with aclosing(self.ask(question, exchanges, language, request)) as asked:
            async for shown in asked:
                yield shown

    async def ask(
        self, question: str, exchanges: Sequence[Exchange], language: PageLanguage, request: gr.Request
    ) -> AsyncGenerator[tuple[Any, ...], None]:
        """Answers sentence by sentence, each time with transcript, exchanges, box and note."""
        question = question.strip()
        problem = _problem(question, language)
        if problem:
            yield gr.skip(), gr.skip(), gr.skip(), f'<span class="problem">{html_text(problem)}</span>'
            return
        before, session = tuple(exchanges), str(request.session_hash)
        waiting = say(language, "searching", count=len(self._chat.profile.papers))
        asked = Exchange(Turn(question=question), f'<p class="waiting">{html_text(waiting)}</p>', done=False)
        busy = gr.update(value="", submit_btn=False, stop_btn=say(language, "stop"))
        yield messages((*before, asked)), (*before, asked), busy, self.note(language)
        try:
            async with aclosing(self._leaving.watched(session, self._answered(question, before, language))) as answered:
                async for exchange in answered:
                    yield messages((*before, exchange)), (*before, exchange), gr.skip(), gr.skip()
        except ProfileChatError as error:
            yield self._failed(asked, before, str(error))
        except Exception:
            number = uuid.uuid4().hex[:8]
            _log.exception("a question failed, id %s", number)
            yield self._failed(asked, before, say(language, "failed", id=number))

    def stop(self, exchanges: Sequence[Exchange], language: PageLanguage) -> tuple[Any, Any, Any]:
        """Keeps the sentences that were there, says that they aren't all, and frees the box."""
        if exchanges and not exchanges[-1].done:
            *before, last = exchanges
            exchanges = (*before, stopped(last, self._chat.profile, language))
        return messages(exchanges), tuple(exchanges), self.rest(language)

    def mark(self, exchanges: Sequence[Exchange], language: PageLanguage, chosen: gr.LikeData) -> str:
        """Keeps what the reader thinks of an answer; gives the note that says so."""
        place = chosen.index[0] if isinstance(chosen.index, tuple) else chosen.index
        number = place // 2  # question and answer take turns
        answer = exchanges[number].turn.answer if number < len(exchanges) else None
        if self._feedback is None or answer is None:
            return self.note(language)
        turns = tuple(exchange.turn.question for exchange in exchanges[: number + 1])
        thought: Thought = "right" if chosen.liked is True else "wrong" if chosen.liked is False else "reported"
        try:
            self._feedback.add(self._chat.profile.name, thought, turns, answer)
        except ProfileChatError as error:
            return f'<span class="problem">{html_text(str(error))}</span>'
        return html_text(say(language, "marked"))

    async def _answered(
        self, question: str, before: Sequence[Exchange], language: PageLanguage
    ) -> AsyncGenerator[Exchange, None]:
        """The exchange as it grows; the last one is done."""
        turns = [exchange.turn for exchange in before if exchange.turn.answer]
        profile = self._chat.profile
        whole: Explained | None = None
        async with aclosing(self._chat.stream(question, turns)) as answers:
            async for whole in answers:
                text = answer_message(whole.answer, profile, language, complete=False)
                yield Exchange(Turn(question=question, answer=whole.answer), text, done=False)
        if whole is None:
            raise RuntimeError("the engine gave no answer")
        turn = Turn(question=question, plan=whole.plan, answer=whole.answer)
        yield Exchange(turn, answer_message(whole.answer, profile, language, why=whole), done=True)

    def _failed(self, asked: Exchange, before: Sequence[Exchange], reason: str) -> tuple[Any, ...]:
        shown = asked._replace(shown=f'<p class="notice">{html_text(reason)}</p>')
        return messages((*before, shown)), tuple(before), gr.update(value=asked.turn.question), gr.skip()


def _problem(question: str, language: PageLanguage) -> str:
    """Why the question isn't asked, '' if it is."""
    if not question:
        return say(language, "empty_question")
    if len(question) > LONGEST_QUESTION:
        return say(language, "too_long", length=f"{len(question):,}", limit=f"{LONGEST_QUESTION:,}")
    return ""

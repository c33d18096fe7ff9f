"""The check page: a pasted text comes back with a mark at each sentence, which opens its evidence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.errors import ProfileChatError
from ui.escaping import markdown_text
from ui.gradio_parts import QUIET, evidence_column, logged_failure, markdown, problem_markdown
from ui.header import page_header
from ui.marked import counted, marked_text
from ui.server import LONGEST_TEXT, Chat
from ui.strings import PageLanguage, request_language, say

_log = logging.getLogger(__name__)
_CHECKS_AT_ONCE = 2


def add_check_page(app: gr.Blocks, chat: Chat) -> None:
    """Adds the page at `/check` to `app`."""
    page = CheckPage(chat)
    with app.route("Check", "check", show_in_navbar=False):
        language = gr.State("en")
        header = markdown(page.header("en"), elem_id="header")
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="check", scale=3, min_width=300):
                box = gr.Textbox(**page.box("en"), elem_id="text", container=True, lines=6, max_lines=14)
                with gr.Row(elem_id="below"):
                    note = markdown(page.note("en"), elem_id="box-note")
                    button = gr.Button(say("en", "check"), elem_id="check-button", variant="primary")
                with gr.Column(elem_id="checked"):
                    result = markdown(elem_id="result")
            evidence_column()
        button.click(
            page.check,
            inputs=[box, language],
            outputs=[result, note, button],
            **QUIET,
            concurrency_limit=_CHECKS_AT_ONCE,
            concurrency_id="check",
        )
        app.load(page.open, outputs=[language, header, box, note, button], **QUIET)


class CheckPage:
    """The page's handlers: plain methods that take and give what the components hold."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def header(self, language: PageLanguage) -> str:
        """The same as the chat page's."""
        return page_header(self._chat.profile, getattr(self._chat, "model", None), language, page="check")

    def box(self, language: PageLanguage) -> dict[str, Any]:
        """The box for the text."""
        return {"label": say(language, "check_label"), "placeholder": say(language, "check_hint")}

    def note(self, language: PageLanguage) -> str:
        """What stands beside the button before a text is checked."""
        return markdown_text(say(language, "check_note", count=len(self._chat.profile.papers)))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language."""
        language = request_language(request)
        if language == "en":
            return language, gr.skip(), gr.skip(), gr.skip(), gr.skip()
        box = gr.update(**self.box(language))
        return language, self.header(language), box, self.note(language), say(language, "check")

    def check(self, text: str, language: PageLanguage) -> Iterator[tuple[Any, ...]]:
        """Checks the text; gives the marked text, the count, and the button."""
        ready = gr.update(value=say(language, "check"), interactive=True)
        problem = _problem(text, language)
        if problem:
            yield gr.skip(), problem_markdown(problem), ready
            return
        waiting = markdown_text(say(language, "checking", count=len(self._chat.profile.papers)))
        yield gr.skip(), waiting, gr.update(interactive=False)
        try:
            report = self._chat.check(text)
        except ProfileChatError as error:
            yield gr.skip(), problem_markdown(str(error)), ready
        except Exception:
            number = logged_failure(_log, "a check")
            yield gr.skip(), problem_markdown(say(language, "check_failed", id=number)), ready
        else:
            yield marked_text(text, report, language), markdown_text(counted(report, language)), ready


def _problem(text: str, language: PageLanguage) -> str:
    """Why the text isn't checked, '' if it is."""
    if not text.strip():
        return say(language, "empty_text")
    if len(text) > LONGEST_TEXT:
        return say(language, "text_too_long", length=f"{len(text):,}", limit=f"{LONGEST_TEXT:,}")
    return ""

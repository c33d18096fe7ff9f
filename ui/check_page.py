"""The check page: a pasted text comes back with a mark at each sentence, which opens its evidence."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.errors import ProfileChatError
from ui.escaping import html_text
from ui.header import page_header
from ui.marked import counted, marked_text
from ui.server import LONGEST_TEXT, Chat
from ui.strings import PageLanguage, page_language, say

_log = logging.getLogger(__name__)
_CHECKS_AT_ONCE = 2
_QUIET = {"show_progress": "hidden", "api_visibility": "private"}  # no spinner, no public endpoint


def add_check_page(app: gr.Blocks, chat: Chat) -> None:
    """Adds the page at `/check` to `app`."""
    page = CheckPage(chat)
    with app.route("Check", "check", show_in_navbar=False):
        language = gr.State("en")
        header = gr.Markdown(page.header("en"), elem_id="header", container=False, latex_delimiters=[])
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="check", scale=3, min_width=300):
                box = gr.Textbox(**page.box("en"), elem_id="text", container=True, lines=6, max_lines=14)
                with gr.Row(elem_id="below"):
                    note = gr.Markdown(page.note("en"), elem_id="box-note", container=False, latex_delimiters=[])
                    button = gr.Button(say("en", "check"), elem_id="check-button", variant="primary")
                with gr.Column(elem_id="checked"):
                    result = gr.Markdown(elem_id="result", container=False, latex_delimiters=[])
            with gr.Column(elem_id="evidence-column", scale=2, min_width=300):
                gr.Markdown(elem_id="evidence", container=False, latex_delimiters=[])  # filled by page.js
        button.click(
            page.check,
            inputs=[box, language],
            outputs=[result, note, button],
            **_QUIET,
            concurrency_limit=_CHECKS_AT_ONCE,
            concurrency_id="check",
        )
        app.load(page.open, outputs=[language, header, box, note, button], **_QUIET)


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
        return html_text(say(language, "check_note", count=len(self._chat.profile.papers)))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language."""
        wanted = request.query_params.get("lang", "")
        language = page_language(request.headers.get("accept-language", ""), wanted)
        if language == "en":
            return language, gr.skip(), gr.skip(), gr.skip(), gr.skip()
        box = gr.update(**self.box(language))
        return language, self.header(language), box, self.note(language), say(language, "check")

    def check(self, text: str, language: PageLanguage) -> Iterator[tuple[Any, ...]]:
        """Checks the text; gives the marked text, the count, and the button."""
        ready = gr.update(value=say(language, "check"), interactive=True)
        problem = _problem(text, language)
        if problem:
            yield gr.skip(), f'<span class="problem">{html_text(problem)}</span>', ready
            return
        waiting = html_text(say(language, "checking", count=len(self._chat.profile.papers)))
        yield gr.skip(), waiting, gr.update(interactive=False)
        try:
            report = self._chat.check(text)
        except ProfileChatError as error:
            yield gr.skip(), f'<span class="problem">{html_text(str(error))}</span>', ready
        except Exception:
            number = uuid.uuid4().hex[:8]
            _log.exception("a check failed, id %s", number)
            failed = html_text(say(language, "check_failed", id=number))
            yield gr.skip(), f'<span class="problem">{failed}</span>', ready
        else:
            yield marked_text(text, report, language), html_text(counted(report, language)), ready


def _problem(text: str, language: PageLanguage) -> str:
    """Why the text isn't checked, '' if it is."""
    if not text.strip():
        return say(language, "empty_text")
    if len(text) > LONGEST_TEXT:
        return say(language, "text_too_long", length=f"{len(text):,}", limit=f"{LONGEST_TEXT:,}")
    return ""

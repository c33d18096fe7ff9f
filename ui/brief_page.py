"""The briefing page: a form above, the page with its numbered passages below, the evidence beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from rag.briefing.records import BriefLanguage, FocusKind
from rag.errors import ProfileChatError
from rag.models import Answer
from ui.brief_maker import BriefMaker, request_of
from ui.brief_shown import briefing_html, refusal_html
from ui.brief_text import briefing_text
from ui.escaping import markdown_text
from ui.gradio_parts import QUIET, evidence_column, logged_failure, markdown, problem_markdown
from ui.header import page_header
from ui.server import Chat
from ui.strings import PageLanguage, request_language, say

_log = logging.getLogger(__name__)
_AT_ONCE = 2
_KINDS: tuple[FocusKind, ...] = ("whole", "topic", "person", "paper", "since")


def add_brief_page(app: gr.Blocks, chat: Chat, maker: BriefMaker) -> None:
    """Adds the page at `/brief` to `app`."""
    page = BriefPage(chat, maker)
    with app.route("Briefing", "brief", show_in_navbar=False):
        language = gr.State("en")
        header = markdown(page.header("en"), elem_id="header")
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="check", scale=3, min_width=300):
                kind = gr.Radio(**page.kinds("en"), value="whole", elem_id="brief-kind", container=False)
                with gr.Row(elem_id="brief-fields"):
                    box = gr.Textbox(**page.box("en", "whole"), elem_id="text", lines=1, max_lines=3)
                    reader = gr.Textbox(**page.reader("en"), elem_id="brief-for", lines=1, max_lines=3)
                with gr.Row(elem_id="below"):
                    note = markdown(page.note("en"), elem_id="box-note")
                    spoken = gr.Radio(**page.languages("en"), value="en", elem_id="brief-language", container=False)
                    button = gr.Button(say("en", "make_brief"), elem_id="check-button", variant="primary")
                with gr.Column(elem_id="checked"):
                    result = markdown(elem_id="briefing")
            evidence_column()
        made = [result, note, button]
        fields = [kind, box, reader, spoken, language]
        for trigger in (button.click, box.submit, reader.submit):
            trigger(page.make, inputs=fields, outputs=made, **QUIET, concurrency_limit=_AT_ONCE, concurrency_id="brief")
        kind.change(page.choose, inputs=[kind, language], outputs=box, queue=False, **QUIET)
        opened = [language, header, kind, box, reader, spoken, note, button]
        app.load(page.open, outputs=opened, **QUIET).then(page.first, inputs=fields, outputs=made, **QUIET)


class BriefPage:
    """The page's handlers: plain methods that take and give what the components hold."""

    def __init__(self, chat: Chat, maker: BriefMaker) -> None:
        self._chat = chat
        self._maker = maker

    def header(self, language: PageLanguage) -> str:
        """The same as the chat page's."""
        return page_header(self._chat.profile, getattr(self._chat, "model", None), language, page="brief")

    def kinds(self, language: PageLanguage) -> dict[str, Any]:
        """What a page can be about."""
        choices = [(say(language, f"brief_{kind}"), kind) for kind in _KINDS]
        return {"choices": choices, "label": say(language, "brief_about")}

    def box(self, language: PageLanguage, kind: FocusKind) -> dict[str, Any]:
        """The box for the topic, person, paper or date."""
        return {
            "label": say(language, "brief_about" if kind == "whole" else f"brief_{kind}"),
            "placeholder": say(language, f"brief_hint_{kind}"),
            "interactive": kind != "whole",
        }

    def reader(self, language: PageLanguage) -> dict[str, Any]:
        """The box for the reader's interests."""
        return {"label": say(language, "brief_for"), "placeholder": say(language, "brief_hint_for")}

    def languages(self, language: PageLanguage) -> dict[str, Any]:
        """The languages of the words around the quotes."""
        return {"choices": [("English", "en"), ("Deutsch", "de")], "label": say(language, "brief_language")}

    def note(self, language: PageLanguage) -> str:
        """What stands beside the button before a page is made."""
        return markdown_text(say(language, "brief_note", count=len(self._chat.profile.papers)))

    def choose(self, kind: FocusKind, language: PageLanguage) -> Any:
        """Fits the box to what the page is to be about."""
        return gr.update(**self.box(language, kind))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language, and fills the form from the address: '?topic=flow+matching'."""
        address = request.query_params
        language = request_language(request)
        kind: FocusKind = next((kind for kind in _KINDS if address.get(kind)), "whole")
        return (
            language,
            self.header(language),
            gr.update(**self.kinds(language), value=kind),
            gr.update(**self.box(language, kind), value=address.get(kind, "")),
            gr.update(**self.reader(language), value=address.get("for", "")),
            gr.update(**self.languages(language), value=language),
            self.note(language),
            say(language, "make_brief"),
        )

    def first(self, *fields: Any) -> Iterator[tuple[Any, ...]]:
        """The page as it is asked for by the address; the whole profile's where it asks for nothing."""
        yield from self.make(*fields)

    def make(
        self, kind: FocusKind, text: str, reader: str, spoken: BriefLanguage, language: PageLanguage
    ) -> Iterator[tuple[Any, ...]]:
        """Makes the page; gives it, the note, and the button."""
        ready = gr.update(value=say(language, "make_brief"), interactive=True)
        if kind != "whole" and not text.strip():
            yield gr.skip(), problem_markdown(say(language, "brief_empty")), ready
            return
        waiting = markdown_text(say(language, "brief_making", count=len(self._chat.profile.papers)))
        yield gr.skip(), waiting, gr.update(interactive=False)
        try:
            request = request_of(kind, text, reader, spoken)
            made = self._maker.make(request)
        except ProfileChatError as error:
            yield gr.skip(), problem_markdown(str(error)), ready
        except Exception:
            number = logged_failure(_log, "a briefing")
            yield gr.skip(), problem_markdown(say(language, "brief_failed", id=number)), ready
        else:
            if isinstance(made, Answer):
                yield refusal_html(made), markdown_text(say(language, "brief_refused")), ready
                return
            sentences = [line.sentence for line in made.lines]
            quoted = sum(sentence.verdict == "supported" for sentence in sentences)
            note = say(language, "brief_made", quoted=quoted, computed=len(sentences) - quoted)
            shown = briefing_html(made, self._chat.profile, request, briefing_text(made), language)
            yield shown, markdown_text(note), ready

"""The chat page: Gradio's components and their events, and the server that they run on."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when Gradio is imported

import gradio as gr
from fastapi import FastAPI

from rag.feedback import FeedbackStore
from ui.brief_api import add_brief_api
from ui.brief_maker import BriefMaker
from ui.brief_page import add_brief_page
from ui.chat_page import ChatPage
from ui.check_page import add_check_page
from ui.evals_page import add_evals_page
from ui.gradio_parts import QUIET, evidence_column, markdown
from ui.profile_page import add_profile_page
from ui.server import Chat, new_server
from ui.strings import say
from ui.verify_page import add_verify_page

_QUESTIONS_AT_ONCE = 8
_QUESTIONS_WAITING = 64


def build_server(chat: Chat, feedback: FeedbackStore | None = None, runs: Path | None = None) -> FastAPI:
    """The whole web application: all pages, the API, `/healthz`.

    Args:
        chat: the engine that answers.
        feedback: keeps what readers think of answers; without it they are not asked.
        runs: folder of the stored eval runs.
    """
    with warnings.catch_warnings():
        # It says that pages aren't rendered on the server, though that is off.
        warnings.filterwarnings("ignore", message="SSR mode is not supported")
        maker = BriefMaker(chat)
        server = new_server(chat)
        add_brief_api(server, chat, maker)
        add_profile_page(server, chat)
        add_evals_page(server, chat, runs)
        mounted: FastAPI = gr.mount_gradio_app(
            server,
            build_app(chat, feedback, maker),
            path="/",
            theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
        )
    return mounted


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
        editing = gr.State(False)
        marked = gr.State("")
        header = markdown(page.header("en"), elem_id="header")
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
                    autoscroll=False,  # the page's script keeps the question in view instead of the last line
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
                    note = markdown(page.note("en"), elem_id="box-note")
                    again = gr.Button(say("en", "again"), elem_id="again", size="sm")
                reason = gr.Textbox(elem_id="reason", visible=False, show_label=False, container=False, lines=1)
            evidence_column()
        # Out of sight: the ways between the page's script and the server.
        kept = markdown(elem_id="kept", elem_classes="out-of-sight")
        earlier = gr.Textbox(elem_id="earlier", elem_classes="out-of-sight", container=False)
        restore = gr.Button(elem_id="restore", elem_classes="out-of-sight")
        ask_again = gr.Button(elem_id="ask-again", elem_classes="out-of-sight")
        edit_last = gr.Button(elem_id="edit-last", elem_classes="out-of-sight")

        shown = [transcript, exchanges, box, note, editing, kept]
        asked = [
            gr.on(
                trigger,
                ask,
                inputs=inputs,
                outputs=shown,
                **QUIET,
                concurrency_limit=_QUESTIONS_AT_ONCE,
                concurrency_id="ask",
            )
            for trigger, ask, inputs in (
                (box.submit, page.ask, [box, exchanges, language, editing]),
                (transcript.example_select, page.ask_chosen, [exchanges, language]),
                (transcript.option_select, page.ask_chosen, [exchanges, language]),
                (ask_again.click, page.ask_again, [exchanges, language]),
            )
        ]
        for event in asked:
            # Not with the last sentence: Gradio ignores a question sent before the event has ended.
            event.then(page.rest, inputs=language, outputs=[box, reason], queue=False, **QUIET)
        box.stop(page.stop, **QUIET, queue=False)
        if feedback:
            told = {"queue": False, **QUIET}
            transcript.like(page.mark, inputs=[exchanges, language], outputs=[note, marked, reason], **told)
            reason.submit(page.explain, inputs=[reason, marked, language], outputs=[note, reason], **told)
        again.click(page.begin_again, inputs=language, outputs=shown, **QUIET, queue=False)
        edit_last.click(
            page.edit, inputs=[exchanges, editing, language], outputs=[box, editing, note], queue=False, **QUIET
        )
        restore.click(
            page.restore,
            inputs=[earlier, exchanges],
            outputs=[transcript, exchanges, note, kept],
            queue=False,
            **QUIET,
        )
        app.unload(page.leave)
        app.load(
            page.open,
            outputs=[language, header, transcript, box, note, again],
            **QUIET,
        )
    add_check_page(app, chat)
    add_brief_page(app, chat, maker or BriefMaker(chat))
    add_verify_page(app, chat)
    app.queue(max_size=_QUESTIONS_WAITING)
    return app

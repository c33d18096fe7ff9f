"""What the pages that Gradio draws share: texts that show what they are given, quiet events, problems, failures."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import gradio as gr

from ui.escaping import markdown_text

QUIET = {"show_progress": "hidden", "api_visibility": "private"}
"""Settings of an event: no spinner, no public endpoint."""


def markdown(value: str | None = None, **more: Any) -> gr.Markdown:
    """A text without a frame; `$$` in it is no formula, since papers' texts are shown as they are."""
    return gr.Markdown(value, container=False, latex_delimiters=[], **more)


def evidence_column() -> None:
    """The place beside the page that its script fills with the passage that is read."""
    with gr.Column(elem_id="evidence-column", scale=2, min_width=300):
        markdown(elem_id="evidence")


def problem_markdown(text: str) -> str:
    """A problem with what the reader gave, for the note under the box."""
    return f'<span class="problem">{markdown_text(text)}</span>'


def logged_failure(log: logging.Logger, what: str) -> str:
    """Logs the exception that is being handled; gives the number by which it is found in the log."""
    number = uuid.uuid4().hex[:8]
    log.exception("%s failed, id %s", what, number)
    return number

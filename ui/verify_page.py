"""The page that checks an exported file: pasted or chosen, claim by claim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from rag.errors import ProfileChatError
from rag.receipts.records import ClaimReport, VerifyReport
from rag.receipts.verify import verify
from ui.briefs import MARKS
from ui.escaping import html_text, markdown_text
from ui.gradio_parts import QUIET, evidence_column, markdown, problem_markdown
from ui.header import page_header
from ui.server import Chat
from ui.strings import PageLanguage, request_language, say

LONGEST_FILE = 2_000_000


def add_verify_page(app: gr.Blocks, chat: Chat) -> None:
    """Adds the page at `/verify` to `app`."""
    page = VerifyPage(chat)
    with app.route("Verify", "verify", show_in_navbar=False):
        language = gr.State("en")
        header = markdown(page.header("en"), elem_id="header")
        with gr.Row(elem_id="desk", equal_height=True):
            with gr.Column(elem_id="check", scale=3, min_width=300):
                box = gr.Textbox(**page.box("en"), elem_id="text", container=True, lines=6, max_lines=10)
                with gr.Row(elem_id="below"):
                    note = markdown(page.note("en"), elem_id="box-note")
                    chosen = gr.UploadButton(
                        say("en", "verify_file"), elem_id="verify-file", file_types=[".md", ".html", ".json"]
                    )
                    button = gr.Button(say("en", "verify"), elem_id="check-button", variant="primary")
                with gr.Column(elem_id="checked"):
                    result = markdown(elem_id="verified")
            evidence_column()
        button.click(page.check, inputs=[box, language], outputs=[result, note], **QUIET)
        chosen.upload(page.check_file, inputs=[chosen, language], outputs=[result, note], **QUIET)
        app.load(page.open, outputs=[language, header, box, note, chosen, button], **QUIET)


class VerifyPage:
    """The page's handlers: plain methods that take and give what the components hold."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat

    def header(self, language: PageLanguage) -> str:
        """The same as the chat page's."""
        return page_header(self._chat.profile, getattr(self._chat, "model", None), language, page="verify")

    def box(self, language: PageLanguage) -> dict[str, Any]:
        """The box for the file's text."""
        return {"label": say(language, "verify_label"), "placeholder": say(language, "verify_hint")}

    def note(self, language: PageLanguage) -> str:
        """What stands beside the buttons before a file is checked."""
        return markdown_text(say(language, "verify_note", person=self._chat.profile.person))

    def open(self, request: gr.Request) -> tuple[Any, ...]:
        """Fits the page to the browser's language."""
        language = request_language(request)
        box, file = gr.update(**self.box(language)), gr.update(label=say(language, "verify_file"))
        return language, self.header(language), box, self.note(language), file, say(language, "verify")

    def check_file(self, path: str, language: PageLanguage) -> tuple[str, str]:
        """Checks a chosen file; gives the findings and their count."""
        try:
            content = Path(path).read_bytes()
            return self.check(content.decode("utf-8-sig"), language)
        except UnicodeDecodeError:
            return "", problem_markdown(say(language, "verify_no_text"))

    def check(self, text: str, language: PageLanguage) -> tuple[str, str]:
        """Checks the text of a file; gives the findings and their count."""
        if not text.strip():
            return "", problem_markdown(say(language, "verify_empty"))
        if len(text) > LONGEST_FILE:
            return "", problem_markdown(
                say(language, "text_too_long", length=f"{len(text):,}", limit=f"{LONGEST_FILE:,}")
            )
        try:
            report = verify(text, lambda _: self._chat.profile)
        except ProfileChatError as error:
            return "", problem_markdown(str(error))
        return report_html(report, language), markdown_text(counted(report, language))


def report_html(report: VerifyReport, language: PageLanguage) -> str:
    """Every claim with what was found of it, damage first."""
    damage = "".join(
        f'<li class="contradicted"><p>{MARKS["broken"]} {html_text(one)}</p></li>' for one in report.damage
    )
    ordered = sorted(report.claims, key=lambda claim: ("broken", "changed", "holds").index(claim.held))
    claims = "".join(_claim(claim, language) for claim in ordered)
    return f'<ol class="findings">{damage}{claims}</ol>'


def counted(report: VerifyReport, language: PageLanguage) -> str:
    """How many claims are what, and whether the profile is the same."""
    found = [claim.held for claim in report.claims]
    counts = ", ".join(f"{found.count(held)} {say(language, f'verify_{held}')}" for held in MARKS if held in found)
    other = "" if report.same_profile else f" {say(language, 'verify_other')}"
    damage = f" {say(language, 'verify_damage')}" if report.is_damaged else ""
    return f"{say(language, 'verify_claims', n=len(found))}: {counts}.{other}{damage}"


def _claim(claim: ClaimReport, language: PageLanguage) -> str:
    look = {"holds": "supported", "changed": "not_found", "broken": "contradicted"}[claim.held]
    return (
        f'<li class="{look}"><p><strong>{MARKS[claim.held]} {say(language, f"verify_one_{claim.held}")}</strong></p>'
        f'<p>{html_text(claim.text)}</p><p class="meta">{html_text(claim.reason)}</p></li>'
    )

"""Pages that need no Gradio: whole HTML documents with the page's own head."""

from __future__ import annotations

from ui.escaping import html_text
from ui.page_files import head_links
from ui.strings import PageLanguage

Part = tuple[str, ...]


def plain_page(
    *,
    title: str,
    header: str,
    body: str,
    language: PageLanguage,
    styles: Part,
    script: str,
    loads: Part,
    data: str = "",
) -> str:
    """The document.

    Args:
        title: of the page, as text.
        header: HTML of its head, see `ui.header`.
        body: HTML of its content.
        language: of the page.
        styles: its style sheets.
        script: the module that starts it.
        loads: modules that this one imports.
        data: elements with data for the scripts.
    """
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{html_text(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{data}{head_links(styles, script, loads)}</head>"
        f'<body class="plain"><header class="plain-head">{header}</header><main id="main">{body}</main></body></html>'
    )

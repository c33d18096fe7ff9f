"""Text of papers and users, made harmless for the place where it is put."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from rag.names import printable

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows exactly `text`: no link, image, heading, list, formula or HTML.

    CommonMark lets each ASCII punctuation mark be escaped by a backslash, so all of them are; <, > and &
    become entities. Lines are kept, white space at their edges is not (it could open a code block).
    """
    lines = (printable(line).strip() for line in text.splitlines())
    return "\n".join(_PUNCTUATION.sub(_escaped, line) for line in lines)


def html_text(text: str) -> str:
    """`text` for an element or a quoted attribute, on one line: a blank line would end the HTML block."""
    escaped = html.escape("\n".join(printable(line) for line in text.splitlines()))
    return escaped.replace("\n", "&#10;")


def citation_href(paper_id: str, start: int = 0, end: int = 0) -> str:
    """The link that opens a paper, with its sentence marked where there is a span: '#p=teuken&s=10-94'."""
    span = f"&s={start}-{end}" if end > start else ""
    return f"#p={quote(paper_id, safe='')}{span}"


def citation_attribute(paper_id: str, start: int = 0, end: int = 0) -> str:
    """`citation_href` for a quoted attribute."""
    return html_text(citation_href(paper_id, start, end))


def _escaped(mark: re.Match[str]) -> str:
    return _ENTITIES.get(mark.group(), f"\\{mark.group()}")

"""Text of papers and users, made harmless for the place where it is put."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import quote

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_DIRECTION_MARKS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def markdown_text(text: str) -> str:
    """`text` as Markdown that shows exactly `text`: no link, image, heading, list, formula or HTML.

    CommonMark lets each ASCII punctuation mark be escaped by a backslash, so all of them are; <, > and &
    become entities. Lines are kept, white space at their edges is not (it could open a code block).
    """
    lines = (_printable(line).strip() for line in text.splitlines())
    return "\n".join(_PUNCTUATION.sub(_escaped, line) for line in lines)


def html_text(text: str) -> str:
    """`text` for an element or a quoted attribute, on one line: a blank line would end the HTML block."""
    escaped = html.escape("\n".join(_printable(line) for line in text.splitlines()))
    return escaped.replace("\n", "&#10;")


def citation_href(paper_id: str, start: int = 0, end: int = 0) -> str:
    """The link that opens a paper, with its sentence marked where there is a span: '#p=teuken&s=10-94'."""
    span = f"&s={start}-{end}" if end > start else ""
    return f"#p={quote(paper_id, safe='')}{span}"


def _escaped(mark: re.Match[str]) -> str:
    return _ENTITIES.get(mark.group(), f"\\{mark.group()}")


def _printable(line: str) -> str:
    """`line` without control characters and without marks that reverse the reading direction."""
    kept = (c for c in line.translate(_DIRECTION_MARKS) if c == "\t" or unicodedata.category(c) != "Cc")
    return "".join(kept)

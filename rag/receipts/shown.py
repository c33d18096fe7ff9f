"""Receipts as Markdown, HTML and JSON files. Pure: the same receipt gives the same bytes.

What a file shows is written line by line, each line with what it belongs to, so that an edited line leads to its
claim. Behind the shown text the receipt itself stands as JSON, where neither Markdown nor HTML shows it. A file is
checked by writing it once more: whoever changes what is written here has to raise the number in `Receipt.receipt`."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import NamedTuple, cast

from rag.models import Language
from rag.names import DIRECTION_MARKS, printable
from rag.phrases import phrase
from rag.receipts.records import CitedPassage, Claim, Receipt

MARKDOWN_OPENS, MARKDOWN_CLOSES = "<!-- profile-chat receipt\n", "\n-->\n"
HTML_OPENS, HTML_CLOSES = '<script type="application/json" id="profile-chat-receipt">', "</script>\n"
_MARKS = re.compile(r"[\\`*_\[\]<>#~|]")
_OPENS_LIST = re.compile(r"^([-+]|\d+[.)])(?=\s)")
_HARMLESS = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_STYLES = """
body { color: #1b1f23; background: #fff; font: 16px/1.5 Georgia, "Source Serif Pro", serif; }
body { margin: 2.5em auto; max-width: 44em; padding: 0 1em; }
h1 { font-size: 1.5em; line-height: 1.2; margin: 0; } h2 { font-size: 1.05em; margin: 1.4em 0 .3em; }
p { margin: .3em 0; } ul { margin: .3em 0; padding-left: 1.2em; } li { margin: .2em 0; }
.meta, ol { color: #59616b; font-size: .85em; } s { color: #a8201a; } strong { font-weight: 600; }
sup a { color: #1a5a8c; text-decoration: none; } li:target { background: #ffefb0; }
@page { size: A4; margin: 15mm; } @media print { body { font-size: 9.5pt; margin: 0; max-width: none; padding: 0; } }
"""
_STYLE = " ".join(_STYLES.split())


class Shown(NamedTuple):
    """A line of a file: its text, and the claim (part and place) or the passage that it shows, if any."""

    text: str
    claim: tuple[int, int] | None = None
    passage: int | None = None


def markdown_file(receipt: Receipt) -> str:
    """The receipt as Markdown, with itself in a comment at the end."""
    return f"{text_of(markdown_lines(receipt))}{MARKDOWN_OPENS}{_embedded(receipt)}{MARKDOWN_CLOSES}"


def html_file(receipt: Receipt) -> str:
    """The receipt as one HTML page without script or outside request, with itself as data at the end."""
    return f"{text_of(html_lines(receipt))}{HTML_OPENS}{_embedded(receipt)}{HTML_CLOSES}"


def json_file(receipt: Receipt) -> str:
    """The receipt as JSON."""
    return json.dumps(receipt.model_dump(), ensure_ascii=False, indent=1) + "\n"


def text_of(lines: Iterator[Shown]) -> str:
    """The lines as one text, without white space at their ends, which many editors drop."""
    return "".join(f"{line.text.rstrip()}\n" for line in lines)


def _embedded(receipt: Receipt) -> str:
    return json.dumps(receipt.model_dump(), ensure_ascii=False, separators=(",", ":")).translate(_HARMLESS)


# --- Markdown -------------------------------------------------------------------------------------------


def markdown_lines(receipt: Receipt) -> Iterator[Shown]:
    """The lines of the Markdown file, without the receipt itself."""
    yield Shown(f"# {_markdown(receipt.title)}")
    if receipt.subtitle:
        yield Shown("")
        yield Shown(_markdown(receipt.subtitle))
    for number, part in enumerate(receipt.parts):
        yield Shown("")
        yield Shown(f"## {_markdown(part.heading)}")
        before: Claim | None = None
        for place, claim in enumerate(part.claims):
            if not (before and before.item and claim.item):
                yield Shown("")
            yield Shown(_markdown_claim(claim), claim=(number, place))
            before = claim
        for note in part.notes:
            yield Shown("")
            yield Shown(f"*{_markdown(note)}*")
    if receipt.citations:
        yield Shown("")
        yield Shown(f"## {_say(receipt, 'receipt_references')}")
        yield Shown("")
    for passage in receipt.citations:
        yield Shown(_markdown_reference(passage, receipt), passage=passage.n)
    yield Shown("")
    yield Shown("---")
    yield Shown("")
    yield Shown(_markdown(_colophon(receipt)))
    yield Shown("")


def _markdown_claim(claim: Claim) -> str:
    text = "- " if claim.item else ""
    if claim.question:
        text += f"**{_markdown(claim.question)}** "
    if claim.not_said:
        text += f"✗ ~~{_markdown(claim.not_said)}~~ ✓ "
    if claim.text != claim.question:
        text += (
            f"{_markdown(claim.text)} " if claim.item else f"{_OPENS_LIST.sub(_escape_first, _markdown(claim.text))} "
        )
    return (text + "".join(f"[{n}]" for n in claim.citations)).rstrip()


def _escape_first(opening: re.Match[str]) -> str:
    return f"{opening.group()[:-1]}\\{opening.group()[-1]}"


def _markdown_reference(passage: CitedPassage, receipt: Receipt) -> str:
    parts = [f"**[{passage.n}]** {_markdown(_record(passage))}"]
    if passage.is_quote:
        parts.append(f"“{_markdown(passage.passage)}” ({_place(passage, receipt)})")
    if passage.url:
        parts.append(f"<{passage.url.replace('<', '%3C').replace('>', '%3E')}>")
    return "- " + " ".join(parts)


def _markdown(text: str) -> str:
    return _MARKS.sub(lambda mark: f"\\{mark.group()}", one_line(text).replace("&", "&amp;"))


# --- HTML -----------------------------------------------------------------------------------------------


def html_lines(receipt: Receipt) -> Iterator[Shown]:
    """The lines of the HTML file, without the receipt itself."""
    yield Shown(f'<!DOCTYPE html><html lang="{receipt.language}"><head><meta charset="utf-8">')
    yield Shown('<meta name="viewport" content="width=device-width, initial-scale=1">')
    yield Shown(f"<title>{_html(receipt.title)}</title><style>{_STYLE}</style></head><body>")
    yield Shown(f"<h1>{_html(receipt.title)}</h1>")
    if receipt.subtitle:
        yield Shown(f'<p class="meta">{_html(receipt.subtitle)}</p>')
    for number, part in enumerate(receipt.parts):
        yield Shown(f"<h2>{_html(part.heading)}</h2>")
        yield from _html_claims(number, part.claims)
        for note in part.notes:
            yield Shown(f'<p class="meta">{_html(note)}</p>')
    if receipt.citations:
        yield Shown(f"<h2>{_html(_say(receipt, 'receipt_references'))}</h2><ol>")
        for passage in receipt.citations:
            yield Shown(_html_reference(passage, receipt), passage=passage.n)
        yield Shown("</ol>")
    yield Shown(f'<p class="meta">{_html(_colophon(receipt))}</p></body></html>')


def _html_claims(number: int, claims: tuple[Claim, ...]) -> Iterator[Shown]:
    in_list = False
    for place, claim in enumerate(claims):
        if claim.item != in_list:
            yield Shown("<ul>" if claim.item else "</ul>")
            in_list = claim.item
        tag = "li" if claim.item else "p"
        yield Shown(f"<{tag}>{_html_claim(claim)}</{tag}>", claim=(number, place))
    if in_list:
        yield Shown("</ul>")


def _html_claim(claim: Claim) -> str:
    parts = []
    if claim.question:
        parts.append(f"<strong>{_html(claim.question)}</strong>")
    if claim.not_said:
        parts.append(f"✗ <s>{_html(claim.not_said)}</s> ✓")
    if claim.text != claim.question:
        parts.append(_html(claim.text))
    return " ".join(parts) + "".join(f'<sup><a href="#r{n}">[{n}]</a></sup>' for n in claim.citations)


def _html_reference(passage: CitedPassage, receipt: Receipt) -> str:
    text = _html(_record(passage))
    if passage.is_quote:
        text += f" “{_html(passage.passage)}” ({_html(_place(passage, receipt))})"
    if passage.url and passage.url.startswith(("https://", "http://")):
        text += f' <a href="{_html(passage.url)}">{_html(passage.url)}</a>'
    return f'<li id="r{passage.n}" value="{passage.n}">{text}</li>'


def _html(text: str) -> str:
    return html.escape(one_line(text))


# --- shared ---------------------------------------------------------------------------------------------


def one_line(text: str) -> str:
    """`text` on one line, without control characters and without marks that reverse the reading direction."""
    return printable(" ".join(text.translate(DIRECTION_MARKS).split()))


def _record(passage: CitedPassage) -> str:
    date = f" ({passage.date})" if passage.date else ""
    authors = f"{passage.authors}: " if passage.authors else ""
    return f"{authors}{passage.title}{date}"


def _place(passage: CitedPassage, receipt: Receipt) -> str:
    return _say(receipt, "receipt_place", start=passage.start, end=passage.end)


def _colophon(receipt: Receipt) -> str:
    source = receipt.profile
    return _say(
        receipt, "receipt_colophon", made=receipt.made, name=source.name, papers=source.papers,
        fingerprint=source.fingerprint, digest=receipt.digest[:16],
    )  # fmt: skip


def _say(receipt: Receipt, key: str, **values: object) -> str:
    return phrase(key, cast(Language, receipt.language), **values)

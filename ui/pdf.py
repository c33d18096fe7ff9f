"""Receipts as PDF: a briefing on one A4 page, anything else on as many as it needs. The only importer of ReportLab.

The typeface is Source Serif, from a package of its own, so that the page looks alike on every machine."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple, cast

from rag.models import Language
from rag.phrases import phrase
from rag.receipts.records import CitedPassage, Claim, Receipt
from rag.receipts.shown import one_line

_WIDTH, _HEIGHT = 595.28, 841.89
_SIDE, _TOP, _FOOT = 40.0, 36.0, 32.0
_GUTTER = 14.0
_SCALES = (1.0, 0.96, 0.92, 0.88, 0.84, 0.8, 0.76, 0.72)
_FONTS = {
    "Serif": "SourceSerifPro-Regular",
    "Serif-Bold": "SourceSerifPro-Semibold",
    "Serif-Italic": "SourceSerifPro-It",
}
_ACCENT, _SOFT, _NO, _YES = "#1a5a8c", "#59616b", "#a8201a", "#1d6b3a"
# What the typeface lacks, as the nearest that it has.
_INSTEAD = str.maketrans({"∗": "*", "∼": "~", "∘": "°", "⟨": "‹", "⟩": "›", "⁻": "-", "∈": "ϵ", "✗": "×"})


class _Styles(NamedTuple):
    """Paragraph styles of one page, all of one scale."""

    title: Any
    subtitle: Any
    heading: Any
    text: Any
    item: Any
    reference: Any
    gap: float


def pdf_file(receipt: Receipt) -> bytes:
    """The receipt as a PDF. A briefing is set smaller until it fits on one page."""
    from reportlab.pdfgen.canvas import Canvas

    _register_fonts()
    space = _HEIGHT - _TOP - _FOOT
    scales = _SCALES if receipt.kind == "briefing" else _SCALES[:1]
    for scale in scales:
        styles = _styles(scale)
        body = list(_body(receipt, styles))
        references = list(_references(receipt, styles))
        left, right = _halves(references)
        if _total(body, _column(1)) + max(_total(left, _column(2)), _total(right, _column(2))) <= space:
            break
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(_WIDTH, _HEIGHT), invariant=1, lang=receipt.language)
    canvas.setTitle(one_line(receipt.title))
    canvas.setAuthor("Profile Chat")
    canvas.setSubject(one_line(receipt.subtitle))
    page = _Page(canvas, _colophon(receipt))
    page.flow(body)
    page.columns(left, right)
    page.close()
    canvas.save()
    return buffer.getvalue()


class _Page:
    """Draws from the top down and begins a new page where one is full."""

    def __init__(self, canvas: Any, foot: str) -> None:
        self._canvas = canvas
        self._foot = foot
        self._y = _HEIGHT - _TOP

    def flow(self, parts: Sequence[Any]) -> None:
        """Draws over the whole width."""
        for part in parts:
            height = part.wrapOn(self._canvas, _column(1), _HEIGHT)[1]
            if self._y - height < _FOOT:
                self._next()
            self._y -= height
            part.drawOn(self._canvas, _SIDE, self._y)

    def columns(self, left: Sequence[Any], right: Sequence[Any]) -> None:
        """Draws in two columns where both fit on the page, else over the whole width."""
        width = _column(2)
        if self._y - max(_total(left, width), _total(right, width)) < _FOOT:
            self.flow([*left, *right])
            return
        for parts, x in ((left, _SIDE), (right, _SIDE + width + _GUTTER)):
            y = self._y
            for part in parts:
                y -= part.wrapOn(self._canvas, width, _HEIGHT)[1]
                part.drawOn(self._canvas, x, y)

    def close(self) -> None:
        """Writes the foot of the last page."""
        self._canvas.setFont("Serif", 6.2)
        self._canvas.setFillColor(_SOFT)
        self._canvas.drawString(_SIDE, _FOOT - 14, self._foot)
        self._canvas.showPage()

    def _next(self) -> None:
        self.close()
        self._y = _HEIGHT - _TOP


# --- what stands on a page ------------------------------------------------------------------------------


def _body(receipt: Receipt, styles: _Styles) -> Iterator[Any]:
    from reportlab.platypus import Paragraph, Spacer

    yield Paragraph(_text(receipt.title), styles.title)
    if receipt.subtitle:
        yield Paragraph(_text(receipt.subtitle), styles.subtitle)
    for part in receipt.parts:
        yield Spacer(0, styles.gap)
        yield Paragraph(_text(part.heading), styles.heading)
        for is_item, group in groupby(part.claims, key=lambda claim: claim.item):
            texts = [_claim(claim) for claim in group]
            if is_item:
                yield from (Paragraph(text, styles.item, bulletText="•") for text in texts)
            else:
                yield Paragraph(" ".join(texts), styles.text)
        for note in part.notes:
            yield Paragraph(_text(note), styles.reference)
    yield Spacer(0, styles.gap)
    if receipt.citations:
        yield Paragraph(_text(_say(receipt, "receipt_references")), styles.heading)


def _claim(claim: Claim) -> str:
    parts = []
    if claim.question:
        parts.append(f'<font name="Serif-Bold">{_text(claim.question)}</font>')
    if claim.not_said:
        struck = f'<font color="{_NO}">× <strike>{_text(claim.not_said)}</strike></font>'
        parts.append(f'{struck} <font color="{_YES}">✓</font>')
    if claim.text != claim.question:
        parts.append(_text(claim.text))
    markers = "".join(f'<a href="#r{n}" color="{_ACCENT}">[{n}]</a>' for n in claim.citations)
    return " ".join(parts) + (f"&nbsp;{markers}" if markers else "")


def _references(receipt: Receipt, styles: _Styles) -> Iterator[Any]:
    from reportlab.platypus import Paragraph

    by_paper: dict[str, list[CitedPassage]] = {}
    for passage in receipt.citations:
        by_paper.setdefault(passage.paper_id, []).append(passage)
    for passages in by_paper.values():
        yield Paragraph(_reference(passages), styles.reference)


def _reference(passages: Sequence[CitedPassage]) -> str:
    """A paper's record, then its passages by their numbers; it is named once, as the page has little room."""
    first = passages[0]
    date = f" ({_text(first.date)})" if first.date else ""
    authors = f"{_text(first.authors)}: " if first.authors else ""
    record = f'{authors}<font name="Serif-Bold">{_text(first.title)}</font>{date}{_link(first)}'
    rest = [f"{_number(passage)}{_quote(passage)}" for passage in passages]
    # The record alone is what a passage without a quote stands for.
    return f"{rest[0]} {record}" if len(rest) == 1 and not first.is_quote else f"{record} {' '.join(rest)}"


def _number(passage: CitedPassage) -> str:
    return f'<a name="r{passage.n}"/><font name="Serif-Bold" color="{_ACCENT}">[{passage.n}]</font>'


def _quote(passage: CitedPassage) -> str:
    return f" “{_text(passage.passage)}”" if passage.is_quote else ""


def _link(passage: CitedPassage) -> str:
    if not passage.url or not passage.url.startswith(("https://", "http://")):
        return ""
    return f' <a href="{escape(passage.url)}" color="{_ACCENT}">{_text(passage.url)}</a>'


def _text(text: str) -> str:
    return escape(one_line(text).translate(_INSTEAD), quote=False)


def _colophon(receipt: Receipt) -> str:
    source = receipt.profile
    return _say(
        receipt, "receipt_foot", made=receipt.made, name=source.name, papers=source.papers,
        fingerprint=source.fingerprint[:16], digest=receipt.digest[:16],
    )  # fmt: skip


def _say(receipt: Receipt, key: str, **values: object) -> str:
    return phrase(key, cast(Language, receipt.language), **values)


# --- measures -------------------------------------------------------------------------------------------


def _column(columns: int) -> float:
    return (_WIDTH - 2 * _SIDE - (columns - 1) * _GUTTER) / columns


def _total(parts: Sequence[Any], width: float) -> float:
    return float(sum(part.wrap(width, _HEIGHT)[1] for part in parts))


def _halves(parts: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The references in two columns of about the same height, in order."""
    heights = [part.wrap(_column(2), _HEIGHT)[1] for part in parts]
    splits = range(len(parts) + 1)
    best = min(splits, key=lambda place: max(sum(heights[:place]), sum(heights[place:])))
    return list(parts[:best]), list(parts[best:])


def _styles(scale: float) -> _Styles:
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, leading: float, font: str = "Serif", **more: Any) -> Any:
        return ParagraphStyle(name, fontName=font, fontSize=size * scale, leading=leading * scale, **more)

    indent = 9.0 * scale
    return _Styles(
        title=style("title", 19, 23, "Serif-Bold"),
        subtitle=style("subtitle", 9.6, 13, textColor=_SOFT),
        heading=style("heading", 10.4, 14.5, "Serif-Bold", textColor=_ACCENT),
        text=style("text", 9.6, 12.4),
        item=style("item", 9.6, 12.4, leftIndent=indent, bulletIndent=0, bulletFontName="Serif",
                   bulletFontSize=9.6 * scale),
        reference=style("reference", 7.4, 9.2, leftIndent=indent, firstLineIndent=-indent),
        gap=5.0 * scale,
    )  # fmt: skip


@cache
def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    folder = files("font_source_serif_pro").joinpath("files")
    for name, file in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, str(folder.joinpath(f"{file}.ttf"))))

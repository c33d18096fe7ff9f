"""A briefing as the page shows it: HTML in which every string is escaped, and every number opens its passage."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from urllib.parse import urlencode

from rag.briefing.records import Briefing, BriefRequest, Line, Section
from rag.models import Answer, Citation, Profile
from ui.escaping import citation_attribute, html_text
from ui.strings import PageLanguage, say

DOWNLOADS = ("pdf", "md", "html", "json", "bib", "csl")


def briefing_html(
    briefing: Briefing, profile: Profile, request: BriefRequest, copied: str, language: PageLanguage
) -> str:
    """The page with its sections and references, and under it what can be done with it.

    Args:
        briefing: what is shown.
        profile: where the cited papers' records are looked up.
        request: what it was made for, for the addresses of its files.
        copied: what the copy button copies.
        language: of the words around it.
    """
    citations = {citation.n: citation for citation in briefing.citations}
    sections = "".join(_section(section, citations) for section in briefing.sections)
    notices = "".join(f'<p class="notice">{html_text(notice)}</p>' for notice in briefing.notices)
    return (
        f'<div class="brief" lang="{briefing.language}"><h2 class="brief-title">{html_text(briefing.title)}</h2>'
        f'<p class="meta">{html_text(briefing.subtitle)}</p>{notices}{sections}'
        f"{_references(briefing, profile, language)}</div>"
        f"{_actions(request, copied, language)}"
    )


def refusal_html(answer: Answer) -> str:
    """Why there is no page, and what is near."""
    return f'<div class="brief"><p class="refusal">{html_text(answer.answer)}</p></div>'


def file_address(request: BriefRequest, form: str) -> str:
    """Where the file of that format is, relative to the page."""
    interests = ", ".join(request.reader.interests) if request.reader else ""
    fields = {"kind": request.kind, "text": request.text, "for": interests, "lang": request.language, "format": form}
    return f"v1/brief?{urlencode({name: value for name, value in fields.items() if value})}"


def file_name(briefing: Briefing, profile: Profile, form: str) -> str:
    """'stefan_kesselheim-flow-matching.pdf'."""
    from rag.names import slug

    focus = slug(briefing.focus)[:40].strip("-")
    suffix = "csl.json" if form == "csl" else form
    return f"{profile.name}{f'-{focus}' if focus else ''}.{suffix}"


def _section(section: Section, citations: dict[int, Citation]) -> str:
    parts = "".join(_group(is_item, list(group), citations) for is_item, group in groupby(section.lines, _is_item))
    return f'<section class="{section.kind}"><h3>{html_text(section.heading)}</h3>{parts}</section>'


def _is_item(line: Line) -> bool:
    return line.sentence.item


def _group(is_item: bool, lines: list[Line], citations: dict[int, Citation]) -> str:
    if not is_item:
        return f"<p>{' '.join(_line(line, citations) for line in lines)}</p>"
    return f"<ul>{''.join(f'<li>{_line(line, citations)}</li>' for line in lines)}</ul>"


def _line(line: Line, citations: dict[int, Citation]) -> str:
    parts = []
    if line.question:
        parts.append(f"<strong>{html_text(line.question)}</strong>")
    if line.not_said:
        parts.append(f'<span class="not-said">✗ {html_text(line.not_said)}</span> <span class="said">✓</span>')
    if line.sentence.text != line.question:
        parts.append(html_text(line.sentence.text))
    markers = "".join(_marker(citations[n]) for n in line.sentence.citations)
    return " ".join(parts) + (f"\u00a0{markers}" if markers else "")


def _marker(citation: Citation) -> str:
    return f'<a class="claim cite" href="{citation_attribute(*citation.place)}">{citation.n}</a>'


def _references(briefing: Briefing, profile: Profile, language: PageLanguage) -> str:
    if not briefing.citations:
        return ""
    items = "".join(_reference(citation, profile) for citation in briefing.citations)
    return f'<section class="references"><h3>{say(language, "brief_references")}</h3><ul>{items}</ul></section>'


def _reference(citation: Citation, profile: Profile) -> str:
    paper = profile.paper(citation.paper_id)
    date = f" ({paper.date.text})" if paper.date else ""
    record = html_text(f"{paper.author_line}: {paper.title}{date}" if paper.authors else f"{paper.title}{date}")
    quote = f' <q lang="en">{html_text(citation.passage)}</q>' if citation.is_quote else ""
    address = citation.url or ""
    safe = address.startswith(("https://", "http://"))
    link = f' <a href="{html_text(address)}">{html_text(address)}</a>' if safe else ""
    return f"<li>{_marker(citation)} {record}{quote}{link}</li>"


def _actions(request: BriefRequest, copied: str, language: PageLanguage) -> str:
    buttons = "".join(_buttons(copied, language))
    links = " ".join(
        f'<a class="file" href="{html_text(file_address(request, form))}">.{"csl.json" if form == "csl" else form}</a>'
        for form in DOWNLOADS
    )
    verify = f'<a class="to-verify" href="verify">{say(language, "to_verify")}</a>'
    files = f'<span class="files">{say(language, "download")} {links}</span>'
    return f'<div class="brief-actions">{buttons}{files}{verify}</div>'


def _buttons(copied: str, language: PageLanguage) -> Iterator[str]:
    yield f'<button class="brief-copy">{say(language, "brief_copy")}</button>'
    yield f'<span class="copy-text">{html_text(copied)}</span>'
    yield f'<button class="brief-print">{say(language, "print")}</button>'

"""From an answer to what the page shows: pure functions that give Markdown, with HTML around the text.

All of it passes Gradio's sanitizer, and every string of a paper, a person or a user is escaped here as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Answer, Citation, Explained, Paper, Profile, Proof, QuestionKind
from ui.escaping import citation_attribute, citation_href, html_text, markdown_text
from ui.explained import explanation
from ui.strings import PageLanguage, say

_MARKER = re.compile(r"\[(\d{1,3})\]")
_LIST_ITEM = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+(.*)")
_OPEN_ROWS = 8


def answer_message(
    answer: Answer,
    profile: Profile,
    language: PageLanguage,
    *,
    complete: bool = True,
    why: Explained | None = None,
) -> str:
    """The message that shows `answer`.

    Args:
        answer: what is shown; while it streams, the sentences so far.
        profile: where the cited papers' records are looked up.
        language: language of the words around the answer.
        complete: False while sentences are still to come: only the text is shown then.
        why: plan and evidence, folded away under the answer.
    """
    parts = [_near_papers_linked(answer, profile) if answer.abstained else answer_text(answer)]
    if complete:
        parts += [
            _notices(answer.notices),
            proof_table(answer, profile, language) or source_list(answer, profile, language),
            _footer(answer, language),
            explanation(why, language) if why else "",
        ]
    return "\n\n".join(part for part in parts if part)


def answer_text(answer: Answer) -> str:
    """The text as Markdown, each marker a link to its passage: 'It has [1]' -> 'It has [1](#p=a&s=0-9)'.

    A marker without a citation is left out: it would lead nowhere.
    """
    links = _MarkerLinks(answer.citations)
    lines: list[str] = []
    for line in answer.answer.splitlines():
        item = _LIST_ITEM.fullmatch(line)
        text = _with_links(item.group(1) if item else line, links)
        in_list = bool(lines) and lines[-1].startswith("- ")
        if lines and lines[-1] and bool(item) != in_list:
            lines.append("")
        lines.append(f"- {text}" if item else text)
    return "\n".join(lines).strip()


def source_list(answer: Answer, profile: Profile, language: PageLanguage) -> str:
    """The cited papers with their numbers, authors and dates as printed; '' where nothing is cited."""
    by_paper: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_paper.setdefault(citation.paper_id, []).append(citation)
    items = [_source(cited, paper_line(profile.paper(paper), language)) for paper, cited in by_paper.items()]
    if not items:
        return ""
    return f'<div class="sources"><h2>{say(language, "sources")}</h2><ul>{"".join(items)}</ul></div>'


def proof_table(answer: Answer, profile: Profile, language: PageLanguage) -> str:
    """The records that a computed answer counts, with a sum that comes to all papers; '' for other answers."""
    if not answer.proof or not answer.proof.rows:
        return ""
    cited = {citation.paper_id: citation for citation in reversed(answer.citations)}
    rows = [_proof_row(profile.paper(paper), cited.get(paper), language) for paper in answer.proof.rows]
    heads = "".join(
        f'<th><button class="{button}">{say(language, f"column_{name}")}</button></th>'
        for name, button in (("title", "sort"), ("date", "sort by-date"), ("category", "sort"))
    )
    listed_above = any(_LIST_ITEM.fullmatch(line) for line in answer.answer.splitlines())
    opened = " open" if len(rows) <= _OPEN_ROWS and not listed_above else ""
    notes = "".join(f'<p class="meta">{html_text(note)}</p>' for note in answer.proof.notes)
    return (
        f'<details class="proof"{opened}><summary>{_count(len(rows), language)}</summary>'
        f'<table class="rows"><thead><tr><th>#</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f'<p class="meta sum">{_sum(answer.proof, profile, language)}</p>{notes}</details>'
    )


def _sum(proof: Proof, profile: Profile, language: PageLanguage) -> str:
    """'4 here + 10 of other years + 5 without a year = 19 papers'; what is counted twice nowhere."""
    counted = set(proof.rows)
    rest = [paper for paper in profile.papers if paper.id not in counted]
    conditions = proof.filter
    by_year = any(value is not None for value in (conditions.year, conditions.year_from, conditions.year_to))
    undated = [paper for paper in rest if by_year and paper.year is None]
    parts = [say(language, "sum_here", count=len(counted))]
    if len(rest) > len(undated):
        parts.append(say(language, "sum_others", count=len(rest) - len(undated)))
    if undated:
        parts.append(say(language, "sum_undated", count=len(undated)))
    return f"{' + '.join(parts)} = {_count(len(profile.papers), language)}"


def tools(answer: Answer | None, number: str, language: PageLanguage, *, is_last: bool) -> str:
    """What can be done with an answer: copying for each, asking again and editing for the last of a conversation.

    Args:
        answer: what is shown, None where nothing came.
        number: the exchange's id, by which the page's script finds the answer.
        language: of the words.
        is_last: whether it is the conversation's last.
    """
    names = []
    if answer and not answer.abstained:
        names += ["copy_answer", "copy_markdown"]
    if answer:
        names.append("copy_link")
    if is_last:
        names += ["ask_again", "edit_last"]
    buttons = "".join(f'<button class="{name.replace("_", "-")}">{say(language, name)}</button>' for name in names)
    return f'<div class="tools turn-{number}">{buttons}</div>'


def paper_line(paper: Paper, language: PageLanguage) -> str:
    """Authors and date as printed: 'A. One, B. Two et al. · Apr 21 · LG'."""
    date = paper.date.text if paper.date else say(language, "no_date")
    return " · ".join(part for part in (paper.author_line, date, paper.category) if part)


def _near_papers_linked(answer: Answer, profile: Profile) -> str:
    """A refusal's text; each paper that it names leads to its abstract."""
    text = answer_text(answer)
    for paper in profile.papers:
        title = markdown_text(paper.title)
        if len(paper.title) > 3 and f"“{title}”" in text:
            link = f'<a class="title near" href="{citation_attribute(paper.id)}">{html_text(paper.title)}</a>'
            text = text.replace(f"“{title}”", f"“{link}”")
    return text


class _MarkerLinks:
    """Gives each marker its link: the k-th '[n]' leads to the k-th passage cited under n."""

    def __init__(self, citations: Sequence[Citation]) -> None:
        self._waiting: dict[int, list[Citation]] = {}
        for citation in citations:
            self._waiting.setdefault(citation.n, []).append(citation)

    def link(self, n: int) -> str:
        waiting = self._waiting.get(n)
        if not waiting:
            return ""
        citation = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return f"[{n}]({citation_href(*citation.place)})"


def _with_links(line: str, links: _MarkerLinks) -> str:
    pieces = _MARKER.split(line)
    texts = [_keeping_edges(text) for text in pieces[::2]]
    marked = [links.link(int(n)) for n in pieces[1::2]]
    joined = zip(texts, [*marked, ""], strict=True)
    return "".join(_unbroken(text) + link if link else text for text, link in joined).strip()


def _unbroken(text: str) -> str:
    """`text` with a no-break space at its end where it has one, so that a marker never begins a line."""
    return f"{text[:-1]}\u00a0" if text.endswith(" ") else text


def _keeping_edges(text: str) -> str:
    """Escaped, with one space where white space stood at an edge."""
    if not text.strip():
        return " " if text else ""
    return " " * text[0].isspace() + markdown_text(text) + " " * text[-1].isspace()


def _source(cited: Sequence[Citation], line: str) -> str:
    """One paper with the numbers of all its passages."""
    first = cited[0]
    numbers = ", ".join(dict.fromkeys(str(citation.n) for citation in cited))
    href = citation_attribute(*first.place)
    return (
        f'<li><span class="n">{numbers}</span> <span>'
        f'<a class="title" href="{href}">{html_text(first.title)}</a>'
        f' <span class="meta">{html_text(line)}</span></span></li>'
    )


def _proof_row(paper: Paper, citation: Citation | None, language: PageLanguage) -> str:
    cells = [
        str(citation.n) if citation else "",
        f'<a class="title" href="{citation_attribute(paper.id)}">{html_text(paper.title)}</a>',
        html_text(paper.date.text if paper.date else say(language, "no_date")),
        html_text(paper.category or ""),
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _count(rows: int, language: PageLanguage) -> str:
    return say(language, "row") if rows == 1 else say(language, "rows", count=rows)


def _notices(notices: Sequence[str]) -> str:
    return "".join(f'<p class="notice">{html_text(notice)}</p>' for notice in notices)


def _footer(answer: Answer, language: PageLanguage) -> str:
    """What was looked at and checked, in small print."""
    kind = "foot refusal" if answer.abstained else "foot"
    return f'<div class="{kind}"><span class="meta">{" · ".join(_checks(answer, language))}</span></div>'


def _checks(answer: Answer, language: PageLanguage) -> list[str]:
    claims = [sentence for sentence in answer.sentences if sentence.verdict != "frame"]
    supported = sum(sentence.verdict == "supported" for sentence in claims)
    checks = []
    if answer.kind is QuestionKind.HEADER:
        checks.append(say(language, "stated"))
    elif any(sentence.verdict == "computed" for sentence in claims):
        checks.append(say(language, "computed", papers=answer.scope.papers))
    elif answer.scope.how == "retrieved":
        checks.append(say(language, "searched_part", papers=answer.scope.papers))
    elif claims or answer.abstained:
        checks.append(say(language, "searched", papers=answer.scope.papers, abstracts=answer.scope.abstracts))
    if supported == 1 and len(claims) == 1:
        checks.append(say(language, "checked_one"))
    elif supported:
        checks.append(say(language, "checked", supported=supported, claims=len(claims)))
    if supported:
        checks.append(_writer(answer, language))
    if "total" in answer.timings_ms:
        checks.append(_duration(answer.timings_ms["total"]))
    return checks


def _writer(answer: Answer, language: PageLanguage) -> str:
    """Who worded it; of a model its name, and what it was asked for, as far as that is known."""
    if answer.writer != "llm":
        return say(language, "by_quote")
    usage = answer.usage
    model = getattr(usage, "model", None)
    parts = [say(language, "by_named_model", model=html_text(str(model))) if model else say(language, "by_model")]
    tokens = usage.prompt_tokens + usage.completion_tokens
    if tokens:
        parts.append(say(language, "tokens", count=f"{tokens:,}"))
    cost = getattr(usage, "cost", None)
    if isinstance(cost, int | float) and cost:
        parts.append(f"${cost:.4f}")
    return " · ".join(parts)


def _duration(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.1f} s"
    return f"{max(1, round(milliseconds))} ms"

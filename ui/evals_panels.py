"""The evals page's panels: which answers got worse, before and now side by side. Gives HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from evals.compare import Change, Comparison, Pair
from evals.comparison_text import differing_settings, power
from evals.stored import StoredAnswer
from evals.totals import Group, total
from evals.trend import Point
from evals.word_diff import ALIKE, likeness, word_diff
from ui.escaping import html_text
from ui.strings import PageLanguage, say

_MOST_CARDS = 100
"""Cases of a sort that are shown; the rest are counted."""
_MOST_POINTS = 24
_SORTS = (Change.WORSE, Change.UNSTABLE, Change.BETTER, Change.OTHER)
_SIGNS = {Change.WORSE: "▼", Change.UNSTABLE: "◆", Change.BETTER: "▲", Change.OTHER: "●"}


def headline(comparison: Comparison, language: PageLanguage) -> str:
    """How many got worse, in the first line; then the verdict and what it rests on."""
    counts = {change: len(comparison.of(change)) for change in (*_SORTS, Change.SAME)}
    parts = [say(language, f"evals_{change.name.lower()}", count=counts[change]) for change in (*_SORTS, Change.SAME)]
    told = ", ".join(part for change, part in zip((*_SORTS, Change.SAME), parts, strict=True) if counts[change])
    verdict = say(language, f"verdict_{comparison.verdict.replace(' ', '_')}")
    reasons = "".join(f"<li>{html_text(reason)}</li>" for reason in comparison.reasons)
    listed = f'<ul class="reasons" lang="en">{reasons}</ul>' if reasons else ""
    return (
        f'<section class="panel wide headline"><h2 id="headline">{html_text(told)}</h2>'
        f"<p><strong>{html_text(say(language, 'evals_verdict', verdict=verdict))}</strong></p>{listed}"
        f'<p class="meta" lang="en">{html_text(power(comparison))}</p></section>'
    )


def kinds_table(comparison: Comparison, language: PageLanguage) -> str:
    """The share that is right by kind of question, before and now, with the difference in words and in figures."""
    by_kind: dict[str, list[Pair]] = {}
    for pair in comparison.pairs:  # a baseline's rows don't say their kind
        by_kind.setdefault(pair.new[0].case.kind, []).append(pair)
    rows = [
        (name, _right(pair.base for pair in pairs), _right(pair.new for pair in pairs))
        for name, pairs in ((say(language, "evals_all"), comparison.pairs), *sorted(by_kind.items()))
    ]
    shown = []
    for name, was, now in rows:
        moved = now.right.value - was.right.value
        word = "evals_same_share" if abs(moved) < 1e-9 else "evals_up" if moved > 0 else "evals_down"
        shown.append(
            f'<tr class="{word.removeprefix("evals_")}"><th scope="row">{html_text(name)}</th><td>{now.cases}</td>'
            f"<td>{was.right.value:.1%}</td><td>{now.right.value:.1%}</td>"
            f"<td>{say(language, word, points=f'{abs(100 * moved):.1f}')}</td></tr>"
        )
    keys = ("evals_kind", "evals_cases", "evals_before", "evals_now", "evals_moved")
    heads = "".join(f"<th>{say(language, key)}</th>" for key in keys)
    return (
        f'<section class="panel"><h2>{say(language, "evals_kinds")}</h2>'
        f'<table class="kinds"><thead><tr>{heads}</tr></thead><tbody>{"".join(shown)}</tbody></table></section>'
    )


def _right(answers: Iterable[Sequence[StoredAnswer]]) -> Group:
    return total([answer for repeats in answers for answer in repeats])


def trend_panel(points: Sequence[Point], language: PageLanguage) -> str:
    """The stored runs that asked the same cases as the newest, oldest first, as bars with their share in words."""
    alike = [point for point in points if point.cases == points[-1].cases][-_MOST_POINTS:] if points else []
    if len(alike) < 2:
        return ""
    items = "".join(
        f'<li style="--share:{point.right / point.scored:.4f}"><span class="label">{html_text(point.started)}</span>'
        f'<span class="bar"></span><span class="count">{point.right / point.scored:.1%}</span></li>'
        for point in alike
    )
    return (
        f'<section class="panel"><h2>{say(language, "evals_trend")}</h2>'
        f'<p class="meta">{say(language, "evals_trend_note")}</p><ul class="trend">{items}</ul></section>'
    )


def made_with(comparison: Comparison, language: PageLanguage) -> str:
    """What the two runs were made with that is not the same."""
    lines = differing_settings(comparison.base.header, comparison.new.header)
    if not lines:
        return ""
    items = "".join(f"<li>{html_text(line)}</li>" for line in lines)
    return (
        f'<details class="panel wide"><summary>{say(language, "evals_differs", count=len(lines))}</summary>'
        f'<ul lang="en">{items}</ul></details>'
    )


def sections(comparison: Comparison, language: PageLanguage) -> str:
    """The cases that changed: what got worse open, the rest folded away."""
    parts = []
    for change in _SORTS:
        pairs = comparison.of(change)
        if not pairs:
            continue
        cards = "".join(_card(pair, change, language) for pair in pairs[:_MOST_CARDS])
        more = len(pairs) - _MOST_CARDS
        rest = f'<p class="hint">{say(language, "evals_more", count=more)}</p>' if more > 0 else ""
        title = f"{_SIGNS[change]} {say(language, f'evals_title_{change.name.lower()}')} ({len(pairs)})"
        opened = " open" if change is Change.WORSE else ""
        parts.append(
            f'<details class="panel wide flips {change.name.lower()}"{opened}><summary><h2>{title}</h2></summary>'
            f"{cards}{rest}</details>"
        )
    return "".join(parts)


def _card(pair: Pair, change: Change, language: PageLanguage) -> str:
    before, after = pair.shown
    case = after.case
    asked = " / ".join(case.asked)
    old, new = _texts(before, after, language)
    where = say(language, "evals_stage", stage=pair.stage or "-")
    never = f' <strong class="must">{say(language, "evals_must")}</strong>' if case.must else ""
    word = say(language, f"evals_word_{change.name.lower()}")
    ask = f'<a class="ask" href="{html_text(f"./?q={quote(case.asked[-1])}")}">{say(language, "evals_ask_now")}</a>'
    return (
        f'<article data-kind="{html_text(case.kind)}" data-language="{html_text(case.language)}" id="{_id(case.id)}">'
        f'<h3>{_SIGNS[change]} {word}: <span lang="{html_text(case.language)}">{html_text(asked)}</span></h3>'
        f'<p class="meta">{html_text(case.id)} · {html_text(case.kind)} · {html_text(where)}{never} · {ask}</p>'
        f'<div class="sides">{_side("evals_before", before, old, language)}'
        f"{_side('evals_now', after, new, language)}</div></article>"
    )


def _id(case: str) -> str:
    return html_text(f"case-{case}")


def _side(title: str, answer: StoredAnswer, text: str, language: PageLanguage) -> str:
    how = "right" if answer.is_right else "wrong"
    told = f"{answer.outcome}: {answer.reason}" if answer.reason else str(answer.outcome)
    titles = dict.fromkeys(cited.title for cited in answer.reply.citations) if answer.reply else {}
    cited = "".join(f"<li>{html_text(one)}</li>" for one in titles if one)
    listed = f"<ul>{cited}</ul>" if cited else ""
    return (
        f'<div class="side {how}"><h4>{say(language, title)}</h4>'
        f'<p class="outcome" lang="en">{"✓" if answer.is_right else "✗"} {html_text(told)}</p>'
        f"<blockquote>{text}</blockquote>{listed}</div>"
    )


def _texts(before: StoredAnswer, after: StoredAnswer, language: PageLanguage) -> tuple[str, str]:
    """Both answers' texts; where they are alike, the words that are gone and new are marked."""
    old, new = (side.reply.answer if side.reply else "" for side in (before, after))
    if old and new and likeness(old, new) >= ALIKE:
        pieces = word_diff(old, new)
        marks = {"gone": "del", "new": "ins"}
        shown = [
            "".join(_marked(piece.text, marks.get(piece.kind)) for piece in pieces if piece.kind != left_out)
            for left_out in ("new", "gone")
        ]
        return shown[0], shown[1]
    missing = f"<em>{say(language, 'evals_no_text')}</em>"
    return html_text(old) or missing, html_text(new) or missing


def _marked(text: str, tag: str | None) -> str:
    return f"<{tag}>{html_text(text)}</{tag}>" if tag else html_text(text)

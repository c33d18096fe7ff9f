"""A run, beside an earlier one, as one page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from evals.compare import Change, Comparison, Pair
from evals.comparison_text import differing_settings, power
from evals.reports.charts import latency_chart, reliability_chart, trend_chart
from evals.scoring import Outcome
from evals.significance import reliability
from evals.stored import Run, StoredAnswer, StoredCitation
from evals.totals import calibration_error, flaky, groups, latencies, means, rates, total
from evals.trend import Point
from evals.word_diff import ALIKE, likeness, word_diff
from rag.models import Profile

_SHOWN = 200
"""Cases of a sort that are shown; the rest are counted. A page stays small enough to be read on a phone."""
_AROUND = 160
"""Characters of an abstract around a marked passage."""


class Marked(NamedTuple):
    """A cited passage in its abstract."""

    n: int
    title: str
    before: str
    passage: str
    after: str


class Side(NamedTuple):
    """One of two answers to a case."""

    answer: StoredAnswer
    text: Markup
    citations: Sequence[Marked]


class Flip(NamedTuple):
    """A case whose answer changed."""

    pair: Pair
    before: Side
    after: Side


def html_report(run: Run, comparison: Comparison | None, trend: Sequence[Point], profile: Profile | None = None) -> str:
    """The page.

    Args:
        run: what is reported.
        comparison: with an earlier run, None for the run alone.
        trend: the stored runs, oldest first.
        profile: its abstracts are what passages are marked in; None shows the passages alone.
    """
    answers = run.answers
    stated = [(answer.confidence, answer.is_right) for answer in answers if answer.confidence is not None]
    bins = reliability([chance for chance, _ in stated], [right for _, right in stated])
    times = [answer.reply.timings_ms.get("total", 0.0) for answer in answers if answer.reply]
    wrong = [answer for answer in answers if not answer.is_right]
    page: str = _template().render(
        run=run,
        comparison=comparison,
        differing=differing_settings(comparison.base.header, run.header) if comparison else [],
        power=power(comparison) if comparison else "",
        sections=_sections(comparison, profile) if comparison else [],
        shown=_SHOWN,
        total=total(answers),
        kinds=groups(answers, lambda answer: answer.case.kind),
        languages=groups(answers, lambda answer: answer.case.language),
        rates=[rate for rate in rates(answers) if rate.of],
        means=means(answers),
        flaky=flaky(answers),
        latencies=latencies(answers),
        error=calibration_error(answers),
        charts={
            "trend": Markup(trend_chart(trend)) if len(trend) > 1 else "",
            "reliability": Markup(reliability_chart(bins)) if bins else "",
            "latency": Markup(latency_chart(times)) if times else "",
        },
        wrong=[_side(answer, profile) for answer in wrong[:_SHOWN]],
        wrong_count=len(wrong),
        Outcome=Outcome,
    )
    return page


def _sections(comparison: Comparison, profile: Profile | None) -> list[dict[str, Any]]:
    """What got worse, unstable, better or other, each with its cases."""
    titles = {
        Change.WORSE: "Worse",
        Change.UNSTABLE: "Unstable: right at some repeats and not at others",
        Change.BETTER: "Better",
        Change.OTHER: "Changed, as right or wrong as before",
    }
    sections = []
    for change, title in titles.items():
        pairs = comparison.of(change)
        if pairs:
            flips = [_flip(pair, profile) for pair in pairs[:_SHOWN]]
            sections.append({"title": title, "count": len(pairs), "flips": flips, "open": change is Change.WORSE})
    return sections


def _flip(pair: Pair, profile: Profile | None) -> Flip:
    before, after = pair.shown
    old, new = (side.reply.answer if side.reply else "" for side in (before, after))
    pieces = word_diff(old, new) if old and new and likeness(old, new) >= ALIKE else []
    gone = Markup("").join(_piece(piece.kind, piece.text) for piece in pieces if piece.kind != "new")
    come = Markup("").join(_piece(piece.kind, piece.text) for piece in pieces if piece.kind != "gone")
    return Flip(
        pair,
        _side(before, profile)._replace(text=gone or Markup.escape(old or "(the baseline keeps no text)")),
        _side(after, profile)._replace(text=come or Markup.escape(new)),
    )


def _piece(kind: str, text: str) -> Markup:
    tag = {"same": "", "gone": "del", "new": "ins"}[kind]
    return Markup(f"<{tag}>{{}}</{tag}>").format(text) if tag else Markup.escape(text)


def _side(answer: StoredAnswer, profile: Profile | None) -> Side:
    reply = answer.reply
    text = Markup.escape(reply.answer if reply else "(no answer)")
    citations = [_marked(citation, profile) for citation in reply.citations] if reply else []
    return Side(answer, text, [one for one in citations if one.passage])


def _marked(citation: StoredCitation, profile: Profile | None) -> Marked:
    """The passage with what stands around it, where the abstract is still the one that was cited."""
    abstract = (
        next((paper.abstract for paper in profile.papers if paper.id == citation.paper_id), "") if profile else ""
    )
    start, end = citation.start, citation.end
    if end > start and abstract[start:end] == citation.passage:
        around = abstract[max(0, start - _AROUND) : start], abstract[end : end + _AROUND]
        return Marked(citation.n, citation.title, around[0], citation.passage, around[1])
    quoted = citation.passage if end > start else ""
    return Marked(citation.n, citation.title, "", quoted, "")


@cache
def _template() -> Any:
    environment = Environment(
        loader=PackageLoader("evals.reports", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = lambda value: "-" if value != value else f"{value:.1%}"
    return environment.get_template("report.html.j2")

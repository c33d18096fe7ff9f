"""A run, beside an earlier one, as Markdown for a pull request's summary."""

from __future__ import annotations

from collections.abc import Iterator

from evals.compare import Change, Comparison, Pair
from evals.scoring import Outcome
from evals.stored import Run
from evals.totals import groups, total

_SHOWN = 20


def markdown_report(run: Run, comparison: Comparison | None) -> str:
    """Verdict and flips, then the table by kind."""
    lines = list(_comparison_lines(comparison)) if comparison else [f"### {run.header.profile}"]
    lines += ["", "| Kind | Cases | Right | Wrong | Wrongly answered | Wrongly refused |", "|---|---|---|---|---|---|"]
    for group in [*groups(run.answers, lambda answer: answer.case.kind), total(run.answers)]:
        counts = group.counts
        lines.append(
            f"| {group.name} | {group.cases} | {group.right.value:.1%} | {counts[Outcome.WRONG]} "
            f"| {counts[Outcome.WRONGLY_ANSWERED]} | {counts[Outcome.WRONGLY_REFUSED]} |"
        )
    return "\n".join(lines) + "\n"


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    yield f"### {comparison.new.header.profile}: {comparison.verdict}"
    yield ""
    worse, better = comparison.of(Change.WORSE, Change.UNSTABLE), comparison.of(Change.BETTER)
    other = len(comparison.of(Change.OTHER))
    yield f"{len(worse)} worse, {len(better)} better, {other} changed otherwise, of {len(comparison.pairs)} cases."
    for reason in comparison.reasons:
        yield f"- {_escaped(reason)}"
    for title, pairs in (("Worse", worse), ("Better", better)):
        if pairs:
            yield ""
            yield f"<details><summary>{title} ({len(pairs)})</summary>"
            yield ""
            yield "| Case | Asked | Before | After | Changed |"
            yield "|---|---|---|---|---|"
            yield from map(_row, pairs[:_SHOWN])
            if pairs[_SHOWN:]:
                yield f"| and {len(pairs) - _SHOWN} more | | | | |"
            yield ""
            yield "</details>"


def _row(pair: Pair) -> str:
    before, after = pair.shown
    cells = (
        after.case.id,
        " / ".join(after.case.asked),
        before.outcome.value,
        f"{after.outcome.value}: {after.reason}",
        pair.stage or "",
    )
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    """`text` as it is, in a table cell and without markup of its own."""
    flat = " ".join(text.split())
    for sign in "\\`*_[]<>|":
        flat = flat.replace(sign, f"\\{sign}")
    return flat

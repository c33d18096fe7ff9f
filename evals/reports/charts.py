"""Small charts as SVG, each with a text that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from evals.significance import ReliabilityBin
from evals.trend import Point

_WIDTH, _HEIGHT, _EDGE = 320, 160, 28
_DOT = 3.5


def trend_chart(points: Sequence[Point]) -> str:
    """The share of right answers over runs, oldest left."""
    shares = [point.right / point.scored for point in points]
    lowest = max(0.0, min(shares, default=0.0) - 0.05)
    highest = min(1.0, max(shares, default=1.0) + 0.05)
    places = [
        (_across(row / max(len(points) - 1, 1)), _up((share - lowest) / (highest - lowest)))
        for row, share in enumerate(shares)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_DOT}"><title>{escape(point.name)}: {share:.1%}</title></circle>'
        for (x, y), point, share in zip(places, points, shares, strict=True)
    )
    told = f"{len(points)} runs, right from {shares[0]:.1%} to {shares[-1]:.1%}" if points else "no run"
    return _svg(told, f'{_axes(f"{lowest:.0%}", f"{highest:.0%}")}<polyline points="{line}"/>{dots}')


def reliability_chart(bins: Sequence[ReliabilityBin]) -> str:
    """How often answers are right at each stated probability; on the diagonal the two agree."""
    diagonal = f'<line class="guide" x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}"/>'
    most = max((row.cases for row in bins), default=1)
    dots = "".join(
        f'<circle cx="{_across(row.stated):.1f}" cy="{_up(row.observed):.1f}" r="{3 + 6 * row.cases / most:.1f}">'
        f"<title>stated {row.stated:.0%}, right {row.observed:.0%}, {row.cases} answers</title></circle>"
        for row in bins
    )
    told = "; ".join(f"stated {row.stated:.0%}, right {row.observed:.0%} of {row.cases}" for row in bins)
    return _svg(told or "no stated probability", f"{_axes('0%', '100%')}{diagonal}{dots}")


def latency_chart(times: Sequence[float]) -> str:
    """How many answers took how long, in doubling steps of milliseconds."""
    counts: dict[int, int] = {}
    for time in times:
        step = max(0, int(time).bit_length())
        counts[step] = counts.get(step, 0) + 1
    steps = range(min(counts, default=0), max(counts, default=0) + 1)
    most = max(counts.values(), default=1)
    wide = (_WIDTH - 2 * _EDGE) / max(len(steps), 1)
    bars = "".join(
        f'<rect x="{_EDGE + row * wide + 1:.1f}" y="{_up(counts.get(step, 0) / most):.1f}" width="{wide - 2:.1f}" '
        f'height="{(_HEIGHT - 2 * _EDGE) * counts.get(step, 0) / most:.1f}">'
        f"<title>under {2**step} ms: {counts.get(step, 0)}</title></rect>"
        f'<text x="{_EDGE + (row + 0.5) * wide:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{2**step}</text>'
        for row, step in enumerate(steps)
    )
    told = "; ".join(f"under {2**step} ms: {counts.get(step, 0)}" for step in steps)
    return _svg(told, bars)


def _svg(told: str, content: str) -> str:
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(told, quote=True)}">{content}</svg>'


def _axes(low: str, high: str) -> str:
    return (
        f'<line class="axis" x1="{_EDGE}" y1="{_up(0)}" x2="{_WIDTH - _EDGE}" y2="{_up(0)}"/>'
        f'<line class="axis" x1="{_EDGE}" y1="{_up(0)}" x2="{_EDGE}" y2="{_up(1)}"/>'
        f'<text x="0" y="{_up(0)}">{low}</text><text x="0" y="{_up(1) + 8}">{high}</text>'
    )


def _across(share: float) -> float:
    return _EDGE + share * (_WIDTH - 2 * _EDGE)


def _up(share: float) -> float:
    return _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)

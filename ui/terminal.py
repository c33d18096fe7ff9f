"""Answers, profiles and plans as text for a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from rag.models import Answer, Explained, Profile, Usage
from rag.records import category_counts, year_counts


def uses_colour() -> bool:
    """Whether standard output is a terminal that wants colour (https://no-color.org)."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def answer_text(answer: Answer, *, colour: bool = False) -> str:
    """The answer, then its references: number, title, and the passage that is cited."""
    lines = [answer.answer, *(f"note: {notice}" for notice in answer.notices)]
    if answer.citations:
        lines.append("")
    for citation in answer.citations:
        passage = f"\n    “{citation.passage}”" if citation.is_quote else ""
        lines.append(f"{_bold(f'[{citation.n}]', colour)} {citation.title}{passage}")
    return "\n".join(lines)


def explained_text(explained: Explained) -> str:
    """Plan, evidence and outcome: why the answer came out as it did."""
    plan, answer = explained.plan, explained.answer
    conditions = plan.filter.model_dump(exclude_defaults=True, by_alias=True)
    lines = [
        f"understood as  {plan.kind}" + (f": {plan.operation}" if plan.operation else ""),
        f"because        {' > '.join(plan.because)}",
        f"language       {plan.language}",
        f"asked for      {plan.asked}",
    ]
    for label, value in (
        ("subject", plan.subject),
        ("filter", conditions),
        ("papers", ", ".join(plan.papers)),
        ("people", ", ".join(plan.people)),
    ):
        if value:
            lines.append(f"{label:<15}{value}")
    for evidence in explained.evidence:
        lines.append(
            f"evidence       {evidence.score:.2f}  (words {evidence.lexical:.2f}, meaning {evidence.dense:.2f})  "
            f"{evidence.paper_id[:40]}: {evidence.text}"
        )
    for unsaid in explained.unsaid:
        lines.append(f"not shown      {unsaid.reason}: {unsaid.text}")
    outcome = (
        f"refused: {answer.refusal_reason}" if answer.abstained else f"answered, {len(answer.citations)} citations"
    )
    lines.append(f"outcome        {outcome}")
    if answer.proof:
        lines.append(f"rule           {answer.proof.rule}")
    if answer.usage.model:
        lines.append(f"model          {usage_text(answer.usage)}")
    lines.append(f"time           {', '.join(f'{name} {value:.1f} ms' for name, value in answer.timings_ms.items())}")
    return "\n".join(lines)


def usage_text(usage: Usage) -> str:
    """'qwen: 2 calls, 410 + 44 tokens, cost 0.0002, prompts write 1812982d'."""
    parts = [f"{usage.calls} calls"]
    if usage.kept:
        parts.append(f"{usage.kept} kept replies")
    parts.append(f"{usage.prompt_tokens} + {usage.completion_tokens} tokens")
    if usage.cost is not None:
        parts.append(f"cost {usage.cost:.6g}")
    parts.append("prompts " + ", ".join(f"{name} {version}" for name, version in usage.prompts.items()))
    return f"{usage.model}: {', '.join(parts)}"


def profile_text(profile: Profile) -> str:
    """What a profile holds, and what is off about it."""
    return "\n".join(_profile_lines(profile))


def _profile_lines(profile: Profile) -> Iterator[str]:
    yield f"{profile.person} ({profile.name}, from {profile.source})"
    abstracts = sum(bool(paper.abstract) for paper in profile.papers)
    yield f"{len(profile.papers)} papers, {abstracts} with an abstract"
    if profile.figures:
        yield "stated in the header: " + ", ".join(f"{figure.label} {figure.value}" for figure in profile.figures)
    years = ", ".join(f"{year} {number}" for year, number in year_counts(profile.papers) if number)
    undated = sum(paper.year is None for paper in profile.papers)
    if years:
        yield f"by year: {years}" + (f", without a year {undated}" if undated else "")
    categories = ", ".join(f"{code} {number}" for code, number in category_counts(profile.papers))
    if categories:
        yield f"by category: {categories}"
    for finding in profile.findings:
        yield f"finding: {finding.message}"


def _bold(text: str, colour: bool) -> str:
    return f"\033[1m{text}\033[0m" if colour else text

"""A briefing as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rag.briefing.records import Briefing, Line


def briefing_text(briefing: Briefing, *, colour: bool = False) -> str:
    """The page with its markers, then its references with the passages that they cite."""
    return "\n".join(_lines(briefing, colour))


def _lines(briefing: Briefing, colour: bool) -> Iterator[str]:
    yield _bold(briefing.title, colour)
    yield briefing.subtitle
    yield from (f"note: {notice}" for notice in briefing.notices)
    for section in briefing.sections:
        yield ""
        yield _bold(section.heading, colour)
        yield from (_line(line) for line in section.lines)
    if briefing.citations:
        yield ""
    for citation in briefing.citations:
        quoted = f"\n    “{citation.passage}”" if citation.is_quote else ""
        yield f"{_bold(f'[{citation.n}]', colour)} {citation.title}{quoted}"


def _line(line: Line) -> str:
    sentence = line.sentence
    markers = "".join(f"[{number}]" for number in sentence.citations)
    text = f"{sentence.text}{' ' if markers else ''}{markers}"
    if line.question and line.question != sentence.text:
        return f"- {line.question}\n    {text}"
    if line.not_said:
        return f"✗ {line.not_said}\n✓ {text}"
    return f"- {text}" if sentence.item else text


def _bold(text: str, colour: bool) -> str:
    return f"\033[1m{text}\033[0m" if colour else text

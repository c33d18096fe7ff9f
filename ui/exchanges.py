"""What one tab has asked and been shown, and how the browser keeps it over a reload."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.models import Answer, Evidence, Explained, Plan, Profile, Turn
from ui.escaping import html_text, markdown_text
from ui.explained import SHOWN_EVIDENCE
from ui.render import answer_message, tools
from ui.strings import PageLanguage, say

_MOST_KEPT = 8_000_000
"""Characters of a kept conversation that are read back; a browser keeps fewer."""


class Exchange(NamedTuple):
    """A question and what the page shows for it; one tab's list of them is its history."""

    turn: Turn
    shown: str
    done: bool
    id: str = ""
    """Eight hexadecimal digits, by which the browser knows it."""
    evidence: tuple[Evidence, ...] = ()
    stopped: bool = False


class KeptTurn(BaseModel):
    """A turn as the browser keeps it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    question: str
    answer: Answer
    plan: Plan | None = None
    evidence: tuple[Evidence, ...] = ()
    stopped: bool = False


_KEPT = TypeAdapter(list[KeptTurn])


def new_id() -> str:
    """An id for a new exchange."""
    return secrets.token_hex(4)


def messages(exchanges: Sequence[Exchange], language: PageLanguage) -> list[dict[str, Any]]:
    """What the transcript component shows; what goes on from an answer stands under the last one only."""
    shown: list[dict[str, Any]] = []
    for exchange in exchanges:
        answer = exchange.turn.answer
        is_last = exchange is exchanges[-1]
        related = answer.related if answer and exchange.done and is_last else ()
        buttons = tools(answer, exchange.id, language, is_last=is_last) if exchange.done else ""
        shown.append({"role": "user", "content": markdown_text(exchange.turn.question)})
        shown.append(
            {
                "role": "assistant",
                "content": f"{exchange.shown}\n\n{buttons}" if buttons else exchange.shown,
                "options": [{"value": question, "label": question} for question in related],
            }
        )
    return shown


def stopped(exchange: Exchange, profile: Profile, language: PageLanguage) -> Exchange:
    """The exchange as it stands when the reader stops it: what is there, and that it isn't all."""
    answer = exchange.turn.answer
    text = answer_message(answer, profile, language, complete=False) if answer else ""
    word = say(language, "stopped" if answer else "stopped_early")
    shown = f'{text}\n\n<p class="notice">{word}</p>'
    return exchange._replace(shown=shown, done=True, id=exchange.id or new_id(), stopped=True)


# --- what the browser keeps ---


def kept(exchanges: Sequence[Exchange]) -> str:
    """Which exchanges there are, and the last of them whole, as JSON in an element for the page's script."""
    turns = [
        KeptTurn(
            id=exchange.id,
            question=exchange.turn.question,
            answer=exchange.turn.answer,
            plan=exchange.turn.plan,
            evidence=exchange.evidence[:SHOWN_EVIDENCE],
            stopped=exchange.stopped,
        ).model_dump(mode="json", by_alias=True)
        for exchange in exchanges[-1:]
        if exchange.turn.answer
    ]
    told = json.dumps({"ids": [exchange.id for exchange in exchanges], "turns": turns})  # ASCII: shown as it is
    return f'<div class="kept-turns">{html_text(told)}</div>'


def restored(text: str, profile: Profile, language: PageLanguage) -> tuple[tuple[Exchange, ...], int]:
    """The exchanges of a kept conversation, and how many of it no longer hold.

    A browser may bring anything, and the profile may have changed since: an answer comes back only if every
    passage that it cites still stands where it says.
    """
    if len(text) > _MOST_KEPT:
        return (), 0
    try:
        turns = _KEPT.validate_json(text)
    except ValidationError:
        return (), 0
    holding = [turn for turn in turns if _still_holds(turn, profile)]
    return tuple(_exchange(turn, profile, language) for turn in holding), len(turns) - len(holding)


def _exchange(turn: KeptTurn, profile: Profile, language: PageLanguage) -> Exchange:
    plain = Exchange(
        Turn(question=turn.question, plan=turn.plan, answer=turn.answer), "", True, turn.id, turn.evidence, turn.stopped
    )
    if turn.stopped:
        return stopped(plain, profile, language)
    why = Explained(answer=turn.answer, plan=turn.plan, evidence=turn.evidence) if turn.plan else None
    return plain._replace(shown=answer_message(turn.answer, profile, language, why=why))


def _still_holds(turn: KeptTurn, profile: Profile) -> bool:
    papers = {paper.id: paper for paper in profile.papers}
    answer = turn.answer
    named = {*(answer.proof.rows if answer.proof else ()), *(one.paper_id for one in turn.evidence)}
    return named <= papers.keys() and all(
        cited.paper_id in papers
        and (cited.end <= cited.start or papers[cited.paper_id].abstract[cited.start : cited.end] == cited.passage)
        for cited in answer.citations
    )

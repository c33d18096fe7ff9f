"""What one tab has asked and been shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from rag.models import Profile, Turn
from ui.escaping import markdown_text
from ui.render import answer_message
from ui.strings import PageLanguage, say


class Exchange(NamedTuple):
    """A question and what the page shows for it; one tab's list of them is its history."""

    turn: Turn
    shown: str
    done: bool


def messages(exchanges: Sequence[Exchange]) -> list[dict[str, Any]]:
    """What the transcript component shows; related questions stand under the last answer only."""
    shown: list[dict[str, Any]] = []
    for exchange in exchanges:
        answer = exchange.turn.answer
        related = answer.related if answer and exchange.done else ()
        shown.append({"role": "user", "content": markdown_text(exchange.turn.question)})
        shown.append(
            {
                "role": "assistant",
                "content": exchange.shown,
                "options": [{"value": question, "label": question} for question in related],
            }
        )
    return shown


def stopped(exchange: Exchange, profile: Profile, language: PageLanguage) -> Exchange:
    """The exchange as it stands when the reader stops it: what is there, and that it isn't all."""
    answer = exchange.turn.answer
    text = answer_message(answer, profile, language, complete=False) if answer else ""
    word = say(language, "stopped" if answer else "stopped_early")
    return exchange._replace(shown=f'{text}\n\n<p class="notice">{word}</p>', done=True)

"""A model's reply, read while it arrives: its sentences, each with the numbers of the passages it gives.

Two forms are read: the JSON that the schema asks for, also between code fences or behind a text of thinking, and
plain text with markers (`… [1][2]`). What is neither gives no sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from rag.sentences import split_sentences

LONGEST = 8_000
"""Characters of a reply that are read; a model that goes on is cut off."""
_THINKING = re.compile(r"^\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_OPEN_THINKING = re.compile(r"^\s*<(?:t|r)?[a-z]*$|^\s*<(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCE = re.compile(r"^\s*```[a-z]*\s*\n?", re.IGNORECASE)
_MARKERS = re.compile(r"(?:\s*\[\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*\])+")
_MAY_END = re.compile(r"[}\]\n\s]|</")
"""Without one of these a piece ends no sentence, neither of JSON nor of marked text."""
_JSON_START = re.compile(r"\{\s*\"")


class Sentence(BaseModel):
    """A sentence of the answer."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(description="one sentence")
    passages: list[int] = Field(description="numbers of the passages that state it")


class Reply(BaseModel):
    """The answer, sentence by sentence; empty where the passages do not answer the question."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[Sentence]


SCHEMA_FORMAT = 'Reply with JSON: {"sentences": [{"text": "one sentence", "passages": [1]}]}'
TEXT_FORMAT = "Reply with plain text: each sentence on a line of its own, and behind it its passages, like this: [1][3]"


def schema_of(reply: type[BaseModel]) -> dict[str, Any]:
    """The `response_format` that asks for such a reply."""
    return {
        "type": "json_schema",
        "json_schema": {"name": reply.__name__.lower(), "schema": reply.model_json_schema(), "strict": True},
    }


class Told(NamedTuple):
    """A sentence as the model wrote it, and the passages that it gives; nothing of it is checked."""

    text: str
    numbers: tuple[int, ...]


class ReplyReader:
    """Reads a reply piece by piece."""

    def __init__(self) -> None:
        self._text = ""
        self._given = {"json": 0, "text": 0}

    def feed(self, piece: str) -> list[Told]:
        """The sentences that are whole with this piece and weren't before."""
        self._text += piece
        return self._new(whole=False) if _MAY_END.search(piece) else []

    def finish(self) -> list[Told]:
        """What is left once the reply has ended; a cut-off sentence is no sentence."""
        return self._new(whole=True)

    @property
    def text(self) -> str:
        """All that came."""
        return self._text

    @property
    def sentences(self) -> int:
        """How many sentences were whole so far."""
        return sum(self._given.values())

    @property
    def is_too_long(self) -> bool:
        """Whether the model goes on beyond all measure."""
        return len(answer_part(self._text)) > LONGEST

    def _new(self, *, whole: bool) -> list[Told]:
        body = answer_part(self._text)
        start = _JSON_START.search(body)
        if start:
            form, found = "json", _of_json(body[start.start() :])
        elif not whole and body.lstrip()[:1] in {"{", ""}:
            return []
        else:
            form, found = "text", _of_text(body, whole=whole)
        new = found[self._given[form] :]
        self._given[form] = max(self._given[form], len(found))
        return new


def answer_part(text: str) -> str:
    """The reply without thinking in front and without code fences; '' while it may still be thinking."""
    text = _THINKING.sub("", text, count=1)
    if _OPEN_THINKING.match(text):
        return ""
    return _FENCE.sub("", text, count=1)


def read_object(text: str) -> Any:
    """The JSON object in a whole reply; None where there is none."""
    from jiter import from_json

    body = answer_part(text)
    start = body.find("{")
    try:
        return from_json(body[start : body.rfind("}") + 1].encode()) if start >= 0 else None
    except ValueError:
        return None


def _of_json(body: str) -> list[Told]:
    from jiter import from_json

    try:
        content = from_json(body.split("```", 1)[0].encode(), partial_mode=True)
    except ValueError:
        return []
    sentences = content.get("sentences") if isinstance(content, dict) else None
    if not isinstance(sentences, list):
        return []
    closed = re.search(r"\}[\s,\]}]*$", body) is not None
    complete = sentences if closed else sentences[:-1]
    told = [Told(_one_line(one["text"]), _numbers(one["passages"])) for one in complete if _is_sentence(one)]
    return [one for one in told if one.text]


def _is_sentence(one: object) -> bool:
    return isinstance(one, dict) and isinstance(one.get("text"), str) and isinstance(one.get("passages"), list)


def _numbers(given: Sequence[object]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for number in given if isinstance(number, int) and not isinstance(number, bool)))


def _of_text(body: str, *, whole: bool) -> list[Told]:
    """Sentences with their markers; while text still comes only those whose markers are followed by something."""
    told: list[Told] = []
    lines = body.split("\n")
    for place, line in enumerate(lines):
        ended = whole or place < len(lines) - 1
        told += _of_line(line, ended=ended)
    return told


def _of_line(line: str, *, ended: bool) -> list[Told]:
    told: list[Told] = []
    at = 0
    for match in _MARKERS.finditer(line):
        if not ended and not re.match(r"\.?\s+\S", line[match.end() :]):
            break
        numbers = tuple(dict.fromkeys(int(number) for number in re.findall(r"\d+", match.group())))
        told += [Told(text, numbers) for text in _sentences(line[at : match.start()])]
        at = match.end()
    if ended:
        told += [Told(text, ()) for text in _sentences(line[at:])]
    return told


def _sentences(text: str) -> list[str]:
    cleaned = _one_line(text).lstrip(".-*•# ").strip()
    return [span.text for span in split_sentences(cleaned) if re.search(r"\w", span.text)]


def _one_line(text: str) -> str:
    """The text on one line, without markers in it, which the numbers already are."""
    return re.sub(r"\s+", " ", _MARKERS.sub("", text)).strip()

"""Asking from the command line: one question, or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from rag.errors import InputError
from rag.models import Answer, Explained, Turn
from ui.terminal import answer_text, explained_text, uses_colour


class Asked(Protocol):
    """What is needed of a chat here."""

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with plan and evidence."""


class BatchRow(BaseModel):
    """A row of a batch file: one question, or the turns of one conversation."""

    model_config = ConfigDict(extra="ignore")

    id: str | int
    question: str | None = None
    turns: list[str] | None = None

    @model_validator(mode="after")
    def _has_something_to_ask(self) -> BatchRow:
        if not self.question and not self.turns:
            raise ValueError("needs a question or turns")
        return self


def checked_question(text: str) -> str:
    """`text` as a question that can be asked and kept.

    Raises:
        InputError: if it is empty.
    """
    if not text.strip():
        raise InputError("The question is empty.", "Ask something about the papers.")
    return _encodable(text)


def ask_once(chat: Asked, question: str, *, as_json: bool, explain: bool) -> str:
    """The answer to one question as text or JSON; with `explain` what led to it as well.

    Raises:
        InputError: if the question is empty.
    """
    explained = chat.explain(checked_question(question))
    if as_json:
        return (explained if explain else explained.answer).model_dump_json(by_alias=True)
    text = answer_text(explained.answer, colour=uses_colour())
    return f"{text}\n\n{explained_text(explained)}" if explain else text


def ask_batch(chat: Asked, source: str) -> Iterator[Answer]:
    """The answers to the rows of the file `source` ('-' for standard input), in order.

    Of a conversation the last turn's answer is given.

    Raises:
        InputError: naming the file and line of a row that can't be used; the rows before it are answered.
    """
    for row in _read_rows(source):
        history: list[Turn] = []
        answer: Answer | None = None
        for question in map(_encodable, row.turns or [row.question or ""]):
            explained = chat.explain(question, history)
            answer = explained.answer
            history.append(Turn(question=question, plan=explained.plan, answer=answer))
        assert answer is not None
        yield answer.model_copy(update={"id": str(row.id)})


def _read_rows(source: str) -> Iterator[BatchRow]:
    try:
        with nullcontext(sys.stdin) if source == "-" else Path(source).open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read_row(line, source, number)
    except OSError as error:
        raise InputError(f"{source} can't be read: {error.strerror}.", "Check the path.") from None
    except UnicodeDecodeError:
        raise InputError(f"{source} is not UTF-8 text.", "Save it as JSON Lines in UTF-8.") from None


def _read_row(line: str, source: str, number: int) -> BatchRow:
    try:
        return BatchRow.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        reason = f"no JSON ({error.msg})"
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        reason = f"{field}: {first['msg']}" if field else str(first["msg"]).removeprefix("Value error, ")
    place = "standard input" if source == "-" else source
    raise InputError(
        f"{place}, line {number}: {reason}.",
        'Write {"id": "1", "question": "…"} or {"id": "1", "turns": ["…"]}.',
    )


def _encodable(text: str) -> str:
    """`text` with halves of characters replaced, which JSON can hold and no output can."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

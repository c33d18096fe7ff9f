"""What readers thought of answers, kept in the data folder: one JSON line each, sent nowhere."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, TypeAdapter, ValidationError

from rag.errors import StorageError
from rag.models import Answer, Record

Thought = Literal["right", "wrong", "reported"]
MOST_BYTES = 20_000_000
"""The store grows no further, whoever reaches the page."""


class Feedback(Record):
    """A reader's word on one answer."""

    key: str = Field(default="", description="by which a reason finds it that is given later")
    number: int = Field(default=0, description="its place in the store, from 1")
    given: str = Field(description="when, in UTC")
    profile: str
    thought: Thought
    turns: tuple[str, ...] = Field(description="the questions of the conversation; the last one's answer is meant")
    answer: Answer
    reason: str = ""


class _Reason(Record):
    """A reason that was given after the word itself was kept."""

    of: str
    reason: str


_LINE: TypeAdapter[Feedback | _Reason] = TypeAdapter(Feedback | _Reason)


class FeedbackStore:
    """The feedback under `home`.

    Args:
        home: the data folder.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "feedback.jsonl"

    def add(self, profile: str, thought: Thought, turns: tuple[str, ...], answer: Answer, reason: str = "") -> str:
        """Keeps a reader's word.

        Returns:
            The key under which `explain` takes a reason.

        Raises:
            StorageError: if the store is full or can't be written.
        """
        given = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        row = Feedback(
            key=uuid.uuid4().hex, given=given, profile=profile, thought=thought, turns=turns, answer=answer,
            reason=reason,
        )  # fmt: skip
        self._append(row.model_dump_json(by_alias=True, exclude={"number"}))
        return row.key

    def explain(self, key: str, reason: str) -> None:
        """Keeps why a reader thought so of an answer; of several reasons the last one counts.

        Raises:
            StorageError: if the store is full or can't be written.
        """
        self._append(_Reason(of=key, reason=reason).model_dump_json())

    def _append(self, text: str) -> None:
        line = text.encode() + b"\n"
        if self.path.exists() and self.path.stat().st_size > MOST_BYTES:
            raise StorageError(f"{self.path} is full.", "Move it away to keep on marking answers.")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(handle, "ab") as file:
                file.write(line)
        except OSError as error:
            raise StorageError(f"{self.path} can't be written: {error.strerror}.", "Check its permissions.") from None

    def all(self) -> tuple[Feedback, ...]:
        """All that is kept, oldest first; lines that another version wrote and this one can't read are left out."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StorageError(f"{self.path} can't be read: {error.strerror}.", "Check its permissions.") from None
        rows = []
        reasons = {}
        for number, line in enumerate(lines, start=1):
            try:
                row = _LINE.validate_json(line)
            except ValidationError:
                continue
            if isinstance(row, _Reason):
                reasons[row.of] = row.reason
            else:
                rows.append(row.model_copy(update={"number": number}))
        return tuple(row.model_copy(update={"reason": reasons.get(row.key, row.reason)}) for row in rows)

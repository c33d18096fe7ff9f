"""Eval cases: questions with what a right answer must say, cite or refuse. Files of them: see `cases`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from evals.yaml_places import Place
from rag.models import Filter, Language

Kind = Literal["fact", "paraphrase", "computed", "topic", "synthesis", "refusal", "premise", "followup", "header"]
_NOT_JUDGED = {"profile", "kind", "split", "tags", "must", "reason", "pair"}


class Fact(BaseModel):
    """Something that must be said: a number, or one of several wordings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    any: tuple[str, ...] = Field(default=(), description="wordings, plain text in any case; one is enough")
    number: float | None = Field(default=None, description="a number, however it is written: 2600, 2,600, 2 600")
    tolerance: float = Field(default=0.0, ge=0, description="how far the number may be off")
    unit: str = Field(default="", description="what must follow the number, 'a|b' for either")

    @model_validator(mode="after")
    def _states_something(self) -> Fact:
        if not self.any and self.number is None:
            raise ValueError("give any or number")
        if self.number is None and (self.unit or self.tolerance):
            raise ValueError("unit and tolerance belong to a number")
        return self


class Case(BaseModel):
    """A question, or a conversation whose last turn is judged, and what is asked of the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, description="stays as long as the case does: runs are paired by it")
    profile: str = Field(default="", description="whose question it is; the file's own where left out")
    kind: Kind
    language: Language = Field(default="en", description="of the question, and of the answer's own words")
    split: Literal["dev", "test"] = Field(default="test", description="test cases are kept out of tuning")
    tags: tuple[str, ...] = Field(default=(), description="to choose cases by, e.g. numbers")
    must: bool = Field(default=False, description="its getting worse fails a comparison, whatever the rest does")
    question: str | None = None
    turns: tuple[str, ...] = Field(default=(), description="a conversation in place of a question")
    says: tuple[str, ...] = Field(default=(), description="regular expressions, all must match, in any case")
    facts: tuple[Fact, ...] = Field(default=(), description="numbers and wordings, all must be said")
    not_says: tuple[str, ...] = Field(default=(), description="regular expressions, none may match")
    cites: tuple[str, ...] = Field(default=(), description="ids or title starts that must be cited; 'a|b' for either")
    may_cite: tuple[str, ...] = Field(default=(), description="what may be cited beside `cites`, and nothing else")
    not_cites: tuple[str, ...] = Field(default=(), description="what must not be cited")
    cites_only: bool = Field(default=False, description="nothing but `cites` and `may_cite` may be cited")
    count: Filter | None = Field(default=None, description="the number of papers that meet this must be said")
    lists: Filter | None = Field(default=None, description="exactly the papers that meet this must be cited")
    refuses: bool = Field(default=False, description="the question must be refused")
    reason: str | None = Field(default=None, description="'a|b' for either; reported, not judged")
    pair: str | None = Field(default=None, description="id of the case that this is a translation of")

    _place: Place | None = PrivateAttr(default=None)

    @field_validator("says", "not_says")
    @classmethod
    def _compiles(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
        return patterns

    @model_validator(mode="after")
    def _asks_and_judges(self) -> Case:
        if (self.question is None) == (not self.turns):
            raise ValueError("needs a question or turns, and not both")
        if not all(turn.strip() for turn in self.asked):
            raise ValueError("a question is empty")
        judged = (self.says, self.facts, self.not_says, self.cites, self.not_cites, self.count, self.lists)
        if not (self.refuses or any(judged)):
            raise ValueError("can never fail: give says, facts, cites, count, lists or refuses")
        contradiction = next(_contradictions(self), None)
        if contradiction:
            raise ValueError(f"can never pass: {contradiction}")
        return self

    @property
    def asked(self) -> tuple[str, ...]:
        """The turns of the conversation; one for a single question."""
        return self.turns or (self.question or "",)

    @property
    def place(self) -> str:
        """File, line and id of the case, for messages."""
        return f"{self._place}, case {self.id}" if self._place else f"case {self.id}"

    @property
    def line(self) -> int | None:
        """The line of its file that the case begins in, None where it came from no file."""
        return self._place.line if self._place else None

    @property
    def digest(self) -> str:
        """Short hash of what is asked and judged; two runs are comparable where it is the same."""
        content = self.model_dump_json(exclude_defaults=True, exclude=_NOT_JUDGED, by_alias=True)
        return hashlib.sha256(content.encode()).hexdigest()[:8]

    def at(self, place: Place) -> Case:
        """The same case, known to stand at `place`."""
        self._place = place
        return self


def _contradictions(case: Case) -> Iterator[str]:
    asked = {
        "says": case.says,
        "facts": case.facts,
        "cites": case.cites,
        "count": case.count,
        "lists": case.lists,
    }
    if case.refuses:
        for name in (name for name, value in asked.items() if value):
            yield f"it is to be refused, and {name} asks for an answer"
    for pattern in set(case.says) & set(case.not_says):
        yield f"{pattern!r} is in says and in not_says"
    for paper in set(case.cites) & set(case.not_cites):
        yield f"{paper} is in cites and in not_cites"

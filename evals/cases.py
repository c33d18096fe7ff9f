"""Eval cases: questions with what a right answer must say, cite or refuse, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag.errors import InputError
from rag.models import Filter, Language

Kind = Literal["fact", "paraphrase", "computed", "topic", "synthesis", "refusal", "premise", "followup", "header"]


class Case(BaseModel):
    """A question, or a conversation whose last turn is judged, and what is asked of the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    profile: str = ""
    kind: Kind
    language: Language = "en"
    split: Literal["dev", "test"] = "test"
    question: str | None = None
    turns: tuple[str, ...] = ()
    says: tuple[str, ...] = Field(default=(), description="regular expressions, all must match, in any case")
    not_says: tuple[str, ...] = ()
    cites: tuple[str, ...] = Field(default=(), description="ids or title starts that must be cited; 'a|b' for either")
    cites_only: bool = Field(default=False, description="nothing but `cites` may be cited")
    count: Filter | None = Field(default=None, description="the number of papers that meet this must be said")
    lists: Filter | None = Field(default=None, description="exactly the papers that meet this must be cited")
    refuses: bool = False
    reason: str | None = Field(default=None, description="'a|b' for either; reported, not judged")
    pair: str | None = Field(default=None, description="id of the case that this is a translation of")

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
        if not (self.refuses or self.says or self.cites or self.count or self.lists or self.not_says):
            raise ValueError("can never fail: give says, cites, count, lists or refuses")
        return self

    @property
    def asked(self) -> tuple[str, ...]:
        """The turns of the conversation; one for a single question."""
        return self.turns or (self.question or "",)


def load_cases(folder: Path) -> tuple[Case, ...]:
    """Every case in the YAML files of `folder`, in the order of the files' names.

    Raises:
        InputError: naming file and case (or line) that can't be used.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise InputError(f"{folder} holds no case: there is no .yaml file in it.", "Give a folder with --cases.")
    cases: dict[str, Case] = {}
    for path in files:
        for case in _read_file(path):
            if case.id in cases:
                raise InputError(f"{path}: the id {case.id} is there twice.", "Give each case an id of its own.")
            cases[case.id] = case
    return tuple(cases.values())


def _read_file(path: Path) -> Iterator[Case]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}, line {line}: no YAML ({error.problem}).", "Mend that line.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read: {error}.", "Check the file.") from None
    if not isinstance(content, Mapping) or not isinstance(content.get("cases"), list):
        raise InputError(f"{path} has no list of cases.", "Write `profile: NAME` and `cases:`.")
    for number, row in enumerate(content["cases"], start=1):
        yield _read_case(row, str(content.get("profile", "")), path, number)


def _read_case(row: Any, profile: str, path: Path, number: int) -> Case:
    try:
        return Case.model_validate({"profile": profile, **row})
    except (ValidationError, TypeError) as error:
        name = row.get("id", f"number {number}") if isinstance(row, Mapping) else f"number {number}"
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            reason = f"{where}: {first['msg']}" if where else first["msg"]
        else:
            reason = "not a case"
        raise InputError(f"{path}, case {name}: {reason}.", "Mend that case.") from None

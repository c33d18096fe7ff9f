"""Files of eval cases: reading them with file, line and field of what is wrong, and their schema for editors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evals.case import Case
from evals.yaml_places import Document, Place, read_yaml
from rag.errors import InputError
from rag.models import Profile
from rag.records import select

__all__ = ["Case", "case_schema", "check_cases", "load_cases", "read_case_file", "schema_text", "shipped_cases"]

SCHEMA_NAME = "cases.schema.json"


def shipped_cases() -> Path:
    """The folder of the cases that ship."""
    return Path(str(files("evals").joinpath("cases")))


def load_cases(folder: Path) -> tuple[Case, ...]:
    """Every case in the YAML files of `folder`, in the order of the files' names.

    Raises:
        InputError: naming file, line, case and field of what can't be used.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder.", "Give a folder of YAML files with --cases.")
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise InputError(f"{folder} holds no case: there is no .yaml file in it.", "Give a folder with --cases.")
    cases: dict[str, Case] = {}
    for path in paths:
        for case in read_case_file(path):
            if case.id in cases:
                raise InputError(
                    f"{case.place}: the id is there twice, first at {cases[case.id].place}.",
                    "Give each case an id of its own.",
                )
            cases[case.id] = case
    return tuple(cases.values())


def read_case_file(path: Path) -> Iterator[Case]:
    """The cases of one file, in its order."""
    document = read_yaml(path)
    content = document.content
    if not isinstance(content, Mapping) or not isinstance(content.get("cases"), list):
        raise InputError(f"{path} has no list of cases.", "Write `profile: NAME` and `cases:`.")
    stray = next((key for key in content if key not in {"profile", "cases"}), None)
    if stray is not None:
        raise InputError(f"{document.place(str(stray))}: {stray} is not known here.", "Write `profile` and `cases`.")
    for number, row in enumerate(content["cases"]):
        yield _read_case(row, str(content.get("profile") or ""), document, number)


def check_cases(cases: Iterable[Case], profile: Profile) -> None:
    """Holds cases against the records that they are judged by.

    Raises:
        InputError: naming file, line and case that names a paper which isn't there, or can never pass.
    """
    ids = [paper.id for paper in profile.papers]
    for case in cases:
        for field in ("cites", "may_cite", "not_cites"):
            for wanted in getattr(case, field):
                _check_names(case, field, wanted, ids, profile.name)
        if case.lists is not None:
            listed = {paper.id for paper in select(profile.papers, case.lists)}
            for wanted in case.cites:
                if not any(paper.startswith(start) for paper in listed for start in wanted.split("|")):
                    raise InputError(
                        f"{case.place}, cites: can never pass, since {wanted} is not in its own list.",
                        "Mend cites or lists.",
                    )


def case_schema() -> dict[str, Any]:
    """The JSON schema of a case file, with which an editor completes and checks it."""
    case = Case.model_json_schema(by_alias=True)
    definitions = case.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Eval cases of Profile Chat",
        "type": "object",
        "additionalProperties": False,
        "required": ["cases"],
        "properties": {
            "profile": {"type": "string", "description": "the profile that is asked"},
            "cases": {"type": "array", "items": {"$ref": "#/$defs/Case"}},
        },
        "$defs": {**definitions, "Case": case},
    }


def schema_text() -> str:
    """The schema as the file beside the cases holds it."""
    return json.dumps(case_schema(), indent=1, ensure_ascii=False) + "\n"


def _read_case(row: Any, profile: str, document: Document, number: int) -> Case:
    if not isinstance(row, Mapping):
        raise InputError(f"{document.place('cases', number)}: not a case.", "Write `- id: …` with its fields.")
    name = row.get("id", f"number {number + 1}")
    try:
        case = Case.model_validate({"profile": profile, **row})
    except ValidationError as error:
        first = error.errors()[0]
        steps = [step for step in first["loc"] if isinstance(step, str | int)]
        field = ".".join(map(str, steps))
        message = str(first["msg"]).removeprefix("Value error, ")
        reason = f"{field}: {message}" if field else message
        place = document.place("cases", number, *steps)
        raise InputError(f"{place}, case {name}: {reason}.", "Mend that field.") from None
    return case.at(Place(document.path, document.place("cases", number).line))


def _check_names(case: Case, field: str, wanted: str, ids: Sequence[str], profile: str) -> None:
    for start in wanted.split("|"):
        if not any(paper.startswith(start) for paper in ids):
            raise InputError(
                f"{case.place}, {field}: no paper of {profile} has an id that starts with {start!r}.",
                "`profile-chat info --json` lists the ids.",
            )

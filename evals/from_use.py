"""From use to case: a reader's word on an answer becomes an eval case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from evals.case import Case, Kind
from evals.cases import check_cases, load_cases
from evals.yaml_places import read_yaml
from rag.errors import InputError, StorageError
from rag.feedback import Feedback
from rag.models import Profile, QuestionKind

FILE_NAME = "from_use.yaml"
_KINDS: Mapping[QuestionKind, Kind] = {
    QuestionKind.COMPUTED: "computed",
    QuestionKind.TOPIC: "topic",
    QuestionKind.SYNTHESIS: "synthesis",
    QuestionKind.HEADER: "header",
    QuestionKind.REFUSAL: "refusal",
}


def known_fields(feedback: Feedback) -> dict[str, Any]:
    """What a case takes from feedback: the question, its language and kind; of a right answer what it cites too."""
    answer = feedback.answer
    kind = "followup" if len(feedback.turns) > 1 else _KINDS.get(answer.kind, "fact")
    fields: dict[str, Any] = {
        "id": _slug(feedback.turns[-1]),
        "profile": feedback.profile,
        "kind": kind,
        "language": answer.language,
        "split": "dev",
        "tags": ["from-use"],
    }
    fields |= {"turns": list(feedback.turns)} if len(feedback.turns) > 1 else {"question": feedback.turns[0]}
    if feedback.thought == "right":
        cited = list(dict.fromkeys(citation.paper_id for citation in answer.citations))
        fields |= {"refuses": True} if answer.abstained else {"cites": cited} if cited else {}
    return fields


def is_complete(fields: Mapping[str, Any]) -> bool:
    """Whether the fields say what a right answer is."""
    return any(fields.get(name) for name in ("says", "cites", "refuses", "not_says", "facts", "count", "lists"))


def add_case(fields: Mapping[str, Any], folder: Path, profile: Profile) -> Case:
    """Checks a case and writes it to the end of the file for cases from use.

    Raises:
        InputError: if it is no valid case, names an unknown paper, or its id is taken; nothing is written.
        StorageError: if the file can't be written.
    """
    path = folder / FILE_NAME
    try:
        case = Case.model_validate(fields)
    except ValueError as error:
        reason = str(error).splitlines()[2].strip().removeprefix("Value error, ").partition(" [type=")[0]
        raise InputError(f"That is no case: {reason}.", "See `profile-chat eval add --help`.") from None
    check_cases([case], profile)
    if any(path.suffix == ".yaml" for path in folder.glob("*.yaml")):
        taken = {known.id for known in load_cases(folder)}
        if case.id in taken:
            raise InputError(f"The id {case.id} is taken.", "Give another with --id.")
    text = yaml.safe_dump([dict(fields)], allow_unicode=True, sort_keys=False, width=110)
    try:
        if path.exists():
            read_yaml(path)
            content = path.read_text(encoding="utf-8")
            path.write_text(content.rstrip("\n") + "\n" + text, encoding="utf-8")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(f"cases:\n{text}", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.", "Give a folder with --cases.") from None
    return case


def listed(rows: Sequence[Feedback]) -> str:
    """The feedback as lines: number, thought, question, what was answered."""
    return "\n".join(
        f"{row.number:>4}  {row.thought:<9}{row.given}  {row.profile}: {' / '.join(row.turns)}\n"
        f"      {' '.join(row.answer.answer.split())[:110]}" + (f"\n      reason: {row.reason}" if row.reason else "")
        for row in rows
    )


def _slug(question: str) -> str:
    words = re.findall(r"[a-z0-9]+", question.lower())
    return "use-" + "-".join(words[:7])

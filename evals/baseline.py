"""The baseline: what a run is held against, small enough to be kept with the code, a line for each case.

A line holds the case's id and digest, how its answer fared, a hash of what each stage gave, and its measures,
a name alone for 1. The answers' texts are not kept: git has the code that gives them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from evals.run_files import read_header
from evals.scoring import Outcome
from evals.stored import FORMAT, Run, StoredAnswer, StoredCase
from rag.errors import InputError, StorageError
from rag.whole_files import replace_whole

_MAKE = "Make it with `profile-chat eval bless`."
_TRUTH = {
    Outcome.RIGHT: 1.0,
    Outcome.RIGHTLY_REFUSED: 1.0,
    Outcome.WRONGLY_REFUSED: 0.0,
    Outcome.WRONG: -1.0,
    Outcome.WRONGLY_ANSWERED: -1.0,
}
"""The measure `truth` follows from the outcome."""


def shipped_baseline(profile: str) -> Path:
    """The baseline of a profile that is kept with the code."""
    return Path(str(files("evals").joinpath("baselines", f"{profile}.jsonl")))


def bless(run: Run, path: Path) -> None:
    """Makes `run` the baseline in `path`, in one step.

    Raises:
        InputError: if it was interrupted, repeats its cases, or holds an unscored answer.
        StorageError: if the file can't be written.
    """
    if run.end is None or len(run.answers) < run.header.cases:
        raise InputError(f"{run.path} is not whole.", f"Go on with it: profile-chat eval run --out {run.path}")
    unscored = next((answer for answer in run.answers if answer.outcome is Outcome.UNSCORED), None)
    if unscored is not None:
        raise InputError(f"{run.path} holds an unscored answer: {unscored.case.id}.", "Run the cases again.")
    if run.header.repeats > 1:
        raise InputError(f"{run.path} repeats its cases.", "Bless a run without --repeat.")
    header = run.header.model_dump(mode="json", include={"profile", "fingerprint", "papers", "cases", "code"})
    lines = [json.dumps({"format": FORMAT, "kind": "baseline", **header, "started": run.header.started})]
    lines += [json.dumps(_row(answer), ensure_ascii=False, separators=(",", ":")) for answer in run.answers]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, ("\n".join(lines) + "\n").encode())
        path.chmod(0o644)
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.", "Give another with --baseline.") from None


def read_baseline(path: Path) -> Run:
    """A baseline as a run without texts.

    Raises:
        InputError: naming the file, and the line that is none of a baseline.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", _MAKE) from None
    if not lines:
        raise InputError(f"{path} is empty.", _MAKE)
    header = read_header(path, lines[0])
    answers = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            answers.append(_answer(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path}, line {number}: not a line of a baseline.", _MAKE) from None
    return Run(path=path, header=header, answers=tuple(answers), kind="baseline")


def is_baseline(path: Path) -> bool:
    """Whether the file says of itself that it is a baseline."""
    try:
        with path.open("rb") as file:
            return b'"kind": "baseline"' in file.readline(10_000)
    except OSError:
        return False


def _row(answer: StoredAnswer) -> dict[str, Any]:
    return {
        "id": answer.case.id,
        "case": answer.case.digest,
        "outcome": answer.outcome.value,
        "stages": " ".join(answer.stages),
        "measures": " ".join(_written(name, value) for name, value in answer.measures.items() if name != "truth"),
    }


def _written(name: str, value: float) -> str:
    """A measure's name, with its value where it isn't 1."""
    return name if value == 1 else f"{name}={value:g}"


def _answer(row: Mapping[str, Any]) -> StoredAnswer:
    outcome = Outcome(row["outcome"])
    measures = {"truth": _TRUTH[outcome]}
    for written in row["measures"].split():
        name, _, value = written.partition("=")
        measures[name] = float(value or 1)
    return StoredAnswer(
        case=StoredCase(id=row["id"], digest=row["case"], kind="", language=""),
        outcome=outcome,
        reason="(the baseline keeps no text)",
        measures=measures,
        stages=tuple(row["stages"].split()),
    )

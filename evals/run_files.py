"""Reading and writing files of runs: a line is kept as soon as its answer is there; see `stored` for what it holds."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from evals.scoring import Outcome
from evals.stored import FORMAT, End, Header, Run, StoredAnswer
from rag.errors import InputError, StorageError
from rag.models import Explained


def read_run(path: Path) -> Run:
    """Reads a run, or a baseline; of an interrupted run what there is, without a half-written last line.

    Raises:
        InputError: naming the file and what is wrong: no run, an older format, a damaged line.
    """
    lines = _lines(path)
    if not lines:
        raise InputError(f"{path} is empty.", "Make a run with `profile-chat eval run`.")
    header = read_header(path, lines[0])
    answers: list[StoredAnswer] = []
    end: End | None = None
    for number, line in enumerate(lines[1:], start=2):
        try:
            if line.startswith(b'{"finished"'):
                end = End.model_validate_json(line)
            else:
                answers.append(StoredAnswer.model_validate_json(line))
        except ValidationError:
            if number == len(lines):
                break  # half-written: the process was killed
            raise InputError(f"{path}, line {number}: not an answer of a run.", "Run the cases again.") from None
    latest = {(answer.case.id, answer.repeat): answer for answer in answers}  # asked again after it failed
    return Run(path=path, header=header, answers=tuple(latest[key] for key in sorted(latest)), end=end)


def read_header(path: Path, line: bytes) -> Header:
    """The header of a run from its first line; see `read_run`."""
    try:
        content = json.loads(line)
        if not isinstance(content, dict) or "format" not in content:
            raise ValueError
        if content["format"] == FORMAT:
            return Header.model_validate(content)
    except (ValueError, ValidationError):
        raise InputError(f"{path} is not a run.", "Give a file that `profile-chat eval run` wrote.") from None
    raise InputError(f"{path} has the format {content['format']}, this version reads {FORMAT}.", "Run the cases again.")


class RunWriter:
    """Writes a run line by line, so that what is answered is kept whatever happens.

    Args:
        path: the run's file.
        header: what produces the run.
        append: go on with the run that is there, from after its last whole line.
    """

    def __init__(self, path: Path, header: Header, *, append: bool = False) -> None:
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if append:
                _drop_half_line(path)
            self._file = path.open("ab" if append else "wb")
            if not append:
                self._write(header.model_dump_json())
        except OSError as error:
            raise StorageError(f"{path} can't be written: {error.strerror}.", "Give another file with --out.") from None

    def add(self, answer: StoredAnswer, explained: Explained | None) -> None:
        """Keeps an answer, with its plan and evidence where there are any."""
        row = answer.model_dump(mode="json", exclude={"reply"})
        if explained is not None:
            row["reply"] = explained.answer.model_dump(mode="json", by_alias=True)
            row["plan"] = explained.plan.model_dump(mode="json", by_alias=True)
            row["evidence"] = [one.model_dump(mode="json") for one in explained.evidence]
        self._write(json.dumps(row, ensure_ascii=False))

    def finish(self, end: End) -> None:
        """Marks the run as whole."""
        self._write(end.model_dump_json())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _write(self, line: str) -> None:
        try:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
        except OSError as error:
            raise StorageError(
                f"{self._path} can't be written: {error.strerror}.", "Free some space, then go on with the run."
            ) from None


def refuse_to_mix(begun: Run, header: Header) -> None:
    """Holds a run that is there against what is to be asked.

    Raises:
        InputError: if it is whole, or was made by another product: nothing is written over.
    """
    if begun.end is not None:
        raise InputError(f"{begun.path} holds a whole run.", "Give another file with --out.")
    for name, value in begun.header.product.items():
        if header.product[name] != value:
            raise InputError(
                f"{begun.path} was begun with another {name} ({value}, now {header.product[name]}).",
                "Give another file with --out.",
            )


def write_report(path: Path, text: str) -> None:
    """Writes a report to a file.

    Raises:
        StorageError: if the file can't be written.
    """
    try:
        path.write_bytes(text.encode())
    except OSError as error:
        raise StorageError(f"{path} can't be written: {error.strerror}.", "Give another file.") from None


def answered(answers: Sequence[StoredAnswer]) -> set[tuple[str, int]]:
    """Case and repeat of every answer that need not be asked again."""
    return {(answer.case.id, answer.repeat) for answer in answers if answer.outcome is not Outcome.UNSCORED}


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path} can't be read: {error.strerror}.", "Check the path.") from None


def _drop_half_line(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        with path.open("r+b") as file:
            file.truncate(whole)

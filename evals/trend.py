"""How the share of right answers went over the stored runs of a profile."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from evals.run_files import read_header
from evals.stored import End, Header
from rag.errors import InputError

_TAIL = 4_096


class Point(NamedTuple):
    """A whole run: when it began, and how it fared."""

    name: str
    started: str
    right: int
    scored: int
    cases: str
    """Which cases were asked; runs with another value asked others."""


def read_trend(folder: Path, profile: str) -> list[Point]:
    """The whole runs of `profile` in `folder`, oldest first; what is no whole run is passed over."""
    points = [point for path in folder.glob("*.jsonl") if (point := _point(path, profile)) is not None]
    return sorted(points, key=lambda point: point.started)


def _point(path: Path, profile: str) -> Point | None:
    """A run's point from its first and last line alone."""
    try:
        with path.open("rb") as file:
            header: Header = read_header(path, file.readline())
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            end = End.model_validate_json(file.read().splitlines()[-1])
    except (OSError, IndexError, InputError, ValidationError):
        return None
    if header.profile != profile or not end.scored:
        return None
    return Point(path.stem, header.started, end.right, end.scored, header.chosen)

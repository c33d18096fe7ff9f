"""`python -m evals.reader_training.thresholds`: fits `rag/thresholds.toml` on the cases that are kept for tuning.

One threshold after the other is moved to where the cases fare best, first in steps of 0.1, then by 0.05 and 0.1
to either side. A right answer counts 1, a refusal of what could be answered 0, a wrong answer or an answer to
what has none -2: who is told a wrong thing does not come back. Of values that fare alike the one nearest to the
middle of their range is taken. What the reader says of a text and what the search finds do not depend on the
thresholds, so both are asked once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import rag
from evals.case import Case
from evals.cases import load_cases
from evals.run import Task, ask_case
from evals.scoring import Outcome
from ingest.build import build_index
from ingest.sources import read_profile, shipped_profile_path
from rag.embedding import Embedder, load_embedder
from rag.errors import InputError, ProfileChatError
from rag.index import ProfileIndex, open_index
from rag.models import Profile
from rag.pipeline import ProfileChat
from rag.reader import Reader, open_reader
from rag.retrieval import Found, Retriever
from rag.settings import load_settings
from rag.store import ProfileStore
from rag.thresholds import Thresholds, load_thresholds

COARSE = tuple(round(0.1 * step, 2) for step in range(1, 10))
FINE = (-0.1, -0.05, 0.0, 0.05, 0.1)
LEAST, MOST = 0.02, 0.98
_WORTH = {Outcome.RIGHT: 1.0, Outcome.RIGHTLY_REFUSED: 1.0, Outcome.WRONGLY_REFUSED: 0.0}
_WRONG = -2.0


class RememberingRetriever(Retriever):
    """A retriever that searches for each text once. See `rag.retrieval.Retriever`."""

    def __init__(self, profile: Profile, index: ProfileIndex, embedder: Embedder) -> None:
        super().__init__(profile, index, embedder)
        self._known: dict[str, Found] = {}
        self.searches = 0

    def search(self, query: str) -> Found:
        """As the retriever does, remembered."""
        self.searches += 1
        if query not in self._known:
            self._known[query] = super().search(query)
        return self._known[query]


class RememberingReader:
    """A reader that judges each text once. See `rag.reader.Reader` for the methods.

    Args:
        reader: who judges.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.second = reader.second
        self._known: dict[tuple[str, str, tuple[int, ...]], list[float]] = {}
        self._chosen: dict[tuple[str, tuple[int, ...], int], list[int]] = {}
        self._matched: dict[tuple[str, tuple[int, ...]], NDArray[np.float32]] = {}

    def preselect(self, found: Found, rows: Sequence[int], limit: int) -> list[int]:
        """As the reader does, remembered."""
        key = found.query, tuple(rows), limit
        if key not in self._chosen:
            self._chosen[key] = self._reader.preselect(found, rows, limit)
        return self._chosen[key]

    def matches(self, found: Found, rows: Sequence[int]) -> NDArray[np.float32]:
        """As the reader does, remembered."""
        key = found.query, tuple(rows)
        if key not in self._matched:
            self._matched[key] = self._reader.matches(found, rows)
        return self._matched[key]

    def score(self, found: Found, rows: Sequence[int]) -> list[float]:
        """As the reader does, remembered."""
        key = "sentence", found.query, tuple(rows)
        if key not in self._known:
            self._known[key] = self._reader.score(found, rows)
        return self._known[key]

    def score_instead(self, found: Found, row: int, text: str) -> tuple[float, float] | None:
        """As the reader does."""
        return self._reader.score_instead(found, row, text)

    def score_papers(self, found: Found, papers: Sequence[int]) -> list[float]:
        """As the reader does, remembered."""
        key = "paper", found.query, tuple(papers)
        if key not in self._known:
            self._known[key] = self._reader.score_papers(found, papers)
        return self._known[key]


class Subject(NamedTuple):
    """A profile with what is needed to ask it, and its cases."""

    profile: Profile
    retriever: RememberingRetriever
    reader: Reader
    cases: tuple[Case, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (without the program's name) and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.reader_training.thresholds", description="Fits rag/thresholds.toml."
    )
    parser.add_argument("--cases", type=Path, default=Path(__file__).parent.parent / "cases", help="folder of cases")
    parser.add_argument("--also", type=Path, nargs="*", default=[], help="more profiles that cases are about")
    parser.add_argument("--out", type=Path, default=Path(rag.__file__).parent / "thresholds.toml")
    options = parser.parse_args(argv)
    try:
        _fit(options.cases, options.also, options.out)
    except ProfileChatError as error:
        sys.stderr.write(f"thresholds: {error}\n")
        return error.exit_status
    return 0


def fit(subjects: Sequence[Subject], start: Thresholds) -> tuple[Thresholds, float]:
    """The thresholds at which the cases of `subjects` fare best, and what they are worth there.

    Args:
        subjects: who is asked what.
        start: where the search begins.
    """
    best = start
    subjects = [subject._replace(cases=_that_search(subject, start)) for subject in subjects]
    for steps in (None, FINE):
        for name in Thresholds.model_fields:
            own = getattr(best, name)
            values = COARSE if steps is None else [min(MOST, max(LEAST, round(own + step, 2))) for step in steps]
            tried = {value: _worth(subjects, best.model_copy(update={name: value})) for value in values}
            alike = [value for value, reached in tried.items() if reached == max(tried.values())]
            best = best.model_copy(update={name: min(alike, key=lambda value: abs(value - np.median(alike)))})
    return best, _worth(subjects, best)


def _fit(folder: Path, also: Sequence[Path], out: Path) -> None:
    shipped = shipped_profile_path()
    paths = [*([shipped] if shipped else []), *also]
    cases = [case for case in load_cases(folder) if case.split == "dev"]
    settings = load_settings()
    embedder = load_embedder("e5", settings.home / "models")
    subjects = [
        _open(
            profile, embedder, settings.home / "fitting", tuple(case for case in cases if case.profile == profile.name)
        )
        for profile in map(read_profile, paths)
    ]
    if not any(subject.cases for subject in subjects):
        raise InputError(f"{folder} has no dev case of these profiles.", "Name their files with --also.")
    fitted, worth = fit(subjects, load_thresholds())
    count = sum(len(subject.cases) for subject in subjects)
    sys.stdout.write(f"{count} cases, worth {worth:.1f} in all\n")
    lines = [
        "# Written by `python -m evals.reader_training.thresholds`; what each means is said in rag/thresholds.py.",
        *(f"{name} = {value}" for name, value in fitted),
    ]
    out.write_text("\n".join(lines) + "\n", "utf-8")
    sys.stdout.write("\n".join(lines[1:]) + "\n")


def _open(profile: Profile, embedder: Embedder, home: Path, cases: tuple[Case, ...]) -> Subject:
    store = ProfileStore(home, profile.name)
    build = build_index(profile, store, embedder)
    index = open_index(store.index_folder(build), build.rows, None, build.prefix)
    retriever = RememberingRetriever(profile, index, embedder)
    reader = RememberingReader(open_reader(retriever, embedder, store.build_folder(build)))
    return Subject(profile, retriever, reader, cases)


def _that_search(subject: Subject, thresholds: Thresholds) -> tuple[Case, ...]:
    """The cases that search for anything; the answers to the others depend on no threshold."""
    chat = ProfileChat(subject.profile, subject.retriever, subject.reader, thresholds)
    kept = []
    for case in subject.cases:
        before = subject.retriever.searches
        ask_case(Task(case), chat)
        if subject.retriever.searches > before:
            kept.append(case)
    return tuple(kept)


def _worth(subjects: Sequence[Subject], thresholds: Thresholds) -> float:
    outcomes = (
        ask_case(Task(case), chat).answer.outcome
        for subject in subjects
        for chat in [ProfileChat(subject.profile, subject.retriever, subject.reader, thresholds)]
        for case in subject.cases
    )
    return sum(_WORTH.get(outcome, _WRONG) for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main())

"""Runs in files: every answer of a run with all that produced it, one JSON line each.

    line 1      the header: profile, cases, product, settings, versions
    lines       an answer each, as soon as it is there
    last line   the end: how long it took; a run without it was interrupted, and can be gone on with

What is read back ignores fields that it doesn't know, so that runs of other versions can be compared.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from evals.case import Case
from evals.scoring import Outcome
from rag.models import Explained

FORMAT = 1
STAGES = ("plan", "evidence", "writing", "checking")


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Header(_Stored):
    """What produced a run."""

    format: int = FORMAT
    profile: str
    fingerprint: str
    papers: int
    cases: int
    chosen: str = ""
    repeats: int = 1
    seed: int = 0
    code: str = ""
    commit: str | None = None
    embedder: str = ""
    index: str = ""
    model: str | None = None
    prompts: Mapping[str, str] = {}
    settings: Mapping[str, str] = {}
    packages: Mapping[str, str] = {}
    python: str = ""
    platform: str = ""
    started: str = ""

    @property
    def product(self) -> Mapping[str, Any]:
        """What answers depend on: a run is gone on with only where all of it is the same."""
        return self.model_dump(exclude={"started", "commit", "platform", "format"})


class StoredCase(_Stored):
    """What a run keeps of a case."""

    id: str
    digest: str
    kind: str
    language: str
    split: str = "test"
    tags: tuple[str, ...] = ()
    must: bool = False
    refuses: bool = False
    asked: tuple[str, ...] = ()

    @classmethod
    def of(cls, case: Case) -> StoredCase:
        """The stored form of `case`."""
        return cls(
            id=case.id,
            digest=case.digest,
            kind=case.kind,
            language=case.language,
            split=case.split,
            tags=case.tags,
            must=case.must,
            refuses=case.refuses,
            asked=case.asked,
        )


class StoredCitation(_Stored):
    """A citation as it was shown."""

    n: int
    paper_id: str
    title: str = ""
    passage: str = ""
    start: int = 0
    end: int = 0


class StoredReply(_Stored):
    """What was answered."""

    answer: str
    abstained: bool = False
    refusal_reason: str | None = None
    kind: str = ""
    citations: tuple[StoredCitation, ...] = ()
    timings_ms: Mapping[str, float] = {}
    usage: Mapping[str, Any] = {}


class StoredAnswer(_Stored):
    """An answer to a case, how it fared, and what led to it."""

    case: StoredCase
    repeat: int = 0
    outcome: Outcome
    reason: str = ""
    measures: Mapping[str, float] = {}
    stages: tuple[str, ...] = ()
    confidence: float | None = None
    """The stated probability that the answer's sentence answers the question, where one was stated."""
    seconds: float = 0.0
    """Of all turns."""
    reply: StoredReply | None = None

    @property
    def is_right(self) -> bool:
        """Whether the answer did what its case asks."""
        return self.outcome in {Outcome.RIGHT, Outcome.RIGHTLY_REFUSED}


class End(_Stored):
    """The last line of a whole run."""

    finished: str
    seconds: float
    """From the first question to the last answer; of a run that was gone on with, of its last part."""
    answering_seconds: float = 0.0
    """The plain sum of the answers' times."""
    right: int = 0
    scored: int = 0


class Run(_Stored):
    """A run as it was read."""

    path: Path
    header: Header
    answers: tuple[StoredAnswer, ...]
    end: End | None = None
    kind: Literal["run", "baseline"] = "run"

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.path.stem


def stage_digests(explained: Explained) -> tuple[str, ...]:
    """A short hash of what each stage gave, in the order of `STAGES`; scores count to two digits."""
    answer = explained.answer
    content = (
        explained.plan.model_dump(mode="json"),
        [(one.passage_id, round(one.score, 2)) for one in explained.evidence],
        [answer.answer, answer.refusal_reason, [(c.n, c.paper_id, c.start, c.end) for c in answer.citations]],
        [(sentence.verdict, round(sentence.score, 2)) for sentence in answer.sentences],
    )
    return tuple(hashlib.sha256(json.dumps(part).encode()).hexdigest()[:6] for part in content)

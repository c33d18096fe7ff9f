"""What the verifier gives back."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rag.models import Record

Ruling = Literal["supported", "contradicted", "not_found"]
"""`not_found`: not shown to be supported; nothing speaks against the claim, or not clearly."""


class EvidenceSentence(Record):
    """A sentence that a verdict rests on, with its place: `passages[passage][start:end] == sentence`."""

    passage: int
    start: int
    end: int
    sentence: str


class PairVerdict(Record):
    """What one claim is found to be against some passages."""

    verdict: Ruling
    score: float = Field(description="calibrated probability that the passages support the claim")
    reason: str
    evidence: tuple[EvidenceSentence, ...] = ()
    by: Literal["identity", "hard check", "model", "words", "records", "second judge"] = Field(
        description="a copied sentence, a number or name, the model, word overlap, or the records"
    )


class ReportEvidence(Record):
    """A sentence of a paper; from the records where `sentence` is what they state."""

    paper_id: str
    title: str
    sentence: str
    start: int = 0
    end: int = 0


class CheckedClaim(Record):
    """A claim of a sentence; `text` is the claim as it was checked, with what it refers to put in."""

    text: str
    verdict: Ruling
    score: float
    reason: str
    evidence: tuple[ReportEvidence, ...] = ()


class CheckedSentence(Record):
    """A sentence as given; its verdict is that of its weakest claim."""

    text: str
    verdict: Ruling
    score: float
    reason: str
    evidence: tuple[ReportEvidence, ...] = ()
    claims: tuple[CheckedClaim, ...] = ()


class CheckReport(Record):
    """A text, sentence by sentence, in order."""

    sentences: tuple[CheckedSentence, ...]

"""What a receipt holds, and what checking one finds."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from rag.models import Record, Verdict, Writer

Format = Literal["md", "html", "json", "bib", "csl"]
Held = Literal["holds", "changed", "broken"]
"""`changed`: nothing was edited, but the profile is another one now and does not bear the claim out as it stands."""


class CitedPassage(Record):
    """A numbered passage with its paper's record as printed."""

    n: int
    paper_id: str
    title: str
    authors: str
    date: str
    passage: str
    start: int
    end: int
    url: str | None = None

    @property
    def is_quote(self) -> bool:
        """Whether it is a sentence of the abstract, not the record."""
        return self.end > self.start


class Claim(Record):
    """One sentence as it was shown, sealed by its digest."""

    text: str
    verdict: Verdict
    citations: tuple[int, ...] = ()
    item: bool = False
    question: str = Field(default="", description="a question to the researcher in front of it")
    not_said: str = Field(default="", description="a claim that it corrects")
    digest: str = ""


class Part(Record):
    """A question with its answer, or a section of a briefing."""

    heading: str
    claims: tuple[Claim, ...]
    notes: tuple[str, ...] = ()
    writer: Writer = Field(default="quoted", description="whether a language model worded it")


class Source(Record):
    """The version of the profile that it was said from."""

    name: str
    person: str
    fingerprint: str
    papers: int


class Receipt(Record):
    """What was said, claim by claim, with the passages that carry it."""

    receipt: Literal["profile-chat 1"] = "profile-chat 1"
    kind: Literal["answer", "conversation", "briefing"]
    title: str
    subtitle: str = ""
    language: str
    made: str = Field(description="the day, as 2026-11-24")
    profile: Source
    parts: tuple[Part, ...]
    citations: tuple[CitedPassage, ...]
    digest: str = ""


class ClaimReport(Record):
    """What a claim of a receipt is found to be."""

    part: str
    text: str
    held: Held
    reason: str


class VerifyReport(Record):
    """A receipt, claim by claim; `damage` is what is wrong with the file beside its claims."""

    title: str = ""
    made: str = ""
    profile: str = ""
    same_profile: bool = True
    claims: tuple[ClaimReport, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def is_damaged(self) -> bool:
        """Whether anything in the file is not as it was exported."""
        return bool(self.damage) or any(claim.held == "broken" for claim in self.claims)

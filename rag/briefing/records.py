"""What a briefing is asked for, and what it is."""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import Field

from rag.models import AnswerSentence, Citation, Explained, Paper, Profile, Record
from rag.verifier.reports import CheckReport, Ruling

BriefLanguage = Literal["en", "de"]
FocusKind = Literal["whole", "topic", "person", "paper", "since"]
SectionKind = Literal[
    "overlap", "changes", "summary", "who", "focus", "themes", "latest", "people", "questions", "gaps", "cautions"
]


class Reader(Record):
    """Who the page is for: interests in words, or the papers that they wrote."""

    interests: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()


class BriefRequest(Record):
    """What a page is to be about and for."""

    kind: FocusKind = "whole"
    text: str = Field(default="", description="the topic, person, paper or date as typed")
    language: BriefLanguage = "en"
    reader: Reader | None = None
    earlier: Profile | None = Field(default=None, description="a version of the profile to tell the changes since")


class Line(Record):
    """One line of a section: a sentence, with what it answers or corrects in front of it."""

    sentence: AnswerSentence
    question: str = Field(default="", description="a question to the researcher that the sentence gives rise to")
    not_said: str = Field(default="", description="a claim that is not to be made; the sentence says what holds")
    ruling: Ruling | None = Field(default=None, description="what the check found that claim to be")
    reason: str = Field(default="", description="why")


class Section(Record):
    """A heading with its lines."""

    kind: SectionKind
    heading: str
    lines: tuple[Line, ...]


class Briefing(Record):
    """One page. Citations are numbered over all of it, in order of use."""

    title: str
    subtitle: str = Field(description="what the profile holds, in a line")
    kind: FocusKind
    focus: str = Field(description="the topic, person, paper or date as it was understood; '' for the whole profile")
    language: BriefLanguage
    person: str
    profile: str = Field(description="name of the profile")
    fingerprint: str = Field(description="of the profile's source")
    sections: tuple[Section, ...]
    citations: tuple[Citation, ...]
    notices: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all sections, in order."""
        return tuple(line for section in self.sections for line in section.lines)


class Engine(Protocol):
    """What a briefing is made with: the same engine that answers in the chat."""

    @property
    def profile(self) -> Profile:
        """The profile that is asked."""

    @property
    def model(self) -> str | None:
        """The language model that words answers, None where they are quotes."""

    def quote(self, question: str) -> Explained:
        """The quoted or computed answer with plan and evidence."""

    def explain(self, question: str) -> Explained:
        """The answer as the chat shows it, worded by a language model where there is one."""

    def check(self, text: str) -> CheckReport:
        """Every sentence of a text against the profile."""

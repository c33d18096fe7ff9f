"""Is this answer right? Pure functions of a case, the answer and the records."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from evals.cases import Case
from rag.models import Answer, Profile
from rag.records import select

_WORDS = {
    0: "no|none|not|zero|nothing|nobody|kein\\w*|nicht|null|aucun\\w*|ning\\w*",
    1: "one|ein(?:e|er|es|en|em)?|une?|un[oa]?|single",
    2: "two|zwei|deux|dos",
    3: "three|drei|trois|tres",
    4: "four|vier|quatre|cuatro",
    5: "five|funf|fünf|cinq|cinco",
    6: "six|sechs|seis",
    7: "seven|sieben|sept|siete",
    8: "eight|acht|huit|ocho",
    9: "nine|neun|neuf|nueve",
    10: "ten|zehn|dix|diez",
    11: "eleven|elf|onze|once",
    12: "twelve|zwölf|douze|doce",
}


class Outcome(StrEnum):
    """How an answer fared."""

    RIGHT = "right"
    WRONG = "wrong"
    RIGHTLY_REFUSED = "rightly refused"
    WRONGLY_REFUSED = "wrongly refused"
    WRONGLY_ANSWERED = "wrongly answered"


class Score(NamedTuple):
    """An outcome with its reason in words."""

    outcome: Outcome
    reason: str

    @property
    def is_right(self) -> bool:
        """Whether the answer did what the case asks."""
        return self.outcome in {Outcome.RIGHT, Outcome.RIGHTLY_REFUSED}


def score(case: Case, answer: Answer, profile: Profile) -> Score:
    """Judges `answer` by what `case` asks, with counts and lists computed from `profile`."""
    if case.refuses:
        if answer.abstained:
            return Score(Outcome.RIGHTLY_REFUSED, f"refused: {answer.refusal_reason}")
        return Score(Outcome.WRONGLY_ANSWERED, "answered what the profile does not hold")
    if answer.abstained:
        return Score(Outcome.WRONGLY_REFUSED, f"refused ({answer.refusal_reason}) what the profile holds")
    fault = _fault(case, answer, profile)
    return Score(Outcome.WRONG, fault) if fault else Score(Outcome.RIGHT, "as asked")


def _fault(case: Case, answer: Answer, profile: Profile) -> str | None:
    text = re.sub(r"\s*(?:\[\d+\])+", "", answer.answer)
    cited = {citation.paper_id for citation in answer.citations}
    for pattern in case.says:
        if not re.search(pattern, text, re.IGNORECASE):
            return f"does not say {pattern!r}"
    for pattern in case.not_says:
        if re.search(pattern, text, re.IGNORECASE):
            return f"says {pattern!r}"
    for wanted in case.cites:
        if not any(_names(wanted, paper) for paper in cited):
            return f"does not cite {wanted}"
    if case.cites_only:
        strays = [paper for paper in cited if not any(_names(wanted, paper) for wanted in case.cites)]
        if strays:
            return f"cites {strays[0]} as well"
    return _computed_fault(case, answer, profile, cited)


def _computed_fault(case: Case, answer: Answer, profile: Profile, cited: set[str]) -> str | None:
    if case.count is not None:
        number = len(select(profile.papers, case.count))
        if not _says_number(answer, number):
            return f"does not say {number}"
    if case.lists is not None:
        held = {paper.id for paper in select(profile.papers, case.lists)}
        if cited != held:
            missing, extra = sorted(held - cited), sorted(cited - held)
            return f"list differs: missing {missing}, extra {extra}"
    return None


def _names(wanted: str, paper_id: str) -> bool:
    return any(paper_id.startswith(start) for start in wanted.split("|"))


def _says_number(answer: Answer, number: int) -> bool:
    """Whether the first sentence says the number, as digits or as a word."""
    first = answer.sentences[0].text if answer.sentences else answer.answer
    words = _WORDS.get(number)
    pattern = rf"\b(?:{number}{'|' + words if words else ''})\b"
    return re.search(pattern, first, re.IGNORECASE) is not None

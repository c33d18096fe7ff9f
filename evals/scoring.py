"""Is this answer right? Pure functions of a case, the answer and the records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from evals.case import Case, Fact
from evals.contract import breaches
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
_NUMBER = re.compile(r"\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?")


class Outcome(StrEnum):
    """How an answer fared."""

    RIGHT = "right"
    WRONG = "wrong"
    RIGHTLY_REFUSED = "rightly refused"
    WRONGLY_REFUSED = "wrongly refused"
    WRONGLY_ANSWERED = "wrongly answered"
    UNSCORED = "unscored"


class Score(NamedTuple):
    """An outcome with its reason in words."""

    outcome: Outcome
    reason: str

    @property
    def is_right(self) -> bool:
        """Whether the answer did what the case asks."""
        return self.outcome in {Outcome.RIGHT, Outcome.RIGHTLY_REFUSED}


def score(case: Case, answer: Answer, profile: Profile) -> Score:
    """Judges `answer` by what `case` asks, with counts and lists computed from `profile`.

    An answer that breaks a promise which every answer keeps (see `contract`) is wrong, whatever it says.
    """
    breach = next(breaches(answer, profile, case.language), None)
    if breach:
        return Score(Outcome.WRONG, breach)
    if case.refuses:
        if answer.abstained:
            return Score(Outcome.RIGHTLY_REFUSED, f"refused: {answer.refusal_reason}")
        return Score(Outcome.WRONGLY_ANSWERED, "answered what the profile does not hold")
    if answer.abstained:
        return Score(Outcome.WRONGLY_REFUSED, f"refused ({answer.refusal_reason}) what the profile holds")
    fault = _fault(case, answer, profile)
    return Score(Outcome.WRONG, fault) if fault else Score(Outcome.RIGHT, "as asked")


def spoken(answer: Answer) -> str:
    """The answer's text without its markers."""
    return re.sub(r"\s*(?:\[\d+\])+", "", answer.answer)


def names(wanted: str, paper_id: str) -> bool:
    """Whether `wanted`, title starts with '|' between them, names the paper."""
    return any(paper_id.startswith(start) for start in wanted.split("|"))


def says_fact(fact: Fact, text: str) -> bool:
    """Whether `text` states the fact: one of its wordings, or its number within the tolerance and with its unit."""
    folded = " ".join(text.casefold().split())
    if any(" ".join(wording.casefold().split()) in folded for wording in fact.any):
        return True
    return fact.number is not None and any(
        abs(value - fact.number) <= fact.tolerance + 1e-9 and _has_unit(fact.unit, rest)
        for value, rest in _numbers(text)
    )


def _numbers(text: str) -> Iterator[tuple[float, str]]:
    """Each number of `text` (2600, 2,600, 2 600, 2.6) with what follows it."""
    for match in _NUMBER.finditer(text):
        yield float(re.sub(r"[,\s]", "", match[0])), text[match.end() :]


def _has_unit(unit: str, rest: str) -> bool:
    following = rest.lstrip(" -\u00a0\u202f\\").casefold()
    return any(following.startswith(name.casefold()) for name in unit.split("|"))


def _fault(case: Case, answer: Answer, profile: Profile) -> str | None:
    cited = {citation.paper_id for citation in answer.citations}
    faults = (*_spoken_faults(case, spoken(answer)), *_cited_faults(case, cited))
    return faults[0] if faults else computed_fault(case, answer, profile, cited)


def _spoken_faults(case: Case, text: str) -> Iterator[str]:
    for pattern in case.says:
        if not re.search(pattern, text, re.IGNORECASE):
            yield f"does not say {pattern!r}"
    for fact in case.facts:
        if not says_fact(fact, text):
            yield f"does not state {_fact_words(fact)}"
    for pattern in case.not_says:
        if re.search(pattern, text, re.IGNORECASE):
            yield f"says {pattern!r}"


def _cited_faults(case: Case, cited: set[str]) -> Iterator[str]:
    for wanted in case.cites:
        if not any(names(wanted, paper) for paper in cited):
            yield f"does not cite {wanted}"
    for wanted in case.not_cites:
        if any(names(wanted, paper) for paper in cited):
            yield f"cites {wanted}"
    if case.cites_only or case.may_cite:
        allowed = (*case.cites, *case.may_cite)
        for paper in sorted(cited):
            if not any(names(wanted, paper) for wanted in allowed):
                yield f"cites {paper} as well"


def computed_fault(case: Case, answer: Answer, profile: Profile, cited: set[str]) -> str | None:
    """How the number or list shown differs from what the records give, None where it does not."""
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


def _fact_words(fact: Fact) -> str:
    if fact.number is None:
        return " or ".join(map(repr, fact.any))
    return f"{fact.number:g} {fact.unit}".strip()


def _says_number(answer: Answer, number: int) -> bool:
    """Whether the first sentence says the number, as digits or as a word."""
    first = answer.sentences[0].text if answer.sentences else answer.answer
    words = _WORDS.get(number)
    pattern = rf"\b(?:{number}{'|' + words if words else ''})\b"
    return re.search(pattern, first, re.IGNORECASE) is not None

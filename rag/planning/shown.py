"""Follow-ups about the papers that an answer showed: one by its place, all of them, all but some."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.models import Filter, Operation, Plan, QuestionKind, Turn
from rag.names import fold
from rag.planning.reading import Reading, filter_of

_PLACES = (
    "first|erste[nrs]?|premier|premiere|primer[oa]?",
    "second|zweite[nrs]?|deuxieme|segund[oa]",
    "third|dritte[nrs]?|troisieme|tercer[oa]?",
    "fourth|vierte[nrs]?|quatrieme|cuart[oa]",
    "fifth|funfte[nrs]?|cinquieme|quint[oa]",
    "last|letzte[nrs]?|dernier|derniere|ultim[oa]",
)
_BY_PLACE = tuple(
    re.compile(
        rf"\b(?:the|das|die|der|den|dem|des|le|la|el)\s+(?:{place})"
        r"(?:\s+(?:ones?|papers?|articles?|study|publication|work|arbeit|artikels?|studie|publikation|veroffentlichung"
        r"|davon|articulo|trabajo)\b|(?=\s*[,.?!]|$)|(?=\s(?P<verb>\w+)\s*[.?!]?$))"
    )
    for place in _PLACES
)
_IT = {"en": "it", "de": "dazu", "fr": "cela", "es": "esto"}
_LAST = len(_PLACES) - 1
_MANY = frozenset({Operation.COUNT, Operation.LIST})


def shown_papers(history: Sequence[Turn]) -> tuple[str, ...]:
    """Papers of the latest answer that had any: cited ones, or those that a refusal offered."""
    for turn in reversed(history):
        cited = tuple(dict.fromkeys(citation.paper_id for citation in turn.answer.citations)) if turn.answer else ()
        if cited:
            return cited
        if turn.plan and turn.plan.papers:
            return turn.plan.papers
    return ()


def by_place(reading: Reading, history: Sequence[Turn]) -> tuple[Reading, list[Turn]] | None:
    """'Who wrote the second one?' as 'who wrote it?' behind an answer that showed the second paper alone.

    None where no place is named, or the answer before did not show as many papers.
    """
    last = history[-1]
    papers = shown_papers(history)
    if last.answer is None or len(papers) < 2 or reading.paper_ids():
        return None
    for place, pattern in enumerate(_BY_PLACE):
        found = pattern.search(reading.folded)
        if found is None or (place >= len(papers) and place != _LAST) or not _ends_well(found, reading):
            continue
        chosen = papers[-1] if place == _LAST else papers[place]
        text = f"{reading.text[: found.start()]}{_IT[reading.language]}{reading.text[found.end() :]}"
        citations = tuple(citation for citation in last.answer.citations if citation.paper_id == chosen)
        answer = last.answer.model_copy(update={"citations": citations})
        plan = last.plan.model_copy(update={"papers": (chosen,)}) if last.plan else None
        return replace(reading, text=text), [last.model_copy(update={"answer": answer, "plan": plan})]
    return None


def _ends_well(found: re.Match[str], reading: Reading) -> bool:
    """Whether the last word behind a place is a verb, as in 'die erste geschrieben?': in German, and no noun."""
    word = found["verb"]
    return word is None or (reading.language == "de" and reading.text[found.start("verb")].islower())


def of_all_shown(reading: Reading, papers: tuple[str, ...]) -> Plan | None:
    """'Compare them', 'what do they have in common?', 'list them', 'how many is that?'; None if it is none of these."""
    frames = reading.frames
    if not papers or not (frames.has("back") or frames.has("owner")) or reading.paper_ids():
        return None
    left = reading.left_over("back", "continue", "compare", "in_common", "each_of", "paper", "summarise")
    if left or not filter_of(reading).is_empty():
        return None
    several = len(papers) > 1
    common = {"question": reading.text, "language": reading.language, "filter": Filter(papers=papers)}
    if several and frames.has("compare", "in_common"):
        return Plan(kind=QuestionKind.SYNTHESIS, operation=Operation.COMPARE, asked=reading.asked, **common)
    if frames.has("who", "when", "code", "category", "title", "first_author", "overview", "summarise"):
        return None
    if frames.has("count"):
        return Plan(kind=QuestionKind.COMPUTED, operation=Operation.COUNT, asked=reading.asked, **common)
    if several and frames.opens_with("list") and not frames.has("asks_reason", "asks_method", "about_topic"):
        return Plan(kind=QuestionKind.COMPUTED, operation=Operation.LIST, asked=reading.asked, **common)
    return None


def without_some(reading: Reading, last: Plan) -> Plan | None:
    """'Without X', 'but not those from 2024': the last count or list again, with that left out."""
    span = reading.frames.first("exclude")
    if span is None or last.operation not in _MANY:
        return None
    before = fold(reading.text[: span[0]]).split()
    if any(word not in {"and", "but", "und", "aber", "et", "mais", "y", "pero"} for word in before):
        return None
    unwanted = filter_of(replace(reading, text=reading.text[span[1] :].strip(" ?.!,")))
    if unwanted.is_empty():
        return None
    conditions = last.filter.model_copy(update={"exclude": unwanted})
    return last.model_copy(
        update={"filter": conditions, "question": reading.text, "language": reading.language, "people": ()}
    )

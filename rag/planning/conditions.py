"""What a question asks of papers: conditions, topics and names in it, and the plan made of them."""

from __future__ import annotations

import re

from rag.models import AnswerType, Filter, Operation, Plan, QuestionKind, RefusalReason
from rag.names import fold
from rag.planning.people import sounds_like_name
from rag.planning.reading import Reading, filter_of

_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|dealing with|uber|zu|zum|zur|um|sur|sobre)"
    r"(?: (?:the|a|an|der|die|das|la|le|el))?$"
)
_COUNTED = re.compile(r"\b(?:how many|number of|wie ?viele?n?|anzahl(?: der)?|combien d[e']|cuant[oa]s)$")
_NEITHER = re.compile(r"\b(?:neither|weder)\b")
_NOT_WRITTEN = re.compile(
    r"\b(?:not|n't|nicht)\s+(?:\w+[- ])?(?:write|wrote|written|co-?author\w*|author\w*|involved|geschrieben|verfasst"
    r"|mitgeschrieben|beteiligt|dabei)\b"
)
NOT_OF_AUTHORS = frozenset(
    {AnswerType.REASON, AnswerType.METHOD, AnswerType.DURATION, AnswerType.COMPARISON, AnswerType.PLACE}
)
"""What is asked for is neither authors nor papers, however the question is worded."""


def conditions_of(reading: Reading) -> Filter:
    """What the question asks of a paper, 'but not …' included."""
    kept, excluded = reading.split_exclusion()
    conditions = filter_of(kept)
    if excluded:
        unwanted = filter_of(excluded)
        if not unwanted.is_empty():
            conditions = conditions.model_copy(update={"exclude": unwanted})
    if conditions.has_code and (_code_is_denied(reading) or _NEITHER.search(reading.frame_text)):
        conditions = conditions.model_copy(update={"has_code": False})
    if _NEITHER.search(reading.frame_text) and reading.frames.has("year_word"):
        conditions = conditions.model_copy(update={"undated": True})
    if conditions.authors and not excluded and _NOT_WRITTEN.search(reading.frame_text):
        unwanted = Filter(authors=conditions.authors)
        conditions = conditions.model_copy(update={"authors": (), "exclude": unwanted})
    return conditions


def _code_is_denied(reading: Reading) -> bool:
    return (
        re.search(
            r"\b(?:no|without|not|lack\w*|ohne|kein\w*|nicht|sans|sin)\b[\w\s]{0,20}\bcode",
            reading.frame_text,
        )
        is not None
    )


def computed_plan(reading: Reading, operation: Operation, conditions: Filter, **more: object) -> Plan:
    """The plan to compute `operation` over the papers that meet `conditions`."""
    return Plan(
        question=reading.text,
        language=reading.language,
        kind=QuestionKind.COMPUTED,
        operation=operation,
        filter=conditions,
        papers=reading.paper_ids(),
        people=tuple(name for mention in reading.people for name in mention.names),
        asked=reading.asked,
        **more,
    )


def count_or_list(reading: Reading) -> Operation:
    """Whether a number is asked for or the papers themselves."""
    return Operation.COUNT if reading.frames.has("count") else Operation.LIST


def described_paper(reading: Reading, *concepts: str) -> str | None:
    """What describes the paper that is meant: '' where it is named, None where nothing describes one."""
    subject = " ".join(reading.left_over("paper", "published", "who", "when", *concepts))
    return subject if subject or reading.papers else None


def unknown_name(reading: Reading) -> str | None:
    """A name that looks like a person's and is not one whom the profile prints."""
    frames = reading.frames
    if not frames.has("paper", "coauthor", "exists", "published", "who", "authorship"):
        return None
    strangers = reading.terms.people.strangers(reading.text)
    if strangers:
        return strangers[0].title()
    known = [*(mention.span for mention in reading.people), *(mention.span for mention in reading.papers)]
    for match in re.finditer(
        r"(?:\b(?:by|with|from|von|mit|par|avec|con|de|and|und|did|has|hat|does|is|was|ist)\s+)([^\W\d_][\w.'-]*(?:\s+[^\W\d_][\w.'-]*){1,2})",
        reading.text,
        re.I,
    ):
        words = match[1].split()
        while words and not words[-1][:1].isupper():
            words.pop()
        if any(start < match.end(1) and match.start(1) < end for start, end in known):
            continue
        if sounds_like_name(words) and not any(fold(word) in reading.terms.vocabulary for word in words):
            return " ".join(words)
    if frames.has("authorship", "coauthor"):
        stranger = reading.stranger()
        if stranger:
            return stranger
    lower = re.search(
        r"\b(?:papers?|articles?|arbeiten|publications?|coauthor\w*|co-author\w*|veroffentlichungen)\s+(?:(?:written|published|co-?authored|there|made|verfasst|geschrieben)\s+)?(?:by|with|from|von|mit)\s+([a-z'-]+(?:\s+[a-z'-]+){1,2})\s*\??$",
        reading.frame_text,
    )
    if lower and not any(start < lower.end(1) and lower.start(1) < end for start, end in known):
        words = lower[1].split()
        if not any(word in reading.terms.known or reading.terms.is_ordinary(word) for word in words[-1:]):
            return reading.text[lower.start(1) : lower.end(1)].title()
    return None


def names_a_topic(reading: Reading, left: list[str]) -> bool:
    """Whether words that no condition explains say what the papers are to be about, or what is to be counted."""
    if not left:
        return False
    text = reading.frame_text
    for word in left:
        if reading.terms.is_topical(word):
            return True
        before = text[: text.find(fold(word))].rstrip()
        if _ABOUT.search(before) or _COUNTED.search(before):
            return True
    return False


def ambiguous_name(reading: Reading) -> Plan:
    """The plan to ask back which of several people is meant."""
    names = next(mention.names for mention in reading.people if len(mention.names) > 1)
    return Plan(
        question=reading.text,
        language=reading.language,
        kind=QuestionKind.REFUSAL,
        people=names,
        refusal=RefusalReason.AMBIGUOUS,
    )

"""Questions about many papers that the records answer: counts, lists, years, extremes, code."""

from __future__ import annotations

import re

from rag.models import AnswerType, Filter, Operation, Plan
from rag.names import fold
from rag.planning.conditions import (
    NOT_OF_AUTHORS,
    ambiguous_name,
    computed_plan,
    conditions_of,
    count_or_list,
    names_a_topic,
    unknown_name,
)
from rag.planning.reading import Reading

_QUOTED = re.compile(r"[\"']([^\"']{2,60})[\"']")
_FEW_WORDS = 8
_MONTHS = re.compile(r"\b(?:months?|monate?n?|mois|mes(?:es)?)\b")
_NOT_OF_PAPERS = NOT_OF_AUTHORS | {AnswerType.PERSON}


def title_word(reading: Reading) -> Plan | None:
    """Papers with a word in the title."""
    frames = reading.frames
    if not frames.has("title_word"):
        return None
    quoted = _QUOTED.search(reading.text)
    left = reading.left_over("title_word", "paper", "about_topic", "published")
    left = [
        word
        for word in left
        if fold(word) not in {"word", "words", "term", "wort", "begriff", "containing", "mot", "palabra"}
    ]
    word = quoted[1] if quoted else " ".join(left)
    if not word:
        return None
    conditions = conditions_of(reading).model_copy(
        update={"title_word": word, "has_code": None, "authors": (), "category": None}
    )
    return computed_plan(reading, count_or_list(reading), conditions)


def cut_lists(reading: Reading) -> Plan | None:
    """How many author lists are cut."""
    if reading.frames.has("truncated") and not reading.papers:
        return computed_plan(reading, Operation.CUT_LISTS, Filter())
    return None


def undated(reading: Reading) -> Plan | None:
    """Papers whose date has no year, or those whose date has one, where no period is named."""
    if reading.frames.has("undated"):
        wanted = True
    elif reading.frames.has("dated") and reading.period is None and not reading.papers:
        wanted = False
    else:
        return None
    if len(reading.left_over("undated", "dated", "paper", "published", "year_word")) > 2:
        return None
    conditions = conditions_of(reading).model_copy(update={"undated": wanted})
    return computed_plan(reading, count_or_list(reading), conditions)


def busiest_year(reading: Reading) -> Plan | None:
    """The year with most or fewest papers."""
    frames = reading.frames
    if not frames.has("year_word", "when") or reading.papers or _MONTHS.search(reading.frame_text):
        return None
    if frames.has("quietest"):
        return computed_plan(reading, Operation.QUIETEST, Filter())
    return computed_plan(reading, Operation.BUSIEST, Filter()) if frames.has("busiest") else None


def papers_by_year(reading: Reading) -> Plan | None:
    """How many papers each year has."""
    if reading.frames.has("per_year") and reading.frames.has("paper", "published", "count") and not reading.papers:
        left = reading.left_over("per_year", "paper", "published", "year_word", "list", "when", "most")
        if len(left) <= 2 and reading.period is None:
            return computed_plan(reading, Operation.YEARS, Filter())
    return None


def oldest_or_newest(reading: Reading) -> Plan | None:
    """The first or last paper, of those that meet conditions."""
    frames = reading.frames
    for concept, operation in (("oldest", Operation.OLDEST), ("newest", Operation.NEWEST)):
        if frames.has(concept) and not reading.papers:
            conditions = conditions_of(reading)
            people = tuple(mention.span for mention in reading.people)
            named = tuple(mention.span for mention in reading.categories)
            left = reading.left_over(
                concept,
                "paper",
                "published",
                "when",
                "the_paper",
                "year_word",
                "who",
                "title",
                "category",
                "code",
                but=(*people, *named),
            )
            if not names_a_topic(reading, left):
                return computed_plan(reading, operation, conditions.model_copy(update={"undated": None}))
    return None


def code(reading: Reading) -> Plan | None:
    """Papers with code, or where a paper's code is."""
    frames = reading.frames
    if not frames.has("code"):
        return None
    if reading.papers:
        left = reading.left_over(
            "code_word",
            "code",
            "code_link",
            "paper",
            "published",
            "the_paper",
            but=tuple(m.span for m in reading.papers),
        )
        return computed_plan(reading, Operation.CODE, Filter()) if len(left) <= 1 else None
    spans = (
        *(m.span for m in reading.people),
        *(m.span for m in reading.categories),
        *(reading.period.spans if reading.period else ()),
    )
    left = reading.left_over(
        "code_word",
        "code",
        "paper",
        "published",
        "exclude",
        "person_link",
        "category",
        "about_topic",
        "title",
        but=spans,
    )
    if left and not frames.has("paper"):
        return None
    if (
        left
        and frames.has("the_paper")
        and not re.search(r"\bpapers|arbeiten|veroffentlichungen|publikationen\b", reading.frame_text)
    ):
        return computed_plan(reading, Operation.CODE, Filter(), subject=" ".join(left))
    if len(left) <= 1:
        return computed_plan(reading, count_or_list(reading), conditions_of(reading))
    return None


def conditions_alone(reading: Reading) -> Plan | None:
    """Conditions on the records with nothing else asked: a list, or a count of them."""
    frames = reading.frames
    conditions = conditions_of(reading)
    spans = (
        *(mention.span for mention in reading.people),
        *(mention.span for mention in reading.categories),
        *(reading.period.spans if reading.period else ()),
    )
    left = reading.left_over(
        "record_word",
        "paper",
        "published",
        "category",
        "person_link",
        "exclude",
        "who",
        "code",
        "first_author",
        but=spans,
    )
    unknown = unknown_name(reading)
    if unknown:
        left = [word for word in left if fold(word) not in fold(unknown).split()]
        conditions = conditions.model_copy(update={"authors": (*conditions.authors, unknown)})
    ambiguous = any(len(mention.names) > 1 for mention in reading.people)
    if ambiguous and not reading.papers and frames.has("paper", "authorship", "published", "coauthor"):
        return ambiguous_name(reading)
    if conditions.is_empty():
        whole = not left and frames.has("paper") and not reading.papers and not frames.has("busiest", "quietest")
        return computed_plan(reading, count_or_list(reading), conditions) if whole else None
    if reading.papers or names_a_topic(reading, left) or (left and reading.asked in _NOT_OF_PAPERS):
        return None
    by_person = bool(reading.people_but_owner() or unknown)
    if reading.asked is AnswerType.NUMBER and not by_person and not frames.has("count"):
        # 'How big is the LG pile?' counts papers; 'by how much did it grow in 2023?' asks what they say.
        of_content = any(fold(word) in reading.terms.vocabulary for word in left)
        return None if of_content else computed_plan(reading, Operation.COUNT, conditions)
    asks_papers = frames.has("paper", "count", "list", "published") or len(reading.text.split()) <= _FEW_WORDS
    if by_person:
        asks_papers = frames.has("paper", "record_place", "authorship") or (asks_papers and not left)
    return computed_plan(reading, count_or_list(reading), conditions) if asks_papers else None

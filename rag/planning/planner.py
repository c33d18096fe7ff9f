"""From a question to a plan: an ordered list of rules, the first that applies decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from rag.models import AnswerType, Filter, Operation, Plan, QuestionKind, RefusalReason, Turn
from rag.named_things import kind_asked
from rag.planning.followup import complete
from rag.planning.language import is_function_word, words
from rag.planning.reading import Reading, filter_of, read
from rag.planning.records import plan_records
from rag.planning.terms import ProfileTerms

Rule = Callable[[Reading], Plan | None]


def make_plan(question: str, history: Sequence[Turn], terms: ProfileTerms) -> Plan:
    """What `question` asks of the profile behind `terms`.

    Args:
        question: as typed.
        history: the conversation before it, oldest first, with plans and answers.
        terms: the vocabulary of the profile.
    """
    default = history[-1].plan.language if history and history[-1].plan else "en"
    reading = read(question, terms, default)
    if history:
        # Several rules plan the same text, and reading it takes most of a follow-up's time.
        carried = complete(reading, history, cache(lambda text: plan_alone(read(text, terms, default))))
        if carried:
            return carried
    return plan_alone(reading)


def plan_alone(reading: Reading) -> Plan:
    """The plan of a question that stands alone."""
    for name, rule in _RULES:
        plan = rule(reading)
        if plan:
            return plan.model_copy(update={"because": (name, *plan.because)})
    return _fact(reading)


def _steering(reading: Reading) -> Plan | None:
    if not reading.frames.has("steer"):
        return None
    return _refusal(reading, RefusalReason.UNSAFE)


def _small_talk(reading: Reading) -> Plan | None:
    if reading.frames.is_whole("greeting") or reading.frames.is_whole("capability"):
        return Plan(question=reading.text, language=reading.language, kind=QuestionKind.ABOUT)
    return None


def _task(reading: Reading) -> Plan | None:
    if not any(_is_ordered(reading, start) for start, _ in reading.frames.spans("task")):
        return None
    return _refusal(reading, RefusalReason.OUT_OF_SCOPE)


def _is_ordered(reading: Reading, start: int) -> bool:
    """Whether a verb at `start` is told to this program: 'write a poem', but not 'can a model write code'."""
    polite = [end for _, end in reading.frames.spans("polite") if end <= start]
    before = words(re.split(r"[.!?,;:]\s", reading.frame_text[max(polite, default=0) : start])[-1])
    return all(is_function_word(word, reading.language) for word in before)


def _header(reading: Reading) -> Plan | None:
    frames = reading.frames
    citations = frames.has("citations") and not reading.paper_ids() and len(reading.left_over("citations")) <= 4
    if not (frames.has("h_index", "novelty", "ai_score", "figures") or citations):
        return None
    if reading.people_but_owner() or reading.stranger():
        return _refusal(reading, RefusalReason.NOT_IN_PROFILE)
    return _plan(reading, QuestionKind.HEADER)


_ONE_THING = frozenset({AnswerType.NUMBER, AnswerType.PERSON, AnswerType.DATE, AnswerType.PLACE, AnswerType.DURATION})
"""What a question asks for that wants no comparison, whatever words are in it."""

_TWO = 2


def _comparison(reading: Reading) -> Plan | None:
    """Two papers, however named: 'the X paper with the Y study', 'the two X papers', 'what do … have in common'."""
    frames = reading.frames
    if reading.asked in _ONE_THING and not frames.has("each_of"):
        return None
    described = len(frames.spans("the_paper")) >= _TWO and frames.has("person_link")
    summed_up = frames.has("summarise") and frames.has("both_papers")
    if not (frames.has("compare", "each_of") or described or summed_up):
        return None
    named = len(reading.paper_ids()) >= _TWO
    of_papers = frames.has("paper", "the_paper") and not frames.has("which_papers")
    compared = frames.opens_with("compare") or frames.has("in_common")
    if named or of_papers or (compared and len(reading.left_over("compare")) >= _TWO):
        return _synthesis(reading, Operation.COMPARE, reading.left_over("compare"))
    return None


def _overview(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("overview", "summarise") or reading.paper_ids():
        return None
    subject = reading.left_over(
        "research_word",
        "overview",
        "summarise",
        "paper",
        "about_topic",
        "published",
        but=tuple(m.span for m in reading.people),
    )
    return _synthesis(reading, Operation.OVERVIEW, subject) if len(subject) <= LONGEST_TOPIC else None


def _across(reading: Reading) -> Plan | None:
    if reading.frames.has("across") and not reading.paper_ids():
        return _synthesis(reading, Operation.GATHER, reading.left_over("paper", "across", "about_topic", "found_out"))
    return None


def _named_things(reading: Reading) -> Plan | None:
    """'Which data sets appear?': things of a kind that any paper may name, with nothing said about them."""
    asked = kind_asked(reading.frame_text, reading.language)
    if asked is None or reading.paper_ids() or not reading.frames.has("list", "across"):
        return None
    left = reading.left_over("paper", "across", "published", "most", "naming", "code_word", but=(asked.span,))
    return _synthesis(reading, Operation.GATHER, []).model_copy(update={"things": asked.kind}) if not left else None


def _topic(reading: Reading) -> Plan | None:
    frames = reading.frames
    if reading.paper_ids() and (not frames.has("paper") or reading.asked not in _OPEN):
        return None
    subject = reading.left_over("paper", "about_topic", "published", "most", "topic_opening")
    if not subject:
        return None
    plural = frames.has("paper") and not frames.has("the_paper") and not _asks_for_one_paper(reading)
    opening = frames.has("topic_opening")
    keywords = (
        len(reading.text.split()) <= 3 and not frames.has("asks_number", "asks_person") and not reading.paper_ids()
    )
    short = len(subject) <= (_LONGEST_OF_PAPERS if plural and frames.has("which_papers") else LONGEST_TOPIC)
    if short and (plural or opening or keywords):
        return _plan(reading, QuestionKind.TOPIC, subject=_with_slashes(reading, subject))
    return None


def _with_slashes(reading: Reading, subject: list[str]) -> str:
    """The words of a topic, with the slash kept that stands between two names of it."""
    if "/" not in reading.text:
        return " ".join(subject)
    parts = ([word for word in subject if word in part] for part in reading.text.split("/"))
    return " / ".join(" ".join(part) for part in parts if part)


LONGEST_TOPIC = 6
"""More words describe what a paper says, and are looked for as such."""
_LONGEST_OF_PAPERS = 12
"""The same where the question says 'which papers'."""


def _asks_for_one_paper(reading: Reading) -> bool:
    """'Which paper …', 'the paper where …': one paper is looked for, by what it says."""
    return reading.asked is AnswerType.PAPER


def _synthesis(reading: Reading, operation: Operation, subject: list[str]) -> Plan:
    return _plan(reading, QuestionKind.SYNTHESIS, " ".join(subject)).model_copy(update={"operation": operation})


def _fact(reading: Reading) -> Plan:
    return _plan(reading, QuestionKind.FACT).model_copy(update={"because": ("a question about what the papers say",)})


def _refusal(reading: Reading, reason: RefusalReason) -> Plan:
    return Plan(question=reading.text, language=reading.language, kind=QuestionKind.REFUSAL, refusal=reason)


def _plan(reading: Reading, kind: QuestionKind, subject: str | None = None) -> Plan:
    others = tuple(name for mention in reading.people_but_owner() for name in mention.names)
    conditions = filter_of(reading).model_copy(update={"has_code": None, "undated": None})
    if kind is QuestionKind.FACT:
        # Years and categories in a question about content are part of what is asked, not conditions.
        conditions = Filter(authors=conditions.authors)
    return Plan(
        question=reading.bare,
        language=reading.language,
        kind=kind,
        filter=conditions,
        papers=reading.paper_ids(by_title=kind is QuestionKind.FACT),
        people=others,
        subject=" ".join(reading.left_over()) if subject is None else subject,
        asked=reading.asked,
        general=kind is QuestionKind.FACT and _asks_what_it_is(reading),
        things=_thing_asked(reading) if kind is QuestionKind.FACT else None,
    )


def _thing_asked(reading: Reading) -> str | None:
    """The kind of thing that the question asks for: its word stands right behind the one that asks."""
    asked = kind_asked(reading.frame_text, reading.language)
    if asked is None:
        return None
    before = words(reading.frame_text[: asked.span[0]])[-_BEHIND_ASKING:]
    return asked.kind if any(word in _ASKING for word in before) else None


def _asks_what_it_is(reading: Reading) -> bool:
    """Whether a question about a named paper asks what it is about, and nothing in particular."""
    spans = tuple(mention.span for mention in reading.papers)
    concepts = ("summarise", "general_word", "paper", "the_paper", "about_topic", "overview", "back", "asks_definition")
    return reading.asked in _OPEN and not reading.left_over(*concepts, but=spans)


_BEHIND_ASKING = 2
_ASKING = frozenset({"which", "what", "was", "quel", "quels", "quelle", "quelles", "que", "cual", "cuales"}) | {
    f"welche{ending}" for ending in ("", "r", "s", "n", "m")
}

_OPEN = frozenset(
    {
        AnswerType.DESCRIPTION,
        AnswerType.DEFINITION,
        AnswerType.LIST,
        AnswerType.THING,
        AnswerType.PAPER,
        AnswerType.METHOD,
    }
)

_RULES: tuple[tuple[str, Rule], ...] = (
    ("tries to steer", _steering),
    ("small talk", _small_talk),
    ("a task", _task),
    ("the header's figures", _header),
    ("compares papers", _comparison),
    ("an overview", _overview),
    ("the records", plan_records),
    ("things that papers name", _named_things),
    ("across papers", _across),
    ("a topic", _topic),
)

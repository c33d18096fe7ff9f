"""Questions that the records answer: counts, lists, authors, dates, categories, code."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.models import AnswerType, Filter, Operation, Plan, QuestionKind
from rag.names import fold
from rag.planning.people import sounds_like_name
from rag.planning.reading import Reading, filter_of

Rule = Callable[[Reading], Plan | None]
_QUOTED = re.compile(r"[\"']([^\"']{2,60})[\"']")
_ORDINALS = {
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "zweiter": 2,
    "zweite": 2,
    "zweiten": 2,
    "dritter": 3,
    "dritte": 3,
    "dritten": 3,
    "vierte": 4,
    "vierten": 4,
    "deuxieme": 2,
    "troisieme": 3,
    "segundo": 2,
    "tercero": 3,
}


def plan_records(reading: Reading) -> Plan | None:
    """The plan of a question that the records answer, None if they don't."""
    for name, rule in _RULES:
        plan = rule(reading)
        if plan:
            return plan.model_copy(update={"because": (name,)})
    return None


# --- conditions -----------------------------------------------------------------------------------------


def conditions_of(reading: Reading) -> Filter:
    """What the question asks of a paper, 'but not …' included."""
    kept, excluded = reading.split_exclusion()
    conditions = filter_of(kept)
    if excluded:
        unwanted = filter_of(excluded)
        if not unwanted.is_empty():
            conditions = conditions.model_copy(update={"exclude": unwanted})
    if conditions.has_code and _code_is_denied(reading):
        conditions = conditions.model_copy(update={"has_code": False})
    return conditions


def _code_is_denied(reading: Reading) -> bool:
    return (
        re.search(
            r"\b(?:no|without|not|lack\w*|ohne|kein\w*|nicht|sans|sin)\b[\w\s]{0,20}\bcode",
            reading.frame_text,
        )
        is not None
    )


def _plan(reading: Reading, operation: Operation, conditions: Filter, **more: object) -> Plan:
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


def _count_or_list(reading: Reading) -> Operation:
    return Operation.COUNT if reading.frames.has("count") else Operation.LIST


def _one_paper(reading: Reading, *concepts: str) -> str | None:
    """What describes the paper that is meant: '' where it is named, None where nothing describes one."""
    subject = " ".join(reading.left_over("paper", "published", "who", "when", *concepts))
    return subject if subject or reading.papers else None


# --- rules, in order ------------------------------------------------------------------------------------


def _title_word(reading: Reading) -> Plan | None:
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
    return _plan(reading, _count_or_list(reading), conditions)


def _cut_lists(reading: Reading) -> Plan | None:
    if reading.frames.has("truncated") and not reading.papers:
        return _plan(reading, Operation.CUT_LISTS, Filter())
    return None


def _undated(reading: Reading) -> Plan | None:
    if not reading.frames.has("undated") or len(reading.left_over("undated", "paper", "published", "year_word")) > 2:
        return None
    return _plan(reading, _count_or_list(reading), Filter(undated=True))


def _first_author(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("first_author"):
        return None
    others = reading.people_but_owner()
    owner = any(reading.names_owner(mention) for mention in reading.people) or frames.has("owner")
    if reading.papers:
        return _plan(reading, Operation.FIRST_AUTHOR, Filter())
    if others or owner:
        name = others[0].names[0] if others else reading.terms.people.owner
        conditions = conditions_of(reading).model_copy(update={"authors": (), "author": None, "first_author": name})
        return _plan(reading, _count_or_list(reading), conditions)
    subject = _one_paper(reading, "first_author")
    if subject is not None:
        return _plan(reading, Operation.FIRST_AUTHOR, Filter(), subject=subject)
    return None


def _position(reading: Reading) -> Plan | None:
    found = next((_ORDINALS[word] for word in reading.frame_text.split() if word in _ORDINALS), None)
    if found is None or not reading.frames.has("who", "asks_person", "authorship"):
        return None
    subject = _one_paper(reading)
    return (
        _plan(reading, Operation.POSITION, Filter(), subject=f"{found} {subject or ''}".strip())
        if subject is not None
        else None
    )


def _owner_listed(reading: Reading) -> Plan | None:
    owner = next((m for m in reading.people if reading.names_owner(m)), None)
    listing = reading.frames.has("author_listing")
    if not listing or reading.people_but_owner() or reading.papers or not (owner or reading.frames.has("owner")):
        return None
    if not reading.frames.has("count", "list", "paper"):
        return None
    conditions = conditions_of(reading).model_copy(update={"author": reading.terms.people.owner})
    return _plan(reading, _count_or_list(reading), conditions)


def _coauthors(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("coauthor"):
        return None
    others = reading.people_but_owner()
    unknown = _unknown_name(reading)
    if unknown or (others and (frames.has("paper", "exists") or len(others) > 1) and not _asks_who(reading)):
        conditions = conditions_of(reading)
        if unknown:
            conditions = conditions.model_copy(update={"authors": (*conditions.authors, unknown)})
        return _plan(reading, _count_or_list(reading), conditions)
    if reading.papers:
        return _plan(reading, Operation.AUTHORS, Filter())
    left = reading.left_over(
        "coauthor",
        "most",
        "paper",
        "published",
        "who",
        "person_link",
        but=tuple(m.span for m in reading.people),
    )
    if len(left) > 3:
        return None
    operation = Operation.COAUTHOR_COUNT if frames.has("count") else Operation.COAUTHORS
    return _plan(reading, operation, Filter(), subject="most" if frames.has("most") else "")


def _asks_who(reading: Reading) -> bool:
    return re.search(r"\b(?:who|whom|wem|wer|quien\w*|qui)\b", reading.frame_text) is not None


def _author_number(reading: Reading) -> Plan | None:
    if not reading.frames.has("author_number"):
        return None
    subject = _one_paper(reading)
    if subject is None:
        return None
    return _plan(reading, Operation.AUTHOR_COUNT, Filter(), subject=subject)


_NOT_OF_AUTHORS = frozenset(
    {AnswerType.REASON, AnswerType.METHOD, AnswerType.DURATION, AnswerType.COMPARISON, AnswerType.PLACE}
)


def _authors(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("who") or reading.people_but_owner() or reading.asked in _NOT_OF_AUTHORS:
        return None
    if not frames.has("authorship"):
        return None
    subject = _one_paper(reading)
    return _plan(reading, Operation.AUTHORS, Filter(), subject=subject) if subject is not None else None


def _busiest(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("year_word", "when") or reading.papers:
        return None
    if frames.has("quietest"):
        return _plan(reading, Operation.QUIETEST, Filter())
    return _plan(reading, Operation.BUSIEST, Filter()) if frames.has("busiest") else None


def _per_year(reading: Reading) -> Plan | None:
    if reading.frames.has("per_year") and reading.frames.has("paper", "published", "count") and not reading.papers:
        left = reading.left_over("per_year", "paper", "published", "year_word", "list", "when", "most")
        if len(left) <= 2 and reading.period is None:
            return _plan(reading, Operation.YEARS, Filter())
    return None


def _extreme(reading: Reading) -> Plan | None:
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
            if not _names_a_topic(reading, left):
                return _plan(reading, operation, conditions.model_copy(update={"undated": None}))
    return None


def _date(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not (frames.has("when") and frames.has("dating")) or frames.has("happening"):
        return None
    subject = _one_paper(reading)
    return _plan(reading, Operation.DATE, Filter(), subject=subject) if subject is not None else None


def _category(reading: Reading) -> Plan | None:
    frames = reading.frames
    if not frames.has("category") or reading.categories:
        return None
    left = reading.left_over("category", "paper", "published", "most", "the_paper", "about_topic", "count", "list")
    if reading.papers or (
        len(left) >= 1
        and re.search(r"\b(?:the|das|die|der|dem|el|la|le) .{3,}", reading.frame_text)
        and not frames.has("most")
    ):
        return _plan(reading, Operation.CATEGORY, Filter(), subject=" ".join(left))
    return _plan(
        reading,
        Operation.CATEGORIES,
        Filter(),
        subject="most" if frames.has("most") or "least" in reading.frame_text else "",
    )


def _code(reading: Reading) -> Plan | None:
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
        return _plan(reading, Operation.CODE, Filter()) if len(left) <= 1 else None
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
        return _plan(reading, Operation.CODE, Filter(), subject=" ".join(left))
    if len(left) <= 1:
        return _plan(reading, _count_or_list(reading), conditions_of(reading))
    return None


def _title(reading: Reading) -> Plan | None:
    if not reading.frames.has("title") or not re.search(
        r"\btit(?:le|el|re|ulo)|heisst|called|lautet", reading.frame_text
    ):
        return None
    if not re.search(
        r"paper|article|arbeit|artikel|veroff|publi|titl|titel|titre|titulo|studie|study", reading.frame_text
    ):
        return None
    subject = _one_paper(reading, "title")
    return _plan(reading, Operation.TITLE, Filter(), subject=subject) if subject is not None else None


def _filtered(reading: Reading) -> Plan | None:
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
    unknown = _unknown_name(reading)
    if unknown:
        left = [word for word in left if fold(word) not in fold(unknown).split()]
        conditions = conditions.model_copy(update={"authors": (*conditions.authors, unknown)})
    ambiguous = any(len(mention.names) > 1 for mention in reading.people)
    if conditions.is_empty() and not ambiguous:
        whole = not left and frames.has("paper") and not reading.papers
        return _plan(reading, _count_or_list(reading), conditions) if whole else None
    if reading.papers or _names_a_topic(reading, left) or (left and reading.asked in _NOT_OF_PAPERS):
        return None
    by_person = bool(reading.people_but_owner() or unknown)
    asks_papers = frames.has("paper", "count", "list", "published") or len(reading.text.split()) <= _FEW_WORDS
    if by_person:
        asks_papers = frames.has("paper", "record_place", "authorship") or (asks_papers and not left)
    return _plan(reading, _count_or_list(reading), conditions) if asks_papers else None


def _names_a_topic(reading: Reading, left: list[str]) -> bool:
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


_NOT_OF_PAPERS = _NOT_OF_AUTHORS | {AnswerType.PERSON}
_ABOUT = re.compile(
    r"\b(?:about|on|regarding|concerning|dealing with|uber|zu|zum|zur|um|sur|sobre)"
    r"(?: (?:the|a|an|der|die|das|la|le|el))?$"
)
_COUNTED = re.compile(r"\b(?:how many|number of|wie ?viele?|anzahl(?: der)?|combien d[e']|cuant[oa]s)$")
_FEW_WORDS = 8


def _unknown_name(reading: Reading) -> str | None:
    """A name that looks like a person's and is not one whom the profile prints."""
    frames = reading.frames
    if not (frames.has("paper", "coauthor", "exists", "published") or frames.has("who")):
        return None
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
        r"\b(?:papers?|articles?|arbeiten|publications?|coauthor\w*|co-author\w*|veroffentlichungen)\s+(?:\w+\s+)?(?:by|with|from|von|mit)\s+([a-z'-]+(?:\s+[a-z'-]+){1,2})\s*\??$",
        reading.frame_text,
    )
    if lower and not any(start < lower.end(1) and lower.start(1) < end for start, end in known):
        words = lower[1].split()
        if all(word not in reading.terms.known for word in words):
            return reading.text[lower.start(1) : lower.end(1)].title()
    return None


_RULES: tuple[tuple[str, Rule], ...] = (
    ("a word in titles", _title_word),
    ("cut author lists", _cut_lists),
    ("papers without a year", _undated),
    ("the owner in printed lists", _owner_listed),
    ("a place in an author list", _position),
    ("first authors", _first_author),
    ("number of authors", _author_number),
    ("co-authors", _coauthors),
    ("authors of a paper", _authors),
    ("the busiest year", _busiest),
    ("papers by year", _per_year),
    ("oldest or newest", _extreme),
    ("date of a paper", _date),
    ("code", _code),
    ("categories", _category),
    ("title of a paper", _title),
    ("conditions on the records", _filtered),
)

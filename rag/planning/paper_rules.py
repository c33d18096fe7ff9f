"""Questions about single papers and about people that the records answer."""

from __future__ import annotations

import re

from rag.models import Filter, Operation, Plan
from rag.planning.conditions import (
    NOT_OF_AUTHORS,
    computed_plan,
    conditions_of,
    count_or_list,
    described_paper,
    names_a_topic,
    unknown_name,
)
from rag.planning.reading import Reading

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


def author_position(reading: Reading) -> Plan | None:
    """Who stands second, third … in an author list."""
    found = next((_ORDINALS[word] for word in reading.frame_text.split() if word in _ORDINALS), None)
    if found is None or not reading.frames.has("who", "asks_person", "authorship"):
        return None
    subject = described_paper(reading)
    return (
        computed_plan(reading, Operation.POSITION, Filter(), subject=f"{found} {subject or ''}".strip())
        if subject is not None
        else None
    )


def first_authors(reading: Reading) -> Plan | None:
    """Who is first author, or what somebody is first author of."""
    frames = reading.frames
    if not frames.has("first_author"):
        return None
    others = reading.people_but_owner()
    owner = any(reading.names_owner(mention) for mention in reading.people) or frames.has("owner")
    if reading.papers:
        return computed_plan(reading, Operation.FIRST_AUTHOR, Filter())
    if others or owner:
        name = others[0].names[0] if others else reading.terms.people.owner
        conditions = conditions_of(reading).model_copy(update={"authors": (), "author": None, "first_author": name})
        return computed_plan(reading, count_or_list(reading), conditions)
    subject = described_paper(reading, "first_author")
    if subject is not None and not frames.has("most"):
        return computed_plan(reading, Operation.FIRST_AUTHOR, Filter(), subject=subject)
    return None


def owner_listed(reading: Reading) -> Plan | None:
    """In which printed lists the profile's own person stands."""
    owner = next((m for m in reading.people if reading.names_owner(m)), None)
    listing = reading.frames.has("author_listing")
    if not listing or reading.people_but_owner() or reading.papers or not (owner or reading.frames.has("owner")):
        return None
    if not reading.frames.has("count", "list", "paper"):
        return None
    conditions = conditions_of(reading).model_copy(update={"author": reading.terms.people.owner})
    return computed_plan(reading, count_or_list(reading), conditions)


def author_number(reading: Reading) -> Plan | None:
    """How many authors a paper has."""
    if not reading.frames.has("author_number"):
        return None
    subject = described_paper(reading)
    if subject is None:
        return None
    return computed_plan(reading, Operation.AUTHOR_COUNT, Filter(), subject=subject)


def coauthors(reading: Reading) -> Plan | None:
    """With whom somebody wrote, or what two wrote together."""
    frames = reading.frames
    if not frames.has("coauthor"):
        return None
    others = reading.people_but_owner()
    unknown = unknown_name(reading)
    if unknown or (others and (frames.has("paper", "exists") or len(others) > 1) and not _asks_who(reading)):
        conditions = conditions_of(reading)
        if unknown:
            conditions = conditions.model_copy(update={"authors": (*conditions.authors, unknown)})
        return computed_plan(reading, count_or_list(reading), conditions)
    left = reading.left_over(
        "coauthor",
        "most",
        "paper",
        "published",
        "who",
        "person_link",
        but=(*(m.span for m in reading.people), *(m.span for m in reading.papers)),
    )
    if reading.papers:
        return computed_plan(reading, Operation.AUTHORS, Filter()) if not left else None
    if len(left) > 3 or names_a_topic(reading, left):
        return None
    operation = Operation.COAUTHOR_COUNT if frames.has("count") else Operation.COAUTHORS
    return computed_plan(reading, operation, Filter(), subject="most" if frames.has("most") else "")


def _asks_who(reading: Reading) -> bool:
    return re.search(r"\b(?:who|whom|wem|wer|quien\w*|qui)\b", reading.frame_text) is not None


def authors_of_paper(reading: Reading) -> Plan | None:
    """Who wrote a paper."""
    frames = reading.frames
    if not frames.has("who") or reading.people_but_owner() or reading.asked in NOT_OF_AUTHORS:
        return None
    if not frames.has("authorship") or (frames.has("first_author") and frames.has("most")):
        return None
    subject = described_paper(reading)
    return computed_plan(reading, Operation.AUTHORS, Filter(), subject=subject) if subject is not None else None


def date_of_paper(reading: Reading) -> Plan | None:
    """When a paper appeared."""
    frames = reading.frames
    if not (frames.has("when") and frames.has("dating")) or frames.has("happening"):
        return None
    subject = described_paper(reading)
    return computed_plan(reading, Operation.DATE, Filter(), subject=subject) if subject is not None else None


def categories(reading: Reading) -> Plan | None:
    """Which category a paper has, or which there are."""
    frames = reading.frames
    if not frames.has("category") or reading.categories:
        return None
    left = reading.left_over("category", "paper", "published", "most", "the_paper", "about_topic", "count", "list")
    if reading.papers or (
        len(left) >= 1
        and re.search(r"\b(?:the|das|die|der|dem|el|la|le) .{3,}", reading.frame_text)
        and not frames.has("most")
    ):
        return computed_plan(reading, Operation.CATEGORY, Filter(), subject=" ".join(left))
    return computed_plan(
        reading,
        Operation.CATEGORIES,
        Filter(),
        subject="most" if frames.has("most") or "least" in reading.frame_text else "",
    )


def title_of_paper(reading: Reading) -> Plan | None:
    """The full title of a paper."""
    if (
        not reading.frames.has("title")
        or reading.frames.has("which_papers")
        or not re.search(r"\btit(?:le|el|re|ulo)|heisst|called|lautet", reading.frame_text)
    ):
        return None
    if not re.search(
        r"paper|article|arbeit|artikel|veroff|publi|titl|titel|titre|titulo|studie|study", reading.frame_text
    ):
        return None
    subject = described_paper(reading, "title")
    return computed_plan(reading, Operation.TITLE, Filter(), subject=subject) if subject is not None else None

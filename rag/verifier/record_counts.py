"""Claims about how many papers there are of a kind, in which year most, with whom: computed over all records.

A claim is only taken for one of these where it has no word beyond the frame ("three of the papers are from 2023"),
so that "three papers on flow matching" goes to the passages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rag.models import Filter, Paper, Profile
from rag.names import fold
from rag.planning.categories import find_categories
from rag.records import coauthor_counts, is_listed, select, year_counts
from rag.verifier.number_words import small_number
from rag.verifier.record_rulings import PAPERS, unknown, verdict, years_in
from rag.verifier.reports import CheckedClaim

_COUNTED: Final = re.compile(
    rf"\b(?=(?P<n>[\w-]+)\s+(?:(?:of|der|von)\s+)?(?:(?:the|these|his|her|their|all|den|seiner|seinen|ihrer|ihren)\s+)?"
    rf"(?:[\w-]+\s+)?{PAPERS}\b)",
    re.IGNORECASE,
)
_BOUNDS: Final[tuple[tuple[re.Pattern[str], Callable[[float, int], bool]], ...]] = (
    (re.compile(r"\b(?:at least|no fewer than|mindestens|wenigstens)\b", re.I), lambda n, count: count >= n),
    (re.compile(r"\b(?:more than|over|mehr als|über)\b", re.I), lambda n, count: count > n),
    (re.compile(r"\b(?:at most|up to|höchstens|bis zu)\b", re.I), lambda n, count: count <= n),
    (re.compile(r"\b(?:fewer than|less than|weniger als)\b", re.I), lambda n, count: count < n),
)
_MORE_IN: Final = re.compile(
    r"\b(?P<more>more|fewer|mehr|weniger)\b.*\b(?P<one>(?:19|20)\d\d)\b.*\b(?:than|als)\b.*\b(?P<two>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_FULLEST: Final = re.compile(rf"\b(?:the most|die meisten)\s+(?:\w+\s+)?{PAPERS}\b", re.IGNORECASE)
_MAJORITY: Final = re.compile(rf"(?<!the )\bmost (?:of )?(?:his |her |their |the |these )?{PAPERS}\b", re.IGNORECASE)
_FIRST_OR_LAST: Final = re.compile(
    rf"\b(?:(?P<first>oldest|earliest|first|älteste|früheste|erste)\w*|(?P<last>newest|latest|neueste|jüngste|aktuellste)\w*)"
    rf"\s+{PAPERS}\b",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(r"\b(?:co-?authors?|together with|with|mit|gemeinsam)\b|\bmitautor", re.IGNORECASE)
_WORDS = """
    a all among also and appeared are article articles as at author authors been by categories category co
    coauthor coauthored coauthors code come contains date dated dates filed fewer few five for from has have he
    her hers his holds in is it its least less list listed lists more most name names no of oldest newest on
    over paper papers period profile publication publications published researcher she than that the their there
    these they to together total under up was were which with work works written wrote year years stem stems
    labelled falls fall into came out first latest earliest
    aus autor autoren dem den der des die dieser drei ein eine einer er es gibt hat im in insgesamt ist jahr
    jahren kategorie mit mitautor mitautorin arbeit arbeiten artikel publikation publikationen profil sein seine
    seinem seinen seiner sie sind stammen stammt umfasst und unter veröffentlicht veröffentlichte
    veröffentlichung veröffentlichungen von waren war als mehr weniger meisten neueste neuesten älteste ältesten
    erste ersten jüngste erschien erschienen verfasst geschrieben gemeinsam enthält listet zählt fallen fällt
    schrieb publizierte publiziert
"""
_FRAME: Final = frozenset(_WORDS.split())


def check_counts(claim: str, profile: Profile) -> CheckedClaim | None:
    """The verdict on a claim over all papers, None where it isn't one."""
    if not _is_frame_alone(claim, profile):
        return None
    for rule in (_more_in, _most_in, _first_or_last, _count, _coauthor):
        found = rule(claim, profile)
        if found is not None:
            return found
    return None


def _is_frame_alone(claim: str, profile: Profile) -> bool:
    text = claim
    for mention in reversed(find_categories(claim, _codes(profile))):
        text = text[: mention.span[0]] + " " + text[mention.span[1] :]
    known = {part for name in (profile.person, *_people(claim, profile)) for part in re.findall(r"[a-z]+", fold(name))}
    words = re.findall(r"[^\W\d_]+", text.lower())
    return all(word in _FRAME or fold(word) in known or _number(word) is not None for word in words if len(word) > 1)


def _codes(profile: Profile) -> frozenset[str]:
    return frozenset(paper.category for paper in profile.papers if paper.category)


def _people(claim: str, profile: Profile) -> list[str]:
    """Authors whose whole name the claim has, the profile's own person left out."""
    everyone = dict.fromkeys(author for paper in profile.papers for author in paper.authors)
    return [name for name in everyone if fold(name) in fold(claim) and fold(name) != fold(profile.person)]


def _number(word: str) -> float | None:
    word = word.lower()
    if word in ("one", "ein", "eine", "einer"):
        return 1.0
    if word in ("no", "keine", "kein", "none"):
        return 0.0
    return float(word) if word.isdigit() else small_number(word)


def _count(claim: str, profile: Profile) -> CheckedClaim | None:
    numbers = [value for found in _COUNTED.finditer(claim) if (value := _number(found["n"])) is not None]
    number = numbers[0] if numbers else None
    years = years_in(claim)
    if number is None or number in years or len(years) > 1:
        return None
    people = _people(claim, profile) if _BESIDE.search(claim) else []
    categories = find_categories(claim, _codes(profile))
    conditions = Filter(
        year=next(iter(years), None),
        category=categories[0].code if categories else None,
        authors=tuple(people),
        has_code=True if re.search(r"\bcode\b", claim, re.IGNORECASE) else None,
    )
    papers = select(profile.papers, conditions)
    holds = _holds(claim, number, len(papers))
    if people and len(papers) < number and any(paper.authors_cut for paper in profile.papers):
        return unknown(claim, f"{len(papers)} printed author lists name {people[0]}; others are cut", papers)
    if conditions.is_empty():
        return verdict(holds, claim, f"the profile lists {len(papers)} papers", ())
    return verdict(holds, claim, _told(conditions, papers, profile), papers)


def _holds(claim: str, number: float, count: int) -> bool:
    for pattern, holds in _BOUNDS:
        if pattern.search(claim):
            return holds(number, count)
    return count == number


def _told(conditions: Filter, papers: tuple[Paper, ...], profile: Profile) -> str:
    undated = sum(paper.year is None for paper in profile.papers)
    parts = [
        f"dated {conditions.year} ({undated} have no year)" if conditions.year else "",
        f"filed under {conditions.category}" if conditions.category else "",
        f"with {conditions.authors[0]}" if conditions.authors else "",
        "marked as having code" if conditions.has_code else "",
    ]
    return f"the profile lists {len(papers)} papers {', '.join(part for part in parts if part)}"


def _more_in(claim: str, profile: Profile) -> CheckedClaim | None:
    found = _MORE_IN.search(claim)
    if found is None:
        return None
    counts = dict(year_counts(profile.papers))
    one, two = (counts.get(int(found[name]), 0) for name in ("one", "two"))
    holds = one > two if found["more"].lower() in ("more", "mehr") else one < two
    return verdict(holds, claim, f"the profile lists {one} papers dated {found['one']} and {two} {found['two']}", ())


def _most_in(claim: str, profile: Profile) -> CheckedClaim | None:
    fullest, majority = _FULLEST.search(claim), _MAJORITY.search(claim)
    years, counts = years_in(claim), dict(year_counts(profile.papers))
    if not (fullest or majority) or len(years) != 1 or not counts:
        return None
    year = next(iter(years))
    own = counts.get(year, 0)
    if fullest:
        reason = f"the profile lists {own} papers dated {year}; the fullest year has {max(counts.values())}"
        return verdict(own == max(counts.values()), claim, reason, ())
    reason = f"the profile lists {own} of {len(profile.papers)} papers dated {year}"
    return verdict(2 * own > len(profile.papers), claim, reason, ())


def _first_or_last(claim: str, profile: Profile) -> CheckedClaim | None:
    found, years = _FIRST_OR_LAST.search(claim), years_in(claim)
    dated = sorted(paper.year for paper in profile.papers if paper.year is not None)
    if found is None or len(years) != 1 or not dated:
        return None
    year, word = (dated[0], "oldest") if found["first"] else (dated[-1], "newest")
    return verdict(year in years, claim, f"the {word} dated paper is of {year}", ())


def _coauthor(claim: str, profile: Profile) -> CheckedClaim | None:
    people = _people(claim, profile)
    if len(people) != 1 or not re.search(r"co-?author|mitautor", claim, re.IGNORECASE):
        return None
    papers = [paper for paper in profile.papers if is_listed(paper, people[0])]
    number = dict(coauthor_counts(profile, profile.person)).get(people[0], len(papers))
    return verdict(bool(papers), claim, f"{people[0]} is printed on {number} of the papers", papers)

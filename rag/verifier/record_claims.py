"""Claims about the records: dates, authors, order, figures of the header, counts. They are computed, not matched.

Each rule takes a claim and the profile and says nothing (None) where the claim isn't of its kind, so that a
claim about content goes on to the passages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from rag.models import Paper, Profile
from rag.names import foldings
from rag.verifier.named import shaped_names
from rag.verifier.number_words import small_number
from rag.verifier.quantities import quantities
from rag.verifier.record_counts import check_counts
from rag.verifier.record_rulings import unknown, verdict, years_in
from rag.verifier.reports import CheckedClaim

MONTHS: Final = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
    )
    for number, name in enumerate(names.split(), 1)
}
_APPEARED = re.compile(
    r"\b(?:published|appeared|released|submitted|dates? (?:from|to|back)|is from|was written in|"
    r"came out|erschien|"
    r"erschienen|veröffentlicht|stammt aus)\b",
    re.IGNORECASE,
)
_FIRST_AUTHOR = re.compile(r"\b(?:first|lead) author|\berst(?:er |e )?autor", re.IGNORECASE)
_WRITTEN = re.compile(
    r"\b(?:co-?author(?:ed|s)?|authors? (?:is|are|of|were)|written by|wrote|by|"
    r"autor(?:en|in)?|verfasst|geschrieben|"
    r"mitautor(?:in)?|von)\b",
    re.IGNORECASE,
)
_NEWEST = re.compile(r"\b(?:newest|most recent|latest|neueste|jüngste|aktuellste)\w*\b", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|earliest|first paper|älteste|früheste|erste arbeit)\w*\b", re.IGNORECASE)
_BEFORE = re.compile(r"\b(?:before|earlier than|prior to|vor|früher als)\b", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:after|later than|nach|später als)\b", re.IGNORECASE)
_CODE = re.compile(
    r"\bcode\b.*\b(?:is|are|was|ist) (?:available|public|open|released|published|verfügbar|öffentlich)|"
    r"\bmarked as having code|\bhas code\b|\bmit code vermerkt",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"\b(?P<label>h-?index|citations?|zitate|zitationen|zitierungen)\b", re.IGNORECASE)

Rule = Callable[[str, Profile], CheckedClaim | None]


def check_records(claim: str, profile: Profile) -> CheckedClaim | None:
    """The verdict on a claim about the records, None where it isn't one."""
    for rule in (
        _figure,
        _first_author,
        _newest_or_oldest,
        _order,
        _date,
        _author_count,
        _authors,
        _code,
        check_counts,
    ):
        found = rule(claim, profile)
        if found is not None:
            return found
    return None


def papers_named(claim: str, profile: Profile) -> list[Paper]:
    """Papers whose title, title up to a colon or own name ("OneProt") the claim has, in the claim's order."""
    text = _plain(claim)
    found: list[tuple[int, Paper]] = []
    for paper in profile.papers:
        forms = [_plain(paper.title), *(_plain(part) for part in paper.title.split(":")[:1])]
        places = [text.find(form) for form in forms if len(form.split()) >= 2 or form == _plain(paper.title)]
        places = [place for place in places if place >= 0]
        if not places:
            places = [place for name in _own_names(paper, profile) if (place := text.find(_plain(name))) >= 0]
        if places:
            found.append((min(places), paper))
    return [paper for _place, paper in sorted(found, key=lambda item: item[0])]


def _own_names(paper: Paper, profile: Profile) -> list[str]:
    names = shaped_names(paper.title)
    others = " ".join(other.title for other in profile.papers if other.id != paper.id)
    return [name for name in names if len(name) > 3 and name not in others]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def _figure(claim: str, profile: Profile) -> CheckedClaim | None:
    found = _FIGURE.search(claim)
    numbers = [quantity.values[0] for quantity in quantities(claim) if quantity.values[0] not in years_in(claim)]
    if found is None or len(numbers) != 1:
        return None
    wanted = "index" if "index" in found["label"].lower() else "citation"
    figures = [figure for figure in profile.figures if wanted in figure.label.lower()]
    values = [figure for figure in figures if re.fullmatch(r"\d+", figure.value)]
    if not values:
        return None
    told = values[0]
    return verdict(int(told.value) == numbers[0], claim, f"the profile's header says {told.label} {told.value}", ())


def _first_author(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    if not _FIRST_AUTHOR.search(claim) or len(papers) != 1 or not papers[0].authors:
        return None
    first = papers[0].authors[0]
    return verdict(_names(claim, first), claim, f"the first author listed is {first}", papers)


def _authors(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    if not _WRITTEN.search(claim) or len(papers) != 1:
        return None
    paper = papers[0]
    people = _people(claim, profile, paper)
    if not people:
        return None
    listed = ", ".join(paper.authors) + (" et al." if paper.authors_cut else "")
    absent = [person for person in people if not any(_same_person(person, author) for author in paper.authors)]
    if absent and (paper.authors_cut or _same_person(absent[0], profile.person)):
        return unknown(claim, f"the printed authors are {listed}", papers)
    return verdict(not absent, claim, f"the printed authors are {listed}", papers)


def _date(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    years, month = years_in(claim), _month(claim)
    if not _APPEARED.search(claim) or len(papers) != 1 or not (years or month):
        return None
    date = papers[0].date
    if date is None or (years and date.year is None):
        return unknown(claim, "the profile gives no year for this paper", papers)
    holds = (not years or date.year in years) and (month is None or date.month == month)
    return verdict(holds, claim, f"the paper is dated {date.text}", papers)


def _author_count(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    found = re.search(r"\b([\w-]+)\s+(?:authors|autoren)\b", claim, re.IGNORECASE)
    number = (float(found[1]) if found[1].isdigit() else small_number(found[1])) if found else None
    if number is None or len(papers) != 1:
        return None
    printed = len(papers[0].authors)
    if papers[0].authors_cut and number > printed:
        return unknown(claim, f"the printed list is cut after {printed} authors", papers)
    holds = number == printed and not papers[0].authors_cut
    return verdict(holds, claim, f"{printed} authors are printed" + (" and more" * papers[0].authors_cut), papers)


def _code(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    if len(papers) != 1 or not _CODE.search(claim):
        return None
    told = "is" if papers[0].has_code else "is not"
    return verdict(papers[0].has_code, claim, f"the paper {told} marked as having code", papers)


def _newest_or_oldest(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    newest = bool(_NEWEST.search(claim))
    if len(papers) != 1 or not (newest or _OLDEST.search(claim)):
        return None
    dated = [paper for paper in profile.papers if paper.date and paper.date.year]
    if not dated:
        return None
    best = (max if newest else min)(dated, key=lambda paper: paper.date.order if paper.date else (0, 0, 0))
    word = "newest" if newest else "oldest"
    if len(dated) < len(profile.papers) and newest and papers[0] not in dated:
        return unknown(claim, "the profile gives no year for this paper", papers)
    when = best.date.text if best.date else ""
    return verdict(papers[0].id == best.id, claim, f"the {word} dated paper is “{best.title}” ({when})", [best])


def _order(claim: str, profile: Profile) -> CheckedClaim | None:
    papers = papers_named(claim, profile)
    before, after = bool(_BEFORE.search(claim)), bool(_AFTER.search(claim))
    if len(papers) != 2 or before == after or not _APPEARED.search(claim):
        return None
    one, two = (paper.date for paper in papers)
    if one is None or two is None or not one.year or not two.year:
        return unknown(claim, "the profile gives no year for one of these papers", papers)
    holds = one.order < two.order if before else one.order > two.order
    return verdict(holds, claim, f"the papers are dated {one.text} and {two.text}", papers)


def _month(claim: str) -> int | None:
    found = re.search(r"\b(?:in|im|on|am)\s+(?:\d+\.?\s+)?(" + "|".join(MONTHS) + r")\b", claim.lower())
    return MONTHS[found.group(1)] if found else None


def _names(claim: str, person: str) -> bool:
    """Whether the claim has the person's last name, in any spelling, and no other first name with it."""
    last = person.split()[-1]
    text = claim.lower()
    return any(form in form_of for form in foldings(last) for form_of in foldings(text))


def _same_person(one: str, other: str) -> bool:
    a, b = one.split(), other.split()
    same_last = bool(set(foldings(a[-1])) & set(foldings(b[-1])))
    return same_last and (len(a) == 1 or len(b) == 1 or foldings(a[0])[0][:1] == foldings(b[0])[0][:1])


def _people(claim: str, profile: Profile, paper: Paper) -> list[str]:
    """Names of people in the claim: two or three capitalised words, or the last name of anyone in the
    profile."""
    everyone = {author for other in profile.papers for author in other.authors} | {profile.person}
    title = re.search(re.escape(paper.title), claim, re.IGNORECASE)
    text = claim[: title.start()] + " " + claim[title.end() :] if title else claim
    known = [author for author in everyone if author and re.search(rf"\b{re.escape(author)}\b", text)]
    last = [author for author in everyone if author and re.search(rf"\b{re.escape(author.split()[-1])}\b", text)]
    near = re.findall(r"\bby ([A-ZÄÖÜ][\w'’-]+(?: [A-Z]\.)?(?: [A-ZÄÖÜ][\w'’-]+)+)", text)
    return known or last or near


_RULES: Final[tuple[Rule, ...]] = (
    _figure, _first_author, _newest_or_oldest, _order, _date, _author_count, _authors, _code, check_counts,
)  # fmt: skip

"""What a page is about: the papers that a topic, a person, a paper or a date stands for, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from rag.answers.conditions import cut_note, undated_note
from rag.answers.draft import Draft
from rag.answers.refusal import refuse
from rag.briefing.dates import is_since, parse_since
from rag.briefing.records import BriefRequest, Engine, FocusKind
from rag.errors import InputError
from rag.models import (
    Answer,
    Evidence,
    Explained,
    Filter,
    Operation,
    Paper,
    Plan,
    Profile,
    QuestionKind,
    RefusalReason,
)
from rag.names import fold, slug, tidy
from rag.phrases import phrase
from rag.planning.terms import ProfileTerms
from rag.records import newest_first, select

LONGEST = 500
_NEAR_NAME = 60
_NAMES_OFFERED = 3
_TITLES_OFFERED = 3
_LISTED = frozenset({Operation.LIST, Operation.COUNT})


class Focus(NamedTuple):
    """The papers of a page, newest first, what it is about in words, and the sentences that the chat quotes."""

    kind: FocusKind
    label: str
    papers: tuple[Paper, ...]
    first: dict[str, Evidence]
    notice: str = ""


def find_focus(request: BriefRequest, engine: Engine) -> Focus | Answer:
    """What the request is about; a refusal with what is near where the profile doesn't hold it.

    Raises:
        InputError: nothing was given, far too much, or no date.
    """
    profile = engine.profile
    text = " ".join(request.text.split())
    if request.kind == "whole":
        return _whole(profile)
    if not text:
        raise InputError(f"The {_CALLED[request.kind]} is empty.", "Give one in words, or leave the option out.")
    if len(text) > LONGEST:
        raise InputError(
            f"The {_CALLED[request.kind]} has {len(text):,} characters; the limit is {LONGEST}.", "Shorten it."
        )
    plan = Plan(question=text, language=request.language, kind=QuestionKind.REFUSAL)
    if request.kind == "topic":
        return _topic(text, plan, engine)
    if request.kind == "person":
        return _person(text, plan, profile)
    if request.kind == "paper":
        return _paper(text, plan, engine)
    return _since(text, plan, profile)


# 'the neutron paper', 'das Neutronen-Paper'
_FRAME = re.compile(r"^(?:the|das|die|der)\s+|[\s-]+(?:paper|article|study|arbeit|artikel|studie)$", re.I)
_CALLED = {"topic": "topic", "person": "name", "paper": "paper", "since": "date"}


def _whole(profile: Profile) -> Focus:
    return Focus("whole", "", newest_first(profile.papers), {})


def _topic(text: str, plan: Plan, engine: Engine) -> Focus | Answer:
    explained = engine.quote(phrase("brief_ask_topic", plan.language, topic=text))
    answer = explained.answer
    if answer.abstained:
        return answer.model_copy(update={"question": text})
    papers = _papers_of(explained, engine.profile)
    if not papers:
        return refuse(plan, engine.profile, RefusalReason.NOT_IN_PROFILE)
    return Focus("topic", text, papers, _best_of(explained))


def _papers_of(explained: Explained, profile: Profile) -> tuple[Paper, ...]:
    """The papers that an answer stands on; none where it answers something else than which papers there are."""
    plan, answer = explained.plan, explained.answer
    computed = answer.kind is QuestionKind.COMPUTED
    if answer.kind in (QuestionKind.HEADER, QuestionKind.ABOUT, QuestionKind.REFUSAL):
        return ()
    if computed and (plan.operation not in _LISTED or plan.filter.is_empty()):
        return ()
    rows = answer.proof.rows if answer.proof else ()
    return newest_first(
        profile.paper(paper) for paper in dict.fromkeys(rows or (cited.paper_id for cited in answer.citations))
    )


def _best_of(explained: Explained) -> dict[str, Evidence]:
    """The sentence that the answer quotes, by paper."""
    shown = {cited.place for cited in explained.answer.citations}
    return {one.paper_id: one for one in explained.evidence if one.place in shown}


def _person(text: str, plan: Plan, profile: Profile) -> Focus | Answer:
    people = ProfileTerms(profile).people
    mentions = people.find(tidy(text))
    names = tuple(dict.fromkeys(name for mention in mentions for name in mention.names))
    if len(names) > 1:
        draft = Draft(profile, plan)
        draft.say(phrase("refuse_ambiguous", plan.language, choices=", ".join(names)), verdict="frame")
        return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.AMBIGUOUS, related=names)
    if not names:
        return _unknown_person(text, plan, profile, people.names)
    typed = set(slug(text).split("-"))
    exact = mentions[0].exact or typed <= set(slug(names[0]).split("-"))
    notice = "" if exact else phrase("brief_read_as", plan.language, typed=text, name=names[0])
    if people.is_owner(names[0]):
        return _whole(profile)._replace(notice=notice)
    return Focus("person", names[0], select(profile.papers, Filter(author=names[0])), {}, notice)


def _unknown_person(text: str, plan: Plan, profile: Profile, known: Sequence[str]) -> Answer:
    draft = Draft(profile, plan)
    draft.say(phrase("not_listed", plan.language, name=text), verdict="frame")
    cut = cut_note(profile, plan.language)
    if cut:
        total, n = len(profile.papers), sum(paper.authors_cut for paper in profile.papers)
        draft.say(phrase("cut_lists", plan.language, n=n, total=total), verdict="frame")
    near = _near_names(text, known)
    if near:
        draft.say(phrase("brief_near_names", plan.language, names=", ".join(near)), verdict="frame")
    return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.NOT_IN_PROFILE, related=near)


def _near_names(text: str, known: Sequence[str]) -> list[str]:
    scored = [(fuzz.token_sort_ratio(fold(text), fold(name)), name) for name in known]
    return [name for score, name in sorted(scored, reverse=True)[:_NAMES_OFFERED] if score >= _NEAR_NAME]


def _paper(text: str, plan: Plan, engine: Engine) -> Focus | Answer:
    profile = engine.profile
    text = _FRAME.sub("", text).strip() or text
    exact = [paper for paper in profile.papers if paper.id == text or fold(paper.title) == fold(text)]
    if exact:
        # Of a preprint and its publication under one title, the first in the source.
        return Focus("paper", exact[0].title, (exact[0],), {})
    mentions = ProfileTerms(profile).papers.find(tidy(text))
    named = [profile.paper(paper) for paper in dict.fromkeys(p for mention in mentions for p in mention.papers)]
    if not named:
        explained = engine.quote(phrase("brief_ask_paper", plan.language, paper=text))
        if explained.answer.abstained:
            return explained.answer.model_copy(update={"question": text})
        named = list(_papers_of(explained, profile))
    if len({fold(paper.title) for paper in named}) == 1:
        return Focus("paper", named[0].title, (named[0],), {})
    if not named:
        return refuse(plan, profile, RefusalReason.NOT_IN_PROFILE)
    draft = Draft(profile, plan)
    titles = [phrase("item", plan.language, title=paper.title, details="") for paper in named[:_TITLES_OFFERED]]
    draft.say(phrase("refuse_ambiguous", plan.language, choices=", ".join(titles)), verdict="frame")
    related = [paper.title for paper in named[:_TITLES_OFFERED]]
    return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.AMBIGUOUS, related=related)


def _since(text: str, plan: Plan, profile: Profile) -> Focus | Answer:
    since = parse_since(text)
    papers = newest_first(paper for paper in profile.papers if is_since(paper, since))
    if papers:
        return Focus("since", since.text, papers, {})
    draft = Draft(profile, plan)
    draft.say(phrase("brief_none_since", plan.language, date=since.text), verdict="frame")
    newest = next((paper for paper in newest_first(profile.papers) if paper.date and paper.year), None)
    if newest and newest.date:
        told = phrase("brief_newest", plan.language, date=newest.date.text, title=newest.title)
        draft.say(told, verdict="frame")
    undated = undated_note(profile, plan.language)
    if undated:
        draft.say(undated, verdict="frame")
    return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.NOT_IN_PROFILE)

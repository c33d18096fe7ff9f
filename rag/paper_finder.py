"""The papers that a question is about: looked for, on a topic, compared, or described."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.evidence import EvidenceFinder, PaperScore
from rag.models import AnswerType, Evidence, Language, Paper, Plan, Profile
from rag.names import fold, tidy
from rag.planning.terms import ProfileTerms
from rag.records import matches
from rag.retrieval import Found, Retriever
from rag.thresholds import Thresholds
from rag.topics import WHOLE, TopicJudge

_MOST_MEANT = 3
"""Papers that are named where one is looked for and several are alike."""
_ALIKE = 0.9
"""A second paper whose probability is this close to the first's is meant as well."""
_MUCH, _CLEARLY_MORE = 0.5, 0.3
"""Shares of a question's words from which on, and up to how far behind which, a paper is in front."""
_MOST_READ = 60
"""Papers that are read for what several of them say."""
_AGAINST = re.compile(r"\b(?:vs\.?|versus|against|gegenuber|gegenüber)\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_BETWEEN = re.compile(
    r"\b(?:with|and|vs\.?|versus|to|from|against|mit|und|von|gegenuber|gegenüber|avec|et|con|y)\b", re.I
)
_BOTH = re.compile(
    r"\b(?:the two|both|(?:die )?beiden?|les deux|l[oa]s dos)\s+"
    r"((?:[\w-]+\s+){0,4}?[\w-]*?)-?(?:papers?|articles?|stud(?:y|ies)|works?|sources?|arbeiten|artikel|studien|travaux"
    r"|articulos|trabajos)\b(?:\s+(?:on|about|of|zu[mr]?|uber|sur|sobre)\s+([^.?!]{3,60}))?"
)
"""One description of both papers, before or behind the word for them."""
_CLOSEST = 0.03
"""Least probability at which a paper is offered that is not given."""


class Sought(NamedTuple):
    """What was looked for: ids of the papers that are meant, best first, and of one to offer where none is."""

    meant: tuple[str, ...]
    closest: str | None


class OnTopic(NamedTuple):
    """The papers on a topic, the searches that found them with their ids, and the id of one to offer where none is."""

    papers: tuple[Paper, ...]
    searches: tuple[tuple[Found, tuple[str, ...]], ...]
    closest: str | None


class PaperFinder:
    """Finds papers of one profile by what a plan says of them.

    Args:
        profile: whose papers.
        retriever: over the same profile.
        finder: reads papers and sentences.
        terms: the profile's vocabulary.
        thresholds: from which probability on a paper is meant.
    """

    def __init__(
        self,
        profile: Profile,
        retriever: Retriever,
        finder: EvidenceFinder,
        terms: ProfileTerms,
        thresholds: Thresholds,
    ) -> None:
        self._profile = profile
        self._retriever = retriever
        self._finder = finder
        self._terms = terms
        self._least = thresholds
        self._topics = TopicJudge(profile, thresholds)
        self._place = {paper.id: place for place, paper in enumerate(profile.papers)}

    def sought(self, plan: Plan, found: Found) -> Sought:
        """The paper that is looked for by what it says, or a few that are alike."""
        read = self._finder.read_papers(found, plan.language, self._allowed(plan))
        if plan.filter.papers:
            return Sought(_meant(self._in_front_by_words(plan, read), self._least.finds_among), _closest(read))
        least = self._least.finds if plan.asked is AnswerType.PAPER else self._least.finds_unasked
        return Sought(_meant(read, least), _closest(read))

    def _in_front_by_words(self, plan: Plan, read: Sequence[PaperScore]) -> Sequence[PaperScore]:
        """Of papers that were shown, those that clearly hold more of the question's words than the others do."""
        coverage = self._topics.coverage(plan.subject)
        share = {one.paper_id: float(coverage[self._place[one.paper_id]]) for one in read}
        most = max(share.values(), default=0.0)
        ahead = [one for one in read if share[one.paper_id] >= most - _CLEARLY_MORE]
        return ahead if most >= _MUCH else read

    def on_topic(self, plan: Plan) -> OnTopic:
        """The papers on the plan's topic; of 'a / b' those on either."""
        papers: dict[str, Paper] = {}
        searches: list[tuple[Found, tuple[str, ...]]] = []
        closest: str | None = None
        for topic in plan.subject.split(" / "):
            found = self._retriever.search(topic)
            read = self._finder.read_papers(found, plan.language, self._allowed(plan))
            named = (*self._topics.titled(topic), *plan.papers)
            allowed = [one for one in named if matches(self._profile.paper(one), plan.filter)]
            by_words = [*allowed, *self._held_by_title(topic, plan)]
            on_topic = list(dict.fromkeys([*by_words, *self._topics.papers_on(topic, read, plan.language)]))
            papers |= {paper: self._profile.paper(paper) for paper in on_topic if paper not in papers}
            searches.append((found, tuple(on_topic)))
            closest = closest or _closest(read)
        return OnTopic(tuple(papers.values()), tuple(searches), closest)

    def saying_so(self, plan: Plan, on_topic: OnTopic) -> dict[str, Evidence]:
        """By paper the sentence that says that it is on the plan's topic."""
        best: dict[str, Evidence] = {}
        for found, papers in on_topic.searches:
            best = {one.paper_id: one for one in self._finder.find_in_each(found, plan, papers)} | best
        return best

    def _allowed(self, plan: Plan) -> NDArray[np.bool_]:
        return np.array([matches(paper, plan.filter) for paper in self._profile.papers], bool)

    def near(self, found: Found) -> list[str]:
        """Ids of the papers that a search brings up, best first; all of them in a small profile."""
        order = np.argsort(-found.papers, kind="stable")[:_MOST_READ]
        return [self._profile.papers[row].id for row in order]

    def compared(self, plan: Plan) -> list[Paper]:
        """The papers that a comparison names or describes, in the order of the question."""
        chosen = list(plan.filter.papers or plan.papers)
        parts = [part for part in _BETWEEN.split(plan.question) if part.strip()]
        years = _YEAR.findall(plan.question)
        both = _BOTH.search(fold(plan.question))
        if len(years) == 2:
            parts = [f"{plan.subject} {year}" for year in years]
        elif both and not _AGAINST.search(plan.question):
            parts = [" ".join(part for part in both.groups() if part).strip() or plan.subject] * 2
        elif len(parts) < 2:
            parts = [plan.subject] * 2
        for part in parts:
            if len(chosen) >= 2 or any(self._is_named(part, paper) for paper in plan.papers):
                continue
            described = self._described_by(part, plan.language, but=chosen)
            if described is not None:
                chosen.append(described)
        return [self._profile.paper(paper) for paper in dict.fromkeys(chosen)]

    def _described_by(self, text: str, language: Language, but: Sequence[str]) -> str | None:
        """Id of the paper that `text` describes best, none of `but` and of a year that `text` names, if any does."""
        titled = [paper for paper in self._topics.titled(text) if paper not in but]
        if titled and not _YEAR.search(text):
            return titled[0]
        allowed = self._dated_as(text) & np.array([paper.id not in but for paper in self._profile.papers], bool)
        read = self._finder.read_papers(self._retriever.search(text), language, allowed)
        return read[0].paper_id if read and read[0].score >= self._least.finds_among else None

    def _dated_as(self, text: str) -> NDArray[np.bool_]:
        """Which papers are of a year that `text` names; all where it names none."""
        years = {int(year) for year in _YEAR.findall(text)}
        return np.array([not years or paper.year in years for paper in self._profile.papers], bool)

    def _is_named(self, text: str, paper: str) -> bool:
        return any(paper in mention.papers for mention in self._terms.papers.find(tidy(text)))

    def meant(self, plan: Plan) -> list[Paper]:
        """The papers that a question about single papers is about, by name or by what it says of them."""
        ids = plan.papers or plan.filter.papers or ()
        if ids or not plan.of_single_papers:
            return [self._profile.paper(paper) for paper in ids]
        subject = " ".join(word for word in plan.subject.split() if not word.isdigit())
        if not subject:
            return []
        titled = self._held_by_title(subject, plan)
        if titled:
            return [self._profile.paper(paper) for paper in titled]
        read = self._finder.read_papers(self._retriever.search(subject), plan.language)
        named = set(self._topics.titled(subject))
        described = [one for one in read if one.paper_id in named or one.score >= self._least.finds_described]
        return [self._profile.paper(paper) for paper in _meant(described, 0.0)]

    def _held_by_title(self, text: str, plan: Plan) -> list[str]:
        """Ids of the papers without an abstract whose title holds every word of `text`."""
        covered = zip(self._profile.papers, self._topics.coverage(text), strict=True)
        return [
            paper.id
            for paper, share in covered
            if share >= WHOLE and not paper.abstract and matches(paper, plan.filter)
        ]


def _meant(read: Sequence[PaperScore], least: float) -> tuple[str, ...]:
    """Ids of the most probable paper and of those that are alike, none below `least`."""
    return tuple(one.paper_id for one in read[:_MOST_MEANT] if one.score >= max(least, _ALIKE * read[0].score))


def _closest(read: Sequence[PaperScore]) -> str | None:
    return read[0].paper_id if read and read[0].score >= _CLOSEST else None

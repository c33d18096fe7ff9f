"""Which papers treat a topic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.evidence import PaperScore
from rag.lexical import Vocabulary, tokenize
from rag.models import Language, Profile
from rag.thresholds import Thresholds

RULE = "papers whose title names the topic, that hold all its words, or that treat it by a reading of their abstracts"

WHOLE = 0.99
APART = 0.6
"""What is left of a paper's coverage that holds words apart which another paper has side by side."""


class TopicJudge:
    """Decides which papers of a profile treat a topic.

    Args:
        profile: its papers, in the order of a search's paper scores.
        thresholds: from which probability on a paper is named.
    """

    def __init__(self, profile: Profile, thresholds: Thresholds) -> None:
        self._least = thresholds
        self._papers = profile.papers
        lists = [tokenize(f"{paper.title} {paper.abstract}") for paper in profile.papers]
        self._terms = [frozenset(terms) for terms in lists]
        self._pairs = [frozenset(pairwise(terms)) for terms in lists]
        self._titles = [tokenize(paper.title) for paper in profile.papers]
        size = max(len(profile.papers), 1)
        everywhere: dict[str, int] = {}
        for terms in self._terms:
            for term in terms:
                everywhere[term] = everywhere.get(term, 0) + 1
        self._vocabulary = Vocabulary(everywhere)
        self._idf = {term: float(np.log1p((size - n + 0.5) / (n + 0.5))) for term, n in everywhere.items()}
        self._unseen = float(np.log1p((size + 0.5) / 0.5))

    def coverage(self, topic: str) -> NDArray[np.float32]:
        """How much of the topic's words each paper holds, by their idf; shape (papers,), 0 to 1."""
        in_order = self._vocabulary.terms_of(topic)
        terms = set(in_order)
        weights = {term: self._idf.get(term, self._unseen) for term in terms}
        total = sum(weights.values())
        if not total:
            return np.zeros(len(self._papers), np.float32)
        shares = np.array([sum(weights[term] for term in terms & held) / total for held in self._terms], np.float32)
        for pair in pairwise(in_order):
            side_by_side = np.array([pair in pairs for pairs in self._pairs], bool)
            if side_by_side.any():
                shares[~side_by_side] *= APART
        return shares

    def titled(self, topic: str) -> list[str]:
        """Ids of the papers whose title holds the topic as it stands, word behind word."""
        terms = self._vocabulary.terms_of(topic)
        length = len(terms)
        return [
            paper.id
            for paper, title in zip(self._papers, self._titles, strict=True)
            if terms and any(title[start : start + length] == terms for start in range(len(title) - length + 1))
        ]

    def papers_on(self, topic: str, read: Sequence[PaperScore], language: Language) -> list[str]:
        """Ids of the papers that treat `topic`, best first.

        Args:
            topic: its words.
            read: the papers that may, see `rag.evidence.EvidenceFinder.read_papers`.
            language: the topic's.
        """
        coverage = dict(zip((paper.id for paper in self._papers), self.coverage(topic), strict=True))
        held = [one for one in read if coverage[one.paper_id] >= WHOLE and one.score >= self._least.treats_with_words]
        if not held and max((one.score for one in read), default=0.0) < self._least.treats_first:
            return []
        further = self._least.treats if language == "en" else self._least.treats_alone
        return [one.paper_id for one in read if one in held or one.score >= further]

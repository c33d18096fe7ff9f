"""Which papers treat a topic."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rag.lexical import tokenize
from rag.models import Paper, Profile
from rag.retrieval import Found

RULE = "papers that hold every word of the topic, or match its words in meaning about as well as the best one"

# Weights of a paper's strength: share of words held, mean match of pieces, distance in meaning.
WORDS, PIECES, DISTANCE = 1.0, 3.0, 0.25
WHOLE = 0.99
LEAST_WITH_WORDS, BEHIND_WITH_WORDS = 2.9, 0.7
"""Where the best paper holds some of the words: its least strength, and how far behind another may be."""
LEAST_WITHOUT, BEHIND_WITHOUT = 2.08, 0.3
"""The same where it holds none, as with a topic in another language or in other words."""
APART = 0.6
"""What is left of a paper's coverage that holds words apart which another paper has side by side."""


class TopicJudge:
    """Decides which papers of a profile treat a topic.

    Args:
        profile: its papers, in the order of a search's paper scores.
    """

    def __init__(self, profile: Profile) -> None:
        self._papers = profile.papers
        lists = [tokenize(f"{paper.title} {paper.abstract}") for paper in profile.papers]
        self._terms = [frozenset(terms) for terms in lists]
        self._pairs = [frozenset(pairwise(terms)) for terms in lists]
        size = max(len(profile.papers), 1)
        everywhere: dict[str, int] = {}
        for terms in self._terms:
            for term in terms:
                everywhere[term] = everywhere.get(term, 0) + 1
        self._idf = {term: float(np.log1p((size - n + 0.5) / (n + 0.5))) for term, n in everywhere.items()}
        self._unseen = float(np.log1p((size + 0.5) / 0.5))

    def coverage(self, topic: str) -> NDArray[np.float32]:
        """How much of the topic's words each paper holds, by their idf; shape (papers,), 0 to 1."""
        terms = set(tokenize(topic))
        weights = {term: self._idf.get(term, self._unseen) for term in terms}
        total = sum(weights.values())
        if not total:
            return np.zeros(len(self._papers), np.float32)
        shares = np.array([sum(weights[term] for term in terms & held) / total for held in self._terms], np.float32)
        for pair in pairwise(tokenize(topic)):
            side_by_side = np.array([pair in pairs for pairs in self._pairs], bool)
            if side_by_side.any():
                shares[~side_by_side] *= APART
        return shares

    def papers_on(
        self, topic: str, found: Found, matched: NDArray[np.float32], allowed: NDArray[np.bool_]
    ) -> list[Paper]:
        """The papers that treat `topic`, best first.

        Args:
            topic: its words.
            found: a search for the topic.
            matched: how well the topic's pieces are matched in each paper, shape (papers,), NaN where unread.
            allowed: which papers may be named, shape (papers,).
        """
        if not len(self._papers):
            return []
        coverage = self.coverage(topic)
        strength = self.strength(topic, found, matched)
        whole = coverage >= WHOLE
        best = int(np.argmax(strength))
        with_words = coverage[best] > 0
        least = LEAST_WITH_WORDS if with_words else LEAST_WITHOUT
        behind = BEHIND_WITH_WORDS if with_words else BEHIND_WITHOUT
        alike = (strength >= strength[best] - behind) & (strength[best] >= least)
        if whole.any():
            alike = strength >= strength[whole].min()
        chosen = allowed & (whole | alike)
        rows = sorted(np.flatnonzero(chosen), key=lambda row: -strength[row])
        return [self._papers[row] for row in rows]

    def strength(self, topic: str, found: Found, matched: NDArray[np.float32]) -> NDArray[np.float32]:
        """How strongly each paper treats `topic`: words held, pieces matched, and distance in meaning."""
        spread = float(found.paper_cosines.std()) or 1.0
        distance = (found.paper_cosines - float(found.paper_cosines.mean())) / spread
        pieces = np.nan_to_num(matched, nan=float(np.nanmin(matched)) if np.isfinite(matched).any() else 0.0)
        strength: NDArray[np.float32] = (
            WORDS * self.coverage(topic) + PIECES * pieces + DISTANCE * np.clip(distance, -2, 3)
        ).astype(np.float32)
        return strength

"""Sentences that may answer a question, each with the probability that it does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.abbreviations import expansions
from rag.combining import load_combination
from rag.fusion import best
from rag.lexical import tokenize
from rag.models import AnswerType, Evidence, Language, Passage, Place, Plan, Profile
from rag.named_things import rows_that_name
from rag.names import fold
from rag.planning.language import words
from rag.reader import Reader
from rag.retrieval import Found, Retriever

_SPELLED_OUT = 0.97
"""Probability that a sentence answers which spells out the abbreviation that is asked for."""
_NAMES_IT = 0.8
"""The same of a sentence that names a thing of the kind that is asked for, in the paper that is asked about."""
_SURE, _HOPELESS = 0.6, 0.05
"""From the one on and below the other a sentence decides alone, without a reading of its paper, which takes as long
as all the rest of an answer."""
_NEAR = 60
_CANDIDATES = 3
_READ_OF_EACH = 3
_SEARCHES_KEPT = 4
"""Questions whose search is kept while the sentences of their answers are compared."""
_MATCHED_PAPERS = 60
_READ_BY_RANK, _READ_BY_MATCH = 4, 2
"""Papers that are read whole: the first by the search, and the first by how well their words match."""
_READ_ON = 0.5
"""More papers are read as long as the last ones are this probably meant."""


class Signals(NamedTuple):
    """What the reader says of a sentence, and of the paper that it is from."""

    sentence: float
    paper: float


class PaperScore(NamedTuple):
    """A paper and the probability that it treats what was searched for."""

    paper_id: str
    score: float


class EvidenceFinder:
    """Finds evidence in the abstracts of one profile.

    Args:
        profile: whose papers are searched.
        retriever: over the same profile.
        reader: judges whether a sentence answers a question.
    """

    def __init__(self, profile: Profile, retriever: Retriever, reader: Reader) -> None:
        self._profile = profile
        self._retriever = retriever
        self._reader = reader
        self._weights = load_combination().answering
        self._place = {paper.id: row for row, paper in enumerate(profile.papers)}
        self._spelled_out: dict[str, list[int]] = {}
        for row, passage in enumerate(retriever.sentences):
            for short in expansions(passage.text):
                self._spelled_out.setdefault(short, []).append(row)
        self._search = lru_cache(_SEARCHES_KEPT)(retriever.search)
        self._rows_naming: dict[str, list[int]] = {}
        self._row_at = {own.place: row for row, own in enumerate(retriever.sentences)}
        self._terms = [frozenset(tokenize(f"{passage.title} {passage.text}")) for passage in retriever.sentences]

    def find(self, plan: Plan, found: Found, papers: tuple[str, ...] = ()) -> tuple[Evidence, ...]:
        """The best sentences for the plan's question, most probable first.

        Args:
            plan: what is asked.
            found: the search for its question.
            papers: ids of the papers that may answer; empty for all.
        """
        allowed = None
        if papers:
            allowed = np.zeros(len(self._profile.papers), bool)
            allowed[[self._place[paper] for paper in papers]] = True
        rows = self._promising(found, allowed)
        if not rows:
            return ()
        # A question that refers back need not say again what its papers are about.
        refers = bool(papers) and plan.refers_back
        scores = self._reader.score(found, rows) if refers else self._weighed(found, rows)
        if plan.asked is AnswerType.DEFINITION:
            rows, scores = self._with_definitions(plan, rows, scores, allowed)
        if plan.things and papers:
            naming = [row for row in self._naming(plan.things) if allowed is not None and self._is_of(row, allowed)]
            rows, scores = _in_front(naming, _NAMES_IT, rows, scores)
        asked = tokenize(plan.question)
        evidence = [self._evidence(row, score, found, asked) for row, score in zip(rows, scores, strict=True)]
        return tuple(sorted(evidence, key=lambda one: -one.score))

    def candidates(self, found: Found) -> tuple[list[int], list[Signals]]:
        """The rows of the most promising sentences of all, and what the reader says of each and of its paper."""
        rows = self._promising(found, None)
        if not rows:
            return [], []
        own = [int(place) for place in self._retriever.paper_of[rows]]
        papers = list(dict.fromkeys(own))
        of_papers = dict(zip(papers, self._reader.score_papers(found, papers), strict=True))
        scores = self._reader.score(found, rows)
        return rows, [Signals(score, of_papers[paper]) for score, paper in zip(scores, own, strict=True)]

    def _promising(self, found: Found, allowed: NDArray[np.bool_] | None) -> list[int]:
        return self._reader.preselect(found, self._retriever.best_sentences(found, _NEAR, allowed), _CANDIDATES)

    def _weighed(self, found: Found, rows: list[int]) -> list[float]:
        """The probability of each sentence, weighed with its paper's where the sentences alone leave it open."""
        scores = self._reader.score(found, rows)
        if not _HOPELESS <= max(scores) < _SURE:
            return scores
        own = [int(place) for place in self._retriever.paper_of[rows]]
        open_ones = dict.fromkeys(paper for paper, score in zip(own, scores, strict=True) if score >= _HOPELESS)
        of_papers = dict(zip(open_ones, self._reader.score_papers(found, list(open_ones)), strict=True))
        return [
            self._weights.probability(score, of_papers[paper]) if paper in of_papers else score
            for score, paper in zip(scores, own, strict=True)
        ]

    def _with_definitions(
        self, plan: Plan, rows: list[int], scores: list[float], allowed: NDArray[np.bool_] | None
    ) -> tuple[list[int], list[float]]:
        """The sentences that spell out an abbreviation which is asked for, in front of the others."""
        asked = {fold(word).removesuffix("s") for word in words(plan.question)}
        defining = [
            row
            for short in asked
            for row in self._spelled_out.get(short, ())
            if allowed is None or self._is_of(row, allowed)
        ]
        return _in_front(defining, _SPELLED_OUT, rows, scores)

    def _is_of(self, row: int, allowed: NDArray[np.bool_]) -> bool:
        return bool(allowed[self._retriever.paper_of[row]])

    def find_in_each(self, found: Found, plan: Plan, papers: Sequence[str]) -> tuple[Evidence, ...]:
        """The best sentence of each of `papers` for the plan's question, most probable first."""
        rows: list[int] = []
        strengths = self._retriever.strengths(found)
        for paper in papers:
            own = self._retriever.rows_of(self._place[paper])
            rows += [own[place] for place in best(strengths[own], _READ_OF_EACH)] if own else []
        if not rows:
            return ()
        asked = tokenize(plan.question)
        chosen: dict[str, Evidence] = {}
        for row, score in zip(rows, self._reader.score(found, rows), strict=True):
            evidence = self._evidence(row, score, found, asked)
            if evidence.paper_id not in chosen or chosen[evidence.paper_id].score < evidence.score:
                chosen[evidence.paper_id] = evidence
        return tuple(sorted(chosen.values(), key=lambda one: -one.score))

    def compare(self, question: str, place: Place, text: str) -> tuple[float, float] | None:
        """The probability that a sentence of an abstract answers `question`, and that `text` in its place does.

        Args:
            question: what is asked.
            place: paper id, start and end of the sentence.
            text: what is to be said instead.
        """
        row = self._row_at.get(place)
        return None if row is None else self._reader.score_instead(self._search(question), row, text)

    def naming(self, kind: str) -> tuple[Evidence, ...]:
        """The sentence of each paper that names most things of `kind` (see `rag.named_things`)."""
        return tuple(_quotation(self._retriever.sentences[row]) for row in self._naming(kind))

    def _naming(self, kind: str) -> list[int]:
        """Rows of those sentences, one for each paper that has any; found once for each kind."""
        if kind not in self._rows_naming:
            self._rows_naming[kind] = self._find_naming(kind)
        return self._rows_naming[kind]

    def _find_naming(self, kind: str) -> list[int]:
        counts = rows_that_name(kind, [passage.text for passage in self._retriever.sentences])
        chosen: dict[int, int] = {}
        for row, count in counts.items():
            paper = int(self._retriever.paper_of[row])
            if paper not in chosen or counts[chosen[paper]] < count:
                chosen[paper] = row
        return list(chosen.values())

    def read_papers(
        self, found: Found, language: Language, allowed: NDArray[np.bool_] | None = None
    ) -> tuple[PaperScore, ...]:
        """The papers that may treat what was searched for, read whole, most probable first.

        Args:
            found: the search.
            language: of the question.
            allowed: which papers may take part, shape (papers,); None for all.
        """
        waiting = self._promising_papers(found, allowed)
        scores: list[PaperScore] = []
        while waiting:
            number = _READ_BY_RANK if scores else _READ_BY_RANK + _READ_BY_MATCH
            places, waiting = waiting[:number], waiting[number:]
            read = self._reader.score_papers(found, places)
            if language == "en" and self._reader.second is not None:
                read = self._reader.second.weigh(found.query, places, read)
            scores += [
                PaperScore(self._profile.papers[place].id, score) for place, score in zip(places, read, strict=True)
            ]
            if max(read) < _READ_ON:
                break
        return tuple(sorted(scores, key=lambda one: -one.score))

    def _promising_papers(self, found: Found, allowed: NDArray[np.bool_] | None) -> list[int]:
        """Places of papers with an abstract: the first ones by rank and by match, then the others by rank."""
        by_rank = [
            int(place)
            for place in np.argsort(-found.papers, kind="stable")
            if self._retriever.rows_of(int(place)) and (allowed is None or allowed[place])
        ][:_MATCHED_PAPERS]
        matched = [
            float(self._reader.matches(found, self._retriever.rows_of(place)).max(axis=0).mean()) for place in by_rank
        ]
        by_match = [by_rank[row] for row in np.argsort(-np.array(matched), kind="stable")]
        first = list(dict.fromkeys([*by_rank[:_READ_BY_RANK], *by_match]))[: _READ_BY_RANK + _READ_BY_MATCH]
        return list(dict.fromkeys([*first, *by_rank]))

    def _evidence(self, row: int, score: float, found: Found, asked: list[str]) -> Evidence:
        passage = self._retriever.sentences[row]
        shared = sum(term in self._terms[row] for term in asked)
        return Evidence(
            passage_id=passage.id,
            paper_id=passage.paper_id,
            text=passage.text,
            start=passage.start,
            end=passage.end,
            score=round(float(score), 4),
            relevance=round(float(found.sentences[row]), 4),
            lexical=round(shared / max(len(asked), 1), 4),
            dense=round(float(found.cosines[row]), 4),
        )


def _in_front(chosen: list[int], score: float, rows: list[int], scores: list[float]) -> tuple[list[int], list[float]]:
    """`chosen` rows with one score in front of the others with their own."""
    others = [(row, own) for row, own in zip(rows, scores, strict=True) if row not in chosen]
    return [*chosen, *(row for row, _ in others)], [*(score for _ in chosen), *(own for _, own in others)]


def _quotation(passage: Passage) -> Evidence:
    """A sentence that was chosen by what stands in it."""
    return Evidence(
        passage_id=passage.id,
        paper_id=passage.paper_id,
        text=passage.text,
        start=passage.start,
        end=passage.end,
        score=1.0,
        relevance=1.0,
        lexical=1.0,
        dense=0.0,
    )

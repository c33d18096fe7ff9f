"""Finding the sentences that a claim is to be read against, and those that a verdict rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.models import Paper, Profile
from rag.names import fold
from rag.sentences import split_sentences
from rag.verifier.network import Network
from rag.verifier.packing import stems, worth
from rag.verifier.reports import EvidenceSentence

LEAST_WORTH = 0.3
"""A sentence that shares less with the claim (see `packing.worth`) has nothing to do with it."""
NEAR_BEST = 0.7
"""A paper that is worth less than this share of the best one isn't read."""
LIKENED = 40
"""Only so many papers, those with most words of the claim, are compared by the network's states as well."""
NAMED = 1.0
"""What a paper's own name in a claim is worth beside words and likeness, each 0 to 1."""


@dataclass(frozen=True)
class PassageSentence:
    """A sentence of a passage and its place."""

    text: str
    passage: int
    start: int
    end: int

    def as_evidence(self) -> EvidenceSentence:
        """For a verdict."""
        return EvidenceSentence(passage=self.passage, start=self.start, end=self.end, sentence=self.text)


def sentences_of(passages: Sequence[str]) -> list[PassageSentence]:
    """All sentences of the passages, in order."""
    return [
        PassageSentence(span.text, number, span.start, span.end)
        for number, passage in enumerate(passages)
        for span in split_sentences(passage)
    ]


def copied(claim: str, sentences: Sequence[str]) -> int | None:
    """The sentence that the claim repeats, but for case, spaces and closing marks; None where there is
    none."""
    wanted = _plain(claim)
    if len(wanted) < 8:
        return None
    for index, sentence in enumerate(sentences):
        if _plain(sentence) == wanted:
            return index
    return None


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", fold(text)).strip(" .!?\"'“”„")


def best_sentences(claim: str, sentences: Sequence[str], likeness: Sequence[float]) -> list[int]:
    """At most two sentences, in order: those nearest the claim in words and in the network's states.

    Args:
        claim: what is checked.
        sentences: of the passages.
        likeness: 0 to 1 for each sentence; all 0 where there is no network.
    """
    worths = worth(claim, sentences, likeness)
    order = sorted(range(len(sentences)), key=lambda index: -worths[index])
    if not order or worths[order[0]] < LEAST_WORTH:
        return []
    new = stems(claim) & stems(sentences[order[1]]) - stems(sentences[order[0]]) if len(order) > 1 else set()
    chosen = order[:2] if len(new) >= 2 and worths[order[1]] > 0.6 * worths[order[0]] else order[:1]
    return sorted(chosen)


class Library:
    """A profile's abstracts, ready to be searched for the papers that a claim may be about.

    Args:
        profile: gives the papers; those without an abstract are left out.
        network: tells likeness across languages; None for words alone.
    """

    def __init__(self, profile: Profile, network: Network | None) -> None:
        self._network = network
        self._papers = [paper for paper in profile.papers if paper.abstract]
        self._sentences = {paper.id: sentences_of([paper.abstract]) for paper in self._papers}
        self._texts = [
            [paper.title, *(sentence.text for sentence in self._sentences[paper.id])] for paper in self._papers
        ]
        self._stems = [[stems(text) for text in texts] for texts in self._texts]
        self._numbered = list(enumerate(self._papers))

    def sentences(self, paper: Paper) -> list[PassageSentence]:
        """The sentences of its abstract, and its title as one more at a place of its own (passage 1)."""
        title = paper.title if paper.title[-1:] in ".?!" else f"{paper.title}."
        return [*self._sentences[paper.id], PassageSentence(title, 1, 0, 0)]

    def candidates(self, claim: str, count: int) -> list[Paper]:
        """The papers that a claim is nearest to, best first, at most `count`, without those far behind the best."""
        wanted = stems(claim)
        near = [
            self._by_words(wanted, number) + NAMED * _has_own_name(claim, paper) for number, paper in self._numbered
        ]
        order = sorted(range(len(near)), key=lambda index: -near[index])[:LIKENED]
        if self._network:
            for index in order:
                near[index] += max(self._network.likeness(claim, self._texts[index]))
            order.sort(key=lambda index: -near[index])
        return [self._papers[index] for index in order[:count] if near[index] >= NEAR_BEST * near[order[0]]]

    def _by_words(self, wanted: set[str], number: int) -> float:
        shared = [wanted & own for own in self._stems[number]]
        return (len(set().union(*shared)) + max(map(len, shared))) / max(1, len(wanted)) / 2


def _has_own_name(claim: str, paper: Paper) -> bool:
    head = re.split(r"[:–]|--", paper.title)[0].strip()
    return len(head) > 3 and fold(head) in fold(claim)

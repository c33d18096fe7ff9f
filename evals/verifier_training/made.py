"""Pairs made from abstracts: true ones in other words, false ones by one small change.

In 45% the change sits in the passage, so that the odd sentence is the true one and odd wording gives
nothing away."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from evals.verifier_training import corruptions as make
from evals.verifier_training.abstracts import Abstract
from evals.verifier_training.rewording import in_part_german, reword
from evals.verifier_training.shortening import LEAST_WORDS, shorten
from evals.verifier_training.sources import CONTRADICTED, NOT_SAID, SUPPORTED, Pair
from rag.verifier.packing import stems

PASSAGE_SIDE = 0.45
GERMAN_CLAIMS = 0.2
GERMAN_WORDS = 0.8
SOURCE = "made"

QUOTAS: Final[Mapping[str, int]] = {
    "number": 4000, "number_place": 1200, "unit": 1200, "name": 4000, "name_within": 3000, "negation": 4000,
    "direction": 5000, "scope": 2500, "role": 4000, "from_to": 600, "hedge": 2500, "addition": 2500, "join": 3000,
    "removed": 2500, "near": 1500, "title": 900, "reword": 4000,
}  # fmt: skip
"""How many false pairs (for `title` true ones) of each kind are made at most; true ones come beside them."""


class Maker:
    """Makes pairs from abstracts.

    Args:
        abstracts: what is drawn from; names and nouns for swaps are drawn from all of them.
        seed: of every choice.
    """

    def __init__(self, abstracts: Sequence[Abstract], seed: int) -> None:
        self._abstracts = abstracts
        self._chance = random.Random(seed)
        sentences = [sentence for abstract in abstracts for sentence in abstract.sentences]
        self._names = [name for sentence in sentences for name in make.names_in(sentence)]
        self._nouns = [noun for sentence in sentences for noun in make.nouns_in(sentence)]

    def pairs(self, quotas: Mapping[str, int] = QUOTAS) -> list[Pair]:
        """Pairs of every kind up to its quota, true ones beside them; part of the claims in part German."""
        made = [pair for kind, quota in quotas.items() for pair in self._of_kind(kind, quota)]
        return [self._in_german(pair) for pair in made]

    def _in_german(self, pair: Pair) -> Pair:
        if self._chance.random() >= GERMAN_CLAIMS:
            return pair
        claim = in_part_german(pair.claim, self._chance, GERMAN_WORDS)
        return Pair(pair.sentences, claim, pair.label, pair.source, pair.kind)

    def _of_kind(self, kind: str, quota: int) -> Iterator[Pair]:
        makers = {
            "join": self._join, "removed": self._removed, "near": self._near, "title": self._title,
            "name_within": self._name_within, "reword": self._reworded,
        }  # fmt: skip
        places = [(abstract, number) for abstract in self._abstracts for number in range(len(abstract.sentences))]
        self._chance.shuffle(places)
        done = 0
        for abstract, number in places:
            if done >= quota:
                return
            found = makers[kind](abstract, number) if kind in makers else self._changed(kind, abstract, number)
            if found:
                done += 1
                yield from found

    def _change(self, kind: str, sentence: str) -> tuple[str | None, int]:
        if kind == "name":
            return make.swap_name(sentence, self._chance, self._names, self._nouns), CONTRADICTED
        change, label = make.KINDS[kind]
        return change(sentence, self._chance), label

    def _changed(self, kind: str, abstract: Abstract, number: int) -> list[Pair]:
        sentence = abstract.sentences[number]
        if self._chance.random() < PASSAGE_SIDE:
            return self._changed_passage(kind, abstract, number)
        told = reword(sentence, self._chance)
        false, label = self._change(kind, told)
        if not false or false == told:
            return []
        passage = self._around(abstract, number)
        pairs = [Pair(passage, false, label, SOURCE, kind)]
        if self._chance.random() < 0.6:
            pairs.append(Pair(passage, reword(sentence, self._chance), SUPPORTED, SOURCE, "true"))
        return pairs

    def _changed_passage(self, kind: str, abstract: Abstract, number: int) -> list[Pair]:
        sentence = abstract.sentences[number]
        odd, label = self._change(kind, sentence)
        if not odd or odd == sentence:
            return []
        passage = self._around(abstract, number, odd)
        pairs = [Pair(passage, reword(odd, self._chance), SUPPORTED, SOURCE, "true_odd")]
        if label == CONTRADICTED:
            pairs.append(Pair(passage, reword(sentence, self._chance, cut=False), label, SOURCE, kind))
        elif kind == "addition":
            pairs.append(Pair(passage, reword(sentence, self._chance), SUPPORTED, SOURCE, "true"))
        return pairs

    def _around(self, abstract: Abstract, number: int, instead: str | None = None) -> tuple[str, ...]:
        """Title or not, the sentence (or what stands there instead) and some of the others, in order."""
        count = self._chance.choice((1, 2, 3, 3, 4, 4, 5, 6, 12))
        others = [index for index in range(len(abstract.sentences)) if index != number]
        near = sorted(others, key=lambda index: abs(index - number) + 2 * self._chance.random())
        kept = sorted([number, *near[: count - 1]])
        parts = [instead if instead and index == number else abstract.sentences[index] for index in kept]
        return (abstract.title.rstrip(".") + ".", *parts) if self._chance.random() < 0.5 else tuple(parts)

    def _join(self, abstract: Abstract, number: int) -> list[Pair]:
        """Two sentences told as one: true, and false by a change in either half."""
        others = [index for index in range(len(abstract.sentences)) if index != number]
        other = self._chance.choice(others)
        halves = [reword(abstract.sentences[index], self._chance) for index in (number, other)]
        if sum(map(len, halves)) > 420:
            return []
        passage = tuple(abstract.sentences)
        pairs = [Pair(passage, self._joined(halves), SUPPORTED, SOURCE, "true_join")]
        half = self._chance.randrange(2)
        kinds = ["number", "negation", "direction", "name", "name", "number"]
        self._chance.shuffle(kinds)
        for kind in kinds:
            false, label = self._change(kind, halves[half])
            if false and false != halves[half]:
                halves[half] = false
                pairs.append(Pair(passage, self._joined(halves), label, SOURCE, f"join_{kind}"))
                break
        return pairs

    def _joined(self, halves: Sequence[str]) -> str:
        one, two = halves[0].rstrip(" ."), halves[1]
        if self._chance.random() < 0.4:
            return f"{one}. {two}"
        first = two.split(" ")[0]
        two = two if first != first.capitalize() or len(first) == 1 else two[0].lower() + two[1:]
        return f"{one}{self._chance.choice((', and ', '; ', ', while ', ' and '))}{two}"

    def _name_within(self, abstract: Abstract, number: int) -> list[Pair]:
        """A name or long noun for another that the abstract has elsewhere: each is mentioned, in another place."""
        sentence = abstract.sentences[number]
        told = reword(sentence, self._chance)
        names, nouns = make.names_in(told), make.nouns_in(told)
        elsewhere = " ".join(other for other in abstract.sentences if other != sentence)
        pool = make.names_in(elsewhere) if names else make.nouns_in(elsewhere)
        pool = [other for other in pool if other.lower() not in sentence.lower()]
        if not pool or not (names or nouns):
            return []
        false = make.swap_name(told, self._chance, pool if names else [], pool)
        if not false or false == told:
            return []
        passage = tuple(abstract.sentences)
        true = Pair(passage, reword(sentence, self._chance), SUPPORTED, SOURCE, "true")
        return [Pair(passage, false, CONTRADICTED, SOURCE, "name_within"), true]

    def _reworded(self, abstract: Abstract, number: int) -> list[Pair]:
        """The sentence shortened and reworded as far as the rules go, against the whole abstract."""
        sentence = abstract.sentences[number]
        told = reword(shorten(reword(sentence, self._chance), self._chance), self._chance)
        if len(stems(told)) > 0.85 * len(stems(sentence)) or len(told.split()) < LEAST_WORDS:
            return []
        return [Pair(tuple(abstract.sentences), told, SUPPORTED, SOURCE, "true_reword")]

    def _removed(self, abstract: Abstract, number: int) -> list[Pair]:
        """A sentence against its abstract without it and without its near-doubles."""
        sentence = abstract.sentences[number]
        own = stems(sentence)
        rest = tuple(
            other for other in abstract.sentences
            if other != sentence and len(own & stems(other)) < 0.4 * len(own)
        )  # fmt: skip
        if len(rest) < 2 or len(own) < 5:
            return []
        return [Pair(rest, reword(sentence, self._chance), NOT_SAID, SOURCE, "removed")]

    def _near(self, abstract: Abstract, number: int) -> list[Pair]:
        """A sentence against another paper on the like: the one of sixty that shares most words."""
        own = stems(abstract.sentences[number]) | stems(abstract.title)
        pool = [self._chance.choice(self._abstracts) for _ in range(60)]
        near = max(
            (other for other in pool if other is not abstract),
            key=lambda other: len(own & stems(other.title + " " + other.sentences[0])),
        )
        return [
            Pair(
                tuple(near.sentences),
                reword(abstract.sentences[number], self._chance),
                NOT_SAID,
                SOURCE,
                "near",
            )
        ]

    def _title(self, abstract: Abstract, number: int) -> list[Pair]:
        """The title is true of its abstract, where the abstract has most of its words."""
        title = abstract.title.rstrip(".")
        shared = stems(title) & stems(" ".join(abstract.sentences))
        if number or "?" in title or len(shared) < 0.7 * len(stems(title)):
            return []
        return [Pair(tuple(abstract.sentences), f"{title}.", SUPPORTED, SOURCE, "title")]

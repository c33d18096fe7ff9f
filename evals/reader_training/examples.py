"""Pairs of a question and a sentence, as the reader meets them: found by the product's own search.

A question's candidates are the five sentences that the search ranks first, the three best of the paper that
it is about, and its evidence. Each carries the search features that the product would compute, and the states
that the product would hold: a question's whole, a sentence's in 8 bits and without its title's pieces.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray

from evals.reader_training.collections import Question, evidence_rows, key
from ingest.passages import paper_passages
from rag.embedding import ContextualEmbedder
from rag.errors import InputError
from rag.index import PassageIndex, ProfileIndex, level_of
from rag.models import Passage, Profile
from rag.reader import search_features
from rag.retrieval import Retriever
from rag.token_states import TokenStates, quantise, save_states

Floats = NDArray[np.float32]
FIRST: Final = 5
"""Of the search; calibration sees these (the product reads no more of them)."""
OF_ITS_PAPER: Final = 3
BEYOND: Final = 9
"""The rank of a sentence that the search does not have among its first."""


@dataclass(frozen=True)
class Example:
    """A question's id and a sentence (a row of a profile); `answers` is what the reader has to say."""

    question: str
    source: str
    paper: str
    answerable: bool
    language: str
    profile: int
    row: int
    rank: int
    answers: bool
    features: Floats


@dataclass(frozen=True)
class Material:
    """Examples, question by question, with the states that they are read from."""

    examples: tuple[Example, ...]
    questions: dict[str, NDArray[np.float16]]
    sentences: tuple[TokenStates, ...]

    def texts(self, example: Example) -> tuple[Floats, Floats]:
        """The states of the question's pieces and of the sentence's."""
        states = self.questions[example.question].astype(np.float32)
        return states, self.sentences[example.profile].of(example.row)


class _Vectors:
    """Passages held in memory, in place of a Chroma collection; answers as `rag.index.PassageIndex` does."""

    def __init__(self, passages: Sequence[Passage], vectors: Floats) -> None:
        self.passages = tuple(passages)
        self._vectors = vectors

    def __len__(self) -> int:
        return len(self.passages)

    def similarities(self, vector: Floats, limit: int) -> Floats:
        cosines: Floats = (self._vectors @ vector).astype(np.float32)
        if len(cosines) > limit:
            cosines[np.argsort(-cosines, kind="stable")[limit:]] = np.nan
        return cosines


@dataclass(frozen=True)
class Searchable:
    """A profile that can be searched, and the states of its sentences."""

    retriever: Retriever
    states: TokenStates


def searchable(profile: Profile, embedder: ContextualEmbedder) -> Searchable:
    """Embeds `profile` as the product does when it builds an index, in memory."""
    passages = [passage for paper in profile.papers for passage in paper_passages(paper)]
    papers = [passage for passage in passages if level_of(passage) == "papers"]
    sentences = [passage for passage in passages if level_of(passage) == "sentences"]
    vectors, states = embedder.encode_passages([passage.in_context for passage in sentences])
    in_front = embedder.count_pieces([f"{passage.title}." for passage in sentences])
    own = [pieces[count:] for pieces, count in zip(states, in_front, strict=True)]
    index = ProfileIndex(
        cast(
            PassageIndex,
            _Vectors(papers, embedder.embed_passages([passage.in_context for passage in papers])),
        ),
        cast(PassageIndex, _Vectors(sentences, vectors)),
    )
    return Searchable(Retriever(profile, index, embedder), _rounded(own))


def find_examples(
    profiles: Sequence[Profile],
    questions: Sequence[Question],
    embedder: ContextualEmbedder,
    seed: int,
    report: Callable[[str], None],
) -> Material:
    """Asks every question of the profile that its paper is in and keeps its candidates.

    Args:
        profiles: see `collections.read_profiles`.
        questions: those that name no paper are asked of a profile of their source that chance chooses.
        embedder: the product's own.
        seed: of that choice.
        report: is told how far it is.

    Raises:
        InputError: no profile holds a question's paper, or its evidence is no sentence of it.
    """
    chance = random.Random(seed)
    place = {
        (profile.source, key(paper.title)): row for row, profile in enumerate(profiles) for paper in profile.papers
    }
    held = []
    for number, profile in enumerate(profiles, start=1):
        held.append(searchable(profile, embedder))
        report(f"profile {number} of {len(profiles)}: {len(held[-1].states)} sentences of {profile.name}")
    examples: list[Example] = []
    states: dict[str, NDArray[np.float16]] = {}
    for question in questions:
        row = _profile_of(question, place, profiles, chance)
        found, pieces = _candidates(question, row, held[row].retriever)
        examples += found
        states[question.id] = pieces.astype(np.float16)
    report(f"{len(questions)} questions, {len(examples)} examples")
    return Material(tuple(examples), states, tuple(own.states for own in held))


def _profile_of(
    question: Question,
    place: dict[tuple[str, str], int],
    profiles: Sequence[Profile],
    chance: random.Random,
) -> int:
    if question.title is None:
        return chance.choice([row for row, profile in enumerate(profiles) if profile.source == question.source])
    row = place.get((question.source, key(question.title)))
    if row is None:
        raise InputError(
            f"Question {question.id}: the source {question.source} has no paper {question.title!r}.",
            "Mend the title or take the question out.",
        )
    return row


def _candidates(question: Question, profile: int, retriever: Retriever) -> tuple[list[Example], Floats]:
    found = retriever.search(question.question)
    assert found.states is not None
    first = retriever.best_sentences(found, FIRST)
    evidence = evidence_rows(question, retriever.sentences)
    if question.answerable and not evidence:
        raise InputError(
            f"Question {question.id}: no sentence of {question.title!r} is its evidence.",
            "Quote the sentence as the abstract has it.",
        )
    title = key(question.title or "")
    strengths = retriever.strengths(found)
    meant = [row for row, sentence in enumerate(retriever.sentences) if key(sentence.title) == title]
    meant.sort(key=lambda row: -strengths[row])
    rows = list(dict.fromkeys([*first, *meant[:OF_ITS_PAPER], *evidence]))
    features = search_features(retriever, found, rows)
    examples = [
        Example(
            question=question.id,
            source=question.source,
            paper=f"{question.source} {title}",
            answerable=question.answerable,
            language=question.language,
            profile=profile,
            row=row,
            rank=first.index(row) if row in first else BEYOND,
            answers=row in evidence,
            features=own,
        )
        for row, own in zip(rows, features, strict=True)
    ]
    return examples, found.states


def _rounded(states: Sequence[Floats]) -> TokenStates:
    """The states as they come back from a build."""
    with tempfile.TemporaryDirectory(prefix="states-") as folder:
        save_states(Path(folder), [quantise(own) for own in states])
        return TokenStates(Path(folder), len(states))

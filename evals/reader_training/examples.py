"""Pairs of a question and a text, as the reader meets them: found by the product's own search.

A text is a sentence, or all sentences of a paper. A question's candidates are the five sentences that the
search ranks first, the three best of the paper that it is about, and its evidence; and the papers that the
search ranks first with those that are meant, eight where a paper is looked for or a topic is named, else two.
A paper answers a question for a fact if one of its sentences does. Each example carries the
search features that the product would compute, and the states that the product would hold: a question's
whole, a sentence's in 8 bits and without its title's pieces.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from evals.reader_training.collections import Question, Topic, evidence_rows, key
from ingest.passages import paper_passages
from rag.embedding import ContextualEmbedder
from rag.errors import InputError
from rag.index import PassageIndex, ProfileIndex, level_of
from rag.models import Passage, Profile
from rag.reader import Head, paper_features, search_features
from rag.retrieval import Found, Retriever
from rag.token_states import TokenStates, quantise, save_states

Floats = NDArray[np.float32]
FIRST: Final = 5
"""Of the search; calibration sees these (the product reads no more of them)."""
OF_ITS_PAPER: Final = 3
FIRST_PAPERS, FIRST_PAPERS_OF_FACTS = 8, 2
BEYOND: Final = 9
"""The rank of a text that the search does not have among its first."""
FINDING: Final = "paper"
"""What a question asks for that looks for a paper."""

Level = Literal["sentence", "paper"]
HEADS: Final[dict[Level, Head]] = {"sentence": "head", "paper": "paper"}


@dataclass(frozen=True)
class Example:
    """A question's id and a text (rows of a profile's sentences); `answers` is what the reader has to say.

    `finds` says that papers are looked for, not a fact.
    """

    question: str
    source: str
    paper: str
    answerable: bool
    language: str
    profile: int
    level: Level
    finds: bool
    rows: tuple[int, ...]
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
        """The states of the question's pieces and of the text's."""
        states = self.questions[example.question].astype(np.float32)
        return states, self.sentences[example.profile].of_all(example.rows)

    def pieces(self, example: Example) -> int:
        """How many pieces the text has."""
        return self.sentences[example.profile].pieces(example.rows)


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
    topics: Sequence[Topic],
    embedder: ContextualEmbedder,
    seed: int,
    report: Callable[[str], None],
) -> Material:
    """Asks every question of the profile that its paper is in and keeps its candidates.

    Args:
        profiles: see `collections.read_profiles`.
        questions: those that name no paper are asked of a profile of their source that chance chooses.
        topics: asked twice, as a phrase and as a question.
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
        retriever = held[row].retriever
        found = retriever.search(question.question)
        examples += _sentences(question, row, found, retriever)
        asked = _Asked(question.id, question.source, question.language, question.answerable, question.asked == FINDING)
        examples += _papers(asked, row, found, retriever, profiles[row], {key(question.title or "")})
        states[question.id] = _states(found)
    for topic in topics:
        row = next(row for row, profile in enumerate(profiles) if profile.source == topic.source)
        for name, text in ((topic.id, topic.question), (f"{topic.id}-phrase", topic.topic)):
            found = held[row].retriever.search(text)
            asked = _Asked(name, topic.source, topic.language, bool(topic.papers), finds=True)
            examples += _papers(asked, row, found, held[row].retriever, profiles[row], set(map(key, topic.papers)))
            states[name] = _states(found)
    report(f"{len(questions)} questions, {len(topics)} topics, {len(examples)} examples")
    return Material(tuple(examples), states, tuple(own.states for own in held))


class _Asked(NamedTuple):
    """What the examples of one question have in common."""

    id: str
    source: str
    language: str
    answerable: bool
    finds: bool


def _states(found: Found) -> NDArray[np.float16]:
    assert found.states is not None
    return found.states.astype(np.float16)


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


def _sentences(question: Question, profile: int, found: Found, retriever: Retriever) -> list[Example]:
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
    return [
        Example(
            question=question.id,
            source=question.source,
            paper=f"{question.source} {title}",
            answerable=question.answerable,
            language=question.language,
            profile=profile,
            level="sentence",
            finds=question.asked == FINDING,
            rows=(row,),
            rank=first.index(row) if row in first else BEYOND,
            answers=row in evidence,
            features=own,
        )
        for row, own in zip(rows, features, strict=True)
    ]


def _papers(
    asked: _Asked, profile: int, found: Found, retriever: Retriever, of: Profile, meant: set[str]
) -> list[Example]:
    first = FIRST_PAPERS if asked.finds else FIRST_PAPERS_OF_FACTS
    order = [int(place) for place in np.argsort(-found.papers, kind="stable")[:first]]
    places = dict.fromkeys([*order, *(place for place, paper in enumerate(of.papers) if key(paper.title) in meant)])
    chosen = [place for place in places if retriever.rows_of(place)]
    features = paper_features(retriever, found, chosen)
    return [
        Example(
            question=asked.id,
            source=asked.source,
            paper=f"{asked.source} {key(of.papers[place].title)}",
            answerable=asked.answerable,
            language=asked.language,
            profile=profile,
            level="paper",
            finds=asked.finds,
            rows=tuple(retriever.rows_of(place)),
            rank=order.index(place) if place in order else BEYOND,
            answers=asked.answerable and key(of.papers[place].title) in meant,
            features=own,
        )
        for place, own in zip(chosen, features, strict=True)
    ]


def _rounded(states: Sequence[Floats]) -> TokenStates:
    """The states as they come back from a build."""
    with tempfile.TemporaryDirectory(prefix="states-") as folder:
        save_states(Path(folder), [quantise(own) for own in states])
        return TokenStates(Path(folder), len(states))

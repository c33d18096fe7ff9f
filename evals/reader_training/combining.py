"""`python -m evals.reader_training.combining --data FOLDER`: fits `rag/combination.toml`.

How the reader's two heads are weighed against each other where a sentence is to answer, and what it says of a
paper against what a second encoder does, both on the sources that its training left out. What is weighed is what
the product itself reads for a question; a sentence counts as an answer if it or the next best one of its paper is
evidence, since both are quoted where neither stands out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

import rag
from evals.reader_training.calibration import area_under_curve, fit_logistic
from evals.reader_training.collections import (
    HELD_OUT,
    Question,
    Topic,
    evidence_rows,
    key,
    read_profiles,
    read_questions,
    read_topics,
)
from evals.reader_training.examples import FINDING, searchable
from rag.combining import Answering, Combination, Treating, logit, within_spreads
from rag.embedding import ContextualEmbedder, load_embedder
from rag.errors import ProfileChatError, SettingError
from rag.evidence import EvidenceFinder, Signals
from rag.models import Profile
from rag.reader import JointReader
from rag.retrieval import Retriever
from rag.second_opinion import SecondOpinion, embed_papers
from rag.settings import load_settings

_RIDGE: Final = 2.0

Judged = list[tuple[Signals, bool]]
Read = list[tuple[float, float, bool]]
"""Of papers: the reader's probability, how far each stands out for the second encoder, and whether it is meant."""


class Held(NamedTuple):
    """A profile with what is needed to ask it."""

    profile: Profile
    retriever: Retriever
    finder: EvidenceFinder
    """Reads without a second opinion."""
    second: SecondOpinion
    questions: tuple[Question, ...]
    """About its papers, and those of its source that name none."""
    topics: tuple[Topic, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (without the program's name) and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.reader_training.combining", description="Fits rag/combination.toml."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with profiles/ and the public collections")
    parser.add_argument("--out", type=Path, default=Path(rag.__file__).parent / "combination.toml")
    options = parser.parse_args(argv)
    try:
        searched = _search_all(options.data)
        read = [one for held in searched for one in _ask_for_papers(held)]
        judged = [one for held in searched for one in _ask_for_facts(held)]
    except ProfileChatError as error:
        sys.stderr.write(f"combining: {error}\n")
        return error.exit_status
    answering, treating = fit_answering(judged), fit_treating(read)
    _say_worth(judged, answering)
    _say_worth_of_papers(read, treating)
    options.out.write_text(to_toml(Combination(answering=answering, treating=treating)), "utf-8")
    return 0


def fit_answering(judged: Judged) -> Answering:
    """The logistic regression over both logits that fits best.

    Raises:
        ValueError: there is nothing to fit on.
    """
    inputs = np.array([[logit(signals.sentence), logit(signals.paper)] for signals, _ in judged])
    formula = fit_logistic(inputs, np.array([float(truth) for _, truth in judged]), _RIDGE)
    own, paper = (round(float(weight), 3) for weight in formula.weights)
    return Answering(sentence=own, paper=paper, constant=round(formula.bias, 3))


def fit_treating(read: Read) -> Treating:
    """The logistic regression over the reader's logit and the spreads from the mean that fits best.

    Raises:
        ValueError: there is nothing to fit on.
    """
    inputs = np.array([[logit(probability), within_spreads(apart)] for probability, apart, _ in read])
    formula = fit_logistic(inputs, np.array([float(truth) for _, _, truth in read]), _RIDGE)
    own, apart = (round(float(weight), 3) for weight in formula.weights)
    return Treating(read=own, apart=apart, constant=round(formula.bias, 3))


def to_toml(combination: Combination) -> str:
    """The file that `rag.combining` reads."""
    lines = ["# Written by `python -m evals.reader_training.combining`; what each means is said in rag/combining.py."]
    for name, weights in combination:
        lines += [f"[{name}]", *(f"{weight} = {value}" for weight, value in weights), ""]
    return "\n".join(lines)


def judge(question: Question, held: Held) -> Judged:
    """What the reader says of the sentence that it likes best, and whether that or the next of its paper answers."""
    retriever = held.retriever
    rows, signals = held.finder.candidates(retriever.search(question.question))
    if not rows:
        return []
    order = sorted(range(len(rows)), key=lambda place: -signals[place].sentence)
    paper = retriever.paper_of[rows[order[0]]]
    quoted = [rows[place] for place in order if retriever.paper_of[rows[place]] == paper][:2]
    evidence = evidence_rows(question, retriever.sentences)
    return [(signals[order[0]], bool(set(quoted) & set(evidence)))]


def read_papers(text: str, meant: set[str], held: Held) -> Read:
    """What both say of the papers that the product reads for `text`; `meant` holds keys of titles."""
    apart = held.second.stands_out(text)
    if apart is None:
        return []
    place = {paper.id: row for row, paper in enumerate(held.profile.papers)}
    read = held.finder.read_papers(held.retriever.search(text), "en")
    return [
        (one.score, float(apart[place[one.paper_id]]), key(held.profile.paper(one.paper_id).title) in meant)
        for one in read
    ]


def _search_all(data: Path) -> list[Held]:
    embedder = load_embedder("e5", load_settings().home / "models")
    if not isinstance(embedder, ContextualEmbedder):
        raise SettingError("The embedder e5 gives no states.", "Install the product that this belongs to.")
    questions = [one for one in read_questions() if one.source in HELD_OUT]
    topics = read_topics()
    return [_search(profile, embedder, questions, topics) for profile in read_profiles(data, questions)]


def _search(
    profile: Profile, embedder: ContextualEmbedder, questions: Sequence[Question], topics: Sequence[Topic]
) -> Held:
    search = searchable(profile, embedder)
    titles = {key(paper.title) for paper in profile.papers}
    return Held(
        profile,
        search.retriever,
        EvidenceFinder(profile, search.retriever, JointReader(search.retriever, search.states)),
        SecondOpinion(embed_papers(profile, embedder.second()), embedder.second),
        tuple(
            question
            for question in questions
            if question.source == profile.source and (question.title is None or key(question.title) in titles)
        ),
        tuple(topic for topic in topics if topic.source == profile.source),
    )


def _ask_for_papers(held: Held) -> Read:
    """Every question in English for a paper, and every topic as a phrase and as a question."""
    read: Read = []
    for question in held.questions:
        if question.asked == FINDING and question.language == "en":
            meant = {key(question.title)} if question.title and question.answerable else set()
            read += read_papers(question.question, meant, held)
    for topic in held.topics:
        if topic.language == "en":
            for text in (topic.topic, topic.question):
                read += read_papers(text, set(map(key, topic.papers)), held)
    return read


def _ask_for_facts(held: Held) -> Judged:
    questions = [question for question in held.questions if question.asked != FINDING]
    return [one for question in questions for one in judge(question, held)]


def _say_worth_of_papers(read: Read, fitted: Treating) -> None:
    truth = np.array([is_meant for _, _, is_meant in read], np.bool_)
    joined = area_under_curve(truth, np.array([fitted.probability(own, apart) for own, apart, _ in read]))
    alone = area_under_curve(truth, np.array([own for own, _, _ in read]))
    _say(f"{len(read)} papers, AUC {joined:.3f} with the second encoder, {alone:.3f} by the reader alone")


def _say_worth(judged: Judged, fitted: Answering) -> None:
    truth = np.array([is_true for _, is_true in judged], np.bool_)
    joined = area_under_curve(truth, np.array([fitted.probability(*signals) for signals, _ in judged]))
    alone = area_under_curve(truth, np.array([signals.sentence for signals, _ in judged]))
    _say(f"{len(judged)} questions, AUC {joined:.3f} with the paper, {alone:.3f} by the sentence alone")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

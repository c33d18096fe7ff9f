"""`python -m evals.reader_training.combining --data FOLDER`: fits `rag/combination.toml`.

How the reader's two heads are weighed against each other where a sentence is to answer, on the sources that its
training left out. What is weighed is what the product itself reads for a question; a sentence counts as an answer
if it or the next best one of its paper is evidence, since both are quoted where neither stands out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

import rag
from evals.reader_training.calibration import area_under_curve, fit_logistic
from evals.reader_training.collections import HELD_OUT, Question, evidence_rows, key, read_profiles, read_questions
from evals.reader_training.examples import FINDING, searchable
from rag.combining import Combination, logit
from rag.embedding import ContextualEmbedder, load_embedder
from rag.errors import ProfileChatError, SettingError
from rag.evidence import EvidenceFinder, Signals
from rag.reader import JointReader
from rag.retrieval import Retriever
from rag.settings import load_settings

_RIDGE: Final = 2.0

Judged = list[tuple[Signals, bool]]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (without the program's name) and returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m evals.reader_training.combining", description="Fits rag/combination.toml."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with profiles/ and the public collections")
    parser.add_argument("--out", type=Path, default=Path(rag.__file__).parent / "combination.toml")
    options = parser.parse_args(argv)
    try:
        judged = _ask_all(options.data)
    except ProfileChatError as error:
        sys.stderr.write(f"combining: {error}\n")
        return error.exit_status
    fitted = fit_combination(judged)
    _say_worth(judged, fitted)
    options.out.write_text(to_toml(fitted), "utf-8")
    return 0


def fit_combination(judged: Judged) -> Combination:
    """The logistic regression over both logits that fits best.

    Raises:
        ValueError: there is nothing to fit on.
    """
    inputs = np.array([[logit(signals.sentence), logit(signals.paper)] for signals, _ in judged])
    formula = fit_logistic(inputs, np.array([float(truth) for _, truth in judged]), _RIDGE)
    own, paper = (round(float(weight), 3) for weight in formula.weights)
    return Combination(sentence=own, paper=paper, constant=round(formula.bias, 3))


def to_toml(combination: Combination) -> str:
    """The file that `rag.combining` reads."""
    lines = ["# Written by `python -m evals.reader_training.combining`; what each means is said in rag/combining.py."]
    return "\n".join([*lines, *(f"{name} = {value}" for name, value in combination)]) + "\n"


def judge(question: Question, finder: EvidenceFinder, retriever: Retriever) -> Judged:
    """What the reader says of the sentence that it likes best, and whether that or the next of its paper answers."""
    rows, signals = finder.candidates(retriever.search(question.question))
    if not rows:
        return []
    order = sorted(range(len(rows)), key=lambda place: -signals[place].sentence)
    paper = retriever.paper_of[rows[order[0]]]
    quoted = [rows[place] for place in order if retriever.paper_of[rows[place]] == paper][:2]
    evidence = evidence_rows(question, retriever.sentences)
    return [(signals[order[0]], bool(set(quoted) & set(evidence)))]


def _ask_all(data: Path) -> Judged:
    """Every question for a fact, asked of the profile that its paper is in; one that names none, of each."""
    questions = [one for one in read_questions() if one.source in HELD_OUT and one.asked != FINDING]
    embedder = load_embedder("e5", load_settings().home / "models")
    if not isinstance(embedder, ContextualEmbedder):
        raise SettingError("The embedder e5 gives no states.", "Install the product that this belongs to.")
    judged: Judged = []
    for profile in read_profiles(data, questions):
        held = searchable(profile, embedder)
        finder = EvidenceFinder(profile, held.retriever, JointReader(held.retriever, held.states))
        titles = {key(paper.title) for paper in profile.papers}
        for question in questions:
            if question.source == profile.source and (question.title is None or key(question.title) in titles):
                judged += judge(question, finder, held.retriever)
        _say(f"{profile.name}: {len(judged)} questions so far")
    return judged


def _say_worth(judged: Judged, fitted: Combination) -> None:
    truth = np.array([is_true for _, is_true in judged], np.bool_)
    joined = area_under_curve(truth, np.array([fitted.probability(*signals) for signals, _ in judged]))
    alone = area_under_curve(truth, np.array([signals.sentence for signals, _ in judged]))
    _say(f"{len(judged)} questions, AUC {joined:.3f} with the paper, {alone:.3f} by the sentence alone")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

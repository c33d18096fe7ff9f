"""The reader's training data, what is drawn from it, its calibration, and the shapes that the product reads."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from evals.cases import load_cases
from evals.reader_training import calibration
from evals.reader_training.__main__ import main, require_torch
from evals.reader_training.batches import Scaling, by_question, draw, fixed_shapes, measure_scaling, to_batch
from evals.reader_training.collections import (
    FIT,
    Question,
    evidence_rows,
    key,
    read_profiles,
    read_questions,
)
from evals.reader_training.examples import BEYOND, Example, Material
from evals.reader_training.export import Fitted, layers_of, told_of, weights_of, write_reader
from rag import reader
from rag.errors import InputError, SettingError
from rag.models import Passage
from rag.token_states import TokenStates, quantise, save_states
from tests.reference_encoder import layer_output

CASES = FIT.parent / "cases"
REASONS = {"detail_not_stated", "not_in_profile", "out_of_scope"}
WIDTH, HEADS = 384, 12
TOLERANCE = 0.01
"""What rounding weights and states to 8 bits may change."""


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return read_questions()


def passage(text: str, title: str = "A Paper") -> Passage:
    return Passage(id=text, paper_id="a-paper", kind="sentence", title=title, text=text, start=0, end=len(text))


def asking(sentence: str | None, *also: str) -> Question:
    return Question(
        id="q", source="arxiv", title="A Paper", question="What?", language="en", asked="thing",
        answerable=sentence is not None, sentence=sentence, also=also,
        why_not=None if sentence else "detail_not_stated",
    )  # fmt: skip


# --- the fit questions ----------------------------------------------------------------------------------


def test_every_row_is_there_once(questions: list[Question]) -> None:
    assert len({question.id for question in questions}) == len(questions)
    asked = {(question.source, question.title, key(question.question)) for question in questions}
    assert len(asked) == len(questions)


def test_the_labels_of_a_row_agree(questions: list[Question]) -> None:
    for question in questions:
        assert question.answerable == (question.sentence is not None) == (question.why_not is None), question.id
        assert question.why_not is None or question.why_not in REASONS, question.id
        assert question.answerable or not question.also, question.id
        assert question.title is not None or question.why_not != "detail_not_stated", question.id


def test_no_question_that_measures_is_fitted_on(questions: list[Question]) -> None:
    fitted = {key(question.question): question.id for question in questions}
    asked = [text for case in load_cases(CASES) for text in case.asked]
    assert len(asked) > 400
    assert not [(fitted[key(text)], text) for text in asked if key(text) in fitted]


# --- evidence -------------------------------------------------------------------------------------------


def test_a_sentence_cut_elsewhere_is_evidence_but_a_scrap_is_not() -> None:
    question = asking("Box 2. It measures 40 cm on each side.", "A side has 40 cm.")
    texts = ["Box 2.", "It measures 40 cm on each side.", "Thus a side has 40 cm.", "It is red.", "…"]
    sentences = [*map(passage, texts), passage("It measures 40 cm on each side.", "Another Paper")]
    assert evidence_rows(question, sentences) == [1, 2]


def test_what_can_not_be_answered_has_no_evidence() -> None:
    assert evidence_rows(asking(None), [passage("It is red.")]) == []


def test_a_row_that_is_no_question_is_named(tmp_path: Path) -> None:
    (tmp_path / "questions.jsonl").write_text('{"id": "q"}\n')
    with pytest.raises(InputError, match=r"questions\.jsonl, line 1: source"):
        read_questions(tmp_path)
    with pytest.raises(InputError, match="has no questions"):
        read_questions(tmp_path / "nowhere")


def test_a_missing_collection_is_named(tmp_path: Path, questions: list[Question]) -> None:
    with pytest.raises(InputError, match=r"corpus\.jsonl can't be read"):
        read_profiles(tmp_path, [question for question in questions if question.source == "cacm"])


# --- examples and batches -------------------------------------------------------------------------------


def example(question: str, *rows: int, answers: bool = False, rank: int = 0, finds: bool = False) -> Example:
    features = np.arange(6, dtype=np.float32) + rows[0]
    return Example(
        question=question, source="arxiv", paper=f"arxiv {question}", answerable=question.startswith("a"),
        language="en", profile=0, level="paper" if len(rows) > 1 else "sentence", finds=finds, rows=rows,
        rank=rank, answers=answers, features=features,
    )  # fmt: skip


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [
        example(question, row, answers=question[0] == "a" and row == 2, rank=row if row < 5 else BEYOND)
        for question in ("a1", "a2", "n1", "n2")
        for row in range(6)
    ]


@pytest.fixture(scope="module")
def papers() -> list[Example]:
    """Papers of one question that looks for a paper, and of many that ask for a fact."""
    texts = [(0, 1), (1, 2), (2, 3), (3, 4)]
    found = [example("f1", *rows, answers=rows == (2, 3), rank=rank, finds=True) for rank, rows in enumerate(texts)]
    return [*found, *(example(f"a{n}", 0, n % 5 + 1, answers=n % 2 == 0) for n in range(100))]


@pytest.fixture
def material(tmp_path: Path, examples: list[Example], papers: list[Example]) -> Material:
    chance = np.random.default_rng(0)
    save_states(tmp_path, [quantise(chance.normal(size=(20 + 25 * row, WIDTH)).astype(np.float32)) for row in range(6)])
    everything = (*examples, *papers)
    states = {one.question: chance.normal(size=(9, WIDTH)).astype(np.float16) for one in everything}
    return Material(everything, states, (TokenStates(tmp_path, 6),))


def test_an_epoch_pairs_evidence_with_what_the_search_put_high(examples: list[Example]) -> None:
    groups = by_question(examples)
    for seed in range(20):
        drawn = draw(groups, random.Random(seed))
        for question in ("a1", "a2"):
            own = [one for one in drawn if one.question == question]
            assert [one.answers for one in own] == [True, False]
            assert own[1].rank < 5
        assert 2 <= len([one for one in drawn if one.question[0] == "n"]) <= 4
    assert draw(groups, random.Random(1)) == draw(groups, random.Random(1))


def test_with_two_rivals_every_question_gives_two_different_ones(examples: list[Example]) -> None:
    drawn = draw(by_question(examples), random.Random(0), rivals=2)
    for question in ("a1", "a2", "n1", "n2"):
        rivals = [one.rows for one in drawn if one.question == question and not one.answers]
        assert len(set(rivals)) == len(rivals) == 2


def test_an_epoch_takes_papers_that_are_looked_for_and_few_of_those_that_state_facts(papers: list[Example]) -> None:
    drawn = draw(by_question(papers), random.Random(0))
    found = [one for one in drawn if one.finds]
    assert sorted(one.answers for one in found) == [False, False, True]
    assert 0 < len(drawn) - len(found) < 30


def test_batches_hold_every_example_once_and_cut_only_the_text(material: Material) -> None:
    batches = fixed_shapes(material.examples, material, random.Random(0))
    assert sorted(id(one) for _, part in batches for one in part) == sorted(map(id, material.examples))
    scaling = measure_scaling(material.examples, material)
    for length, part in batches:
        assert len({one.level for one in part}) == 1
        batch = to_batch(part, length, material, scaling)
        question, sentence = material.texts(part[0])
        assert batch.states.shape == (len(part), length, WIDTH)
        assert (~batch.from_text & batch.present).sum(axis=1).tolist() == [9] * len(part)
        assert batch.present[0].sum() == min(length, len(question) + len(sentence))
        assert np.array_equal(batch.states[0, :9], question)


# --- calibration ----------------------------------------------------------------------------------------


def test_logistic_regression_finds_what_made_the_truth() -> None:
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(20_000, 2))
    truth = chance.random(20_000) < 1 / (1 + np.exp(-(inputs @ [1.5, -0.5] - 1)))
    formula = calibration.fit_logistic(inputs, truth.astype(float))
    assert formula.weights == pytest.approx([1.5, -0.5], abs=0.1)
    assert formula.bias == pytest.approx(-1, abs=0.1)
    assert calibration.calibration_error(truth, formula.probabilities(inputs)) < 0.02


def test_what_can_be_told_apart_gets_finite_weights() -> None:
    formula = calibration.fit_logistic(np.array([[-1.0], [1.0]] * 20), np.array([0.0, 1.0] * 20))
    assert np.isfinite(formula.weights).all()
    assert formula.probabilities(np.array([[1.0]]))[0] > 0.9
    with pytest.raises(ValueError, match="2 inputs and 1 targets"):
        calibration.fit_logistic(np.zeros((2, 1)), np.zeros(1))


def test_the_area_counts_pairs_and_halves_ties() -> None:
    truth = np.array([True, True, False, False])
    assert calibration.area_under_curve(truth, np.array([0.9, 0.4, 0.4, 0.1])) == 0.875
    assert np.isnan(calibration.area_under_curve(np.array([True]), np.array([0.5])))


def test_the_threshold_parts_right_answers_from_the_rest(examples: list[Example]) -> None:
    scores = np.array([0.8 if one.answers else 0.3 if one.rows == (0,) else 0.1 for one in examples])
    threshold = calibration.find_threshold(examples, scores)
    assert threshold == calibration.Threshold(0.8, 1.0, 0.0, 0.0)


def test_calibration_weighs_what_the_product_weighs(examples: list[Example]) -> None:
    read = [one for one in examples if calibration.is_read(one)]
    logits = np.random.default_rng(0).normal(size=len(read)) * 3
    weights = reader._weights()["head_calibration"]
    inputs = calibration.calibration_inputs(read, logits)
    for start, end in pairwise(range(0, len(read) + 1, 5)):
        behind = np.array([one.features[calibration.BEHIND_BEST] for one in read[start:end]])
        product = reader._calibrated(logits[start:end], behind)
        assert inputs[start:end] @ weights[:3] + weights[3] == pytest.approx(product, abs=1e-4)


def test_the_stand_in_formula_does_not_look_at_the_bare_cosine() -> None:
    scaled = np.random.default_rng(0).normal(size=(200, 6))
    formula = calibration.fit_from_scores(scaled, scaled[:, 0] + scaled[:, 4] > 0)
    assert formula.weights[0] == 0
    assert formula.weights[4] > 0.5


# --- what is written and what ships ---------------------------------------------------------------------


def random_arrays(scaling: Scaling) -> dict[str, np.ndarray]:
    chance = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "segments": (2, WIDTH), "match_in": (32, 3), "match_in_bias": (32,), "match_out": (WIDTH, 32),
        "match_out_bias": (WIDTH,),
    }  # fmt: skip
    for head in ("head", "paper"):
        shapes |= {
            f"{head}_in": (128, 2 * WIDTH + 10), f"{head}_in_bias": (128,),
            f"{head}_out": (1, 128), f"{head}_out_bias": (1,),
        }  # fmt: skip
    for number in range(2):
        for part, outputs, inputs in (
            ("qkv", 3 * WIDTH, WIDTH), ("attention", WIDTH, WIDTH), ("up", 4 * WIDTH, WIDTH),
            ("down", WIDTH, 4 * WIDTH),
        ):  # fmt: skip
            shapes[f"layer{number}.{part}.w"], shapes[f"layer{number}.{part}.b"] = (outputs, inputs), (outputs,)
        for part in ("middle", "out"):
            shapes[f"layer{number}.{part}.w"] = shapes[f"layer{number}.{part}.b"] = (WIDTH,)
    arrays = {name: chance.normal(size=shape).astype(np.float32) * 0.05 for name, shape in shapes.items()}
    return {**arrays, "question_mean": scaling.question_mean, "sentence_mean": scaling.sentence_mean}


def fitted() -> Fitted:
    platt = {"sentence": calibration.Formula(np.ones(3), 0.5), "paper": calibration.Formula(np.ones(1), 0.5)}
    from_scores = {level: calibration.Formula(np.ones(6), -1.0) for level in ("sentence", "paper")}
    return Fitted(platt, from_scores)  # type: ignore[arg-type]


def test_the_shipped_weights_have_the_shapes_that_the_reader_expects(material: Material) -> None:
    scaling = measure_scaling(material.examples, material)
    expected = weights_of(random_arrays(scaling), scaling, fitted())
    shipped = reader._weights()
    assert {name: array.shape for name, array in shipped.items()} == {
        name: array.shape for name, array in expected.items()
    }
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in shipped.values())
    assert (shipped["head_feature_spread"] > 0).all()
    assert (shipped["paper_feature_spread"] > 0).all()


def test_a_text_is_read_the_same_alone_and_beside_a_longer_one() -> None:
    chance = np.random.default_rng(0)
    question, short, long = (chance.normal(size=(pieces, WIDTH)).astype(np.float32) for pieces in (9, 2, 60))
    features = chance.normal(size=(2, 6)).astype(np.float32)
    together = reader._judge(question, [short, long], features, "head")
    alone = reader._judge(question, [short], features[:1], "head")
    assert np.isfinite(together).all()
    assert alone[0] == pytest.approx(together[0], abs=1e-3)


def test_pieces_are_matched_by_the_cosines_of_what_sets_them_apart(material: Material) -> None:
    (states,) = material.sentences
    own = np.random.default_rng(1).normal(size=(9, WIDTH)).astype(np.float32)
    found = SimpleNamespace(states=own)
    joint = reader.JointReader(SimpleNamespace(), states)  # type: ignore[arg-type]
    question = own[3:-1] - reader._weights()["question_mean"]
    for _ in range(2):
        for row, matches in zip((4, 1), joint.matches(found, [4, 1]), strict=True):  # type: ignore[arg-type]
            text = states.of(row) - reader._weights()["sentence_mean"]
            lengths = np.linalg.norm(question, axis=1)[:, None] * np.linalg.norm(text, axis=1)
            assert np.allclose(matches, (question @ text.T / lengths).max(axis=1), atol=1e-5)


def test_what_is_written_is_what_the_product_reads(
    examples: list[Example], material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import onnxruntime

    scaling = measure_scaling(material.examples, material)
    arrays = random_arrays(scaling)
    assert len(layers_of(arrays)) == 2
    out = tmp_path / "new" / "reader"
    hashes = write_reader(out, arrays, HEADS, 1e-12, scaling, fitted())
    assert hashes == write_reader(out, arrays, HEADS, 1e-12, scaling, fitted())
    assert {path.name for path in out.iterdir()} == set(hashes)
    weights = dict(np.load(out / "weights.npz"))
    session = onnxruntime.InferenceSession((out / "layers.onnx").read_bytes())
    monkeypatch.setattr(reader, "_weights", lambda: weights)
    monkeypatch.setattr(reader, "_session", lambda: session)
    question, sentence = (np.asarray(text, np.float32) for text in material.texts(examples[1]))
    pieces, best = reader._join(question, sentence)
    assert pieces.shape == (len(question) + len(sentence), WIDTH)
    assert best.shape == (len(pieces), 3)
    states = reader._run_layers(pieces, best, len(question))
    first, second = told_of(arrays)
    told = reader._gelu((best * 4 - 2) @ first.weight.T + first.bias) @ second.weight.T + second.bias
    expected = pieces + told
    for layer in layers_of(arrays):
        expected = layer_output(expected, layer, HEADS, 1e-12)
    assert np.allclose(states, expected[: len(question)], atol=TOLERANCE)
    inputs = [states[0], states.mean(axis=0), examples[1].features, reader._summary(best[:9, 0])]
    assert weights["head_in"].shape[1] == len(np.concatenate(inputs))


# --- the command ----------------------------------------------------------------------------------------


def test_a_missing_torch_is_said_in_one_sentence() -> None:
    with pytest.raises(SettingError, match="needs torch, which is not installed"):
        require_torch(lambda _name: None)
    require_torch(lambda _name: object())


@pytest.fixture
def _torch_is_there(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    import sys

    monkeypatch.setattr("evals.reader_training.__main__.require_torch", lambda: None)
    unused = SimpleNamespace(to_arrays=None, Course=None, predict=None, train=None)
    monkeypatch.setitem(sys.modules, "evals.reader_training.network", unused)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "evals.reader_training.training", unused)  # type: ignore[arg-type]
    yield


@pytest.mark.usefixtures("_torch_is_there")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--hold-out", "nowhere"], "--hold-out 'nowhere' must name some"),
        (["--hold-out", ""], "must name some, not all"),
        (["--minutes", "0"], "There is no time to train in"),
        (["--questions", "0"], "There are no questions to train on"),
    ],
)
def test_a_wrong_argument_ends_with_status_2(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tmp_path), *arguments]) == 2
    assert message in capsys.readouterr().err

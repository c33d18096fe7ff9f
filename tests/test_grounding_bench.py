"""`bench grounding` on rows with known truth and checkers with known scores."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.grounding_bench import auc, best_threshold, calibration_error, macro_f1, read_rows, run
from rag.errors import InputError
from rag.verifier.reports import PairVerdict

CONTRACT = {"n", "macro_f1", "balanced_accuracy", "false_pass_rate", "false_flag_rate", "ece", "baselines"}


class FakeVerifier:
    """Scores a claim by the number that it ends in."""

    threshold = 0.5

    def check_pairs(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> list[PairVerdict]:
        scores = [int(claim.split()[-1]) / 100 for claim, _passages in pairs]
        return [PairVerdict(verdict="not_found", score=score, reason="", by="words") for score in scores]


class FakeEmbedder:
    """Every text is the same."""

    identity = "fake"
    dimension = 2

    def embed_query(self, _text: str) -> np.ndarray:
        return np.array([1.0, 0.0], np.float32)

    def embed_passages(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(np.array([1.0, 0.0], np.float32), (len(texts), 1))


def write(path: Path, rows: Sequence[tuple[int, bool]]) -> Path:
    lines = [
        json.dumps({"claim": f"cats sleep {score}", "passages": ["Cats sleep."], "supported": supported})
        for score, supported in rows
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def bench(file: Path, calibrate: Path | None = None) -> dict[str, Any]:
    return run(file, calibrate, verifier=FakeVerifier(), embedder=FakeEmbedder())  # type: ignore[arg-type]


ROWS = [(90, True), (80, True), (40, True), (60, False), (20, False), (10, False)]


def test_figures_are_those_of_the_products_threshold(tmp_path: Path) -> None:
    result = bench(write(tmp_path / "f.jsonl", ROWS))
    assert result.keys() >= CONTRACT
    assert result["n"] == 6
    assert result["false_pass_rate"] == pytest.approx(1 / 3)
    assert result["false_flag_rate"] == pytest.approx(1 / 3)
    assert result["balanced_accuracy"] == pytest.approx(2 / 3)
    assert result["macro_f1"] == pytest.approx(2 / 3)
    assert set(result["baselines"]) == {"overlap", "cosine"}
    assert result["baselines"]["cosine"].keys() >= CONTRACT - {"baselines"}


def test_with_rows_to_calibrate_on_their_best_threshold_is_used_for_each(tmp_path: Path) -> None:
    dev = write(tmp_path / "dev.jsonl", [(40, True), (30, True), (25, False), (5, False)])
    result = bench(write(tmp_path / "f.jsonl", [(35, True), (30, True), (20, False)]), dev)
    assert result["threshold"] == pytest.approx(0.275)
    assert result["macro_f1"] == 1.0
    assert bench(tmp_path / "f.jsonl")["macro_f1"] < 1.0


def test_intervals_hold_the_figure_and_narrow_with_more_rows(tmp_path: Path) -> None:
    few = bench(write(tmp_path / "few.jsonl", ROWS))
    many = bench(write(tmp_path / "many.jsonl", ROWS * 20))
    low, high = few["intervals"]["macro_f1"]
    assert low <= few["macro_f1"] <= high
    assert many["intervals"]["macro_f1"][1] - many["intervals"]["macro_f1"][0] < high - low


def test_the_reliability_plot_counts_every_row(tmp_path: Path) -> None:
    result = bench(write(tmp_path / "f.jsonl", ROWS))
    assert sum(part["n"] for part in result["reliability"]) == 6


def test_calibration_error_is_nothing_where_scores_are_the_shares() -> None:
    scores = np.array([0.25, 0.25, 0.25, 0.25])
    assert calibration_error(scores, np.array([True, False, False, False])) == pytest.approx(0)
    assert calibration_error(scores, np.array([True] * 4)) == pytest.approx(0.75)


def test_auc_counts_ties_half() -> None:
    assert auc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(0.875)


def test_best_threshold_parts_the_classes() -> None:
    scores, truth = np.array([0.1, 0.4, 0.6, 0.9]), np.array([False, False, True, True])
    assert macro_f1(scores >= best_threshold(scores, truth), truth) == 1.0


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        '{"claim": "a", "passages": "b", "supported": true}',
        '{"claim": "a", "passages": ["b"], "supported": "yes"}',
        '{"claim": "a", "supported": true}',
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"claim": "a", "passages": ["b"], "supported": true}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_rows(path)


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(InputError, match="no rows"):
        read_rows(path)

"""Statistics against numbers that can be done by hand, and against what must hold for any data."""

from __future__ import annotations

from math import comb, isnan

import pytest

from evals.significance import (
    bootstrap_mean,
    expected_calibration_error,
    fewest_worse,
    holm,
    mcnemar_worse,
    reliability,
    sign_flip_worse,
    wilson,
)


@pytest.mark.parametrize(
    ("worse", "better", "p"),
    [
        (0, 0, 1.0),
        (5, 0, 1 / 32),
        (4, 0, 1 / 16),
        (7, 1, (comb(8, 7) + 1) / 2**8),
        (9, 2, (comb(11, 9) + comb(11, 10) + 1) / 2**11),
        (0, 5, 1.0),
        (1, 1, 3 / 4),
    ],
)
def test_mcnemar_is_exact(worse: int, better: int, p: float) -> None:
    assert mcnemar_worse(worse, better) == pytest.approx(p)


def test_five_cases_are_the_fewest_that_can_be_significant() -> None:
    assert fewest_worse(0.05) == 5
    assert fewest_worse(0.01) == 7


def test_wilson_as_published() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, and 0 of 20."""
    rate, low, high = wilson(81, 263)
    assert (rate, low, high) == pytest.approx((0.3080, 0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20)[1:] == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert isnan(wilson(0, 0).value)


def test_bootstrap_holds_the_mean_and_narrows_with_more_cases() -> None:
    few, many = bootstrap_mean([-1, 0, 0, 1, 1] * 4), bootstrap_mean([-1, 0, 0, 1, 1] * 400)
    for interval in (few, many):
        assert interval.value == pytest.approx(0.2)
        assert interval.low < 0.2 < interval.high
    assert many.high - many.low < (few.high - few.low) / 5
    assert bootstrap_mean([0.5] * 9) == pytest.approx((0.5, 0.5, 0.5))
    assert bootstrap_mean([-1, 1, 0]) == bootstrap_mean([-1, 1, 0])


def test_sign_flips_agree_with_the_exact_test_where_all_differences_are_one() -> None:
    assert sign_flip_worse([-1.0] * 5) == pytest.approx(1 / 32, abs=0.006)
    assert sign_flip_worse([-1.0] * 7 + [1.0]) == pytest.approx(9 / 256, abs=0.006)
    assert sign_flip_worse([0.0] * 50) == 1.0
    assert sign_flip_worse([1.0] * 8) > 0.99


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_calibration_error_by_hand() -> None:
    chances, outcomes = [0.95, 0.95, 0.15, 0.15], [True, False, False, False]
    assert [(row.cases, row.observed) for row in reliability(chances, outcomes)] == [(2, 0.0), (2, 0.5)]
    assert expected_calibration_error(chances, outcomes) == pytest.approx((2 * 0.15 + 2 * 0.45) / 4)
    assert expected_calibration_error([1.0], [True]) == 0.0

"""The fusion rule; expectations are its arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.fusion import best, fuse, scale


def floats(*values: float) -> NDArray[np.float32]:
    return np.array(values, np.float32)


NAN = float("nan")


def test_equal_say_when_every_word_is_known() -> None:
    dense, words = floats(0.70, 0.80, 0.90), floats(4, 2, 0)
    # cosines scale to 0, 1/2, 1; words to 1, 1/2, 0
    assert fuse(dense, words, known=1.0) == pytest.approx([0.5, 0.5, 0.5])


def test_words_weigh_less_when_half_the_question_is_unknown() -> None:
    dense, words = floats(0.70, 0.80, 0.90), floats(4, 2, 0)
    assert fuse(dense, words, known=0.5) == pytest.approx([0.25, 0.25 * 0.5 + 0.75 * 0.5, 0.75])


def test_a_question_in_another_language_is_ranked_by_meaning() -> None:
    dense = floats(0.81, 0.84, 0.79)
    assert best(fuse(dense, floats(0, 0, 0), known=0.0), 3) == best(dense, 3) == [1, 0, 2]


def test_a_narrow_band_of_cosines_counts_as_much_as_a_wide_one() -> None:
    words = floats(1, 0, 3, 2)
    wide = floats(0.1, 0.9, 0.5, 0.3)
    narrow = 0.8 + wide * 0.05
    assert fuse(narrow, words, 1.0) == pytest.approx(fuse(wide, words, 1.0), abs=1e-5)


def test_the_document_that_is_good_at_both_wins() -> None:
    dense, words = floats(0.90, 0.89, 0.70), floats(0, 9, 10)
    assert best(fuse(dense, words, 1.0), 1) == [1]


def test_words_that_all_documents_share_still_count() -> None:
    # Not scaled by their least: both match, one 9/10 as well as the other.
    assert fuse(floats(0.8, 0.8), floats(9, 10), 1.0) == pytest.approx([0.45, 0.5])


def test_a_document_that_the_search_left_out_counts_as_the_farthest() -> None:
    dense = floats(0.9, NAN, 0.8)
    assert scale(dense) == pytest.approx([1, 0, 0])
    assert fuse(dense, floats(0, 0, 0), 0.0) == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("scores", [(), (0.5,), (0.5, 0.5), (NAN, NAN)])
def test_scores_that_do_not_differ_say_nothing(scores: tuple[float, ...]) -> None:
    assert scale(floats(*scores)).tolist() == [0] * len(scores)


def test_equal_scores_keep_the_order_of_the_documents() -> None:
    assert best(floats(0.2, 0.7, 0.7, 0.2), 3) == [1, 2, 0]


def test_inputs_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        fuse(floats(1, 2), floats(1, 2, 3), 1.0)


def test_inputs_are_left_alone() -> None:
    dense, words = floats(0.7, 0.9), floats(1, 0)
    fuse(dense, words, 1.0)
    assert dense.tolist() == floats(0.7, 0.9).tolist() and words.tolist() == [1, 0]

"""A claim beside its nearest sentence: swaps, opposites, changed places; and numbers that changed places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verifier.numbers import check_numbers, spelt_as
from rag.verifier.wording import ALIKE, compare

SENTENCE = "In mice, the new drug inhibits the growth of tumours more strongly than placebo."


def test_the_same_words_differ_in_nothing() -> None:
    assert compare(SENTENCE, [SENTENCE]) == ALIKE


@pytest.mark.parametrize(
    ("claim", "moved"),
    [
        ("In mice, placebo inhibits the growth of tumours more strongly than the new drug.", True),
        ("In mice, the growth of tumours inhibits the new drug more strongly than placebo.", True),
        ("The new drug inhibits the growth of tumours more strongly than placebo in mice.", False),
        ("In mice, the growth of tumours is inhibited by the new drug more strongly than placebo.", False),
    ],
)
def test_sides_that_change_places_are_seen_and_a_clause_may_move(claim: str, moved: bool) -> None:
    assert compare(claim, [SENTENCE]).moved is moved


def test_a_word_in_place_of_another_is_counted() -> None:
    claim = SENTENCE.replace("growth", "shape")
    assert (compare(claim, [SENTENCE]).swapped, compare(claim, [SENTENCE]).opposite) == (1, False)


def test_an_opposite_in_a_near_copy_is_seen() -> None:
    assert compare(SENTENCE.replace("more", "less"), [SENTENCE]).opposite
    assert compare(SENTENCE.replace("inhibits", "does not inhibit"), [SENTENCE]).opposite


def test_a_comparison_turned_round_with_its_opposite_is_no_fault() -> None:
    found = compare("The table is smaller than the tree here.", ["The tree is larger than the table here."])
    assert (found.opposite, found.moved) == (False, False)


def test_a_sentence_on_something_else_tells_nothing() -> None:
    assert compare("The weather in spring is mild.", [SENTENCE]) == ALIKE
    assert compare("Anything.", []) == ALIKE


@given(st.lists(st.sampled_from(SENTENCE.lower().strip(".").split()), max_size=12))
def test_any_words_can_be_compared(words: list[str]) -> None:
    found = compare(" ".join(words), [SENTENCE])
    assert 0 <= found.swapped <= 2
    assert 0 <= found.out_of_order <= 1


def test_numbers_in_each_others_place_are_refuted() -> None:
    passage = ["There were 150 events in the active and 160 in the placebo group."]
    (finding,) = check_numbers("There were 160 events in the active and 150 in the placebo group.", passage)
    assert finding.refuted
    assert finding.reason == "the passage has these numbers in another place: 150, 160"
    assert check_numbers("In the placebo group 160 were seen, in the active group 150.", passage) == []


@pytest.mark.parametrize(
    ("claim", "told"),
    [
        ("Three fifths of the data is not English.", "60% of the data is not English."),
        ("It has sieben Milliarden Parameter.", "It has 7B Parameter."),
        ("The rFID is 0,5.", "The rFID is 0.50."),
        ("It doubles the speed.", "It doubles the speed."),
        ("60% is not English.", "60% is not English."),
    ],
)
def test_numbers_are_read_as_the_passage_spells_them(claim: str, told: str) -> None:
    passage = ["Teuken 7B has 60% non-English data and an rFID of 0.50, as GPT-2."]
    assert spelt_as(claim, passage) == told

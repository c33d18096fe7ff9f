"""Numbers of a claim against those of its evidence."""

from __future__ import annotations

import pytest

from rag.verifier.numbers import check_numbers
from rag.verifier.quantities import quantities


def values(text: str) -> list[tuple[float, str]]:
    return [(quantity.values[0], quantity.kind) for quantity in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a 16x down-sampling", [(16, "factor")]),
        ("sixteenfold down-sampling", [(16, "factor")]),
        ("16-facher Verkleinerung", [(16, "factor")]),
        ("twice as fast", [(2, "factor")]),
        ("vocabularies of factor three", [(3, "factor")]),
        ("dreimal so groß", [(3, "factor")]),
        ("up to 68%", [(68, "percent")]),
        ("68 percent", [(68, "percent")]),
        ("68 Prozent", [(68, "percent")]),
        ("three fifths of the data", [(60, "percent")]),
        ("die Hälfte der Daten", [(50, "percent")]),
        ("138B tokens", [(138e9, "plain")]),
        ("138 Milliarden Tokens", [(138e9, "plain")]),
        ("1.3 billion parameters", [(1.3e9, "plain")]),
        ("über zweitausend Läufe", [(2000, "plain")]),
        ("einundzwanzig Papiere", [(21, "plain")]),
        ("two dozen models", [(24, "plain")]),
        ("twenty-four languages", [(24, "plain")]),
        ("an rFID of 0,50", [(0.5, "plain")]),
        ("the one that won", []),
        ("GPT-2 and ImageNet-1k", []),
    ],
)
def test_numbers_are_read_in_digits_and_words_of_both_languages(text: str, expected: list[tuple[float, str]]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("It reaches a 61x down-sampling.", "It achieves a 16x down-sampling with an rFID of 0.50."),
        ("Models had 138B parameters.", "Models with 1.3B parameters were trained on 138B tokens."),
        ("Teuken supports 42 languages.", "Supporting all 24 official languages of the Union."),
        ("Nur 16 % der Daten sind nicht englisch.", "A dataset with around 60% non-English data."),
        ("Costs rise by at least 68%.", "Additional training costs of up to 68%."),
        ("The rate fell from 48 to 28.", "The rate rose from 28 to 48 in a year."),
        ("Five sample-scoring criteria are used.", "We introduce three sample-scoring criteria."),
    ],
)
def test_a_wrong_number_is_refuted(claim: str, passage: str) -> None:
    assert any(finding.refuted for finding in check_numbers(claim, [passage]))


def test_the_reason_names_both_numbers() -> None:
    (finding,) = check_numbers("It reaches 61x.", ["It achieves a 16x down-sampling."])
    assert finding.reason == "the passage says 16x, the claim 61x"


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Roughly three fifths is not English.", "around 60% non-English data"),
        ("It gets 0.5 at sixteenfold down-sampling.", "a 16x down-sampling with an FID of 0.50"),
        ("24 models were trained.", "by training 24 mono- and multilingual LLMs"),
        ("The model has seven billion parameters.", "We present Teuken 7B-base."),
        ("Half of the data was removed.", "stable even when pruning 50% of the dataset"),
        ("More than 2,000 runs are published.", "logs from over two thousand runs"),
        ("Four kinds of model are compared.", "a VAE, a flow, a GAN and a diffusion model"),
        ("Bis zu 138 Milliarden Tokens wurden genutzt.", "trained on up to 138B tokens"),
        ("It is more than twice as fast.", "a more than two-fold inference speedup"),
        ("One of the models won.", "A model won."),
    ],
)
def test_a_number_in_other_words_passes(claim: str, passage: str) -> None:
    assert check_numbers(claim, [passage]) == []


def test_a_number_that_the_passage_lacks_is_found_but_not_refuted() -> None:
    (finding,) = check_numbers("The machine has 3744 GPUs.", ["Its many GPUs make it fast."])
    assert not finding.refuted

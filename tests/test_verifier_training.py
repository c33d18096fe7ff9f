"""The corruption maker: what it changes, and that a change is never a rewording nor a rewording a change."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest

from evals import claims
from evals.verifier_training import corruptions as make
from evals.verifier_training import written
from evals.verifier_training.abstracts import Abstract
from evals.verifier_training.calibrate import CHANGES, Row, changed, controlled_threshold, upper_bound
from evals.verifier_training.made import Maker
from evals.verifier_training.rewording import in_part_german, reword
from evals.verifier_training.roles import turn_truly
from evals.verifier_training.shortening import shorten
from evals.verifier_training.sources import CONTRADICTED, NOT_SAID, SUPPORTED, read_rows
from evals.verifier_training.word_tables import HEDGES, SYNONYMS
from ingest.sources import read_profile, shipped_profile_path
from rag.verifier.opposites import OPPOSITES

SENTENCE = "We show that the treatment increased survival from 28 to 48 percent in 120 patients (p < 0.01)."


def chance(seed: int = 0) -> random.Random:
    return random.Random(seed)


def test_a_number_is_swapped_for_one_other_number_of_its_spelling() -> None:
    for seed in range(30):
        changed = make.swap_number("A cohort of 1,024 patients.", chance(seed))
        assert changed is not None
        assert re.fullmatch(r"A cohort of \d+(?:,\d{3})? patients\.", changed)
        assert "1,024" not in changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("The drug is effective.", "The drug is not effective."),
        ("The drug does not help.", "The drug help."),
        ("It cannot be seen.", "It can be seen."),
    ],
)
def test_a_denial_is_put_in_or_taken_out(before: str, after: str) -> None:
    results = {make.negate(before, chance(seed)) for seed in range(8)}
    assert after in results


def test_a_direction_word_becomes_its_opposite() -> None:
    assert make.turn_direction("Survival was higher.", chance()) == "Survival was lower."


def test_roles_are_swapped_around_the_verb() -> None:
    changed = make.swap_roles("Diffusion models outperform adversarial networks on images.", chance())
    assert changed == "Adversarial networks outperform diffusion models on images."


@pytest.mark.parametrize(
    ("sentence", "turned"),
    [
        ("Alphacin inhibits betamol in mice.", "Betamol is inhibited by alphacin in mice."),
        ("The tree is larger than the hash table in memory.", "The hash table is smaller than the tree in memory."),
        ("We show that it causes harm.", None),
        ("Whose genes are controlled by proteins, matters.", None),
    ],
)
def test_the_same_is_said_from_the_other_side(sentence: str, turned: str | None) -> None:
    assert turn_truly(sentence) == turned


@pytest.mark.parametrize(
    ("sentence", "swapped"),
    [
        ("The tree is larger than the hash table in memory.", "The hash table is larger than the tree in memory."),
        ("They use big trees rather than small tables.", "They use small tables rather than big trees."),
        ("They reach 12% and 62%, respectively.", "They reach 62% and 12%, respectively."),
    ],
)
def test_other_roles_are_swapped(sentence: str, swapped: str) -> None:
    assert {make.swap_roles(sentence, chance(seed)) for seed in range(6)} == {swapped}


def test_a_shorter_sentence_says_nothing_more() -> None:
    known = set(re.findall(r"[a-z]+", SENTENCE.lower()))
    for seed in range(40):
        told = shorten(SENTENCE.removeprefix("We show that "), chance(seed))
        assert set(re.findall(r"[a-z]+", told.lower())) <= known
        assert len(told) <= len(SENTENCE)


def test_a_rounded_share_is_said_to_be_rounded() -> None:
    told = {shorten("The share of users who left the site was 58.6% that year.", chance(seed)) for seed in range(30)}
    rounded = {text for text in told if "58.6" not in text}
    assert rounded
    assert all(re.search(r"(?:about|roughly|around) 59", text) for text in rounded)


def test_from_to_is_turned_round() -> None:
    assert make.swap_from_to("It rose from 28 to 48 percent.", chance()) == "It rose from 48 to 28 percent."


def test_two_numbers_change_places() -> None:
    changed = make.swap_two_numbers("12% of cats and 62% of dogs.", chance())
    assert changed == "62% of cats and 12% of dogs."


def test_a_name_comes_from_another_paper() -> None:
    changed = make.swap_name("They used ImageNet for it.", chance(), ["CelebA"], [])
    assert changed == "They used CelebA for it."


def test_a_hedge_is_lost() -> None:
    assert make.drop_hedge("It may be useful.", chance()) in ("It is useful.", "It will be useful.")


@pytest.mark.parametrize("kind", ["number", "number_place", "unit", "role", "from_to", "hedge"])
def test_a_kind_that_does_not_apply_gives_nothing(kind: str) -> None:
    change, _label = make.KINDS[kind]
    assert change("Plain words stand here.", chance()) is None


def test_rewording_keeps_every_number_name_and_direction() -> None:
    for seed in range(50):
        told = reword(SENTENCE, chance(seed), cut=False)
        assert not told.lower().startswith("we show that")
        assert re.findall(r"\d+", told) == ["28", "48", "120", "0", "01"]
        assert "increased" in told


def test_harmless_synonyms_are_never_opposites_or_hedges() -> None:
    changing = {frozenset(pair) for pair in (*OPPOSITES, *HEDGES)}
    assert not [pair for pair in SYNONYMS if frozenset(pair) in changing]


def test_german_words_leave_numbers_and_names_alone() -> None:
    told = in_part_german("The model is not larger than GPT-2 with 16 layers.", chance(), 1.0)
    assert told == "die Modell ist nicht größer als GPT-2 mit 16 layers."


ABSTRACTS = [
    Abstract(
        f"Effect of drug {name} on {what}",
        (
            f"The effect of {name} on {what} is not well understood in many regions.",
            f"We examined {number} patients who were treated with {name} for six weeks.",
            f"Treatment with {name} significantly increased {what} compared with placebo.",
            f"These results suggest that {name} may be useful in {what} of older patients.",
        ),
    )
    for name, what, number in (
        ("Alphacin", "recovery", 120), ("Betamol", "circulation", 340), ("Gammadin", "metabolism", 56),
    )
]  # fmt: skip


def test_pairs_are_the_same_for_the_same_seed() -> None:
    quotas = {"number": 4, "name": 4, "negation": 4}
    assert Maker(ABSTRACTS, 3).pairs(quotas) == Maker(ABSTRACTS, 3).pairs(quotas)
    assert Maker(ABSTRACTS, 3).pairs(quotas) != Maker(ABSTRACTS, 4).pairs(quotas)


def test_false_claims_come_with_true_ones_and_with_changed_passages() -> None:
    pairs = Maker(ABSTRACTS, 5).pairs({"number": 20, "negation": 20, "direction": 20})
    labels = {pair.label for pair in pairs}
    assert labels == {SUPPORTED, CONTRADICTED}
    assert any(pair.kind == "true_odd" for pair in pairs)
    # A true claim never differs from its passage in a number.
    for pair in pairs:
        if pair.label == SUPPORTED:
            text = " ".join(pair.sentences)
            assert all(number in text for number in re.findall(r"\d\d+", pair.claim))


def test_what_is_taken_out_or_added_is_not_said() -> None:
    pairs = Maker(ABSTRACTS, 6).pairs({"removed": 3, "addition": 10})
    assert {pair.label for pair in pairs if pair.kind in ("removed", "addition")} == {NOT_SAID}
    removed = next(pair for pair in pairs if pair.kind == "removed")
    assert removed.claim not in removed.sentences


def test_a_name_from_elsewhere_in_the_abstract_is_put_in_the_wrong_place() -> None:
    abstract = Abstract(
        "On drugs",
        (
            "The drug improved the regulation of sugar in all cases.",
            "It left the circulation of blood as it was before.",
            "No other change was seen in the patients of the trial.",
        ),
    )
    pairs = Maker([abstract], 7).pairs({"name_within": 6})
    false = [pair for pair in pairs if pair.kind == "name_within"]
    assert false
    for pair in false:
        assert pair.label == CONTRADICTED
        assert set(re.findall(r"[a-z]{8,}", pair.claim)) <= set(re.findall(r"[a-z]{8,}", " ".join(pair.sentences)))


def test_a_true_dev_claim_is_made_false_by_one_change() -> None:
    true = Row("Treatment increased survival from 28 to 48 percent.", ("x",), supported=True, own=True)
    false = Row("Treatment was stopped.", ("x",), supported=False, own=True)
    rows = changed([true, false], 1)
    assert 1 <= len(rows) <= CHANGES
    assert all(not row.supported and row.claim != true.claim and row.passages == ("x",) for row in rows)
    assert rows == changed([true, false], 1)


def test_the_written_claims_are_about_other_papers_and_of_known_kinds() -> None:
    rows = list(read_rows(Path(written.__file__).with_name("written_claims.jsonl")))
    shipped = shipped_profile_path()
    assert shipped is not None
    titles = {paper.title for paper in read_profile(shipped).papers}
    assert len(rows) >= 400
    assert not titles & {row["title"] for row in rows}
    assert {row["kind"] for row in rows if row["supported"]} == {"reword"}
    assert {row["kind"] for row in rows if not row["supported"]} <= {*make.KINDS, "name"}
    assert sum(row["language"] == "de" for row in rows) > 0.25 * len(rows)


def test_the_claims_about_the_profile_are_half_true_and_split_by_paper() -> None:
    rows = list(read_rows(Path(claims.__file__).with_name("kesselheim.jsonl")))
    assert len(rows) >= 300
    assert sum(row["supported"] for row in rows) == len(rows) / 2
    assert sum(row["language"] == "de" for row in rows) >= len(rows) / 3
    papers = {split: {row["passages"][0] for row in rows if row["split"] == split} for split in ("dev", "test")}
    assert not papers["dev"] & papers["test"]


def test_the_bound_on_a_rate_is_the_exact_one() -> None:
    # Clopper and Pearson: none of 73 passing proves at most 4.02% at 95%, none of 59 at most 4.95%.
    assert upper_bound(0, 59, 0.95) == pytest.approx(1 - 0.05 ** (1 / 59), abs=1e-6)
    assert upper_bound(3, 10, 0.95) == pytest.approx(0.6066, abs=1e-3)


def test_the_threshold_lets_no_more_pass_than_it_promises() -> None:
    scores = np.linspace(0, 0.99, 400)
    threshold, passed = controlled_threshold(scores, 0.04, 0.95)
    assert passed == int((scores >= threshold).sum())
    assert upper_bound(passed, 400, 0.95) <= 0.04 < upper_bound(passed + 2, 400, 0.95)
    assert controlled_threshold(scores[:20], 0.04, 0.95) == (1.0, 0)

"""From text to claims, names that the evidence lacks, and claims about the records."""

from __future__ import annotations

import pytest

from rag.models import HeaderFigure, Paper, PaperDate, Profile
from rag.verifier.claims import split_sentence, split_text
from rag.verifier.named import missing_names, other_version
from rag.verifier.opposites import difference
from rag.verifier.record_claims import check_records


def test_a_sentence_with_two_statements_becomes_two_claims() -> None:
    parts = split_sentence("OneProt uses ImageBind, and the binding-site encoder is the most important one.")
    assert parts == ["OneProt uses ImageBind.", "the binding-site encoder is the most important one."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Models trained on the full and on the pruned data give similar pictures.",
        "The paper goes into how the data was put together and how the tokenizer was optimised.",
        "Hidden and output layers need different rates.",
        "If the data is pruned and the seed is kept, the pictures are similar.",
    ],
)
def test_a_sentence_with_one_statement_stays_whole(sentence: str) -> None:
    assert split_sentence(sentence) == [sentence]


def test_it_is_replaced_by_the_only_name_before() -> None:
    (_first, second) = split_text("OneProt is a model for proteins. It uses graph networks.")
    assert second.claims[0].resolved == "OneProt uses graph networks."
    assert second.claims[0].text == "It uses graph networks."


def test_it_stays_where_two_things_could_be_meant() -> None:
    (_first, second) = split_text("The CLIP encoder and the BERT encoder differ. It is larger.")
    assert second.claims[0].resolved == "It is larger."


def test_nothing_is_carried_over_to_the_next_paragraph() -> None:
    (_first, second) = split_text("OneProt is a model for proteins.\nIt uses graph networks.")
    assert second.claims[0].resolved == "It uses graph networks."


def test_sentences_keep_their_place() -> None:
    text = "One is here. Two is there.\nThree is last."
    assert [text[s.span.start : s.span.end] for s in split_text(text)] == [s.span.text for s in split_text(text)]


@pytest.mark.parametrize(
    ("claim", "passage", "missing"),
    [
        (
            "The images come from the Hubble Space Telescope.",
            "images of the Solar Dynamics Observatory",
            "Hubble",
        ),
        ("The GPUs are joined by Ethernet.", "its fast interconnect via InfiniBand", "Ethernet"),
    ],
)
def test_a_name_that_the_passage_lacks_is_found(claim: str, passage: str, missing: str) -> None:
    assert missing in missing_names(claim, [passage], english=True)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("It ran on the HPC system.", "high-performance computing systems were used"),
        ("They compare GANs.", "a generative adversarial network"),
        ("It uses the ImageBind framework.", "Using the ImageBind framework, OneProt aligns"),
    ],
)
def test_a_name_in_another_form_is_known(claim: str, passage: str) -> None:
    assert missing_names(claim, [passage], english=True) == []


def test_german_nouns_are_no_names() -> None:
    assert missing_names("Die GAN-Forschung nutzt Parameter.", ["old-school GAN-based"], english=False) == []


def test_another_version_of_a_named_model_is_refuted() -> None:
    assert other_version("GPT-3 was trained.", ["such as GPT-2 for"]) == "the passage has GPT-2, not GPT-3"
    assert other_version("GPT-2 was trained.", ["such as GPT-2 for"]) is None


@pytest.mark.parametrize(
    ("claim", "passage", "reason"),
    [
        ("It needs more steps.", "It needs less steps.", "the passage says “less”, the claim “more”"),
        (
            "It is on lossless coding.",
            "We treat lossy coding.",
            "the passage says “lossy”, the claim “lossless”",
        ),
        ("The code is not open.", "The code is open.", "the claim denies what the passage says"),
        ("The code is open.", "The code is not open.", "the passage denies this"),
        ("It has more or less the same size.", "It is less than ten.", None),
    ],
)
def test_an_opposite_or_a_denial_is_put_into_words(claim: str, passage: str, reason: str | None) -> None:
    assert difference(claim, passage) == reason


def _paper(number: int, title: str, authors: tuple[str, ...], date: PaperDate) -> Paper:
    category = "LG" if number < 3 else "CV"
    return Paper(id=f"p{number}", title=title, authors=authors, authors_cut=False, date=date, category=category)


NOVEMBER = PaperDate(text="Nov 7, 2024", year=2024, month=11, day=7)
SEPTEMBER = PaperDate(text="Sep 7, 2022", year=2022, month=9, day=7)
PROFILE = Profile(
    name="ada",
    person="Ada Lovelace",
    figures=(HeaderFigure(label="h-index", value="12"), HeaderFigure(label="citations", value="340")),
    papers=(
        _paper(1, "OneProt: Proteins at Large", ("Klemens Flöge", "Ada Lovelace"), NOVEMBER),
        _paper(2, "Hearts Gym: A Course", ("Jan Ebert",), SEPTEMBER),
        _paper(3, "Pruned Data", ("Ada Lovelace",), PaperDate(text="Apr 21", month=4, day=21)),
    ),
    source="ada.txt",
    fingerprint="0",
)  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("Ada Lovelace has published three papers.", "supported"),
        ("Lovelace published 4 papers.", "contradicted"),
        ("Lovelace veröffentlichte eine Arbeit im Jahr 2022.", "supported"),
        ("Lovelace wrote two papers in 2024.", "contradicted"),
        ("Two of the papers are from 2024.", "contradicted"),
        ("At least two of her papers appeared in 2024.", "contradicted"),
        ("Lovelace has more than two publications.", "supported"),
        ("Two papers are filed under LG.", "supported"),
        ("Drei Arbeiten fallen unter LG.", "contradicted"),
        ("She published more papers in 2024 than in 2022.", "contradicted"),
        ("Most of her papers are from 2024.", "contradicted"),
        ("The oldest paper is from 2022.", "supported"),
        ("Die neueste Arbeit stammt aus dem Jahr 2023.", "contradicted"),
        ("Klemens Flöge is a co-author of hers.", "supported"),
        ("OneProt has two authors.", "supported"),
        ("OneProt has five authors.", "contradicted"),
        ("The code of OneProt is available.", "contradicted"),
        ("The h-index is 12.", "supported"),
        ("Her work has 430 citations.", "contradicted"),
        ("OneProt was published in November 2024.", "supported"),
        ("OneProt appeared in 2023.", "contradicted"),
        ("Pruned Data was published in 2023.", "not_found"),
        ("Klemens Floege is the first author of OneProt.", "supported"),
        ("Ada Lovelace is the first author of OneProt.", "contradicted"),
        ("Hearts Gym appeared before OneProt.", "supported"),
        ("Hearts Gym appeared after OneProt.", "contradicted"),
        ("The newest paper is OneProt.", "supported"),
        ("The oldest paper is OneProt.", "contradicted"),
        ("OneProt was written by Klemens Flöge.", "supported"),
        ("Hearts Gym was written by Klemens Flöge.", "contradicted"),
    ],
)
def test_claims_about_the_records_are_computed(claim: str, verdict: str) -> None:
    found = check_records(claim, PROFILE)
    assert found is not None
    assert found.verdict == verdict
    assert found.reason


@pytest.mark.parametrize(
    "claim",
    [
        "OneProt aligns encoders with ImageBind.",
        "Two papers deal with flow matching.",
        "Three papers from 2024 study looms.",
        "It is fast.",
    ],
)
def test_claims_about_content_are_left_to_the_passages(claim: str) -> None:
    assert check_records(claim, PROFILE) is None

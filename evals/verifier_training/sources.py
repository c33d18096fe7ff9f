"""The open sets that the verifier's model is trained on, read as pairs, with what each allows.

Nothing of a folder `eval_only`, of SciFact's dev claims or of a file that measures (`*_test`, `*_dev`
beside a train file) is read here."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.sentences import split_sentences

SUPPORTED, CONTRADICTED, NOT_SAID = 0, 1, 2
_NUMBERS = {"supported": SUPPORTED, "contradicted": CONTRADICTED, "not_enough": NOT_SAID}


@dataclass(frozen=True)
class Pair:
    """A passage in sentences, a claim, the label (see `encoder.LABELS`) and where it comes from."""

    sentences: tuple[str, ...]
    claim: str
    label: int
    source: str
    kind: str = ""


@dataclass(frozen=True)
class Source:
    """A file of pairs: how many of them are taken, and on which terms they are given."""

    file: str
    take: int
    licence: str


SOURCES = (
    Source("mnli_dev", 19644, "OANC / CC BY 3.0 / CC BY-SA 3.0 by part"),
    Source("snli_dev", 6000, "CC BY-SA 4.0"),
    Source("cad_nli_train", 8255, "Apache-2.0, SNLI CC BY-SA 4.0"),
    Source("fever_dev", 8000, "CC BY-SA 3.0"),
    Source("fever_symmetric_dev", 708, "CC BY-SA 3.0"),
    Source("fm2_dev", 1169, "Apache-2.0, text CC BY-SA 3.0"),
    Source("evidence_inference_train", 9000, "MIT, abstracts PMC open access"),
    Source("sci_perturb_train", 14000, "MIT, abstracts PMC open access"),
    Source("sci_mismatch_train", 4000, "MIT, abstracts PMC open access"),
    Source("sci_conclusion_train", 3919, "MIT, abstracts PMC open access"),
    Source("matter_of_fact_train", 1500, "CC BY 4.0"),
    Source("summedits_train", 3500, "Apache-2.0"),
    Source("breaking_nli_train", 1600, "CC BY-SA 4.0"),
    Source("drop_train", 2500, "MIT, DROP CC BY-SA 4.0"),
    Source("wice_claim_dev", 1023, "ODC-BY, text CC BY-SA"),
    Source("wice_partial_train", 374, "ODC-BY, text CC BY-SA"),
    Source("help_train", 2000, "CC BY-SA 4.0"),
)


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSONL file, packed or not."""
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8")
    for line in text.split("\n"):
        if line.strip():
            yield json.loads(line)


def sentences_of(text: str) -> tuple[str, ...]:
    """A passage cut into sentences."""
    return tuple(span.text for span in split_sentences(text))


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file of `nli/`, in its order."""
    return [
        Pair(
            sentences_of(row["premise"]),
            row["claim"],
            _NUMBERS[row["label"]],
            row["source"],
            row.get("kind", ""),
        )
        for row in read_rows(path)
    ]


def open_pairs(folder: Path, seed: int, only: Iterable[str] | None = None) -> list[Pair]:
    """A seeded draw of `SOURCES` from the folder `nli`; `breaking_nli` is balanced by label."""
    chosen = random.Random(seed)
    wanted = None if only is None else set(only)
    pairs: list[Pair] = []
    for source in SOURCES:
        if wanted is not None and source.file not in wanted:
            continue
        found = read_pairs(folder / f"{source.file}.jsonl.gz")
        chosen.shuffle(found)
        if source.file.startswith("breaking_nli"):
            found = balanced(found)
        pairs.extend(found[: source.take])
    return pairs


def balanced(pairs: list[Pair]) -> list[Pair]:
    """As many contradicted as supported pairs; the rest of the contradicted ones is left out."""
    true = [pair for pair in pairs if pair.label != CONTRADICTED]
    false = [pair for pair in pairs if pair.label == CONTRADICTED]
    return [pair for two in zip(true, false, strict=False) for pair in two]


def scifact_train(folder: Path) -> list[Pair]:
    """SciFact's train claims (CC BY 4.0): each with the cited abstract, and with its evidence sentences
    alone."""
    corpus = {row["doc_id"]: row for row in read_rows(folder / "corpus.jsonl")}
    labels = {"SUPPORT": SUPPORTED, "CONTRADICT": CONTRADICTED}
    pairs = []
    for row in read_rows(folder / "claims_train.jsonl"):
        for document in row["cited_doc_ids"]:
            paper = corpus[int(document)]
            whole = (paper["title"].rstrip(".") + ".", *paper["abstract"])
            evidence = row["evidence"].get(str(document))
            label = labels[evidence[0]["label"]] if evidence else NOT_SAID
            pairs.append(Pair(whole, row["claim"], label, "scifact"))
            for part in evidence or ():
                told = tuple(paper["abstract"][number] for number in part["sentences"])
                pairs.append(Pair(told, row["claim"], label, "scifact"))
    return pairs


def citation_integrity_train(folder: Path) -> list[Pair]:
    """Citation-Integrity's train claims (MIT) against the cited passages."""
    corpus = {row["doc_id"]: row["abstract"] for row in read_rows(folder / "corpus.jsonl")}
    labels = {"SUPPORT": SUPPORTED, "REFUTE": CONTRADICTED}
    pairs = []
    for row in read_rows(folder / "claims_train.jsonl"):
        claim = row["claim"].replace("<|multi_cit|>", "").replace("<|cit|>", "").replace("[]", "")
        for document in row["cited_doc_ids"]:
            evidence = row["evidence"].get(str(document))
            label = labels[evidence[0]["label"]] if evidence else NOT_SAID
            pairs.append(Pair(tuple(corpus[int(document)]), claim, label, "citation_integrity"))
    return pairs

"""The verifier's figures on sets that nothing was trained on: `python -m evals.verifier_training.measure
--data DIR …`.

Prints one JSON object; the model card's table is made from it. `hard` figures are those of the product
(number and name checks in front), the others the network's alone."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from evals.grounding_bench import auc, best_threshold, macro_f1
from evals.verifier_training.calibrate import held_pairs
from evals.verifier_training.figures import (
    Read,
    corruptions,
    kept_at,
    read,
    support_contradict,
    support_rest,
    with_interval,
)
from evals.verifier_training.sources import CONTRADICTED, NOT_SAID, SUPPORTED, Pair, read_pairs, read_rows
from rag.verifier.fusion import load_calibration
from rag.verifier.network import Network
from rag.verifier.verifier import Verifier

XNLI_ROWS, HEALTHVER_ROWS, PRECISION_ROWS, SPEED_ROWS = 1000, 900, 400, 400


def profile_claims(verifier: Verifier, network: Network, file: Path) -> dict[str, Any]:
    """The claims about the profile that ships, by split and language."""
    rows = list(read_rows(file))
    pairs = [Pair(tuple(row["passages"]), row["claim"], 0 if row["supported"] else 1, row["kind"]) for row in rows]
    done = read(network, pairs)
    truth = done.labels == SUPPORTED
    passes = done.scores >= verifier.threshold
    result: dict[str, Any] = {}
    for split in ("dev", "test"):
        for language in ("en", "de", "all"):
            mine = np.array([row["split"] == split and language in (row["language"], "all") for row in rows])
            own, values, recalls = truth[mine], done.scores[mine], done.recalls[mine]
            result[f"{split} {language}"] = {
                **with_interval(values, own), "kept_at_4": round(kept_at(values, own), 3),
                "kept": round(float(passes[mine][own].mean()), 3),
                "false_passed": round(float(passes[mine][~own].mean()), 3),
                "network_auc": round(auc(done.shares[mine][:, 0], own), 4),
                "overlap_auc": round(auc(recalls, own), 4),
                "overlap_kept_at_4": round(kept_at(recalls, own), 3),
            }  # fmt: skip
    return result


def attribution(network: Network, file: Path) -> dict[str, Any]:
    """AttributionBench dev, each source with the threshold that is best on the others."""
    rows = list(read_rows(file))
    pairs = [
        Pair(
            tuple(row["references"]),
            row["claim"],
            0 if row["attribution_label"] == "attributable" else 2,
            row["src_dataset"],
        )
        for row in rows
    ]
    done = read(network, pairs)
    truth = done.labels == SUPPORTED
    sources = np.array([pair.source for pair in pairs])
    result: dict[str, Any] = {}
    for name, values in (("hard", done.scores), ("network", done.shares[:, 0]), ("overlap", done.recalls)):
        each = {}
        for source in np.unique(sources):
            mine = sources == source
            threshold = best_threshold(values[~mine], truth[~mine])
            each[str(source)] = round(macro_f1(values[mine] >= threshold, truth[mine]), 4)
        result[name] = {
            **each,
            "mean": round(float(np.mean(list(each.values()))), 4),
            **with_interval(values, truth),
        }
    return result


def scifact_dev(folder: Path) -> list[Pair]:
    """SciFact's dev claims against the abstracts that they cite."""
    corpus = {row["doc_id"]: row for row in read_rows(folder / "corpus.jsonl")}
    labels = {"SUPPORT": SUPPORTED, "CONTRADICT": CONTRADICTED}
    pairs = []
    for row in read_rows(folder / "claims_dev.jsonl"):
        for document in row["cited_doc_ids"]:
            paper = corpus[int(document)]
            evidence = row["evidence"].get(str(document))
            label = labels[evidence[0]["label"]] if evidence else NOT_SAID
            pairs.append(Pair((paper["title"].rstrip(".") + ".", *paper["abstract"]), row["claim"], label, "scifact"))
    return pairs


def speed(verifier: Verifier, network: Network, pairs: Sequence[Pair]) -> dict[str, float]:
    """CPU time a pair, one at a time and not seen before; and a batch's rate against the bare network's."""
    some = list(pairs[:60])
    start = time.process_time()
    for pair in some:
        network.forget()
        network.judge([(pair.claim, list(pair.sentences))])
    single = (time.process_time() - start) / len(some)
    rows = [(pair.claim, ["\n".join(pair.sentences)]) for pair in pairs[60 : 60 + SPEED_ROWS]]
    network.forget()
    start = time.process_time()
    network.judge([(pair.claim, list(pair.sentences)) for pair in pairs[60 : 60 + SPEED_ROWS]])
    bare = time.process_time() - start
    network.forget()
    start = time.process_time()
    verifier.check_pairs(rows)
    whole = time.process_time() - start
    return {
        "cpu_ms_single": round(1000 * single, 1),
        "cpu_ms_batch": round(1000 * bare / len(rows), 1),
        "ratio": round(bare / whole, 3),
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m evals.verifier_training.measure")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--claims", type=Path, default=Path("evals/claims/kesselheim.jsonl"))
    parser.add_argument("--exact", type=Path, help="float32 file to compare the shipped one with")
    parser.add_argument("--only", nargs="*", help="parts to run, e.g. profile corruptions scifact")
    options = parser.parse_args()
    network = Network(options.models)
    verifier = Verifier(network, load_calibration())
    parts = parts_of(options.data, options.claims, verifier, network, options.models, options.exact)
    for name in options.only or parts:
        sys.stdout.write(json.dumps({name: parts[name]()}) + "\n")
        sys.stdout.flush()


def parts_of(
    data: Path, claims: Path, verifier: Verifier, network: Network, models: Path, exact: Path | None
) -> dict[str, Callable[[], dict[str, Any]]]:
    """What can be measured, by name."""
    nli = data / "nli"
    attributed = data / "attributionbench" / "dev_all_subset_balanced.jsonl"

    def made() -> list[Pair]:
        return held_pairs(data).test

    def on(file: str, count: int | None = None) -> Read:
        return read(network, read_pairs(nli / f"{file}.jsonl.gz")[:count])

    def accuracy(language: str) -> dict[str, Any]:
        done = on(f"eval_only/xnli_{language}_test", XNLI_ROWS)
        return {
            "accuracy": round(float((done.shares.argmax(1) == done.labels).mean()), 4),
            "n": len(done.pairs),
        }

    def precision() -> dict[str, Any]:
        if exact is None:
            return {}
        pairs = made()[:PRECISION_ROWS]
        one, two = read(network, pairs), read(Network(models, exact.read_bytes()), pairs)
        truth = one.labels == SUPPORTED
        correlation = float(np.corrcoef(one.shares[:, 0], two.shares[:, 0])[0, 1])
        eight, full = auc(one.shares[:, 0], truth), auc(two.shares[:, 0], truth)
        return {"int8": eight, "fp32": full, "correlation": correlation}

    def both(done: Read) -> dict[str, Any]:
        return {"rest": support_rest(done), "contradict": support_contradict(done)}

    return {
        "profile": lambda: profile_claims(verifier, network, claims),
        "corruptions": lambda: corruptions(read(network, made())),
        "scifact": lambda: both(read(network, scifact_dev(data / "scifact"))),
        "conclusion": lambda: support_contradict(on("sci_conclusion_test")),
        "healthver": lambda: both(on("eval_only/healthver_test", HEALTHVER_ROWS)),
        "xnli_en": lambda: accuracy("en"),
        "xnli_de": lambda: accuracy("de"),
        "attribution": lambda: attribution(network, attributed),
        "speed": lambda: speed(verifier, network, made()),
        "precision": precision,
    }


if __name__ == "__main__":
    main()

"""`bench grounding`: how often the verifier errs on claims with known truth, beside two baselines in the
same run.

Rows are `{"claim", "passages": [...], "supported": bool}`. The baselines: `overlap`, the share of the
claim's content words in the two sentences that have most of them; `cosine`, that of the embedder's vectors
of the claim and the nearest sentence. Intervals are percentile bootstraps over rows (Efron and Tibshirani,
1993), seeded."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rag.embedding import Embedder
from rag.errors import InputError
from rag.sentences import split_sentences
from rag.verifier.lexical import ACCEPTED, recall
from rag.verifier.verifier import Verifier

RESAMPLES: Final = 1000
SEED: Final = 20
BINS: Final = 10
COSINE_ACCEPTED: Final = 0.86
"""Where the cosine baseline accepts without rows to calibrate on: between related and same, for the default
embedder."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Row:
    """A claim, its passages and whether they support it."""

    claim: str
    passages: tuple[str, ...]
    supported: bool


@dataclass(frozen=True)
class Scored:
    """What one checker made of the rows: `scores` in 0..1 and which it `passes`."""

    scores: Floats
    passes: Flags
    threshold: float


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL file.

    Raises:
        InputError: the file can't be read, a line isn't such a row, or there is none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} can't be read ({error}).", "Give a JSONL file in UTF-8.") from error
    rows = [_row(line, number, path) for number, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise InputError(f"{path} has no rows.", _MEND)
    return rows


_MEND: Final = 'Give lines like {"claim": "…", "passages": ["…"], "supported": true}.'


def _row(line: str, number: int, path: Path) -> Row:
    try:
        row = json.loads(line)
        claim, passages, supported = row["claim"], row["passages"], row["supported"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}, line {number}, is not a row of this kind ({error!r}).", _MEND) from error
    texts = isinstance(passages, list) and all(isinstance(passage, str) for passage in passages)
    if not isinstance(claim, str) or not texts or not isinstance(supported, bool):
        raise InputError(f"{path}, line {number}, has a value of the wrong kind.", _MEND)
    return Row(claim, tuple(passages), supported)


def run(
    file: Path,
    calibrate: Path | None,
    *,
    verifier: Verifier,
    embedder: Embedder,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measures the verifier and the baselines on `file`.

    Args:
        file: rows to measure on.
        calibrate: rows on which each checker's threshold is chosen for the highest macro-F1; None for their
        own.
        verifier: what is measured.
        embedder: for the cosine baseline.
        progress: called with rows done and rows in all.

    Returns:
        figures of the verifier, `intervals` (95%), `reliability`, and `baselines` with figures of their own.

    Raises:
        InputError: see `read_rows`.
    """
    rows = read_rows(file)
    dev = read_rows(calibrate) if calibrate else []
    truth = np.array([row.supported for row in rows])
    total = len(rows) + len(dev)
    on_rows = _verifier_scores(verifier, rows, lambda done: progress(done, total) if progress else None)
    on_dev = _verifier_scores(verifier, dev, lambda done: progress(len(rows) + done, total) if progress else None)
    checkers = {
        "verifier": (on_rows, on_dev, verifier.threshold),
        "overlap": (_overlap_scores(rows), _overlap_scores(dev), ACCEPTED),
        "cosine": (_cosine_scores(embedder, rows), _cosine_scores(embedder, dev), COSINE_ACCEPTED),
    }
    dev_truth = np.array([row.supported for row in dev], np.bool_)
    results = {}
    for name, (scores, dev_scores, own) in checkers.items():
        threshold = best_threshold(dev_scores, dev_truth) if dev else own
        results[name] = _report(Scored(scores, scores >= threshold, threshold), truth)
    return {**results.pop("verifier"), "baselines": results}


def _verifier_scores(verifier: Verifier, rows: Sequence[Row], progress: Callable[[int], None]) -> Floats:
    scores: list[float] = []
    for at in range(0, len(rows), 64):
        part = rows[at : at + 64]
        scores.extend(verdict.score for verdict in verifier.check_pairs([(row.claim, row.passages) for row in part]))
        progress(len(scores))
    return np.array(scores, np.float64)


def _sentences(row: Row) -> list[str]:
    return [span.text for passage in row.passages for span in split_sentences(passage)]


def _overlap_scores(rows: Sequence[Row]) -> Floats:
    return np.array([recall(row.claim, _sentences(row)) for row in rows], np.float64)


def _cosine_scores(embedder: Embedder, rows: Sequence[Row]) -> Floats:
    texts = list(dict.fromkeys(text for row in rows for text in (row.claim, *_sentences(row)) if text.strip()))
    if not texts:
        return np.zeros(len(rows), np.float64)
    vectors = embedder.embed_passages(texts)
    place = {text: number for number, text in enumerate(texts)}
    scores = np.zeros(len(rows), np.float64)
    for number, row in enumerate(rows):
        sentences = [place[text] for text in _sentences(row)]
        if sentences and row.claim in place:
            scores[number] = float(np.clip((vectors[sentences] @ vectors[place[row.claim]]).max(), 0, 1))
    return scores


def best_threshold(scores: Floats, truth: Flags) -> float:
    """The score at which passing all that's above gives the highest macro-F1; the middle between two rows'
    scores."""
    distinct = np.unique(scores)
    middles = np.concatenate([[distinct[0]], (distinct[1:] + distinct[:-1]) / 2, [distinct[-1] + 1e-9]])
    return float(max(middles, key=lambda threshold: macro_f1(scores >= threshold, truth)))


def macro_f1(passes: Flags, truth: Flags) -> float:
    """Mean of both classes' F1; a class that neither has nor is given counts 0."""
    return float(np.mean([_f1(passes, truth), _f1(~passes, ~truth)]))


def _f1(found: Flags, wanted: Flags) -> float:
    hits, total = int((found & wanted).sum()), int(found.sum()) + int(wanted.sum())
    return 2 * hits / total if total else 0.0


def figures(scores: Floats, passes: Flags, truth: Flags) -> dict[str, float]:
    """The figures of one checker on these rows; a rate over no rows is 0."""
    false_pass = _share(passes[~truth])
    false_flag = _share(~passes[truth])
    return {
        "macro_f1": macro_f1(passes, truth),
        "balanced_accuracy": 1 - (false_pass + false_flag) / 2,
        "false_pass_rate": false_pass,
        "false_flag_rate": false_flag,
        "ece": calibration_error(scores, truth),
        "auc": auc(scores, truth),
    }


def _share(flags: Flags) -> float:
    return float(flags.mean()) if flags.size else 0.0


def calibration_error(scores: Floats, truth: Flags) -> float:
    """Expected calibration error over `BINS` equal bins (Naeini et al., 2015)."""
    bins = reliability(scores, truth)
    return float(sum(part["n"] * abs(part["mean_score"] - part["supported"]) for part in bins) / max(1, len(scores)))


def reliability(scores: Floats, truth: Flags) -> list[dict[str, float]]:
    """For each bin that isn't empty: where it starts, how many rows, their mean score and share of
    supported ones."""
    numbers = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        {
            "from": number / BINS,
            "n": int((numbers == number).sum()),
            "mean_score": float(scores[numbers == number].mean()),
            "supported": float(truth[numbers == number].mean()),
        }
        for number in range(BINS)
        if (numbers == number).any()
    ]


def auc(scores: Floats, truth: Flags) -> float:
    """Share of (true, false) pairs in the right order, ties half; 0.5 where a class is empty."""
    if not truth.any() or truth.all():
        return 0.5
    _distinct, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    positives = int(truth.sum())
    total = float(ranks[place][truth].sum()) - positives * (positives + 1) / 2
    return total / (positives * (len(truth) - positives))


def intervals(scored: Scored, truth: Flags) -> dict[str, list[float]]:
    """95% bootstrap intervals of all figures."""
    chance = np.random.default_rng(SEED)
    drawn: dict[str, list[float]] = {}
    for _ in range(RESAMPLES):
        rows = chance.integers(0, len(truth), len(truth))
        for name, value in figures(scored.scores[rows], scored.passes[rows], truth[rows]).items():
            drawn.setdefault(name, []).append(value)
    return {name: [float(edge) for edge in np.percentile(values, (2.5, 97.5))] for name, values in drawn.items()}


def _report(scored: Scored, truth: Flags) -> dict[str, Any]:
    return {
        "n": len(truth),
        **figures(scored.scores, scored.passes, truth),
        "threshold": scored.threshold,
        "intervals": intervals(scored, truth),
        "reliability": reliability(scored.scores, truth),
    }

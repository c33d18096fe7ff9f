"""Benchmark figures as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def retrieval_table(figures: Mapping[str, Any]) -> str:
    """nDCG@10 and recall@10 of each ranking, then speed."""
    lines = [f"{'':<8}{'nDCG@10':>9}{'recall@10':>11}"]
    for ranking in ("bm25", "dense", "fusion"):
        row = figures[ranking]
        lines.append(f"{ranking:<8}{row['ndcg@10']:>9.4f}{row['recall@10']:>11.4f}")
    lines.append(
        f"{figures['encode_docs_per_s']:.1f} documents encoded per second, "
        f"{figures['query_ms_p50']:.1f} ms a query (median)"
    )
    return "\n".join(lines)


_RATES = ("macro_f1", "balanced_accuracy", "false_pass_rate", "false_flag_rate", "ece", "auc")


def grounding_table(figures: Mapping[str, Any]) -> str:
    """The verifier's figures with 95% intervals, those of the baselines, and how far its scores can be trusted."""
    checkers = {"verifier": figures, **figures["baselines"]}
    lines = [f"{'':<19}" + "".join(f"{name:>22}" for name in checkers)]
    for rate in _RATES:
        cells = []
        for row in checkers.values():
            low, high = row["intervals"][rate]
            cells.append(f"{row[rate]:.3f} ({low:.3f}-{high:.3f})")
        lines.append(f"{rate:<19}" + "".join(f"{cell:>22}" for cell in cells))
    lines.append(f"{'threshold':<19}" + "".join(f"{row['threshold']:>22.3f}" for row in checkers.values()))
    lines += ["", f"{figures['n']} claims. Score of the verifier, and how many of those claims are supported:"]
    for part in figures["reliability"]:
        bar = "#" * round(20 * part["supported"])
        lines.append(
            f"{part['from']:.1f}-{part['from'] + 0.1:.1f}  {bar:<20}  {part['supported']:>4.0%} of {part['n']}"
        )
    return "\n".join(lines)


def speed_table(figures: Mapping[str, Any]) -> str:
    """The bare costs, the cost of a question, and their ratio."""
    peak = "unknown on this system" if figures["peak_mb"] is None else f"{figures['peak_mb']:.0f} MB"
    return "\n".join(
        (
            f"papers                 {figures['papers']}",
            f"embed a query          {figures['embed_query_ms']:.2f} ms (median)",
            f"query Chroma           {figures['chroma_query_ms']:.2f} ms (median)",
            f"ask a question         {figures['ask_ms_p50']:.2f} ms (median), "
            f"{figures['ask_ms_p95']:.2f} ms (95th percentile)",
            f"ratio                  {figures['ratio']:.2f} (question to embedding + Chroma)",
            f"peak memory            {peak}",
        )
    )


def judge_lines(figures: dict[str, Any]) -> str:
    """What a judge found, and how far it agrees with people on the labelled answers."""
    lines = []
    if figures["rated"] or figures["unmeasured"]:
        for scale in ("complete", "direct"):
            value = figures[scale]
            lines.append(f"{scale:<12}{'-' if value is None else f'{value:.3f}'}  (mean of {figures['rated']}, 0 to 1)")
        lines.append(f"{'unmeasured':<12}{figures['unmeasured']}")
    for scale, found in figures["agreement"].items():
        kappa = "-" if found["kappa"] is None else f"{found['kappa']:.2f}"
        told = f"{found['same']:.0%} the same grade, weighted kappa {kappa}"
        lines.append(f"as people   {scale}: {told}, over {found['of']} of {figures['labelled']} labelled answers")
    return "\n".join(lines)

"""The figures of a run: each metric with its definition, its source, and an interval where it is a rate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from statistics import mean
from typing import NamedTuple

from evals.scoring import Outcome
from evals.significance import Interval, expected_calibration_error, wilson
from evals.stored import StoredAnswer

_MEANS = ("fact_recall", "citation_recall", "citation_precision", "claims_supported", "computed_exact", "truth")


class Group(NamedTuple):
    """How the answers to one kind of case fared."""

    name: str
    cases: int
    right: Interval
    counts: Mapping[Outcome, int]


class Rate(NamedTuple):
    """A share of cases, with its interval and what it is a share of."""

    name: str
    interval: Interval
    hits: int
    of: int


class Latency(NamedTuple):
    """Milliseconds of one stage."""

    stage: str
    median: float
    p95: float
    longest: float


def groups(answers: Iterable[StoredAnswer], key: Callable[[StoredAnswer], str]) -> list[Group]:
    """Answers by `key`, in its order: how many, the share that is right, and each outcome."""
    held: dict[str, list[StoredAnswer]] = defaultdict(list)
    for answer in answers:
        held[key(answer)].append(answer)
    return [_group(name, held[name]) for name in sorted(held)]


def total(answers: Sequence[StoredAnswer]) -> Group:
    """All answers as one group."""
    return _group("all", answers)


def rates(answers: Sequence[StoredAnswer]) -> list[Rate]:
    """Shares of cases with Wilson intervals; an unscored answer is in none of them.

    refusal recall       refused and to be refused / to be refused
    refusal precision    refused and to be refused / refused
    wrongly refused      refused and to be answered / to be answered
    follow-ups right     right / conversations
    computed exact       number or list as the records give it / cases with one

    Refusals as AbstentionBench counts abstentions (Kirichenko et al., arXiv 2506.09038).
    """
    scored = [answer for answer in answers if answer.outcome is not Outcome.UNSCORED]
    refused = [answer for answer in scored if _refused(answer)]
    to_refuse = [answer for answer in scored if answer.case.refuses]
    to_answer = [answer for answer in scored if not answer.case.refuses]
    conversations = [answer for answer in scored if len(answer.case.asked) > 1]
    exact = [answer.measures["computed_exact"] == 1 for answer in scored if "computed_exact" in answer.measures]
    return [
        _rate("right", [answer.is_right for answer in scored]),
        _rate("refusal recall", [_refused(answer) for answer in to_refuse]),
        _rate("refusal precision", [answer.case.refuses for answer in refused]),
        _rate("wrongly refused", [_refused(answer) for answer in to_answer]),
        _rate("follow-ups right", [answer.is_right for answer in conversations]),
        _rate("computed exact", exact),
    ]


def means(answers: Iterable[StoredAnswer]) -> list[tuple[str, float, int]]:
    """(name, mean, number of answers) of each measure; see `measures` for their definitions.

    The mean of `truth` is the score of CRAG (Yang et al., arXiv 2406.04744).
    """
    values: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        for name, value in answer.measures.items():
            values[name].append(value)
    return [(name, mean(values[name]), len(values[name])) for name in _MEANS if values[name]]


def latencies(answers: Iterable[StoredAnswer]) -> list[Latency]:
    """Median, 95th percentile (nearest rank) and longest time of each stage."""
    times: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        for stage, value in (answer.reply.timings_ms if answer.reply else {}).items():
            times[stage].append(value)
    return [
        Latency(stage, nearest_rank(held, 0.5), nearest_rank(held, 0.95), max(held)) for stage, held in times.items()
    ]


def tokens(answers: Iterable[StoredAnswer]) -> int:
    """Tokens that language models were asked for, sent and received."""
    return sum(
        answer.reply.usage.get("prompt_tokens", 0) + answer.reply.usage.get("completion_tokens", 0)
        for answer in answers
        if answer.reply
    )


def cost(answers: Iterable[StoredAnswer]) -> float | None:
    """What they cost together, in the money of the prices that were set; None where none were."""
    costs = [answer.reply.usage.get("cost") for answer in answers if answer.reply]
    known = [amount for amount in costs if amount is not None]
    return sum(known) if known else None


def calibration_error(answers: Iterable[StoredAnswer]) -> float | None:
    """How far the stated probabilities of quoted sentences are from how often these are right."""
    stated = [(answer.confidence, answer.is_right) for answer in answers if answer.confidence is not None]
    if not stated:
        return None
    return expected_calibration_error([chance for chance, _ in stated], [right for _, right in stated])


def flaky(answers: Iterable[StoredAnswer]) -> list[tuple[str, int, int]]:
    """(id, times right, times asked) of the cases that are sometimes right and sometimes not."""
    asked: dict[str, list[bool]] = defaultdict(list)
    for answer in answers:
        asked[answer.case.id].append(answer.is_right)
    return [(name, sum(right), len(right)) for name, right in asked.items() if 0 < sum(right) < len(right)]


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def _group(name: str, answers: Sequence[StoredAnswer]) -> Group:
    counts = {outcome: sum(answer.outcome is outcome for answer in answers) for outcome in Outcome}
    scored = len(answers) - counts[Outcome.UNSCORED]
    right = counts[Outcome.RIGHT] + counts[Outcome.RIGHTLY_REFUSED]
    return Group(name, len(answers), wilson(right, scored), counts)


def _rate(name: str, hits: Sequence[bool]) -> Rate:
    return Rate(name, wilson(sum(hits), len(hits)), sum(hits), len(hits))


def _refused(answer: StoredAnswer) -> bool:
    return answer.reply is not None and answer.reply.abstained

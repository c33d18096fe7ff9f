"""The figures of a run as text for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from evals.scoring import Outcome
from evals.stored import StoredAnswer
from evals.totals import Group, calibration_error, cost, flaky, groups, latencies, means, rates, tokens, total


def run_text(answers: Sequence[StoredAnswer]) -> str:
    """Right answers by kind and language, refusals as a matrix, then metrics with intervals, latency, flaky cases."""
    return "\n".join([*_outcome_lines(answers), "", *_metric_lines(answers), *_doubtful_lines(answers)])


def fault_lines(answers: Iterable[StoredAnswer]) -> list[str]:
    """A line for each answer that is not right: id, question, and what is wrong."""
    return [
        f"{answer.case.id}: {' / '.join(answer.case.asked)}: {answer.reason}"
        for answer in answers
        if not answer.is_right
    ]


def _outcome_lines(answers: Sequence[StoredAnswer]) -> Iterator[str]:
    yield f"{'':<14}{'cases':>6}{'right':>8}{'wrong':>7}{'wrongly answered':>18}{'wrongly refused':>17}{'unscored':>10}"
    for group in groups(answers, lambda answer: answer.case.kind):
        yield _group_line(group)
    for group in groups(answers, lambda answer: answer.case.language):
        yield _group_line(group)
    yield _group_line(total(answers))
    counts = Counter(
        (answer.case.refuses, answer.reply is not None and answer.reply.abstained)
        for answer in answers
        if answer.outcome is not Outcome.UNSCORED
    )
    yield ""
    yield f"{'':<24}{'refused':>9}{'answered':>10}"
    yield f"{'to be refused':<24}{counts[True, True]:>9}{counts[True, False]:>10}"
    yield f"{'to be answered':<24}{counts[False, True]:>9}{counts[False, False]:>10}"


def _group_line(group: Group) -> str:
    counts = group.counts
    right = f"{group.right.value:.1%}" if group.cases > counts[Outcome.UNSCORED] else "-"
    return (
        f"{group.name:<14}{group.cases:>6}{right:>8}{counts[Outcome.WRONG]:>7}{counts[Outcome.WRONGLY_ANSWERED]:>18}"
        f"{counts[Outcome.WRONGLY_REFUSED]:>17}{counts[Outcome.UNSCORED]:>10}"
    )


def _metric_lines(answers: Sequence[StoredAnswer]) -> Iterator[str]:
    for rate in rates(answers):
        if rate.of:
            low, high = rate.interval.low, rate.interval.high
            yield f"{rate.name:<20}{rate.interval.value:>8.1%}  ({low:.1%} to {high:.1%}, {rate.hits} of {rate.of})"
    for name, value, number in means(answers):
        if name != "computed_exact":
            yield f"{name.replace('_', ' '):<20}{value:>8.3f}  (mean of {number})"
    error = calibration_error(answers)
    if error is not None:
        yield f"{'calibration error':<20}{error:>8.3f}  (of stated probabilities)"
    for latency in latencies(answers):
        yield (
            f"{'time, ' + latency.stage:<20}{latency.median:>8.1f}  ms median, {latency.p95:.1f} 95th percentile, "
            f"{latency.longest:.1f} longest"
        )
    used = tokens(answers)
    if used:
        yield f"{'tokens':<20}{used:>8}"
    paid = cost(answers)
    if paid is not None:
        yield f"{'cost':<20}{paid:>8.4f}"


def _doubtful_lines(answers: Sequence[StoredAnswer]) -> Iterator[str]:
    for name, right, asked in flaky(answers):
        yield f"flaky: {name} was right {right} of {asked} times"
    for answer in answers:
        if answer.outcome is Outcome.UNSCORED:
            yield f"unscored: {answer.case.id}: {answer.reason}"

"""Which answers got worse between two runs, at which stage, and whether it is more than noise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from statistics import mean, median
from typing import NamedTuple

from evals.scoring import Outcome
from evals.significance import (
    Interval,
    bootstrap_mean,
    fewest_worse,
    holm,
    mcnemar_worse,
    sign_flip_worse,
)
from evals.stored import STAGES, Run, StoredAnswer
from rag.errors import InputError

_LEAST_SLOWER_MS = 5.0
"""A stage that takes less longer than this is never called slower."""


class Limits(NamedTuple):
    """When a difference counts as worse."""

    alpha: float = 0.05
    """Chance of a false alarm that is accepted."""
    margin: float = 0.02
    """Least drop of a measure's mean that counts."""
    slower: float = 3.0
    """How many times longer a stage may take."""
    most_worse: int | None = None
    """More cases than this that got worse count by themselves; None leaves it to the test."""


class Change(StrEnum):
    """What became of a case."""

    WORSE = "worse"
    UNSTABLE = "unstable"
    BETTER = "better"
    OTHER = "changed, as right or wrong as before"
    SAME = "same"


class Pair(NamedTuple):
    """A case in both runs."""

    base: Sequence[StoredAnswer]
    new: Sequence[StoredAnswer]

    @property
    def change(self) -> Change:
        """Worse or better where every repeat before and every one after agree, else unstable or other."""
        before, after = _share_right(self.base), _share_right(self.new)
        if before == after and before in (0, 1):
            return Change.SAME if self.stage is None else Change.OTHER
        if {before, after} == {0, 1}:
            return Change.BETTER if after else Change.WORSE
        return Change.UNSTABLE

    @property
    def stage(self) -> str | None:
        """The first stage that gave something else, None where none did."""
        before, after = self.shown
        for name, old, new in zip(STAGES, before.stages, after.stages, strict=False):
            if old != new:
                return name
        return "outcome" if before.outcome is not after.outcome else None

    @property
    def shown(self) -> tuple[StoredAnswer, StoredAnswer]:
        """The two answers to look at: the first that differ in being right, else the first of each."""
        for old in self.base:
            for new in self.new:
                if old.is_right != new.is_right:
                    return old, new
        return self.base[0], self.new[0]

    @property
    def is_graver(self) -> bool:
        """Whether it got worse and never may."""
        return self.change is Change.WORSE and self.new[0].case.must


class Test(NamedTuple):
    """One look at whether the new run is worse."""

    name: str
    figures: str
    p: float
    adjusted: float
    is_worse: bool


class Comparison(NamedTuple):
    """Two runs side by side."""

    base: Run
    new: Run
    pairs: Sequence[Pair]
    only_base: Sequence[str]
    only_new: Sequence[str]
    changed_cases: Sequence[str]
    tests: Sequence[Test]
    reasons: Sequence[str]
    """Why the new run is worse; empty where it is not."""
    limits: Limits

    def of(self, *changes: Change) -> list[Pair]:
        """The cases that changed so, those that must not get worse first."""
        held = [pair for pair in self.pairs if pair.change in changes]
        return sorted(held, key=lambda pair: (not pair.new[0].case.must, pair.new[0].case.kind, pair.new[0].case.id))

    @property
    def verdict(self) -> str:
        """One of worse, better, no clear difference, no difference."""
        if self.reasons:
            return "worse"
        worse, better = len(self.of(Change.WORSE)), len(self.of(Change.BETTER))
        if mcnemar_worse(better, worse) <= self.limits.alpha and better > worse:
            return "better"
        return "no clear difference" if worse or better or self.of(Change.UNSTABLE) else "no difference"

    @property
    def undetectable(self) -> float:
        """A drop of the share right below this could not have been told from chance."""
        return fewest_worse(self.limits.alpha) / max(len(self.pairs), 1)


def compare(base: Run, new: Run, limits: Limits = Limits()) -> Comparison:  # noqa: B008 - frozen
    """Pairs the answers of two runs by case.

    Raises:
        InputError: if they are of different profiles, share no case, or one of them is not whole.
    """
    for run in (base, new):
        if run.end is None and run.kind == "run":
            raise InputError(
                f"{run.path} was interrupted: it holds {len(run.answers)} of "
                f"{run.header.cases * run.header.repeats} answers.",
                f"Go on with it: profile-chat eval run --out {run.path}",
            )
    if base.header.profile != new.header.profile:
        raise InputError(
            f"{base.path} asks {base.header.profile}, {new.path} asks {new.header.profile}.",
            "Compare runs of one profile.",
        )
    before, after = _by_case(base.answers), _by_case(new.answers)
    common = [name for name in after if name in before]
    changed = [name for name in common if before[name][0].case.digest != after[name][0].case.digest]
    pairs = [Pair(before[name], after[name]) for name in common if name not in set(changed)]
    if not pairs:
        raise InputError(f"{base.path} and {new.path} share no case.", "Compare runs of the same cases.")
    tests = _tests(pairs, limits)
    return Comparison(
        base,
        new,
        pairs,
        [name for name in before if name not in after],
        [name for name in after if name not in before],
        changed,
        tests,
        [*_grave_reasons(pairs, limits), *(_reason(test) for test in tests if test.is_worse)],
        limits,
    )


def _by_case(answers: Iterable[StoredAnswer]) -> dict[str, list[StoredAnswer]]:
    held: dict[str, list[StoredAnswer]] = defaultdict(list)
    for answer in answers:
        held[answer.case.id].append(answer)
    return held


def _share_right(answers: Sequence[StoredAnswer]) -> float:
    return sum(answer.is_right for answer in answers) / len(answers)


def _grave_reasons(pairs: Sequence[Pair], limits: Limits) -> list[str]:
    """What counts as worse without statistics."""
    unscored = [answer for pair in pairs for answer in pair.new if answer.outcome is Outcome.UNSCORED]
    grave = [pair.new[0].case.id for pair in pairs if pair.is_graver]
    worse = sum(pair.change is Change.WORSE for pair in pairs)
    reasons = []
    if unscored:
        first = unscored[0]
        reasons.append(f"{len(unscored)} answers could not be scored, first {first.case.id}: {first.reason}")
    if grave:
        reasons.append(f"got worse and never may: {', '.join(grave)}")
    if limits.most_worse is not None and worse > limits.most_worse:
        reasons.append(f"{worse} cases got worse, {limits.most_worse} may")
    return reasons


def _reason(test: Test) -> str:
    return f"{test.name}: {test.figures}"


def _tests(pairs: Sequence[Pair], limits: Limits) -> list[Test]:
    """The test over all cases; then kinds and measures, adjusted for there being several; then times."""
    kinds = sorted({pair.new[0].case.kind for pair in pairs})
    family = [_flips_test(kind, [p for p in pairs if p.new[0].case.kind == kind]) for kind in kinds]
    family += [test for test in (_rate_test(pairs), *_measure_tests(pairs, limits.margin)) if test is not None]
    adjusted = holm([test.p for test in family])
    looked_at = [
        test._replace(adjusted=p, is_worse=test.is_worse and p <= limits.alpha)
        for test, p in zip(family, adjusted, strict=True)
    ]
    every = _flips_test("all answers", pairs)
    return [every._replace(is_worse=every.is_worse and every.p <= limits.alpha), *looked_at, *_times(pairs, limits)]


def _flips_test(name: str, pairs: Sequence[Pair]) -> Test:
    worse = sum(pair.change is Change.WORSE for pair in pairs)
    better = sum(pair.change is Change.BETTER for pair in pairs)
    p = mcnemar_worse(worse, better)
    return Test(name, f"{worse} worse, {better} better, p {p:.2g}", p, p, worse > better)


def _rate_test(pairs: Sequence[Pair]) -> Test | None:
    """Rates of repeated cases; without repeats the flips say all of it."""
    if all(len(pair.base) == len(pair.new) == 1 for pair in pairs):
        return None
    return _difference_test("right, over repeats", [_share_right(p.new) - _share_right(p.base) for p in pairs], 0.0)


def _measure_tests(pairs: Sequence[Pair], margin: float) -> list[Test]:
    names = sorted({name for pair in pairs for answer in pair.new for name in answer.measures})
    tests = []
    for name in names:
        differences = [
            _mean_of(pair.new, name) - _mean_of(pair.base, name)
            for pair in pairs
            if _has(pair.new, name) and _has(pair.base, name)
        ]
        if differences:
            tests.append(_difference_test(name.replace("_", " "), differences, margin))
    return tests


def _difference_test(name: str, differences: Sequence[float], margin: float) -> Test:
    rounded = [round(difference, 6) for difference in differences]
    interval = bootstrap_mean(rounded) if any(rounded) else Interval(0.0, 0.0, 0.0)
    p = sign_flip_worse(rounded)
    figures = f"{interval.value:+.3f} ({interval.low:+.3f} to {interval.high:+.3f}, p {p:.2g}, {len(rounded)} cases)"
    return Test(name, figures, p, p, interval.high < 0 and -interval.value >= margin)


def _times(pairs: Sequence[Pair], limits: Limits) -> list[Test]:
    """Stages by how many times longer the same case takes, in the median; a busy machine moves all of them."""
    times: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for pair in pairs:
        old, new = pair.base[0].reply, pair.new[0].reply
        if old and new:
            for stage, value in new.timings_ms.items():
                times[stage].append((old.timings_ms.get(stage, 0.0), value))
    tests = []
    for stage, held in times.items():
        ratio = median(after / max(before, 1e-3) for before, after in held)
        longer = median(after - before for before, after in held)
        before, after = median(one for one, _ in held), median(one for _, one in held)
        slower = ratio >= limits.slower and longer >= _LEAST_SLOWER_MS
        figures = f"{before:.1f} to {after:.1f} ms median, {ratio:.1f} times"
        tests.append(Test(f"time, {stage}", figures, 1.0, 1.0, slower))
    return tests


def _has(answers: Sequence[StoredAnswer], name: str) -> bool:
    return any(name in answer.measures for answer in answers)


def _mean_of(answers: Sequence[StoredAnswer], name: str) -> float:
    return mean(answer.measures[name] for answer in answers if name in answer.measures)

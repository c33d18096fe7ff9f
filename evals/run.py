"""Asking every case of a profile and counting how the answers fared."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from evals.cases import Case
from evals.scoring import Outcome, Score, score
from rag.models import Answer, Explained, Profile, Turn


class Asked(Protocol):
    """What is needed of a chat here."""

    @property
    def profile(self) -> Profile:
        """The profile that is asked."""

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with plan and evidence."""


class Result(NamedTuple):
    """A case, the answer to its last turn, and how it fared."""

    case: Case
    answer: Answer
    score: Score


def run_cases(cases: Sequence[Case], chat: Asked, progress: Callable[[int, int], None] | None = None) -> list[Result]:
    """Asks each case, all turns of a conversation in order, and judges the last answer."""
    results = []
    for done, case in enumerate(cases, start=1):
        answer = _last_answer(case, chat)
        results.append(Result(case, answer, score(case, answer, chat.profile)))
        if progress:
            progress(done, len(cases))
    return results


def outcome_table(results: Iterable[Result]) -> str:
    """Right answers by kind and by language, then refusals as a two by two matrix."""
    held = list(results)
    lines = [f"{'':<14}{'cases':>6}{'right':>8}{'wrong':>7}{'wrongly answered':>18}{'wrongly refused':>17}"]
    lines += _rows(held, lambda result: result.case.kind)
    lines += _rows(held, lambda result: result.case.language)
    lines += _rows(held, lambda _: "all")
    counts = Counter((result.case.refuses, result.answer.abstained) for result in held)
    lines += [
        "",
        f"{'':<24}{'refused':>9}{'answered':>10}",
        f"{'to be refused':<24}{counts[True, True]:>9}{counts[True, False]:>10}",
        f"{'to be answered':<24}{counts[False, True]:>9}{counts[False, False]:>10}",
    ]
    return "\n".join(lines)


def faults(results: Iterable[Result]) -> list[str]:
    """A line for each case that is not right: id, question, and what is wrong."""
    return [
        f"{result.case.id}: {' / '.join(result.case.asked)}: {result.score.reason}"
        for result in results
        if not result.score.is_right
    ]


def _last_answer(case: Case, chat: Asked) -> Answer:
    history: list[Turn] = []
    for question in case.asked:
        explained = chat.explain(question, history)
        history.append(Turn(question=question, plan=explained.plan, answer=explained.answer))
    answer = history[-1].answer
    assert answer is not None
    return answer


def _rows(results: Sequence[Result], key: Callable[[Result], str]) -> list[str]:
    groups: dict[str, Counter[Outcome]] = defaultdict(Counter)
    for result in results:
        groups[key(result)][result.score.outcome] += 1
    rows = []
    for name, counts in sorted(groups.items()):
        right = counts[Outcome.RIGHT] + counts[Outcome.RIGHTLY_REFUSED]
        rows.append(
            f"{name:<14}{counts.total():>6}{right / counts.total():>8.1%}{counts[Outcome.WRONG]:>7}"
            f"{counts[Outcome.WRONGLY_ANSWERED]:>18}{counts[Outcome.WRONGLY_REFUSED]:>17}"
        )
    return rows

"""Asking every case and judging the answers, on one core or on several."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import NamedTuple, Protocol

from evals.case import Case
from evals.measures import Support, measure
from evals.scoring import Outcome, Score, score
from evals.stored import StoredAnswer, StoredCase, StoredReply, stage_digests
from rag.errors import ProfileChatError
from rag.models import Explained, Profile, QuestionKind, Turn

_AHEAD = 4
"""Tasks that wait in front of each other process, so that none is idle."""


class Asked(Protocol):
    """What is needed of a chat here."""

    @property
    def profile(self) -> Profile:
        """The profile that is asked."""

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with plan and evidence."""


class Task(NamedTuple):
    """A case to be asked, for the how-manieth time."""

    case: Case
    repeat: int = 0


class Judged(NamedTuple):
    """An answer with how it fared, and all that led to it; None where there is none."""

    answer: StoredAnswer
    explained: Explained | None


OpenChat = Callable[[], Asked]


def ask_case(task: Task, chat: Asked, support: Support | None = None) -> Judged:
    """Asks all turns of a case in order and judges the last answer. A crash is 'unscored', never wrong or right."""
    started = time.perf_counter()
    try:
        explained = _last_answer(task.case, chat)
        seconds = time.perf_counter() - started
        judged = score(task.case, explained.answer, chat.profile)
        measures = measure(task.case, explained.answer, judged, chat.profile, support)
    except ProfileChatError as error:
        return unscored(task, str(error))
    except Exception as error:
        return unscored(task, f"crashed: {type(error).__name__}: {error}")
    reply = StoredReply.model_validate(explained.answer.model_dump(mode="json", by_alias=True))
    answer = StoredAnswer(
        case=StoredCase.of(task.case),
        repeat=task.repeat,
        outcome=judged.outcome,
        reason=judged.reason,
        measures=measures,
        stages=stage_digests(explained),
        confidence=_confidence(explained),
        seconds=round(seconds, 5),
        reply=reply,
    )
    return Judged(answer, explained)


def unscored(task: Task, reason: str) -> Judged:
    """An answer that could not be had or judged, for `reason`."""
    outcome = Score(Outcome.UNSCORED, reason)
    answer = StoredAnswer(case=StoredCase.of(task.case), repeat=task.repeat, outcome=outcome.outcome, reason=reason)
    return Judged(answer, None)


def run_cases(tasks: Sequence[Task], chat: Asked, others: Others | None = None) -> Iterator[Judged]:
    """Asks every task, here and in the `others`, and gives each answer as it comes, in no order.

    Args:
        tasks: what to ask.
        chat: answers in this process.
        others: answer beside it.
    """
    left = deque(tasks)
    if others is None:
        yield from (ask_case(task, chat) for task in left)
        return
    running: dict[Future[Judged], Task] = {}
    while left or running:
        while left and len(running) < others.room and not others.broken:
            task = left.popleft()
            running[others.submit(task)] = task
        if left:
            yield ask_case(left.popleft(), chat)
        else:
            wait(running, return_when=FIRST_COMPLETED)
        for future in [future for future in running if future.done()]:
            yield others.result(future, running.pop(future))


class Others:
    """Processes that answer beside this one, each with a chat of its own.

    Args:
        processes: how many.
        open_chat: opens the chat; taken over by pickling, so it must be importable.
    """

    def __init__(self, processes: int, open_chat: OpenChat) -> None:
        self.room = processes * (1 + _AHEAD)
        self.broken = False
        self._pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_open_there, initargs=(open_chat,)
        )
        # A process starts with its first task, so each gets one at once.
        self._started = [self._pool.submit(_is_open) for _ in range(processes)]

    def submit(self, task: Task) -> Future[Judged]:
        """Has a task asked elsewhere."""
        try:
            return self._pool.submit(_ask_there, task)
        except BrokenProcessPool as error:
            failed: Future[Judged] = Future()
            failed.set_exception(error)
            return failed

    def result(self, future: Future[Judged], task: Task) -> Judged:
        """The answer to `task`; unscored where the process that had it is gone."""
        try:
            return future.result()
        except BrokenProcessPool:
            self.broken = True
            return unscored(task, "the process that answered ended")

    def close(self) -> None:
        """Ends the processes once they have answered what they have."""
        self._pool.shutdown(cancel_futures=True)


_there: list[Asked] = []
"""The chat of a process that answers for another one."""


def _open_there(open_chat: OpenChat) -> None:
    _there.append(open_chat())


def _is_open() -> bool:
    return bool(_there)


def _ask_there(task: Task) -> Judged:
    return ask_case(task, _there[0])


def _last_answer(case: Case, chat: Asked) -> Explained:
    history: list[Turn] = []
    for question in case.asked:
        explained = chat.explain(question, history)
        history.append(Turn(question=question, plan=explained.plan, answer=explained.answer))
    return explained


def _confidence(explained: Explained) -> float | None:
    """The probability of the quoted sentence; lists of a topic carry strengths, which are none."""
    answer = explained.answer
    if answer.abstained or answer.kind is not QuestionKind.FACT or not explained.evidence:
        return None
    quoted = [sentence.score for sentence in answer.sentences if sentence.verdict == "supported"]
    return max(quoted, default=None)

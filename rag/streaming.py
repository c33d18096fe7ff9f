"""Answers that grow: sentence by sentence for a reader, and waited for by callers that are not asynchronous."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from concurrent.futures import CancelledError
from functools import cache
from threading import Thread
from typing import Any, TypeVar

from rag.answers.draft import render
from rag.models import Answer, AnswerSentence, Explained

T = TypeVar("T")


def growing(explained: Explained) -> Iterator[Explained]:
    """The answer with its first sentence, then with the first two, and so on; the last is `explained` itself."""
    for number in range(1, len(explained.answer.sentences)):
        yield explained.model_copy(update={"answer": so_far(explained.answer, explained.answer.sentences[:number])})
    yield explained


def so_far(answer: Answer, sentences: Sequence[AnswerSentence]) -> Answer:
    """`answer` as it stands while only `sentences` are there: what they cite, no proof and no questions yet."""
    cited = {number for sentence in sentences for number in sentence.citations}
    return answer.model_copy(
        update={
            "sentences": tuple(sentences),
            "answer": render(sentences),
            "citations": tuple(citation for citation in answer.citations if citation.n in cited),
            "related": (),
            "proof": None,
        }
    )


def wait_for_last(stream: AsyncIterator[Explained]) -> Explained:
    """The whole answer of a stream; see `wait_for`."""
    return wait_for(_last(stream))


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, for a caller that may or may not run an event loop of its own.

    Interrupted, it cancels the work before it passes the interrupt on.
    """
    waiting = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return waiting.result()
    except (KeyboardInterrupt, CancelledError):
        waiting.cancel()
        raise


async def _last(stream: AsyncIterator[Explained]) -> Explained:
    grown = [explained async for explained in stream]
    return grown[-1]


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One loop for all that wait, so that connections to a model are used again."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="profile-chat-loop", daemon=True).start()
    return loop

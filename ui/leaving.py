"""Ends what was asked for a reader who stops it or has closed the page: Gradio itself waits for the next part."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

T = TypeVar("T")


class Leaving:
    """The steps that readers wait for, by browser session."""

    def __init__(self) -> None:
        self._steps: defaultdict[str, set[asyncio.Future[Any]]] = defaultdict(set)

    async def watched(self, session: str, stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """The parts of `stream`, which is closed as soon as the reader of `session` leaves."""
        async with aclosing(stream):
            while True:
                step = asyncio.ensure_future(_next(stream))
                self._steps[session].add(step)
                try:
                    part = await step
                except StopAsyncIteration:
                    return
                except asyncio.CancelledError:
                    if step.cancelled():
                        return
                    step.cancel()
                    await asyncio.wait({step})
                    raise
                finally:
                    self._steps[session].discard(step)
                    if not self._steps[session]:
                        del self._steps[session]
                yield part

    def leave(self, session: str) -> bool:
        """Ends what the reader of `session` waits for, if anything; to be called in the event loop."""
        steps = tuple(self._steps.get(session, ()))
        for step in steps:
            step.cancel()
        return bool(steps)


async def _next(stream: AsyncGenerator[T, None]) -> T:
    return await anext(stream)

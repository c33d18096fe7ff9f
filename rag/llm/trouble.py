"""Why a language model could not be used: for the notice in an answer, never with a server's own words."""

from __future__ import annotations

from typing import Literal

Why = Literal["unreachable", "timeout", "key", "model", "quota", "server", "cut", "unreadable", "resting"]


class ModelError(Exception):
    """A call that gave no answer, or none that could be read.

    Args:
        why: the cause, as far as it can be told.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why: Why = why


def trouble_of(error: Exception) -> ModelError:
    """What an exception of the client means. Its text is left out: servers repeat keys and prompts in it."""
    import httpx
    import openai

    known: tuple[tuple[type[Exception], Why], ...] = (
        (openai.APITimeoutError, "timeout"),
        (httpx.TimeoutException, "timeout"),
        (TimeoutError, "timeout"),
        (openai.AuthenticationError, "key"),
        (openai.PermissionDeniedError, "key"),
        (openai.NotFoundError, "model"),
        (openai.RateLimitError, "quota"),
        (openai.APIStatusError, "server"),
        (openai.APIConnectionError, "unreachable"),
        (httpx.ConnectError, "unreachable"),
        (httpx.TransportError, "cut"),
    )
    for kind, why in known:
        if isinstance(error, kind):
            return ModelError(why)
    return ModelError("unreadable")

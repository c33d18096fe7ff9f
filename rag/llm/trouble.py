"""Why a language model could not be used: for the notice in an answer, never with a server's own words."""

from __future__ import annotations

from typing import Literal

from rag.models import Language
from rag.phrases import phrase

Why = Literal["unreachable", "timeout", "key", "model", "quota", "server", "cut", "unreadable", "resting"]


class ModelError(Exception):
    """A call that gave no answer, or none that could be read.

    Args:
        why: the cause, as far as it can be told.
        seconds: how long it was waited, where that is the cause.
    """

    def __init__(self, why: Why, seconds: float = 0.0) -> None:
        super().__init__(why)
        self.why: Why = why
        self.seconds = seconds

    def notice(self, key: str, language: Language) -> str:
        """The phrase `key`, which says what a reader gets instead, with the cause in front."""
        return phrase(key, language, why=self.sentence(language))

    def sentence(self, language: Language) -> str:
        """The cause as a sentence."""
        return phrase(f"model_{self.why}", language, seconds=f"{self.seconds:g}")


def trouble_of(error: Exception, seconds: float) -> ModelError:
    """What an exception of the client means, after at most `seconds`.

    Its text is left out: servers repeat keys and prompts in it.
    """
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
            return ModelError(why, seconds)
    return ModelError("unreadable")

"""What an answer cost: calls, tokens, money, and how long the model took."""

from __future__ import annotations

from dataclasses import dataclass, field

from rag.llm.prompts import version
from rag.models import Record, Usage


class Prices(Record):
    """Price of a million tokens, in whatever money they are given in; None where it isn't known."""

    prompt: float | None = None
    completion: float | None = None


@dataclass
class Spent:
    """An account for one answer."""

    calls: int = 0
    kept: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompts: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> int:
        """Replies so far, paid for or kept."""
        return self.calls + self.kept

    def used(self, prompt: str) -> None:
        """Notes that a prompt was sent."""
        self.prompts[prompt] = version(prompt)

    def read_usage(self, usage: object) -> None:
        """Adds what a server says at the end of a reply; servers that say nothing are not guessed for."""
        for name in ("prompt_tokens", "completion_tokens"):
            count = getattr(usage, name, None)
            if isinstance(count, int):
                setattr(self, name, getattr(self, name) + count)

    def as_usage(self, model: str | None, prices: Prices) -> Usage:
        """The record that stands in the answer."""
        cost: float | None = None
        if prices.prompt is not None and prices.completion is not None:
            cost = round((self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion) / 1e6, 8)
        return Usage(
            model=model,
            calls=self.calls,
            kept=self.kept,
            prompt_tokens=self.prompt_tokens,
            completion_tokens=self.completion_tokens,
            cost=cost,
            prompts=self.prompts,
        )

"""The language model that the settings name, and where its replies are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import SettingError
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.llm.model import Model
    from rag.llm.second_judge import SecondJudge
    from rag.llm.writer import Writer
    from rag.verifier.verifier import Verifier

NO_MODEL = "none"
OPENAI_MODEL = "gpt-4o-mini"
"""The model at OpenAI's own address where none is named."""


def is_model_used(settings: Settings) -> bool:
    """Whether a language model words answers: there is a key or an address, and the model is not 'none'."""
    return bool(settings.openai_api_key or settings.openai_base_url) and settings.model != NO_MODEL


def open_writer(settings: Settings, verifier: Callable[[], Verifier]) -> Writer | None:
    """What words answers with a language model; None where none is used. Nothing is sent before the first question."""
    if not is_model_used(settings):
        return None
    from rag.llm.spent import Prices
    from rag.llm.writer import Writer

    prices = Prices(prompt=settings.price_prompt, completion=settings.price_completion)
    return Writer(open_model(settings), verifier, prices)


def open_second_judge(settings: Settings) -> SecondJudge:
    """What gives a second opinion on claims. Raises as `open_model` does."""
    from rag.llm.second_judge import SecondJudge

    return SecondJudge(open_model(settings))


def open_model(settings: Settings) -> Model:
    """The language model itself.

    Raises:
        SettingError: none is set.
    """
    if not is_model_used(settings):
        raise SettingError("No language model is set.", "Set OPENAI_API_KEY or OPENAI_BASE_URL.")
    from rag.llm.abilities import Abilities
    from rag.llm.model import OPENAI, Model, ModelSettings
    from rag.llm.replies_cache import RepliesCache

    chosen = ModelSettings(
        name=settings.model or (None if settings.openai_base_url else OPENAI_MODEL),
        address=settings.openai_base_url or OPENAI,
        timeout=settings.timeout,
        context=settings.context,
        temperature=settings.temperature,
        seed=settings.seed,
    )
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    cache = RepliesCache(replies_folder(settings) if settings.cache else None)
    return Model(chosen, key, cache, Abilities(settings.home / "llm" / "abilities.json"))


def replies_folder(settings: Settings) -> Path:
    """Where the model's replies are kept."""
    return settings.home / "llm" / "replies"

"""Every setting, read once at the edge from the environment or a `.env` file and passed in."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from rag.errors import SettingError

PREFIX = "PROFILE_CHAT_"


class Settings(BaseSettings):
    """Where things are kept and which models are used. `.env.example` documents each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    home: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("profile-chat", appauthor=False)),
        description="folder that holds indexes and prepared models",
    )
    profile: str | None = Field(default=None, description="name of a profile, or a file to read")
    embedder: str = Field(default="auto", description="auto, e5, minilm, or openai:MODEL")
    model: str | None = Field(default=None, description="name of the language model, or none")
    context: int = Field(default=8192, ge=2048, description="the language model's window in tokens")
    temperature: float = Field(default=0.0, ge=0, le=2, description="of the language model's sampling")
    seed: int = Field(default=0, description="of the language model's sampling")
    price_prompt: float | None = Field(default=None, ge=0, description="price of a million tokens sent")
    price_completion: float | None = Field(default=None, ge=0, description="price of a million tokens received")
    cache: bool = Field(default=True, description="keep the language model's replies in the data folder")
    chroma_url: str | None = Field(default=None, description="address of a Chroma server, e.g. http://host:8000")
    host: str = Field(default="127.0.0.1", description="address that the chat page listens on")
    port: int = Field(default=7860, ge=1, le=65535, description="port that the chat page listens on")
    timeout: float = Field(default=20.0, gt=0, description="seconds to wait for a model endpoint")
    openai_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_API_KEY"), description="key of the endpoint"
    )
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL"), description="address of the endpoint"
    )


def load_settings(env_file: Path = Path(".env")) -> Settings:
    """Reads the settings from the environment and `env_file`.

    Raises:
        SettingError: naming the setting (and the file's line) that is unknown or has a wrong value.
    """
    _refuse_unknown_names(env_file)
    try:
        return Settings(_env_file=env_file)
    except ValidationError as error:
        first = error.errors()[0]
        name = _environment_name(str(first["loc"][0]))
        raise SettingError(
            f"{_where(name, env_file)} has a wrong value: {first['msg']}.",
            f"Set {name} to a value as .env.example shows, or remove it.",
        ) from None
    except UnicodeDecodeError:
        raise SettingError(f"{env_file} is not a text file in UTF-8.", "Save it as UTF-8 text.") from None


def known_names() -> tuple[str, ...]:
    """The environment variables that are read, in the order of the class."""
    return tuple(_environment_name(field) for field in Settings.model_fields)


def _environment_name(field: str) -> str:
    return field.upper() if field.lower().startswith("openai") else f"{PREFIX}{field.upper()}"


def _env_lines(env_file: Path) -> dict[str, int]:
    """Names that `env_file` sets, with their line numbers."""
    try:
        lines = env_file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    assigned = {}
    for number, line in enumerate(lines, start=1):
        name, equals, _ = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            assigned[name.strip()] = number
    return assigned


def _where(name: str, env_file: Path) -> str:
    line = None if os.environ.get(name) else _env_lines(env_file).get(name)  # the environment wins
    return f"{env_file}, line {line}: {name}" if line else f"The environment variable {name}"


def _refuse_unknown_names(env_file: Path) -> None:
    known = set(known_names())
    for name in [*_env_lines(env_file), *os.environ]:
        if name.startswith(PREFIX) and name.upper() not in known:
            near = get_close_matches(name, sorted(known), n=1)
            hint = f"Did you mean {near[0]}?" if near else f"The settings are {', '.join(sorted(known))}."
            raise SettingError(f"{_where(name, env_file)} is not a setting.", hint)

"""The frame of answers in four languages."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from rag.models import Language


def phrase(key: str, language: Language, **values: object) -> str:
    """The phrase `key` in `language`, with `values` put in; KeyError if there is no such phrase."""
    return _phrases()[key][language].format(**values)


def month_name(month: int, language: Language) -> str:
    """The full name of a month, 1 to 12."""
    from babel.dates import get_month_names

    return str(get_month_names("wide", "stand-alone", language)[month])


def join_names(names: list[str] | tuple[str, ...], language: Language) -> str:
    """'A, B and C' in `language`."""
    if len(names) < 2:
        return "".join(names)
    last = {"en": "and", "de": "und", "fr": "et", "es": "y"}[language]
    return f"{', '.join(names[:-1])} {last} {names[-1]}"


@cache
def _phrases() -> dict[str, dict[Language, str]]:
    return tomllib.loads(files("rag").joinpath("phrases.toml").read_text(encoding="utf-8"))

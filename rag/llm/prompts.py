"""The prompts: text files beside this one, filled in with what a question needs.

A prompt's version is a hash of its file, so that an answer tells which text it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple

_PARTS = "=== user ===\n"


class Message(NamedTuple):
    """One message of a call."""

    role: str
    text: str


def fill(name: str, **values: object) -> tuple[Message, ...]:
    """The messages of the prompt `name`, system first, with `values` put in; KeyError if one is missing."""
    system, user = _text(name).split(_PARTS)
    return (
        Message("system", Template(system).substitute(values).strip()),
        Message("user", Template(user).substitute(values).strip()),
    )


@cache
def version(name: str) -> str:
    """The first digits of the sha256 of the prompt's file."""
    return hashlib.sha256(_text(name).encode()).hexdigest()[:8]


def versions() -> dict[str, str]:
    """Every prompt's version, by name."""
    folder = files("rag.llm").joinpath("prompts")
    names = sorted(entry.name.removesuffix(".md") for entry in folder.iterdir() if entry.name.endswith(".md"))
    return {name: version(name) for name in names}


def fenced(label: str, lines: Sequence[str]) -> str:
    """`lines` between two marks that no text among them can imitate, since the marks are made from their hash."""
    content = "\n".join(lines)
    mark = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:10]
    return f"<<{label} {mark}>>\n{content}\n<<end {mark}>>"


@cache
def _text(name: str) -> str:
    return files("rag.llm").joinpath("prompts", f"{name}.md").read_text(encoding="utf-8")

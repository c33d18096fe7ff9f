"""What a server was found to understand, asked once and remembered: output by schema, settings of sampling."""

from __future__ import annotations

import json
from enum import IntEnum
from pathlib import Path

from rag.whole_files import replace_whole


class Shape(IntEnum):
    """How much a request may ask for; a server that refuses one is asked the next."""

    SCHEMA = 0
    TEXT = 1
    BARE = 2
    """Text, and the model's own settings for sampling."""


class Abilities:
    """The shape that each model at each address took.

    Args:
        path: the file they are kept in; None keeps them for this process.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = self._read()

    def shape(self, model: str, address: str) -> Shape:
        """The shape to ask in; the fullest where nothing is known."""
        return Shape(self._known.get(_key(model, address), Shape.SCHEMA))

    def learn(self, model: str, address: str, shape: Shape) -> None:
        """Remembers that a model takes `shape`."""
        self._known[_key(model, address)] = int(shape)
        if self._path is None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(self._path, json.dumps(self._known, indent=1, sort_keys=True).encode())
        except OSError:
            return  # then it is asked again next time

    def _read(self) -> dict[str, int]:
        try:
            held = json.loads(self._path.read_text(encoding="utf-8")) if self._path else {}
            return {str(key): int(shape) for key, shape in held.items() if int(shape) in set(Shape)}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def _key(model: str, address: str) -> str:
    return f"{model} {address}"

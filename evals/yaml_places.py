"""YAML with the line of everything in it, so that a message can name the line to mend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from rag.errors import InputError

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Place(NamedTuple):
    """A line of a file."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}, line {self.line}"


class Document(NamedTuple):
    """The content of a YAML file, and its nodes with their lines."""

    path: Path
    content: Any
    node: Any

    def place(self, *steps: str | int) -> Place:
        """The line of what `steps` (keys and numbers) lead to, or of the last of them that is there."""
        node, line = self.node, 1
        for step in steps:
            found = _step(node, step)
            if found is None:
                break
            line, node = found
        return Place(self.path, line)


def read_yaml(path: Path) -> Document:
    """Reads a YAML file.

    Raises:
        InputError: naming the file, and the line that is no YAML or holds a key a second time.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        try:
            node = loader.get_single_node()
            document = Document(path, loader.construct_document(node) if node else None, node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"{path}, line {line}: no YAML ({error.problem}).", "Mend that line.") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError(f"{path} can't be read: {error}.", "Check the file.") from None
    doubled = _doubled_key(node)
    if doubled is not None:
        line = doubled.start_mark.line + 1
        raise InputError(f"{path}, line {line}: {doubled.value} is there twice.", "Keep one of the two.")
    return document


def _step(node: Any, step: str | int) -> tuple[int, Any] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _doubled_key(node: Any) -> Any:
    """The first key that a mapping at or below `node` holds a second time."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return key
            seen.add(key.value)
            below = _doubled_key(value)
            if below is not None:
                return below
    elif isinstance(node, yaml.SequenceNode):
        return _first_doubled(node.value)
    return None


def _first_doubled(nodes: Sequence[Any]) -> Any:
    return next((key for key in map(_doubled_key, nodes) if key is not None), None)

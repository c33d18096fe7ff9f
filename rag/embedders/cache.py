"""A folder of files made from a model's weights, trusted only as long as their content is what was written.

`manifest.json` is written last and holds each file's size and CRC-32, which finds damage (not malice: who can
write this folder can write the program's own files). Files are written whole beside their place and then
moved there, and the same model always gives the same files, so that two processes may build at once.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import StorageError
from rag.whole_files import replace_whole

_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Cache:
    """A checked folder; `facts` is what its builder noted about it."""

    folder: Path
    facts: dict[str, Any]

    def path(self, name: str) -> Path:
        """Where the file `name` is."""
        return self.folder / name


def open_cache(folder: Path) -> Cache | None:
    """The cache in `folder`, or None where there is none or where a file isn't what was written."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        for name, written in manifest["files"].items():
            if _size_and_checksum(folder / name) != written:
                return None
        return Cache(folder, dict(manifest["facts"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_cache(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> Cache:
    """Write `files` and `facts` (JSON values) to `folder`.

    Raises:
        StorageError: the folder can't be written.
    """
    sums = {name: [len(content), zlib.crc32(content)] for name, content in files.items()}
    manifest = json.dumps({"facts": dict(facts), "files": sums}).encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in {**files, _MANIFEST: manifest}.items():
            replace_whole(folder / name, content)
    except OSError as error:
        raise StorageError(
            f"The folder for models {folder} can't be written ({error.strerror or error}).",
            "Free some space, or set PROFILE_CHAT_HOME to a folder that can be written.",
        ) from error
    return Cache(folder, dict(facts))


def ready_cache(folder: Path, stamps: Any, require_intact: Callable[[], None], build: Callable[[], Cache]) -> Cache:
    """The cache in `folder`, built where it is missing; weights with another stamp are checked first.

    Args:
        folder: where the derived files are.
        stamps: of the files that they are derived from, see `rag.embedders.files.stamp`.
        require_intact: raises where those are not the ones that this program knows.
        build: derives the files and notes `stamps` as the fact `weights`.
    """
    cache = open_cache(folder)
    if cache is not None and cache.facts.get("weights") == stamps:
        return cache
    require_intact()
    if cache is None:
        return build()
    # The same files under another date, as after a reinstallation.
    note(cache, weights=stamps)
    return cache


def npy(array: NDArray[np.generic]) -> bytes:
    """The array as the content of an .npy file, which `numpy.load` can map into memory."""
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def note(cache: Cache, **facts: Any) -> None:
    """Change facts of a cache in place; best effort, since a cache that can't be written still serves."""
    path = cache.path(_MANIFEST)
    try:
        manifest = json.loads(path.read_text("utf-8"))
        manifest["facts"].update(facts)
        replace_whole(path, json.dumps(manifest).encode())
    except (OSError, ValueError, KeyError):
        return


def _size_and_checksum(path: Path) -> list[int]:
    # In parts that stay in the processor's cache: 7 ms for 26 MB, 20 ms when each file is read whole.
    part = bytearray(1 << 18)
    size = checksum = 0
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(part):
            checksum = zlib.crc32(memoryview(part)[:count], checksum)
            size += count
    return [size, checksum]

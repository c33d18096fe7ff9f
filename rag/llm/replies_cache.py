"""Replies that were paid for once, kept in files; a key holds everything that a reply depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.whole_files import replace_whole


class RepliesCache:
    """Whole replies by request.

    Args:
        folder: where they are kept; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, request: Mapping[str, Any]) -> str | None:
        """The reply to `request`, None where it isn't kept or can't be read."""
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._path(self._folder, request).read_text(encoding="utf-8"))
            return str(kept["reply"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, request: Mapping[str, Any], reply: str) -> None:
        """Keeps a reply; a folder that can't be written keeps none, which costs a call and nothing else."""
        if self._folder is None:
            return
        path = self._path(self._folder, request)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(path, json.dumps({"request": request, "reply": reply}).encode())
        except OSError:
            return

    @staticmethod
    def _path(folder: Path, request: Mapping[str, Any]) -> Path:
        digest = hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
        return folder / digest[:2] / f"{digest[2:34]}.json"


def clear_replies(folder: Path) -> int:
    """Deletes all kept replies; gives how many there were.

    Raises:
        OSError: if one can't be deleted.
    """
    kept = list(folder.glob("??/*.json"))
    for path in kept:
        path.unlink(missing_ok=True)
    for part in folder.glob("??"):
        part.rmdir()
    return len(kept)

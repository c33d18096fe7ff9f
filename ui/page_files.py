"""The page's own scripts and styles, under an address that changes with their content."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import FastAPI, HTTPException
from fastapi.responses import Response

_FOLDER = Path(__file__).with_name("page")
_TYPES: Final[Mapping[str, str]] = {".js": "text/javascript", ".css": "text/css"}
_FOREVER = "public, max-age=31536000, immutable"


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}


@cache
def _version() -> str:
    """A hash over all of them, since scripts load each other by name."""
    held = hashlib.sha256()
    for name, content in _files().items():
        held.update(name.encode() + content)
    return held.hexdigest()[:12]


def head_links(styles: tuple[str, ...], script: str = "", loads: tuple[str, ...] = ()) -> str:
    """Elements for a page's head: its styles, its script, and the scripts that this one loads.

    Args:
        styles: file names of style sheets, in order.
        script: file name of the module that starts the page.
        loads: modules that it imports, fetched at once instead of one after the other.
    """
    folder = f"page/{_version()}"
    parts = [f'<link rel="stylesheet" href="{folder}/{name}">' for name in styles]
    parts += [f'<link rel="modulepreload" href="{folder}/{name}">' for name in loads]
    if script:
        parts.append(f'<script type="module" src="{folder}/{script}"></script>')
    return "".join(parts)


def add_page_files(server: FastAPI) -> None:
    """Serves the files; what is no such file, or of another version, is not found."""

    @server.get("/page/{version}/{name}", include_in_schema=False)
    def page_file(version: str, name: str) -> Response:
        content = _files().get(name)
        if content is None or version != _version():
            raise HTTPException(404)
        return Response(content, media_type=_TYPES[Path(name).suffix], headers={"Cache-Control": _FOREVER})

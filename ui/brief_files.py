"""The styles and the script of the briefing page."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

BRIEF_HEAD = '<link rel="stylesheet" href="brief.css"><script src="brief.js" defer></script>'
_TYPES = {"brief.css": "text/css", "brief.js": "text/javascript"}


def add_brief_files(server: FastAPI) -> None:
    """Serves both files."""
    for name, media_type in _TYPES.items():
        _add(server, name, media_type)


def _add(server: FastAPI, name: str, media_type: str) -> None:
    content = Path(__file__).with_name("page").joinpath(name).read_bytes()

    @server.get(f"/{name}", include_in_schema=False)
    def page_file() -> Response:
        return Response(content, media_type=media_type, headers={"Cache-Control": "no-cache"})

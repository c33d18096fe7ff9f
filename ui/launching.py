"""`serve`: the server listens at once, and what it serves is made behind a page that says how far that is."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from rag.feedback import FeedbackStore
from ui.address import bind, page_address
from ui.starting import Progress, Starting


def launch(
    open_chat: Callable[[Progress], object],
    host: str,
    port: int,
    *,
    open_browser: bool = False,
    feedback: FeedbackStore | None = None,
    runs: Path | None = None,
) -> None:
    """Serves the pages until interrupted; their address goes to stderr.

    Args:
        open_chat: opens the engine that answers, and tells its progress to what it is given.
        host: address to listen on.
        port: port to listen on.
        open_browser: also open the page in the user's browser.
        feedback: keeps what readers think of answers; without it they are not asked.
        runs: folder of the stored eval runs.

    Raises:
        SettingError: the port is in use, or the address isn't one of this machine.
        ProfileChatError: what `open_chat` raises.
    """

    def make(progress: Progress) -> ASGIApp:
        from ui.app import build_server  # Gradio takes a second, in which the page is already there

        return build_server(open_chat(progress), feedback, runs)  # type: ignore[arg-type]

    with bind(host, port) as listener:
        starting = Starting(make, failed=lambda: setattr(server, "should_exit", True))
        config = uvicorn.Config(starting, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        address = page_address(host, port)
        sys.stderr.write(f"Profile Chat is at {address} (Ctrl+C ends it)\n")
        if open_browser:
            webbrowser.open(address)  # the socket listens already: the browser waits for the server's start
        server.run(sockets=[listener])
    if starting.error is not None:
        raise starting.error

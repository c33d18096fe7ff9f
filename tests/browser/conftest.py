"""A real server on a free port of this machine, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn

from ingest.sources import read_profile, shipped_profile_path
from rag.feedback import FeedbackStore
from rag.models import Profile
from rag.settings import Settings
from ui.address import bind
from ui.compose import open_chat
from ui.server import Chat

if TYPE_CHECKING:
    from playwright import sync_api as playwright_api

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 15_000  # milliseconds; generous for a busy machine


@dataclass
class Seen:
    """What a browser context did while a test ran."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


OpenPage = Callable[..., "playwright_api.Page"]
_OPENED: list[playwright_api.Page] = []


@pytest.fixture(scope="session")
def browser() -> Iterator[playwright_api.Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(names)} is on the PATH"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: playwright_api.Browser) -> Iterator[OpenPage]:
    """Opens a page in a context of its own; afterwards no request may have left and no error been logged."""
    contexts: list[playwright_api.BrowserContext] = []
    seen = Seen()

    def open_one(
        url: str,
        *,
        width: int = 1280,
        height: int = 800,
        beside: playwright_api.Page | None = None,
        may_lose_connection: bool = False,
        **options: Any,
    ) -> playwright_api.Page:
        """A page in a fresh context, or as another tab `beside` one; a lost connection counts as an error."""

        def note(line: playwright_api.ConsoleMessage) -> None:
            if line.type == "error" and not may_lose_connection:
                seen.errors.append(line.text)

        if beside:
            context = beside.context
        else:
            context = browser.new_context(viewport={"width": width, "height": height}, **options)
            context.set_default_timeout(PATIENCE)
            contexts.append(context)
        page = context.new_page()
        _OPENED.append(page)
        page.on("request", lambda request: _note_foreign(request.url, seen))
        page.on("console", note)
        page.on("pageerror", lambda error: None if may_lose_connection else seen.errors.append(str(error)))
        page.goto(url)
        page.locator("#question textarea, #text textarea, .plain main").wait_for()
        page.locator("#evidence-card").wait_for(state="attached")
        return page

    yield open_one
    for context in contexts:
        context.close()
    _OPENED.clear()
    assert seen.foreign == []
    assert seen.errors == []


def _note_foreign(url: str, seen: Seen) -> None:
    if not url.startswith(("http://127.0.0.1:", "data:", "blob:http://127.0.0.1:")):
        seen.foreign.append(url)


@contextmanager
def serve(chat: Chat, feedback: FeedbackStore | None = None, runs: Path | None = None) -> Iterator[str]:
    """Serves the pages for `chat` in a thread; gives their address."""
    from ui.app import build_server

    listener = bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    config = uvicorn.Config(build_server(chat, feedback, runs), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        for page in [page for page in _OPENED if f"127.0.0.1:{port}" in page.url]:  # they would miss the server
            page.close()
            _OPENED.remove(page)
        server.should_exit = server.force_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def profile() -> Profile:
    path = shipped_profile_path()
    assert path is not None
    return read_profile(path)


@pytest.fixture(scope="session")
def url(home: Path) -> Iterator[str]:
    """The pages as they ship, without a language model."""
    settings = Settings(home=home, openai_api_key=None, openai_base_url=None)
    with serve(open_chat(settings), FeedbackStore(home)) as address:
        yield address


@pytest.fixture
def serve_chat() -> Callable[[Chat], AbstractContextManager[str]]:
    """Serves another engine for one test."""
    return serve

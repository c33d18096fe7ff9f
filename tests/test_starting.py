"""What the server answers while the product behind it is still being made."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from tests.conftest import ROOT
from ui.address import bind
from ui.starting import Progress, Starting

HTML = {"Accept": "text/html"}


def get(url: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {})) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@contextmanager
def served(make: Callable[[Progress], FastAPI]) -> Iterator[tuple[str, Starting, uvicorn.Server]]:
    starting = Starting(make, failed=lambda: setattr(server, "should_exit", True))
    server = uvicorn.Server(uvicorn.Config(starting, log_level="error"))
    listener = bind("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", starting, server
    server.should_exit = True
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_it_says_how_far_it_is_and_then_is_the_product() -> None:
    may_go_on, lived = threading.Event(), []

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        lived.append("began")
        yield
        lived.append("ended")

    def make(progress: Progress) -> FastAPI:
        progress(40, 160)
        may_go_on.wait(10)
        app = FastAPI(lifespan=life)
        app.get("/healthz")(lambda: "ok")
        return app

    with served(make) as (url, _, _):
        status, page = get(f"{url}/profile", HTML)
        assert status == 200
        assert "40 of 160 passages" in page
        assert 'role="progressbar"' in page and 'aria-valuenow="40"' in page and 'http-equiv="refresh"' in page
        assert "40 von 160 Textstellen" in get(url, {**HTML, "Accept-Language": "de-DE"})[1]
        assert get(f"{url}/healthz") == (503, "starting")
        assert get(f"{url}/v1/ask")[0] == 503
        may_go_on.set()
        for _ in range(200):
            if get(f"{url}/healthz") == (200, '"ok"'):
                break
        assert get(f"{url}/healthz") == (200, '"ok"')
        assert lived == ["began"]
    assert lived == ["began", "ended"]


def test_a_failure_ends_the_server_and_is_kept() -> None:
    def make(_: Progress) -> FastAPI:
        raise ValueError("no profile")

    with served(make) as (_, starting, server):
        for _ in range(100):
            if server.should_exit:
                break
            threading.Event().wait(0.05)
        assert server.should_exit
    assert str(starting.error) == "no profile"


def test_serve_says_in_one_sentence_why_it_cannot(tmp_path: Path) -> None:
    with bind("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    arguments = ["--profile", "nobody", "serve", "--port", str(port)]
    environment = {**os.environ, "PROFILE_CHAT_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].startswith("profile-chat: There is no profile 'nobody'.")
    assert "Traceback" not in ended.stderr

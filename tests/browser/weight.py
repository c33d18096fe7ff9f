"""What the chat page weighs and how long it takes, beside a bare Gradio chat: `python -m tests.browser.weight`.

Both pages are served from this machine and opened by one browser in turn, each time with an empty cache. Printed
are medians: bytes over the wire, time until the question box can be typed in, and, for the product, the time from
the engine's first sentence to its being on the screen.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
import threading
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright
from starlette.middleware.gzip import GZipMiddleware

from ingest.sources import read_profile, shipped_profile_path
from rag.models import Explained, Profile, Turn
from tests.browser.conftest import FLAGS, serve
from tests.browser.fake_chat import FakeChat

_BOX = "textarea:visible"


class Timed(FakeChat):
    """Notes when its first sentence is there."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile, pause=0.05)
        self.first = 0.0

    async def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:
        self.first = 0.0
        async for one in super().stream(question, history):
            self.first = self.first or time.time()
            yield one


@contextmanager
def bare() -> Iterator[str]:
    """Gradio's own chat page, served as the product is."""

    def echo(message: str, _: list[Any]) -> str:
        return message

    server = FastAPI()
    server.add_middleware(GZipMiddleware)
    app = gr.mount_gradio_app(server, gr.ChatInterface(echo, api_visibility="private"), path="/", ssr_mode=False)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    running.should_exit = running.force_exit = True
    thread.join(10)


def open_once(browser: Browser, url: str) -> tuple[int, int, float]:
    """Bytes over the wire, requests, and milliseconds until the box can be typed in."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(_BOX).first.fill("x")
    usable = 1000 * (time.perf_counter() - began)
    page.wait_for_timeout(1500)  # what comes after belongs to the weight as well
    context.close()
    return round(sum(sizes)), len(sizes), usable


def first_sentence(browser: Browser, url: str, chat: Timed) -> float:
    """Milliseconds from the engine's first sentence to its being drawn."""
    page = browser.new_page()
    page.goto(url)
    page.locator("#evidence-card").wait_for(state="attached")
    page.wait_for_timeout(500)
    page.evaluate(
        """() => new MutationObserver((_, seen) => {
            if (!document.querySelector('#transcript .bot a[href^="#p="]')) return;
            seen.disconnect();
            requestAnimationFrame(() => setTimeout(() => { window.drawn = Date.now(); }));
        }).observe(document.getElementById("transcript"), { childList: true, subtree: true })"""
    )
    page.locator("#question textarea").fill("What is it about?")
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.drawn")
    took = float(page.evaluate("window.drawn")) - 1000 * chat.first
    page.close()
    return took


def measure(runs: int) -> dict[str, float]:
    """The medians of `runs` openings of each page, in turn."""
    path = shipped_profile_path()
    assert path is not None
    chat = Timed(read_profile(path))
    opened: dict[str, list[tuple[int, int, float]]] = {"ours": [], "bare": []}
    with sync_playwright() as playwright, serve(chat) as ours, bare() as other:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for number in range(runs + 1):
            for name, url in (("ours", ours), ("bare", other)):
                seen = open_once(browser, url)
                if number:  # the first opening warms the servers
                    opened[name].append(seen)
        sentences = [first_sentence(browser, ours, chat) for _ in range(runs)]
        browser.close()
    figures: dict[str, float] = {}
    for name, seen in opened.items():
        for place, what in enumerate(("bytes", "requests", "usable_ms")):
            figures[f"{name}_{what}"] = round(median(one[place] for one in seen), 1)
    figures["bytes_ratio"] = round(figures["ours_bytes"] / figures["bare_bytes"], 3)
    figures["usable_ratio"] = round(figures["ours_usable_ms"] / figures["bare_usable_ms"], 3)
    figures["first_sentence_ms"] = round(median(sentences), 1)
    figures["first_sentence_worst_ms"] = round(max(sentences), 1)
    return figures


def main() -> None:
    """Prints the figures as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=7)
    sys.stdout.write(json.dumps(measure(parser.parse_args().runs), indent=1) + "\n")


if __name__ == "__main__":
    main()

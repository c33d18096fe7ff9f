"""The chat page with a language model behind a real server: what is shown, and what ends with the reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rag.settings import load_settings
from tests.browser.conftest import OpenPage, serve
from tests.browser.test_chat import ask
from tests.fakes.llm_server import LlmServer, running
from tests.test_llm_answers import GOOD, LANGUAGES, good, saying
from ui.compose import open_chat


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    yield from running(good)


@pytest.fixture(scope="module")
def address(server: LlmServer, home: Path) -> Iterator[str]:
    changes = {"home": home, "openai_base_url": server.url, "model": "fake-1", "cache": False, "timeout": 60.0}
    with serve(open_chat(load_settings().model_copy(update=changes))) as url:
        yield url


def test_a_worded_answer_says_that_a_model_worded_it(open_page: OpenPage, address: str, server: LlmServer) -> None:
    server.reset(good)
    page = open_page(address)
    ask(page, LANGUAGES)
    expect(page.locator("#transcript")).to_contain_text(GOOD)
    expect(page.locator("#transcript")).to_contain_text("worded by fake-1")
    expect(page.locator("#header")).to_contain_text("fake-1")


def test_an_outage_is_told_beside_the_quoted_answer(open_page: OpenPage, address: str, server: LlmServer) -> None:
    server.reset(good, "500")
    page = open_page(address)
    ask(page, LANGUAGES)
    expect(page.locator("#transcript")).to_contain_text("by supporting all 24 official languages")
    expect(page.locator("#transcript")).to_contain_text("reports an error")


def test_markup_of_the_model_is_neither_run_nor_shown(open_page: OpenPage, address: str, server: LlmServer) -> None:
    server.reset(saying(f'<img src=x onerror="document.title=1"> {GOOD}', f"{GOOD} See [here](javascript:alert(1))."))
    page = open_page(address)
    title = page.title()
    ask(page, LANGUAGES)
    assert page.title() == title
    assert page.locator("#transcript .bot img, #transcript .bot a[href^='javascript']").count() == 0


def test_stop_ends_the_request(open_page: OpenPage, address: str, server: LlmServer) -> None:
    server.reset(good, "hang in stream")
    page = open_page(address)
    page.locator("#question textarea").fill(LANGUAGES)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#transcript .waiting')")
    wait_until_asked(server)
    page.locator("#question .stop-button").click()
    assert server.disconnected.wait(10)
    expect(page.locator("#question .submit-button")).to_be_visible()
    server.reset(good)
    ask(page, LANGUAGES)
    expect(page.locator("#transcript")).to_contain_text(GOOD)


def test_closing_the_page_ends_the_request(open_page: OpenPage, address: str, server: LlmServer) -> None:
    server.reset(good, "hang in stream")
    page = open_page(address)
    page.locator("#question textarea").fill(LANGUAGES)
    page.keyboard.press("Enter")
    wait_until_asked(server)
    page.close()
    assert server.disconnected.wait(30), "nobody waits for the rest"


def wait_until_asked(server: LlmServer) -> None:
    """Until the server has the question."""
    import time

    limit = time.monotonic() + 15
    while not server.asked:
        assert time.monotonic() < limit, "the model was not asked"
        time.sleep(0.05)

"""A conversation that goes on, in a real browser: edited, asked again, taken away, and back after a restart."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import uvicorn
from playwright.sync_api import Page, expect

from rag.models import Answer, Profile
from tests.browser.chatting import COMPUTED, FACT, REFUSED, ask, from_api, markers, ready
from tests.browser.conftest import PATIENCE, OpenPage, serve
from tests.browser.fake_chat import FakeChat
from ui.app import build_server

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

ServeChat = Callable[[FakeChat], AbstractContextManager[str]]
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def questions(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".user.message").all_inner_texts()]


def clipboard(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_copied_answer_carries_its_references(open_page: OpenPage, url: str) -> None:
    page = open_page(url, **CLIPBOARD)
    ask(page, FACT)
    page.locator(".copy-answer").click()
    expect(page.locator(".copy-answer")).to_have_text("Copied.")
    expect(page.locator(".copy-answer")).to_have_text("Copy with references")
    copied = clipboard(page)
    citation = from_api(url, FACT).citations[0]
    assert copied.startswith(from_api(url, FACT).answer)
    assert "\n\nReferences:\n1. " in copied
    assert citation.title in copied and f'"{citation.passage}"' in copied
    assert "#p=" not in copied


def test_markdown_keeps_markers_and_escapes_what_papers_say(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    first = profile.papers[0].model_copy(update={"title": "A *b* [c](d)", "abstract": "Some _x_ <b>. Two. Three."})
    with serve_chat(FakeChat(profile.model_copy(update={"papers": (first, *profile.papers[1:])}))) as url:
        page = open_page(url, **CLIPBOARD)
        ask(page, "What is it about?")
        page.locator(".copy-markdown").click()
        expect(page.locator(".copy-markdown")).to_have_text("Copied.")
        copied = clipboard(page)
    assert copied.startswith(r"Some \_x\_ \<b\>. [1] Two. [1] Three. [1]")
    assert "**References**" in copied
    assert r": A \*b\* \[c\](d)" in copied


def test_the_link_to_a_question_opens_with_it_in_the_box(open_page: OpenPage, url: str) -> None:
    page = open_page(url, **CLIPBOARD)
    ask(page, REFUSED)
    page.locator(".copy-link").click()
    expect(page.locator(".copy-link")).to_have_text("Copied.")
    link = clipboard(page)
    assert parse_qs(urlsplit(link).query) == {"q": [REFUSED]}
    expect(open_page(link).locator("#question textarea")).to_have_value(REFUSED)


def test_editing_replaces_the_last_question_and_can_be_taken_back(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    with serve_chat(FakeChat(profile)) as url:
        page = open_page(url)
        ask(page, "How many papers are there?")
        ask(page, "What is it about?")
        box = page.locator("#question textarea")
        page.locator(".edit-last").click()
        expect(box).to_have_value("What is it about?")
        expect(box).to_be_focused()
        expect(page.locator("#box-note")).to_contain_text("replaces the last question")
        page.keyboard.press("Escape")
        expect(box).to_have_value("")
        expect(page.locator("#box-note .keep")).to_have_count(0)
        assert questions(page) == ["How many papers are there?", "What is it about?"]

        page.keyboard.press("ArrowUp")
        expect(box).to_have_value("What is it about?")
        box.fill("Where was it?")
        page.keyboard.press("Enter")
        page.locator(".foot.refusal").wait_for()
        assert questions(page) == ["How many papers are there?", "Where was it?"]
        ask(page, "What is it about?")
        assert questions(page) == ["How many papers are there?", "Where was it?", "What is it about?"]


def test_asking_again_gives_one_answer_in_the_old_ones_place(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    kept = page.locator(".tools").get_attribute("class")
    page.locator(".ask-again").click()
    expect(page.locator("#question textarea")).to_be_focused()
    page.wait_for_function("before => document.querySelector('.tools')?.className !== before", arg=kept)
    page.locator(".tools").wait_for()
    assert questions(page) == [FACT]
    assert markers(page).count() == len(re.findall(r"\[\d+\]", from_api(url, FACT).answer))


def test_saved_chats_hold_every_answer_with_its_references(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile, tmp_path: Path
) -> None:
    saved = {}
    with serve_chat(FakeChat(profile)) as url:
        page = open_page(url)
        expect(page.locator("#export")).to_be_hidden()
        ask(page, "What is it about?")
        ask(page, "Where was it?")
        for ending in ("md", "txt", "json"):
            page.locator("#export").click()
            with page.expect_download() as download:
                page.locator("#export-menu button", has_text=f".{ending}").click()
            assert download.value.suggested_filename == f"chat-stefan_kesselheim.{ending}"
            path = tmp_path / ending
            download.value.save_as(path)
            saved[ending] = path.read_text(encoding="utf-8")
    chat = FakeChat(profile)
    answered, refused = chat.ask("What is it about?"), chat.ask("Where was it?")
    assert [Answer.model_validate(one) for one in json.loads(saved["json"])] == [answered, refused]
    assert "## Where was it?" in saved["md"] and "**References**" in saved["md"]
    assert "> What is it about?" in saved["txt"] and refused.answer in saved["txt"]
    assert saved["txt"].count("References:") == 1


def test_a_reload_keeps_the_conversation_and_the_draft(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    ask(page, COMPUTED)
    page.locator("#question textarea").fill("a thought not yet asked")
    page.reload()
    ready(page)
    expect(page.locator(".tools")).to_have_count(2)
    assert questions(page) == [FACT, COMPUTED]
    expect(page.locator("#question textarea")).to_have_value("a thought not yet asked")
    markers(page).first.click()
    expect(page.locator("#evidence-panel mark")).to_have_text(from_api(url, FACT).citations[0].passage)
    page.keyboard.press("Escape")
    ask(page, "And which of them are from 2025?")
    assert questions(page)[:2] == [FACT, COMPUTED]
    expected = from_api(url, "And which of them are from 2025?", FACT, COMPUTED)
    expect(page.locator(".bot").last).to_contain_text(expected.sentences[0].text[:20])


def test_a_restarted_server_finds_the_conversation_in_the_browser(
    open_page: OpenPage, profile: Profile, request: pytest.FixtureRequest
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def start() -> Callable[[], None]:
        config = uvicorn.Config(build_server(FakeChat(profile)), port=port, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.05)

        def end() -> None:
            server.should_exit = server.force_exit = True
            thread.join(timeout=10)

        return end

    end = start()
    page = open_page(f"http://127.0.0.1:{port}", may_lose_connection=True)
    ask(page, "How many papers are there?")
    end()
    page.locator("#question textarea").fill("Where was it?")
    page.keyboard.press("Enter")
    page.get_by_text("Connection to the server was lost").first.wait_for()
    with page.expect_navigation(timeout=30_000):  # it looks for the server every other second
        end = start()
        request.addfinalizer(end)
    ready(page)
    expect(page.locator(".tools")).to_have_count(1)
    assert questions(page) == ["How many papers are there?"]
    expect(page.locator("#question textarea")).to_have_value("Where was it?")
    ask(page, "Where was it?")
    assert questions(page) == ["How many papers are there?", "Where was it?"]


def test_two_users_never_see_each_others_chat(open_page: OpenPage, profile: Profile) -> None:
    with serve(FakeChat(profile, pause=0.2)) as url:
        one, other = open_page(url), open_page(url)
        for page, question in ((one, "What is mine?"), (other, "What is yours?")):
            page.locator("#question textarea").fill(question)
            page.keyboard.press("Enter")
        for page, question in ((one, "What is mine?"), (other, "What is yours?")):
            page.locator(".tools").wait_for()
            assert questions(page) == [question]
        other.reload()
        ready(other)
        other.locator(".tools").wait_for()
        assert questions(other) == ["What is yours?"]


def test_two_hundred_turns_come_back_and_go_on(open_page: OpenPage, serve_chat: ServeChat, profile: Profile) -> None:
    with serve_chat(FakeChat(profile)) as url:
        page = open_page(url)
        ask(page, "What is it about?")
        page.evaluate(
            """() => {
                const [name] = Object.keys(sessionStorage);
                const [turn] = JSON.parse(sessionStorage.getItem(name));
                const id = (number) => number.toString(16).padStart(8, "0");
                const turns = Array.from({length: 200}, (_, number) => (
                    {...turn, id: id(number), question: `Q ${number}`}
                ));
                sessionStorage.setItem(name, JSON.stringify(turns));
            }"""
        )
        page.reload()
        ready(page)
        expect(page.locator(".user.message")).to_have_count(200)
        ask(page, "Where was it?")
        expect(page.locator(".user.message")).to_have_count(201)
        page.reload()
        ready(page)
        expect(page.locator(".user.message")).to_have_count(201)


def test_tables_sort_by_a_press_and_by_keys_with_undated_papers_last(
    open_page: OpenPage, url: str, profile: Profile
) -> None:
    page = open_page(url)
    ask(page, "How many papers are there?")
    page.locator("details.proof").evaluate("one => { one.open = true; }")
    head = page.locator("table.rows button.by-date")
    titles = page.locator("table.rows tbody .title")
    orders = {paper.title: paper.date.order if paper.year else None for paper in profile.papers if paper.date}

    def shown() -> list[object]:
        return [orders[title] for title in titles.all_text_contents()]

    head.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.rows th[aria-sort]")).to_have_attribute("aria-sort", "ascending")
    dated = sorted(order for order in orders.values() if order)
    undated = [None] * (len(orders) - len(dated))
    assert shown() == [*dated, *undated]
    head.click()
    assert shown() == [*reversed(dated), *undated]
    expect(page.locator("#announcer")).to_contain_text("Sorted by Date as printed, downwards")


def test_bibtex_of_an_open_paper_is_copied(open_page: OpenPage, url: str) -> None:
    page = open_page(url, **CLIPBOARD)
    ask(page, FACT)
    markers(page).first.click()
    page.locator("#evidence-panel").get_by_role("button", name="BibTeX").click()
    expect(page.get_by_role("button", name="Copied.")).to_be_visible()
    entry = clipboard(page)
    assert entry.startswith("@misc{")
    assert from_api(url, FACT).citations[0].title in entry
    page.locator("#evidence-panel").get_by_role("button", name="Ask about it").click()
    expect(page.locator("#question textarea")).to_be_focused()
    asked = page.locator("#question textarea").input_value()
    assert not from_api(url, asked).abstained

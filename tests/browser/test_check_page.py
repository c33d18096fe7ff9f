"""The check page in a real browser: a pasted text comes back marked, and every mark opens its evidence."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Page, expect

from rag.models import Profile
from rag.verifier.reports import CheckReport
from tests.browser.chatting import REFUSED, ask
from tests.browser.conftest import PATIENCE, OpenPage
from tests.browser.fake_chat import FakeChat

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

TEXT = """GSQ-GAN achieves a 61x down-sampling. Stefan Kesselheim has 19 papers in his profile.
For a final evaluation, the agents of the participants competed against each other."""

ServeChat = Callable[[FakeChat], AbstractContextManager[str]]


def check(page: Page, text: str) -> None:
    """Pastes `text`, presses the button, and waits for the findings."""
    page.locator("#text textarea").fill(text)
    page.locator("#check-button").click()
    page.locator(".findings li").first.wait_for()


def from_api(url: str, text: str) -> CheckReport:
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(f"{url}/v1/check", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return CheckReport.model_validate_json(response.read())


def test_every_sentence_is_marked_by_its_verdict(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check")
    check(page, TEXT)
    report = from_api(url, TEXT)
    assert [sentence.verdict for sentence in report.sentences] == ["contradicted", "supported", "supported"]
    marks = page.locator(".marked .claim")
    expect(marks).to_have_count(3)
    for number, sentence in enumerate(report.sentences):
        expect(marks.nth(number)).to_contain_text(sentence.text)
        expect(marks.nth(number)).to_have_class(f"claim {sentence.verdict}")
    expect(page.locator(".marked p")).to_have_count(2)
    expect(page.locator("#box-note")).to_have_text("3 sentences: 2 supported, 1 contradicted")
    expect(page.locator(".findings")).to_contain_text("the passage says 16x, the claim 61x")


def test_a_mark_opens_exactly_its_evidence_and_escape_returns(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/check")
    check(page, TEXT)
    place = from_api(url, TEXT).sentences[0].evidence[0]
    page.locator(".claim.contradicted .sign").click()
    panel = page.locator("#evidence-panel")
    expect(panel.locator("h2")).to_have_text(place.title)
    lit = panel.locator("mark").text_content()
    assert lit == place.sentence == profile.paper(place.paper_id).abstract[place.start : place.end]
    page.keyboard.press("Escape")
    expect(page.locator(".claim.contradicted")).to_be_focused()
    expect(panel.locator("mark")).to_have_count(0)


def test_keys_alone_check_and_open(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check")
    page.locator("#text textarea").focus()
    page.keyboard.type("GSQ-GAN achieves a 61x down-sampling.")
    page.keyboard.press("Tab")
    expect(page.locator("#check-button")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".findings li").first.wait_for()
    page.locator("a.claim").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence-panel mark")).to_be_visible()
    expect(page.locator("#evidence-panel h2")).to_be_focused()


def test_a_verdict_is_told_without_colour(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check")
    check(page, TEXT)
    first = page.locator(".claim").first
    assert (first.text_content() or "").startswith("contradicted: ")
    expect(first.locator(".sign")).to_have_text("✗")


def test_a_text_that_is_empty_or_too_long_is_not_sent(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check")
    page.locator("#check-button").click()
    expect(page.locator("#box-note .problem")).to_have_text("Paste a text first.")
    page.locator("#text textarea").fill("word " * 4_001)
    page.locator("#check-button").click()
    expect(page.locator("#box-note .problem")).to_contain_text("20,005 characters; the limit is 20,000")
    expect(page.locator(".claim")).to_have_count(0)


def test_hostile_text_is_shown_as_it_was_typed(open_page: OpenPage, profile: Profile, serve_chat: ServeChat) -> None:
    hostile = 'Not <img src=x onerror="window.canary=1"> a **paper** [x](javascript:window.canary=1).'
    with serve_chat(FakeChat(profile)) as url:
        page = open_page(f"{url}/check")
        check(page, hostile)
        expect(page.locator(".claim")).to_contain_text(hostile)
        assert page.evaluate("window.canary") is None


def test_a_sentence_without_evidence_is_no_link(open_page: OpenPage, profile: Profile, serve_chat: ServeChat) -> None:
    with serve_chat(FakeChat(profile)) as url:
        page = open_page(f"{url}/check")
        check(page, "What is this about.")
        expect(page.locator("a.claim")).to_have_count(0)
        expect(page.locator("span.claim.not_found")).to_have_count(1)


def test_phone_opens_a_sheet_and_never_scrolls_sideways(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check", width=390, height=844)
    check(page, TEXT)
    page.locator(".claim.contradicted .sign").click()
    expect(page.locator("#evidence-sheet mark")).to_be_visible()
    page.locator("#evidence-sheet button", has_text="Close").click()
    expect(page.locator("#evidence-sheet")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_pages_lead_to_each_other_and_the_conversation_waits(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/?lang=de")
    ask(page, REFUSED)
    page.get_by_role("link", name="Text prüfen").click()
    expect(page.locator(".pages strong")).to_have_text("Text prüfen")
    assert page.url == f"{url}/check?lang=de"
    page.get_by_role("link", name="Fragen").click()
    expect(page.locator(".user.message")).to_have_text([REFUSED])
    page.get_by_role("link", name="English").click()
    expect(page.locator("#question .submit-button")).to_have_text("Ask")
    expect(page.locator(".user.message")).to_have_text([REFUSED])
    assert len(page.context.pages) == 1


def test_german_browser_gets_german_words(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/check", locale="de-DE")
    expect(page.locator("#check-button")).to_have_text("Prüfen")
    check(page, "GSQ-GAN erreicht eine 61-fache Verkleinerung.")
    expect(page.locator("#box-note")).to_have_text("1 Satz: 1 widerlegt")

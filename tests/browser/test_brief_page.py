"""The briefing page and the page that checks exported files, in a real browser."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag.models import Profile
from tests.browser.conftest import PATIENCE, OpenPage

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)
WIDTHS = [1280, 390]


def made(page: Page, title: str) -> None:
    """Waits until the page with that title is shown."""
    expect(page.locator("#briefing .brief-title")).to_have_text(title)


def make(page: Page, kind: str, text: str) -> None:
    """Fills in the form and presses the button."""
    page.locator("#brief-kind label", has_text=re.compile(rf"^\s*{kind}\s*$")).click()
    box = page.locator("#text textarea")
    expect(box).to_be_enabled()
    box.fill(text)
    page.locator("#check-button").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_whole_profile_is_ready_on_load(open_page: OpenPage, url: str, width: int) -> None:
    page = open_page(f"{url}/brief", width=width)
    made(page, "Stefan Kesselheim")
    for heading in ("Who", "Latest work", "Worth asking", "Do not claim", "What the profile does not tell"):
        expect(page.locator("#briefing h3", has_text=heading)).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_number_opens_exactly_its_passage_and_escape_returns(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/brief?topic=flow+matching")
    made(page, "Stefan Kesselheim: on flow matching")
    marker = page.locator("#briefing .themes a.cite").first
    href = marker.get_attribute("href") or ""
    marker.click()
    lit = page.locator("#evidence-panel mark").text_content() or ""
    start, end = map(int, re.findall(r"s=(\d+)-(\d+)", href)[0])
    paper = profile.paper(re.findall(r"p=([^&]+)", href)[0])
    assert lit == paper.abstract[start:end]
    assert lit in (page.locator("#briefing .themes li").first.text_content() or "")
    page.keyboard.press("Escape")
    expect(page.locator("#evidence-panel mark")).to_have_count(0)


def test_a_number_opens_a_sheet_on_a_phone(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief?topic=flow+matching", width=390, height=844)
    made(page, "Stefan Kesselheim: on flow matching")
    page.locator("#briefing .themes a.cite").first.click()
    expect(page.locator("#evidence-sheet mark")).to_be_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_copied_with_its_references(open_page: OpenPage, url: str, width: int) -> None:
    page = open_page(f"{url}/brief?paper=OneProt", width=width, permissions=["clipboard-read", "clipboard-write"])
    made(page, "Stefan Kesselheim: “OneProt: Towards Multi-Modal Protein Foundation Models”")
    page.locator(".brief-copy").click()
    expect(page.locator(".brief-copy")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Stefan Kesselheim: “OneProt")
    assert "\n[1] OneProt: Towards Multi-Modal Protein Foundation Models" in copied
    assert "Worth asking" in copied


@pytest.mark.parametrize("width", WIDTHS)
def test_printed_alone_on_one_page(open_page: OpenPage, url: str, width: int) -> None:
    page = open_page(f"{url}/brief", width=width)
    made(page, "Stefan Kesselheim")
    content = page.pdf(prefer_css_page_size=True)
    assert max(map(int, re.findall(rb"/Count (\d+)", content))) == 1
    page.emulate_media(media="print")
    expect(page.locator("#briefing .brief")).to_be_visible()
    for rest in ("#header", "#brief-kind", "#below", "#evidence-column", ".brief-actions"):
        expect(page.locator(rest)).to_be_hidden()


@pytest.mark.parametrize("width", WIDTHS)
def test_downloaded_in_each_format(open_page: OpenPage, url: str, width: int, tmp_path: Path) -> None:
    page = open_page(f"{url}/brief?topic=flow+matching", width=width)
    made(page, "Stefan Kesselheim: on flow matching")
    begins = {
        ".pdf": b"%PDF",
        ".md": b"# Stefan Kesselheim",
        ".html": b"<!DOCTYPE html>",
        ".json": b"{",
        ".bib": b"@misc{",
        ".csl.json": b"[",
    }
    for ending, beginning in begins.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=ending, exact=True).click()
        assert download.value.suggested_filename == f"stefan_kesselheim-flow-matching{ending}"
        path = tmp_path / f"file{ending}"
        download.value.save_as(path)
        assert path.read_bytes().startswith(beginning)


def test_a_downloaded_page_is_the_page_that_is_shown(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief?person=Jan+Ebert")
    made(page, "Stefan Kesselheim: with Jan Ebert")
    address = page.get_by_role("link", name=".md", exact=True).get_attribute("href")
    with urllib.request.urlopen(f"{url}/{address}") as response:
        text = response.read().decode().replace("\\", "")
    for line in page.locator("#briefing .themes li").all():
        told = re.sub(r"\s*\d+$", "", (line.text_content() or "").replace("\u00a0", " "))
        assert told in text


def test_by_the_form_and_for_a_reader(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief")
    made(page, "Stefan Kesselheim")
    page.locator("#brief-for textarea").fill("reinforcement learning")
    make(page, "Person", "Jan Ebert")
    made(page, "Stefan Kesselheim: with Jan Ebert")
    expect(page.locator("#briefing h3").first).to_have_text("What you have in common")


def test_by_keys_alone(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief?topic=flow+matching")
    made(page, "Stefan Kesselheim: on flow matching")
    page.locator("#text textarea").fill("reinforcement learning")
    page.keyboard.press("Enter")
    made(page, "Stefan Kesselheim: on reinforcement learning")
    page.locator("#briefing a.cite").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence-panel h2")).to_be_focused()


def test_a_refusal_says_what_is_near(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief?person=Jahn+Ebert")
    expect(page.locator("#briefing .refusal")).to_contain_text("Names that come close: Jan Ebert.")
    expect(page.locator(".brief-actions")).to_have_count(0)


def test_what_can_not_be_used_is_said_beside_the_button(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief")
    made(page, "Stefan Kesselheim")
    make(page, "Since", "yesterday")
    expect(page.locator("#box-note .problem")).to_contain_text("'yesterday' is not a date.")
    make(page, "Topic", "")
    expect(page.locator("#box-note .problem")).to_contain_text("Fill in what the page is to be about")


def test_hostile_text_is_shown_as_it_was_typed(open_page: OpenPage, url: str) -> None:
    hostile = '<img src=x onerror="window.canary=1">'
    page = open_page(f"{url}/brief")
    made(page, "Stefan Kesselheim")
    make(page, "Person", hostile)
    expect(page.locator("#briefing .refusal")).to_contain_text(hostile)
    assert page.evaluate("window.canary") is None


def test_german_browser_gets_a_german_page_with_quotes_as_they_are(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/brief?paper=Hearts+Gym", locale="de-DE")
    expect(page.locator("#check-button")).to_have_text("Seite erstellen")
    expect(page.locator("#briefing h3").first).to_have_text("Wer")
    expect(page.locator("#briefing")).to_contain_text("Amidst the COVID-19 pandemic, the authors of this paper")


def test_the_chat_page_leads_here(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    expect(page.locator('.pages a[href="brief"]')).to_have_count(1)


# --- verify ---------------------------------------------------------------------------------------------


def exported(url: str, form: str) -> str:
    with urllib.request.urlopen(f"{url}/v1/brief?kind=topic&text=flow+matching&format={form}") as response:
        return response.read().decode()


@pytest.mark.parametrize("width", WIDTHS)
def test_an_edited_file_is_found_and_an_untouched_one_passes(open_page: OpenPage, url: str, width: int) -> None:
    page = open_page(f"{url}/verify", width=width)
    text = exported(url, "md")
    page.locator("#text textarea").fill(text)
    page.locator("#check-button").click()
    page.locator("#verified .findings li").first.wait_for()
    expect(page.locator("#verified .contradicted")).to_have_count(0)
    page.locator("#text textarea").fill(text.replace("50%", "60%", 1))
    page.locator("#check-button").click()
    expect(page.locator("#verified .contradicted")).to_have_count(1)
    expect(page.locator("#verified .contradicted")).to_contain_text("its text or its reference was edited in the file")
    expect(page.locator("#box-note")).to_contain_text("1 broken. The file is not as it was exported.")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_chosen_file_is_checked(open_page: OpenPage, url: str, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(exported(url, "html"), encoding="utf-8")
    page = open_page(f"{url}/verify")
    page.locator('input[type="file"]').set_input_files(path)
    expect(page.locator("#box-note")).to_contain_text("claims:")
    expect(page.locator("#verified .contradicted")).to_have_count(0)


def test_a_text_without_a_receipt_is_said_to_have_none(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/verify")
    page.locator("#text textarea").fill("Just a text.")
    page.locator("#check-button").click()
    expect(page.locator("#box-note .problem")).to_contain_text("carries no receipt")

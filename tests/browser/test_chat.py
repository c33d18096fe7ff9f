"""The chat page in a real browser: what a reader does with it, by mouse, by keys and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.feedback import FeedbackStore
from rag.models import Paper, Profile
from tests.browser.chatting import COMPUTED, FACT, REFUSED, ask, from_api, markers
from tests.browser.conftest import PATIENCE, OpenPage, serve
from tests.browser.fake_chat import FakeChat

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

ServeChat = Callable[[FakeChat], AbstractContextManager[str]]


def test_first_screen_says_whose_papers_and_offers_questions(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    expect(page.locator("h1")).to_have_text("Stefan Kesselheim")
    expect(page.locator(".facts")).to_have_text("19 papers, 2021–2025, 5 without a year")
    expect(page.locator(".state")).to_contain_text("no model")
    expect(page.locator(".example")).to_have_count(4)
    expect(page.locator("#question textarea")).to_be_focused()


def test_answer_is_cited_and_the_marker_opens_exactly_the_cited_sentence(
    open_page: OpenPage, url: str, profile: Profile
) -> None:
    page = open_page(url)
    ask(page, FACT)
    citation = from_api(url, FACT).citations[0]
    assert citation.end > citation.start

    expect(page.locator(".bot").last).to_contain_text(citation.passage[:40])
    expect(page.locator(".sources .title").first).to_have_text(citation.title)
    markers(page).first.click()

    panel = page.locator("#evidence-panel")
    paper = profile.paper(citation.paper_id)
    expect(panel.locator("h2")).to_have_text(paper.title)
    expect(panel.locator("mark")).to_have_count(1)
    assert panel.locator("mark").text_content() == citation.passage
    assert panel.locator(".abstract").text_content() == paper.abstract
    expect(panel.locator(".authors")).to_contain_text(", ".join(paper.authors))
    assert paper.date is not None
    expect(panel).to_contain_text(paper.date.text)


def test_every_marker_opens_its_own_sentence(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(url)
    ask(page, FACT)
    cited = {(c.paper_id, c.passage) for c in from_api(url, FACT).citations}
    seen = set()
    for index in range(markers(page).count()):
        marker = markers(page).nth(index)
        paper, start, end = re.fullmatch(r"#p=(.+)&s=(\d+)-(\d+)", marker.get_attribute("href") or "").groups()
        marker.click()
        lit = page.locator("#evidence-panel mark").text_content()
        assert lit == profile.paper(paper).abstract[int(start) : int(end)]
        seen.add((paper, lit))
    assert seen == cited


def test_keyboard_alone_asks_opens_and_returns(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    page.keyboard.type(FACT)
    page.keyboard.press("Enter")
    page.locator(".foot").wait_for()
    expect(page.locator("#question textarea")).to_be_focused()

    page.locator('[role="log"]').focus()
    page.keyboard.press("Tab")
    expect(markers(page).first).to_be_focused()
    expect(page.locator("#evidence-card")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence-panel mark")).to_be_visible()
    expect(page.locator("#evidence-panel h2")).to_be_focused()
    page.keyboard.press("Escape")
    expect(markers(page).first).to_be_focused()
    expect(page.locator("#evidence-panel mark")).to_have_count(0)


def test_hover_shows_the_sentence_and_escape_hides_it(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    markers(page).first.hover()
    card = page.locator("#evidence-card")
    expect(card).to_be_visible()
    expect(card.locator("q")).to_have_text(from_api(url, FACT).citations[0].passage)
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()


def test_address_of_an_open_passage_opens_it_again(open_page: OpenPage, url: str) -> None:
    citation = from_api(url, FACT).citations[0]
    page = open_page(f"{url}/#p={citation.paper_id}&s={citation.start}-{citation.end}")
    expect(page.locator("#evidence-panel mark")).to_have_text(citation.passage)


def test_refusal_has_no_sources_and_offers_questions_that_are_answered(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, REFUSED)
    assert from_api(url, REFUSED).abstained
    expect(page.locator(".sources")).to_have_count(0)
    expect(markers(page)).to_have_count(0)
    expect(page.get_by_role("group", name="What the papers do answer")).to_be_visible()
    chip = page.locator("#transcript .option").first
    wanted = chip.text_content() or ""
    chip.click()
    expect(page.locator(".user.message").last).to_have_text(wanted.strip())
    page.locator(".foot").nth(1).wait_for()
    assert not from_api(url, wanted.strip()).abstained
    assert markers(page).count() > 0


def test_computed_answer_shows_its_rows_and_their_number(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(url)
    ask(page, COMPUTED)
    answer = from_api(url, COMPUTED)
    assert answer.proof is not None
    rows = page.locator("table.rows tbody tr")
    expect(rows).to_have_count(len(answer.proof.rows))
    expect(page.locator("details.proof summary")).to_have_text(f"{len(answer.proof.rows)} papers")
    titles = rows.locator(".title").all_text_contents()
    assert titles == [profile.paper(paper).title for paper in answer.proof.rows]


def test_why_shows_plan_and_evidence(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    page.locator("details.why summary").click()
    expect(page.locator("details.why dl")).to_contain_text("Taken as")
    assert page.locator("details.why .quote").count() > 0


def test_two_tabs_do_not_see_each_others_chat(open_page: OpenPage, url: str) -> None:
    first = open_page(url)
    second = open_page(url, beside=first)
    ask(first, FACT)
    ask(second, COMPUTED)
    expect(first.locator(".user.message")).to_have_text([FACT])
    expect(second.locator(".user.message")).to_have_text([COMPUTED])
    third = open_page(url, beside=first)
    expect(third.locator(".example")).to_have_count(4)
    expect(third.locator(".user.message")).to_have_count(0)


HOSTILE = (
    '<img src=x onerror="window.canary=1">',
    "<script>window.canary=1</script>",
    "![x](http://192.0.2.1/leak.png) [click](javascript:window.canary=1)",
    '<iframe srcdoc="<script>parent.canary=1</script>"></iframe> <svg onload=window.canary=1>',
    "</span></p><style>body{display:none}</style> # head\n* list $$x^2$$ `code` https://192.0.2.1/",
)


def test_hostile_questions_are_shown_as_they_were_typed(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    for index, question in enumerate(HOSTILE):
        ask(page, question)
        shown = page.locator(".user.message").nth(index).inner_text()
        assert shown.split() == question.split()
    assert page.evaluate("window.canary") is None
    assert page.locator("#transcript .md :is(img, script, iframe, style, svg, .katex)").count() == 0
    assert page.locator("#transcript .user a").count() == 0


def test_hostile_papers_are_shown_as_they_are_printed(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    bad = "</script><img src=x onerror=window.canary=1>![x](http://192.0.2.1/leak.png)"
    paper = Paper(
        id='a"&<b>',
        title=f"Title {bad}",
        authors=(f"Author {bad}",),
        authors_cut=True,
        category=bad,
        links=("javascript:window.canary=1",),
        abstract=f"First {bad}. Second sentence.",
    )
    hostile = profile.model_copy(update={"person": f"Person {bad}", "papers": (paper,)})
    with serve_chat(FakeChat(hostile)) as url:
        page = open_page(url)
        expect(page.locator("h1")).to_have_text(f"Person {bad}")
        ask(page, "What is it about?")
        expect(page.locator(".sources .title")).to_have_text(paper.title)
        markers(page).first.click()
        panel = page.locator("#evidence-panel")
        expect(panel.locator("h2")).to_have_text(paper.title)
        expect(panel.locator("mark")).to_have_text(f"First {bad}.")
        expect(panel.locator(".links")).to_have_count(0)
        ask(page, "How many papers are there?")
        assert page.evaluate("window.canary") is None
        assert page.locator(":is(#transcript, #evidence-panel, #header) :is(img, script, iframe)").count() == 0


def test_stop_keeps_what_was_said_and_frees_the_box(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    with serve_chat(FakeChat(profile, pause=0.6)) as url:
        page = open_page(url)
        page.locator("#question textarea").fill("What is it about?")
        page.keyboard.press("Enter")
        markers(page).first.wait_for()
        page.locator("#question .stop-button").click()
        expect(page.locator(".notice")).to_contain_text("Stopped.")
        expect(page.locator("#question .submit-button")).to_be_visible()
        page.wait_for_timeout(1000)  # the sentences that would have come
        assert 1 <= markers(page).count() < 3
        ask(page, "How many papers are there?")
        expect(page.locator(".user.message")).to_have_count(2)


def test_a_new_chat_begun_during_an_answer_stays_empty(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    with serve_chat(FakeChat(profile, pause=0.6)) as url:
        page = open_page(url)
        page.locator("#question textarea").fill("What is it about?")
        page.keyboard.press("Enter")
        markers(page).first.wait_for()
        page.locator("#again").click()
        expect(page.locator(".example")).to_have_count(4)
        page.wait_for_timeout(1500)  # the sentences that would have come
        expect(page.locator(".user.message")).to_have_count(0)
        ask(page, "How many papers are there?")
        expect(page.locator(".user.message")).to_have_count(1)


def test_too_long_and_empty_questions_are_not_sent(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    long = "why " * 501
    page.locator("#question textarea").fill(long)
    page.keyboard.press("Enter")
    expect(page.locator("#box-note")).to_contain_text("2,003 characters; the limit is 2,000")
    expect(page.locator("#question textarea")).to_have_value(long)
    page.locator("#question textarea").fill("   ")
    page.keyboard.press("Enter")
    expect(page.locator("#box-note")).to_contain_text("Type a question first.")
    expect(page.locator(".user.message")).to_have_count(0)


def test_question_in_the_address_fills_the_box_and_is_not_sent(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/?q=Who+wrote+%3Cb%3E+it%3F")
    expect(page.locator("#question textarea")).to_have_value("Who wrote <b> it?")
    expect(page.locator(".user.message")).to_have_count(0)


def test_new_chat_forgets_the_old_one(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    page.locator("#again").click()
    expect(page.locator(".example")).to_have_count(4)
    page.reload()
    page.locator("#evidence-card").wait_for(state="attached")
    expect(page.locator(".example")).to_have_count(4)
    ask(page, COMPUTED)
    expect(page.locator(".user.message")).to_have_text([COMPUTED])


def test_phone_opens_a_sheet_and_never_scrolls_sideways(open_page: OpenPage, url: str) -> None:
    page = open_page(url, width=390, height=780, has_touch=True)

    def sideways() -> int:
        return page.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert sideways() == 0
    ask(page, FACT)
    assert sideways() == 0
    markers(page).first.tap()
    sheet = page.locator("#evidence-sheet")
    expect(sheet).to_be_visible()
    expect(sheet.locator("mark")).to_have_text(from_api(url, FACT).citations[0].passage)
    assert sideways() == 0
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(markers(page).first).to_be_focused()
    ask(page, COMPUTED)
    assert sideways() == 0


def test_dark_and_light_follow_the_system(open_page: OpenPage, url: str) -> None:
    def brightness(scheme: str) -> tuple[int, int]:
        page = open_page(url, color_scheme=scheme)
        ask(page, FACT)
        colours = page.locator(".bot .md p").first.evaluate(
            "p => [getComputedStyle(document.body).backgroundColor, getComputedStyle(p).color]"
        )
        ground, ink = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
        return ground, ink

    ground, ink = brightness("dark")
    assert ground < 150 < 600 < ink
    ground, ink = brightness("light")
    assert ground > 700 > 150 > ink


def test_german_browser_gets_german_words(open_page: OpenPage, url: str) -> None:
    page = open_page(url, locale="de-DE")
    expect(page.locator(".facts")).to_have_text("19 Arbeiten, 2021–2025, 5 ohne Jahr")
    expect(page.locator("#question .submit-button")).to_have_text("Fragen")
    ask(page, FACT)
    expect(page.locator(".copy-answer")).to_have_text("Mit Quellen kopieren")
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_finished_answer_is_announced_once(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    expect(page.locator("#announcer")).to_contain_text(from_api(url, FACT).citations[0].passage[:40])
    expect(page.locator('[role="log"]')).to_have_attribute("aria-live", "off")
    expect(page.locator('[data-testid="bot"]')).to_have_attribute("aria-label", "Answer")


def test_what_a_reader_marks_is_kept_with_its_conversation(browser: Browser, profile: Profile, tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    with serve(FakeChat(profile), store) as url:
        page = browser.new_page()
        page.goto(url)
        page.locator("#question textarea").wait_for()
        ask(page, "How many papers are there?")
        ask(page, "And what is the first one about?")
        page.get_by_role("button", name="Dislike", exact=True).last.click()
        expect(page.locator("#box-note")).to_contain_text("Kept in the data folder")
        page.locator("#reason textarea").fill("It names the wrong paper.")
        page.locator("#reason textarea").press("Enter")
        expect(page.locator("#box-note")).to_contain_text("your reason is kept")
        expect(page.locator("#reason")).not_to_be_visible()
        page.locator(".extra-feedback").last.hover()
        page.get_by_role("button", name="Report", exact=True).last.click()
        expect(page.locator("#reason textarea")).to_be_visible()
        ask(page, "How many papers are there?")
        expect(page.locator("#reason")).not_to_be_visible()
        page.close()
    kept, reported = store.all()
    assert kept.reason == "It names the wrong paper." and reported.reason == ""
    assert (kept.number, reported.number) == (1, 3)
    assert kept.thought == "wrong" and kept.answer.citations
    assert kept.turns == ("How many papers are there?", "And what is the first one about?")

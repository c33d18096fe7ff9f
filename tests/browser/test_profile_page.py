"""The profile page in a real browser: what it shows is what the records hold, and its filters work together."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.coauthors import coauthors
from rag.models import Filter, Paper, Profile
from rag.records import category_counts, select, year_counts
from tests.browser.chatting import from_api
from tests.browser.conftest import PATIENCE, OpenPage
from tests.browser.fake_chat import FakeChat

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

ServeChat = Callable[[FakeChat], AbstractContextManager[str]]


def mark(page: Page, facet: str, value: str) -> Locator:
    return page.locator(f'button[data-facet="{facet}"][data-value="{value}"]')


def shown_titles(page: Page) -> list[str]:
    return page.locator(".papers-table tbody tr:visible a.title").all_inner_texts()


def counts(page: Page, panel: str) -> dict[str, int]:
    items = page.locator(f"#panel-{panel} button[data-facet]")
    return {item.locator(".label").inner_text(): int(item.locator(".count").inner_text()) for item in items.all()}


def test_marks_and_tables_count_what_the_records_hold(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/profile")
    undated = sum(paper.year is None for paper in profile.papers)
    assert counts(page, "years") == {**{str(y): n for y, n in year_counts(profile.papers)}, "no year": undated}
    assert counts(page, "categories") == dict(category_counts(profile.papers))
    assert sum(counts(page, "topics").values()) == len(profile.papers)
    people = coauthors(profile)
    assert list(counts(page, "people").items()) == [(one.name, len(one.papers)) for one in people[:10]]
    assert len(shown_titles(page)) == len(profile.papers)
    for panel in ("years", "categories", "topics", "people"):
        page.locator(f"#panel-{panel} summary").click()
        rows = page.locator(f"#panel-{panel} tbody tr")
        table = {row.locator("th").inner_text(): int(row.locator(".number").inner_text()) for row in rows.all()}
        assert counts(page, panel).items() <= table.items()
    assert len(table) == len(people)


def test_years_without_a_paper_are_drawn(open_page: OpenPage, serve_chat: ServeChat, profile: Profile) -> None:
    papers = tuple(paper for paper in profile.papers if paper.year != 2023)
    with serve_chat(FakeChat(profile.model_copy(update={"papers": papers}))) as url:
        page = open_page(f"{url}/profile")
        assert counts(page, "years")["2023"] == 0


def test_filters_work_together_and_stay_in_the_address(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/profile")
    mark(page, "year", "2024").click()
    mark(page, "category", "LG").click()
    expected = [paper.title for paper in select(profile.papers, Filter(year=2024, category="LG"))]
    expect(page.locator("#shown")).to_have_text(f"{len(expected)} of {len(profile.papers)} papers")
    assert shown_titles(page) == expected
    assert mark(page, "year", "2024").get_attribute("aria-pressed") == "true"
    of_2025 = len(select(profile.papers, Filter(year=2025, category="LG")))
    assert counts(page, "years")["2025"] == of_2025, "a year counts what the other filters leave"

    page.reload()
    expect(page.locator("#shown")).to_have_text(f"{len(expected)} of {len(profile.papers)} papers")
    page.get_by_role("button", name="Take off: LG").click()
    assert len(shown_titles(page)) == len(select(profile.papers, Filter(year=2024)))
    page.locator("#search").fill("protein")
    assert [title for title in shown_titles(page) if "Protein" in title] == shown_titles(page) != []
    page.locator("#search").fill("no paper has this word")
    expect(page.locator("#no-papers")).to_be_visible()
    page.locator("#clear").click()
    assert len(shown_titles(page)) == len(profile.papers)
    assert "year" not in page.url


def test_a_dot_of_the_drawing_filters_as_its_name_does(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/profile")
    person = coauthors(profile)[0]
    page.locator(f'.graph g[data-value="{person.name}"] circle').click()
    expect(mark(page, "person", person.name)).to_have_attribute("aria-pressed", "true")
    assert len(shown_titles(page)) == len(person.papers)


@pytest.mark.parametrize(
    "filters",
    [
        [("year", "2024")],
        [("year", "none")],
        [("category", "LG")],
        [("person", "Jan Ebert")],
        [("category", "LG"), ("year", "2025")],
        [("category", "LG"), ("person", "Jiangtao Wang")],
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_the_question_about_the_filtered_papers_is_answered_with_them(
    open_page: OpenPage, url: str, profile: Profile, filters: list[tuple[str, str]], language: str
) -> None:
    query = "&".join(f"{kind}={value}" for kind, value in filters)
    page = open_page(f"{url}/profile?lang={language}&{query}")
    titles = shown_titles(page)
    link = page.locator("#ask-these").get_attribute("href") or ""
    (question,) = parse_qs(urlsplit(link).query)["q"]
    answer = from_api(url, question)
    assert answer.proof is not None
    assert {profile.paper(paper).title for paper in answer.proof.rows} == set(titles)


def test_a_topics_question_is_answered(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/profile")
    page.locator("#panel-topics summary").click()
    links = page.locator("#panel-topics .ask")
    assert links.count() > 0
    for link in links.all():
        assert not from_api(url, link.get_attribute("title") or "").abstained
    links.first.click()
    expect(page.locator("#question textarea")).to_have_value(re.compile("papers say about"))


def test_keys_alone_filter_and_open_a_paper(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/profile")
    mark(page, "category", "CL").focus()
    page.keyboard.press("Enter")
    title = page.locator(".papers-table tr:visible a.title")
    expect(title).to_have_count(1)
    title.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence-sheet h2")).to_be_focused()
    expect(page.locator("#evidence-sheet h2")).to_have_text(title.inner_text())
    page.keyboard.press("Escape")
    expect(page.locator("#evidence-sheet")).to_be_hidden()
    expect(title).to_be_focused()


def test_bibtex_of_the_shown_papers_is_copied(open_page: OpenPage, url: str, profile: Profile) -> None:
    page = open_page(f"{url}/profile?year=2024", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#bibtex-these").click()
    expect(page.locator("#bibtex-these")).to_have_text("Copied.")
    entries = page.evaluate("navigator.clipboard.readText()")
    assert entries.count("@") == entries.count("year = {2024}") == len(select(profile.papers, Filter(year=2024)))


def test_it_says_what_is_doubtful_and_that_topics_are_made_by_a_machine(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/profile")
    expect(page.locator(".printed")).to_contain_text("An h-index of 45 cannot be true here")
    expect(page.locator("#panel-topics")).to_contain_text("Nobody has checked it")
    expect(page.locator("#panel-people")).to_contain_text("17 of 19 printed lists are cut")


def test_german_and_phone(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/profile", width=390, height=844, locale="de-DE")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#panel-years h2")).to_have_text("Arbeiten nach Jahr")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    mark(page, "year", "2023").click()
    expect(page.locator("#shown")).to_have_text("3 von 19 Arbeiten")


def test_hostile_records_are_shown_as_they_are_printed(
    open_page: OpenPage, serve_chat: ServeChat, profile: Profile
) -> None:
    bad = "\"'></script><img src=x onerror=window.canary=1><svg onload=window.canary=1>"
    paper = Paper(
        id=f"a{bad}",
        title=f"Title {bad}",
        authors=(f"Author {bad}", "B. Two"),
        authors_cut=True,
        category=bad,
        abstract=f"First {bad}. Second.",
    )
    hostile = profile.model_copy(update={"person": f"Person {bad}", "papers": (paper, *profile.papers[:3])})
    with serve_chat(FakeChat(hostile)) as url:
        page = open_page(f"{url}/profile")
        expect(page.locator("h1")).to_have_text(f"Person {bad}")
        expect(page.locator("#panel-categories .label").first).to_have_text(bad)
        page.locator("#panel-people .label", has_text="Author").click()
        assert shown_titles(page) == [paper.title]
        page.locator("a.title:visible").first.click()
        expect(page.locator("#evidence-sheet h2")).to_have_text(paper.title)
        for summary in page.locator(".as-table summary").all():
            summary.evaluate("one => { one.parentElement.open = true; }")
        assert page.evaluate("window.canary") is None
        assert page.locator("main img, main script, main svg svg").count() == 0

"""The evals page in a real browser: what got worse comes first, before and now beside each other, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

from evals.stored import End, Run
from rag.models import Answer
from tests.browser.conftest import PATIENCE, OpenPage, serve
from tests.browser.fake_chat import FakeChat
from tests.fakes.evals import PROFILE, answer_of
from tests.test_compare import BLUE, RED, run_of

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

HOSTILE = "</script><img src=x onerror=window.canary=1> <del>red</del>"


def write(folder: Path, name: str, given: Mapping[str, Answer], started: str) -> Run:
    run = run_of(given, name)
    header = run.header.model_copy(update={"started": started})
    right = sum(answer.is_right for answer in run.answers)
    end = End(finished=started, seconds=1.0, right=right, scored=len(run.answers))
    lines = [header.model_dump_json(), *(one.model_dump_json() for one in run.answers), end.model_dump_json()]
    (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return run


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    rest = {f"rest-{number}": RED for number in range(6)}
    hostile = answer_of(f"It is {HOSTILE}", ("first-paper",))
    write(folder, "first", {**rest, "flip": RED, "mended": BLUE, "hostile": hostile}, "2026-01-01 10:00:00 UTC")
    refused = answer_of("The 3 abstracts do not say it is red.", abstained=True)
    write(folder, "second", {**rest, "flip": BLUE, "mended": RED, "hostile": refused}, "2026-01-02 10:00:00 UTC")
    write(folder, "third", {**rest, "flip": RED, "mended": RED, "hostile": hostile}, "2026-01-03 10:00:00 UTC")
    return folder


@pytest.fixture(scope="module")
def evals_url(runs: Path) -> Iterator[str]:
    with serve(FakeChat(PROFILE), runs=runs) as url:
        yield f"{url}/evals"


def test_what_got_worse_is_the_headline_and_comes_first(open_page: OpenPage, evals_url: str) -> None:
    page = open_page(f"{evals_url}?base=first&new=second")
    expect(page.locator("#headline")).to_have_text("2 answers got worse, 1 better, 6 the same")
    card = page.locator("#case-flip")
    expect(card).to_be_visible()
    expect(card.locator("h3")).to_contain_text("worse: ?")
    before, now = card.locator(".side").all()
    expect(before).to_contain_text("Before")
    expect(before.locator("del")).to_have_text("red. ")
    expect(now.locator("ins")).to_have_text("blue. ")
    expect(now.locator(".outcome")).to_contain_text("✗ wrong")
    expect(page.locator("#case-mended")).to_be_hidden()
    first = page.locator(".flips summary h2").first
    expect(first).to_have_text("▼ Worse (2)")


def test_the_newest_run_is_compared_with_the_one_before_it_until_others_are_chosen(
    open_page: OpenPage, evals_url: str
) -> None:
    page = open_page(evals_url)
    expect(page.locator('select[name="new"]')).to_have_value("third")
    expect(page.locator('select[name="base"]')).to_have_value("second")
    page.locator('select[name="base"]').select_option("first")
    page.wait_for_url("**/evals?*base=first*")
    expect(page.locator("#headline")).to_contain_text("1 better")


def test_kinds_say_in_words_and_figures_what_moved(open_page: OpenPage, evals_url: str) -> None:
    page = open_page(f"{evals_url}?base=first&new=second")
    row = page.locator(".kinds tbody tr").first
    expect(row.locator("td")).to_have_text(["9", "88.9%", "77.8%", "▼ worse by 11.1 points"])
    expect(page.locator(".trend li")).to_have_count(3)


def test_filters_leave_the_cases_of_one_kind(open_page: OpenPage, evals_url: str) -> None:
    page = open_page(f"{evals_url}?base=first&new=second")
    expect(page.locator("#left")).to_have_text("3 / 3")
    page.locator('select[data-filter="language"]').select_option("en")
    expect(page.locator("#left")).to_have_text("3 / 3")


def test_names_that_are_no_run_open_no_file(open_page: OpenPage, evals_url: str, runs: Path) -> None:
    (runs.parent / "secret.jsonl").write_text("secret", encoding="utf-8")
    page = open_page(f"{evals_url}?base=../secret&new=/etc/passwd")
    expect(page.locator('select[name="new"]')).to_have_value("third")
    assert "secret" not in page.content()


def test_hostile_answers_are_shown_as_text(open_page: OpenPage, evals_url: str) -> None:
    page = open_page(f"{evals_url}?base=first&new=second")
    expect(page.locator("#case-hostile blockquote").first).to_contain_text(HOSTILE)
    assert page.evaluate("window.canary") is None
    assert page.locator("main img, main script").count() == 0


def test_without_runs_it_says_how_to_make_them(open_page: OpenPage, tmp_path: Path) -> None:
    with serve(FakeChat(PROFILE), runs=tmp_path / "none") as url:
        page = open_page(f"{url}/evals")
        expect(page.locator("#headline")).to_have_text("There are not two runs to compare yet.")
        expect(page.locator("pre")).to_have_text("profile-chat eval run")


def test_runs_that_cannot_be_compared_are_named_and_others_can_be_chosen(open_page: OpenPage, tmp_path: Path) -> None:
    write(tmp_path, "one", {"a": RED}, "2026-01-01")
    write(tmp_path, "two", {"b": RED}, "2026-01-02")
    with serve(FakeChat(PROFILE), runs=tmp_path) as url:
        page = open_page(f"{url}/evals")
        expect(page.locator(".notice")).to_contain_text("share no case")
        expect(page.locator("select[name]")).to_have_count(2)


def test_german_and_phone(open_page: OpenPage, evals_url: str) -> None:
    page = open_page(f"{evals_url}?base=first&new=second", width=390, height=844, locale="de-DE")
    expect(page.locator("#headline")).to_contain_text("2 Antworten wurden schlechter")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    before, now = page.locator("#case-flip .side").all()
    top, below = before.bounding_box(), now.bounding_box()
    assert top and below and below["y"] >= top["y"] + top["height"]

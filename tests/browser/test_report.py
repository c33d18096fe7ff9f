"""The eval report in a real browser: on a phone, without a network, and for screen readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evals.compare import compare
from evals.reports.html import html_report
from evals.trend import Point
from tests.fakes.evals import PROFILE, answer_of
from tests.test_compare import BLUE, RED, run_of

if TYPE_CHECKING:
    from playwright import sync_api as playwright_api

pytestmark = pytest.mark.browser
WIDTHS = {"phone": 360, "desk": 1280}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything in it, and an answer with a word that is wider than a phone."""
    wide = answer_of("https://example.org/" + "x" * 400)
    refused = answer_of("The 3 abstracts do not say this.", abstained=True)
    before = {"worse": RED, "better": BLUE, "wide": RED, "refused": RED, "shaky": [RED, RED]}
    after = {"worse": BLUE, "better": RED, "wide": wide, "refused": refused, "shaky": [RED, BLUE]}
    old, new = run_of(before, "old"), run_of(after, "new")
    rated = tuple(answer.model_copy(update={"confidence": 0.7}) for answer in new.answers)
    trend = [Point("one", "1", 7, 10, "c"), Point("two", "2", 8, 10, "c")]
    path = tmp_path_factory.mktemp("report") / "report.html"
    new = new.model_copy(update={"answers": rated})
    path.write_text(html_report(new, compare(old, new), trend, PROFILE), encoding="utf-8")
    return path


@pytest.fixture(params=list(WIDTHS))
def page(
    browser: playwright_api.Browser, report: Path, request: pytest.FixtureRequest
) -> Iterator[playwright_api.Page]:
    """The report opened from the disk, offline; it may ask for nothing and log no error."""
    context = browser.new_context(viewport={"width": WIDTHS[request.param], "height": 740}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.goto(report.as_uri())
    yield page
    assert asked == [report.as_uri()]
    assert errors == []
    context.close()


def test_nothing_is_wider_than_the_screen_and_the_flip_is_read_at_once(page: playwright_api.Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    worse = page.locator("article").filter(has_text="worse").first
    assert worse.is_visible()
    assert worse.locator("del").inner_text().strip() == "red."
    assert worse.locator("ins").inner_text().strip() == "blue."
    assert page.locator("figure svg").count() == 3


def test_accessibility(page: playwright_api.Page) -> None:
    """Every rule of axe-core, with all sections open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = axe.Axe().run(page).response["violations"]
    assert [(rule["id"], [node["html"][:80] for node in rule["nodes"]]) for rule in found] == []

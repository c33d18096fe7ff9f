"""Every page under every rule of axe-core, in both themes and at both widths, with all that folds away opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chatting import COMPUTED, FACT, REFUSED, ask, markers
from tests.browser.conftest import PATIENCE, OpenPage, serve
from tests.browser.fake_chat import FakeChat
from tests.browser.test_evals_page import write
from tests.fakes.evals import PROFILE
from tests.test_compare import BLUE, RED

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE)

LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def evals_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("runs")
    write(folder, "one", {"a": RED, "b": BLUE}, "2026-01-01")
    write(folder, "two", {"a": BLUE, "b": RED}, "2026-01-02")
    with serve(FakeChat(PROFILE), runs=folder) as url:
        yield url


def nothing(page: Page) -> None:
    """The page as it opens."""


def conversation(page: Page) -> None:
    for question in (FACT, COMPUTED, REFUSED):
        ask(page, question)


def evidence(page: Page) -> None:
    ask(page, FACT)
    markers(page).first.click()
    page.locator(":is(#evidence-panel, #evidence-sheet) mark").wait_for()


def hovering(page: Page) -> None:
    ask(page, FACT)
    markers(page).first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")


def editing(page: Page) -> None:
    ask(page, FACT)
    page.locator(".edit-last").click()
    page.locator("#box-note .keep").wait_for()


def saving(page: Page) -> None:
    ask(page, FACT)
    page.locator("#export").click()
    page.locator("#export-menu").wait_for()


def filtered(page: Page) -> None:
    page.locator('button[data-value="2024"]').click()


def opened(page: Page) -> None:
    page.locator(".papers-table a.title").first.click()
    page.locator("#evidence-sheet h2").wait_for()


def checked(page: Page) -> None:
    page.locator("#text textarea").fill("GSQ-GAN achieves a 61x down-sampling. What else? The profile lists 19 papers.")
    page.locator("#check-button").click()
    page.locator(".findings li").first.wait_for()


STATES: list[tuple[str, Callable[[Page], None]]] = [
    ("/", nothing),
    ("/", conversation),
    ("/", evidence),
    ("/", hovering),
    ("/", editing),
    ("/", saving),
    ("/check", checked),
    ("/profile", nothing),
    ("/profile", filtered),
    ("/profile", opened),
]


def violations(page: Page) -> list[tuple[str, list[str]]]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.wait_for_timeout(300)  # what fades in would be measured half transparent
    found = axe.Axe().run(page).response["violations"]
    return [(rule["id"], [node["html"][:160] for node in rule["nodes"]]) for rule in found]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_rule_is_broken(open_page: OpenPage, url: str, width: int, scheme: str) -> None:
    found = {}
    for address, state in STATES:
        page = open_page(f"{url}{address}", width=width, height=844, color_scheme=scheme)
        state(page)
        broken = violations(page)
        if broken:
            found[address, state.__name__] = broken
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()
    assert found == {}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_rule_is_broken_on_the_evals_page(open_page: OpenPage, evals_url: str, width: int, scheme: str) -> None:
    page = open_page(f"{evals_url}/evals", width=width, height=844, color_scheme=scheme)
    assert violations(page) == []


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", ""),
        ("/check", "Check a text · "),
        ("/brief", "Briefing · "),
        ("/profile", "Profile · "),
        ("/evals", "Evals · "),
    ],
)
def test_every_page_has_a_title_of_its_own(open_page: OpenPage, url: str, address: str, title: str) -> None:
    expect(open_page(f"{url}{address}")).to_have_title(f"{title}Stefan Kesselheim · Profile Chat")


@pytest.mark.parametrize("address", ["/", "/profile"])
def test_nothing_moves_where_motion_is_unwanted(open_page: OpenPage, url: str, address: str) -> None:
    page = open_page(f"{url}{address}", reduced_motion="reduce")
    moving = page.evaluate(
        """() => Array.from(document.querySelectorAll("*")).filter((one) => {
            const style = getComputedStyle(one);
            const long = style.transitionDuration.split(",").some((time) => parseFloat(time) > 0.01);
            return style.animationName !== "none" || (style.transitionProperty !== "none" && long);
        }).map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert moving == []


def test_the_focus_is_always_seen(open_page: OpenPage, url: str) -> None:
    page = open_page(url)
    ask(page, FACT)
    page.evaluate("document.activeElement.blur()")
    for _ in range(25):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => {
                const one = document.activeElement;
                if (one === document.body) return "body";
                const style = getComputedStyle(one);
                const frame = getComputedStyle(one.closest(".input-container") ?? one);
                const ring = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none";
                return ring || frame.boxShadow !== "none" ? "" : one.outerHTML.slice(0, 160);
            }"""
        )
        assert shown in ("", "body"), shown

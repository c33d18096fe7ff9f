"""Makes the pictures of the README again: `python -m tests.browser.screenshots`.

They show the product as it ships, without a language model, in a browser of two widths and both themes. Written as
palette PNGs, which take a third of the space.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from rag.feedback import FeedbackStore
from rag.settings import Settings
from tests.browser.chatting import ask, markers
from tests.browser.conftest import FLAGS, serve
from ui.compose import open_chat

FOLDER = Path(__file__).resolve().with_name("pictures")
_FACT = "Which languages does Teuken-7B support?"
_COMPUTED = "What did he publish in 2024?"
_REFUSED = "How many hours did the training of OneProt take?"
_TEXT = (
    "Stefan Kesselheim's profile lists 19 papers. Teuken-7B supports 42 official languages of the European Union. "
    "OneProt uses the CLIP framework to align its encoders."
)


def opened(browser: Browser, address: str, *, width: int, height: int, scheme: str) -> Page:
    """A page of that size, once its script has started."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address)
    page.locator("#evidence-card").wait_for(state="attached")
    page.wait_for_timeout(600)
    return page


def keep(page: Page, name: str) -> None:
    """Writes what is seen."""
    page.wait_for_timeout(400)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(64)
    picture.save(FOLDER / f"{name}.png", optimize=True)


def chat(browser: Browser, url: str) -> None:
    """First screen, an answer with its passage, a computed answer, a refusal."""
    page = opened(browser, url, width=1280, height=760, scheme="light")
    keep(page, "first")
    ask(page, _FACT)
    markers(page).first.click()
    keep(page, "answer")
    page = opened(browser, url, width=390, height=760, scheme="dark")
    ask(page, _FACT)
    markers(page).first.click()
    keep(page, "phone")
    page = opened(browser, url, width=1280, height=760, scheme="dark")
    ask(page, _COMPUTED)
    ask(page, _REFUSED)
    keep(page, "refusal")


def others(browser: Browser, url: str) -> None:
    """The profile page and the check page."""
    page = opened(browser, f"{url}/profile", width=1280, height=900, scheme="light")
    page.locator(".filters").evaluate("one => one.scrollIntoView()")
    keep(page, "profile")
    page = opened(browser, f"{url}/check", width=1280, height=760, scheme="light")
    page.locator("#text textarea").fill(_TEXT)
    page.locator("#check-button").click()
    page.locator("a.claim .sign").nth(1).click()
    keep(page, "check")


def main() -> None:
    """Makes all of them."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="profile-chat-") as home:
        settings = Settings(home=Path(home), openai_api_key=None, openai_base_url=None)
        with sync_playwright() as playwright, serve(open_chat(settings), FeedbackStore(Path(home))) as url:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
            chat(browser, url)
            others(browser, url)
            browser.close()


if __name__ == "__main__":
    main()

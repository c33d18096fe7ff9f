"""What a reader does with the chat page, in one word each."""

from __future__ import annotations

import json
import urllib.request

from playwright.sync_api import Locator, Page, expect

from rag.models import Answer

FACT = "What does the work on generative models for solar images find about StyleGAN?"
COMPUTED = "How many papers are filed under machine learning (LG)?"
REFUSED = "How old is he?"


def ask(page: Page, question: str) -> None:
    """Asks in the box, and waits until the whole answer is there."""
    before = page.locator(".foot").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    page.locator(".foot").nth(before).wait_for()
    expect(page.locator("#question .submit-button")).to_be_visible()


def markers(page: Page) -> Locator:
    return page.locator('#transcript .bot a[href^="#p="]:not(.title, .quote)')


def from_api(url: str, question: str, *history: str) -> Answer:
    body = json.dumps({"question": question, "history": history}).encode()
    request = urllib.request.Request(f"{url}/v1/ask", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        return Answer.model_validate_json(response.read())


def ready(page: Page) -> None:
    """Waits until the page's script has started, as after a reload."""
    page.locator("#evidence-card").wait_for(state="attached")

"""The page's HTML with its own head, and the headers that keep the browser from asking anyone else."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


class SafePage:
    """Puts the page's own head into Gradio's HTML, and binds the browser to this server by headers.

    Gradio's `head=` would be put in by script, after the first paint, and be sent twice. Gradio writes its
    settings as inline scripts; each is allowed by its hash, so that no other inline script would run even if
    text of a paper or a user got into the page as markup.
    """

    def __init__(self, app: ASGIApp, head: Callable[[], bytes]) -> None:
        self._app = app
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and completes the response."""
        if scope["type"] == "http":
            send = _Completing(send, self._head).send
        await self._app(scope, receive, send)


class _Completing:
    """Holds back an HTML page until it is whole, since its scripts' hashes stand in its headers."""

    def __init__(self, send: Send, head: Callable[[], bytes]) -> None:
        self._send = send
        self._head = head
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
            else:
                headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
                await self._send(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)

    async def _send_page(self, start: Message) -> None:
        page = self._body
        if b"<gradio-app" in page:  # other pages bring a head of their own
            page = page.replace(b"</head>", self._head() + b"</head>", 1)
        headers = MutableHeaders(scope=start)
        headers["Content-Security-Policy"] = content_policy(page)
        if "content-length" in headers:
            headers["content-length"] = str(len(page))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": page})


def content_policy(page: bytes) -> str:
    """The Content-Security-Policy for `page`: this server, and of inline scripts those that stand in it."""
    inline = _INLINE_SCRIPT.findall(page)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in inline)
    rules = {
        "default-src": "'self'",
        "script-src": f"'self' {hashes}".strip(),
        "style-src": "'self' 'unsafe-inline'",  # Gradio sets styles from its scripts
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'none'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())

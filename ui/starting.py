"""The server's first seconds: it answers at once with how far the index is, and with the product once that is there."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

from starlette.datastructures import Headers, QueryParams
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.strings import PageLanguage, page_language, say

Progress = Callable[[int, int], None]
_POLL = 0.4
"""Seconds after which the page looks again."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


class Starting:
    """Stands before the web application while that is being made.

    Args:
        make: makes the application; called once, in a thread, with what it may tell its progress to.
        failed: called in the event loop if `make` raises, after `error` is set.
    """

    def __init__(self, make: Callable[[Progress], ASGIApp], failed: Callable[[], None]) -> None:
        self._make = make
        self._failed = failed
        self._app: ASGIApp | None = None
        self._inner: _Lifespan | None = None
        self._task: asyncio.Task[None] | None = None
        self._done, self._total = 0, 0
        self.error: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request, by the application where it is there."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._wait_page(scope)(scope, receive, send)

    def progress(self, done: int, total: int) -> None:
        """Notes how far the making is."""
        self._done, self._total = done, total

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._task = asyncio.create_task(self._start())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._inner is not None:
            await self._inner.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        made: asyncio.Future[ASGIApp] = loop.create_future()

        def work() -> None:
            try:
                app = self._make(self.progress)
            except BaseException as error:
                self.error = error
                loop.call_soon_threadsafe(made.cancel)
            else:
                loop.call_soon_threadsafe(made.set_result, app)

        # Not the loop's own threads: an interrupt must not wait until an index is built.
        threading.Thread(target=work, name="profile-chat-start", daemon=True).start()
        try:
            app = await made
        except asyncio.CancelledError:
            self._failed()
            return
        self._inner = _Lifespan(app)
        await self._inner.begin()
        self._app = app

    def _wait_page(self, scope: Scope) -> Response:
        headers = {"Cache-Control": "no-store", "Retry-After": "1"}
        if scope["path"].endswith("/healthz"):
            return PlainTextResponse("starting", status_code=503, headers=headers)
        accepts = Headers(scope=scope)
        if "text/html" not in accepts.get("accept", ""):
            told = json.dumps({"error": {"message": "Profile Chat is starting.", "mend": "Try again in a moment."}})
            return Response(told, status_code=503, media_type="application/json", headers=headers)
        wanted = QueryParams(scope["query_string"]).get("lang", "")
        language = page_language(accepts.get("accept-language", ""), wanted)
        page = starting_page(self._done, self._total, language)
        return HTMLResponse(page, headers={**headers, "Content-Security-Policy": _POLICY})


class _Lifespan:
    """The start and the end of an application that is made later than the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._heard = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Starts it, and waits until it has started."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._task = asyncio.create_task(self._app(scope, self._told.get, self._hear))  # type: ignore[arg-type]
        await self._tell("lifespan.startup")

    async def end(self) -> None:
        """Ends it, and waits until it has ended."""
        await self._tell("lifespan.shutdown")

    async def _tell(self, what: str) -> None:
        self._heard.clear()
        self._told.put_nowait({"type": what})
        await self._heard.wait()

    async def _hear(self, _: Message) -> None:
        self._heard.set()


def starting_page(done: int, total: int, language: PageLanguage) -> str:
    """A page that says how far the index is, and looks again by itself without a script."""
    if total:
        percent = round(100 * done / total)
        told = say(language, "starting_passages", done=done, total=total)
        bar = (
            f'<div role="progressbar" aria-label="{say(language, "starting")}" aria-valuemin="0"'
            f' aria-valuemax="{total}" aria-valuenow="{done}"><span style="width:{percent}%"></span></div>'
        )
    else:
        told, bar = say(language, "starting_reading"), ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>Profile Chat</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{_POLL}"><style>{_STYLE}</style></head><body><main>'
        f"<h1>{say(language, 'starting')}</h1><p>{told}</p>{bar}</main></body></html>"
    )


_STYLE = (
    ":root{color-scheme:light dark}"
    "body{align-items:center;background:light-dark(#fcfcfa,#14171a);color:light-dark(#1b1f23,#e5e7e4);display:flex;"
    "font:16px/1.5 system-ui,sans-serif;justify-content:center;margin:0;min-height:100vh}"
    "main{max-width:30em;padding:20px;width:100%}h1{font-size:20px;margin:0 0 6px}p{margin:0 0 12px}"
    "div{background:light-dark(#e2e3de,#2d3338);border-radius:6px;height:10px;overflow:hidden}"
    "span{background:light-dark(#1a5a8c,#8cc4f0);display:block;height:100%}"
)

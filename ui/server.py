"""The web server around the pages: a plain API and the pages' files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Protocol

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.gzip import GZipMiddleware

from rag.clusters import Topic
from rag.errors import ProfileChatError, UnreachableError
from rag.models import Answer, Explained, Language, Profile, Turn
from rag.verifier.reports import CheckReport
from ui.page_data import page_data
from ui.page_files import add_page_files, head_links
from ui.safe_page import SafePage

LONGEST_QUESTION = 2_000
LONGEST_TEXT = 20_000
_LONGEST_HISTORY = 50
_LOOKS_EVERY = 0.5
"""Seconds between two looks at whether the caller is still there."""
_STYLES = ("base.css", "page.css", "brief.css")
_MODULES = (
    "base.js",
    "brief.js",
    "card.js",
    "evidence.js",
    "formats.js",
    "sorting.js",
    "transcript.js",
    "turns.js",
)


class Chat(Protocol):
    """What the page needs of the engine."""

    @property
    def profile(self) -> Profile:
        """The profile that is asked."""

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """The whole answer."""

    def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:
        """Answers that grow by a sentence each; the last is complete."""

    def examples(self, language: Language = "en") -> tuple[str, ...]:
        """Four questions that can be answered."""

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer with plan and evidence."""

    @property
    def model(self) -> str | None:
        """The language model that words answers, None where they are quotes."""

    def quote(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """The answer without a language model."""

    def check(self, text: str) -> CheckReport:
        """Every sentence of a text against the profile."""

    def topics(self) -> tuple[Topic, ...]:
        """The papers grouped by likeness."""


class Question(BaseModel):
    """Body of `POST /v1/ask`."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION)
    history: list[str] = Field(default=[], max_length=_LONGEST_HISTORY, description="questions asked before")


class Text(BaseModel):
    """Body of `POST /v1/check`."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


def new_server(chat: Chat) -> FastAPI:
    """A server with the API and the page's script; the page itself is mounted by `ui.app`."""
    server = FastAPI(title="Profile Chat", docs_url=None, redoc_url=None)
    server.add_middleware(SafePage, head=_PageHead(chat))
    server.add_middleware(GZipMiddleware)
    _add_api(server, chat)
    add_page_files(server)
    return server


class _PageHead:
    """What a page of Gradio's needs beside it: its styles, the papers, its scripts. Made anew for a new profile."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._made: tuple[Profile, bytes] | None = None

    def __call__(self) -> bytes:
        profile = self._chat.profile
        if self._made is None or self._made[0] is not profile:
            links = head_links(_STYLES, "page.js", _MODULES)
            self._made = profile, f"{page_data(profile)}{links}".encode()
        return self._made[1]


def _add_api(server: FastAPI, chat: Chat) -> None:
    @server.get("/healthz")
    def healthz() -> PlainTextResponse:
        """'ok' once the server answers."""
        return PlainTextResponse("ok")

    @server.post("/v1/ask")
    async def ask(body: Question, request: Request) -> Answer:
        """Answers a question; those before it are answered first, so that it can refer to them.

        Where the caller leaves, what was asked of a language model ends.
        """
        turns: list[Turn] = []
        for earlier in body.history:
            turns.append(Turn(question=earlier, answer=(await _answer(chat, earlier, turns, request)).answer))
        return (await _answer(chat, body.question, turns, request)).answer

    @server.post("/v1/check")
    def check(body: Text) -> CheckReport:
        """Checks a text, sentence by sentence."""
        return chat.check(body.text)

    @server.exception_handler(ProfileChatError)
    def refuse(_: Request, error: ProfileChatError) -> JSONResponse:
        status = 503 if isinstance(error, UnreachableError) else 400
        return JSONResponse({"error": {"message": error.message, "mend": error.mend}}, status_code=status)


async def _answer(chat: Chat, question: str, turns: Sequence[Turn], request: Request) -> Explained:
    answering = asyncio.ensure_future(_whole(chat, question, turns))
    while not (await asyncio.wait({answering}, timeout=_LOOKS_EVERY))[0]:
        if await request.is_disconnected():
            answering.cancel()
            await asyncio.wait({answering})
            raise HTTPException(499, "the caller has left")
    return answering.result()


async def _whole(chat: Chat, question: str, turns: Sequence[Turn]) -> Explained:
    async with aclosing(chat.stream(question, turns)) as answers:
        return [explained async for explained in answers][-1]

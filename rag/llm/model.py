"""The language model: one streamed call at a time, through LlamaIndex's client for OpenAI-compatible servers."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from importlib import import_module
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from pydantic import BaseModel

from rag.llm.abilities import Abilities, Shape
from rag.llm.prompts import Message
from rag.llm.replies import LONGEST, schema_of
from rag.llm.replies_cache import RepliesCache
from rag.llm.spent import Spent
from rag.llm.trouble import ModelError, trouble_of
from rag.models import Record
from rag.threads import in_thread

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

OPENAI = "https://api.openai.com/v1"
_CLIENT = "llama_index.llms.openai_like"
_KEYLESS = "none"
_RESTS = 30.0
"""Seconds that a model which could not be used is left alone, so that not every question waits for it."""


class ModelSettings(Record):
    """Which model is called, where and how."""

    name: str | None = None
    """None asks the server which one it has."""
    address: str = OPENAI
    timeout: float = 20.0
    """Seconds, for each sentence."""
    context: int = 8192
    """The model's window in tokens."""
    temperature: float = 0.0
    seed: int = 0


class Model:
    """A model behind an OpenAI-compatible address.

    Args:
        settings: which one.
        key: of the endpoint; servers on one's own machine need none.
        cache: keeps replies.
        abilities: what servers were found to understand.
    """

    def __init__(self, settings: ModelSettings, key: str | None, cache: RepliesCache, abilities: Abilities) -> None:
        self.settings = settings
        self._key = key or _KEYLESS
        self._cache = cache
        self._abilities = abilities
        self._clients: WeakKeyDictionary[asyncio.AbstractEventLoop, OpenAILike] = WeakKeyDictionary()
        self._name = settings.name
        self._rests_until = 0.0

    @property
    def name(self) -> str | None:
        """The model's name; None as long as the server wasn't asked for it."""
        return self._name

    async def takes_schema(self) -> bool:
        """Whether replies come in the schema that is asked for.

        Raises:
            ModelError: the server can't be asked for its model.
        """
        return self._abilities.shape(await self._known_name(), self.settings.address) is Shape.SCHEMA

    async def prepare(self) -> None:
        """Loads the client, some seconds in a new process, which no timeout of the model is to count."""
        if _CLIENT not in sys.modules:
            await in_thread(load_client)

    def rest(self) -> None:
        """Leaves the model alone for a while."""
        self._rests_until = time.monotonic() + _RESTS

    def timed_out(self) -> ModelError:
        """The trouble of a reply that took too long; the model is left alone for a while."""
        self.rest()
        return ModelError("timeout", self.settings.timeout)

    async def stream(
        self, messages: Sequence[Message], reply: type[BaseModel], spent: Spent
    ) -> AsyncGenerator[str, None]:
        """The pieces of a reply as they arrive; a kept reply comes in one piece.

        Closing the iterator ends the request, which the server sees.

        Args:
            messages: the filled prompt.
            reply: the form to ask for, where the server takes a schema.
            spent: the account that the call is written to.

        Raises:
            ModelError: no reply, or it broke off.
        """
        if time.monotonic() < self._rests_until:
            raise ModelError("resting")
        try:
            name = await self._known_name()
            shape = self._abilities.shape(name, self.settings.address)
            request = self._request(name, messages, reply, shape)
            kept = self._cache.get(request)
            if kept is not None:
                spent.kept += 1
                yield kept
                return
            whole = ""
            spent.calls += 1
            async with aclosing(self._pieces(name, messages, reply, spent)) as pieces:
                async for piece in pieces:
                    whole += piece
                    yield piece
            shape = self._abilities.shape(name, self.settings.address)
            self._cache.put(self._request(name, messages, reply, shape), whole)
        except ModelError as trouble:
            if trouble.why in {"unreachable", "key", "model", "quota"}:
                self.rest()
            raise

    async def _pieces(
        self, name: str, messages: Sequence[Message], reply: type[BaseModel], spent: Spent
    ) -> AsyncGenerator[str, None]:
        """The reply in the fullest shape that the server takes. A refused shape costs one more request, once."""
        shape = self._abilities.shape(name, self.settings.address)
        while True:
            try:
                async with aclosing(self._asked(name, messages, reply, shape, spent)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            except _ShapeRefusedError as refused:
                if shape is Shape.BARE:
                    raise ModelError("server") from refused
                shape = Shape(shape + 1)
                self._abilities.learn(name, self.settings.address, shape)

    async def _asked(
        self, name: str, messages: Sequence[Message], reply: type[BaseModel], shape: Shape, spent: Spent
    ) -> AsyncGenerator[str, None]:
        import openai
        from llama_index.core.llms import ChatMessage, MessageRole

        sent = [ChatMessage(role=MessageRole(message.role), content=message.text) for message in messages]
        try:
            # Left to itself, the client sends a temperature of its own.
            options = {"temperature": openai.NOT_GIVEN, **self._options(reply, shape)}
            answer = await self._client(name).astream_chat(sent, **options)
            ended = False
            async with aclosing(answer) as pieces:
                async for piece in pieces:
                    spent.read_usage(getattr(piece.raw, "usage", None))
                    ended = ended or _is_last(piece.raw)
                    if piece.delta:
                        yield piece.delta
        except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
            raise _ShapeRefusedError from error
        except Exception as error:
            raise trouble_of(error, self.settings.timeout) from None
        if not ended:
            raise ModelError("cut")

    def _request(self, name: str, messages: Sequence[Message], reply: type[BaseModel], shape: Shape) -> dict[str, Any]:
        return {
            "address": self.settings.address,
            "model": name,
            "messages": [list(message) for message in messages],
            **self._options(reply, shape),
        }

    def _options(self, reply: type[BaseModel], shape: Shape) -> dict[str, Any]:
        if shape is Shape.BARE:
            return {}
        options: dict[str, Any] = {
            "temperature": self.settings.temperature,
            "seed": self.settings.seed,
            "stream_options": {"include_usage": True},
        }
        if shape is Shape.SCHEMA:
            options["response_format"] = schema_of(reply)
        return options

    async def _known_name(self) -> str:
        """The model's name; the server's first one where none was set."""
        if self._name is None:
            import openai

            try:
                async with openai.AsyncOpenAI(
                    api_key=self._key, base_url=self.settings.address, timeout=self.settings.timeout, max_retries=0
                ) as client:
                    listed = await client.models.list()
                    self._name = str(listed.data[0].id)
            except (IndexError, AttributeError, TypeError):
                raise ModelError("model") from None
            except openai.OpenAIError as error:
                raise trouble_of(error, self.settings.timeout) from None
        return self._name

    def _client(self, name: str) -> OpenAILike:
        loop = asyncio.get_running_loop()
        if loop not in self._clients:
            from llama_index.llms.openai_like import OpenAILike

            self._clients[loop] = OpenAILike(
                model=name,
                api_base=self.settings.address,
                api_key=self._key,
                is_chat_model=True,
                context_window=self.settings.context,
                timeout=self.settings.timeout,
                max_retries=0,
            )
        return self._clients[loop]


def load_client() -> None:
    """Imports LlamaIndex's client, so that later calls need not wait for it."""
    import_module(_CLIENT)


async def gather(model: Model, messages: Sequence[Message], reply: type[BaseModel], spent: Spent) -> str:
    """The whole text of a short reply, within the time that a sentence has; what goes on beyond measure is cut.

    Raises:
        ModelError: no reply, or it broke off.
    """
    whole = ""
    await model.prepare()
    try:
        async with asyncio.timeout(model.settings.timeout), aclosing(model.stream(messages, reply, spent)) as pieces:
            async for piece in pieces:
                whole += piece
                if len(whole) > LONGEST:
                    break
    except TimeoutError:
        raise model.timed_out() from None
    return whole


class _ShapeRefusedError(Exception):
    """The server doesn't take a request of that shape."""


def _is_last(chunk: object) -> bool:
    choices = getattr(chunk, "choices", None) or []
    return any(getattr(choice, "finish_reason", None) for choice in choices)

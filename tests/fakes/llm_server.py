"""A server on loopback that speaks OpenAI's wire format for chat, with streaming, and misbehaves on demand."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

PIECE = 7
"""Characters of a streamed piece: words and marks are cut in the middle, as real servers cut them."""


class Asked(NamedTuple):
    """A chat request as the server saw it."""

    body: dict[str, Any]
    key: str | None

    @property
    def prompt(self) -> str:
        """All messages, one behind the other."""
        return "\n".join(message["content"] for message in self.body["messages"])

    @property
    def question(self) -> str:
        return re.findall(r"^Question: (.*)$", self.prompt, re.MULTILINE)[-1]

    @property
    def passages(self) -> dict[int, str]:
        """Numbered passages of the prompt."""
        found = re.findall(r"^\[(\d+)\] (.*)$", self.prompt, re.MULTILINE)
        return {int(number): text for number, text in found}

    @property
    def wants_schema(self) -> str | None:
        """Name of the schema that is asked for."""
        wanted = self.body.get("response_format")
        return str(wanted["json_schema"]["name"]) if wanted else None


Reply = Callable[[Asked], str]


def as_json(*sentences: tuple[str, Sequence[int]]) -> str:
    """A reply in the schema."""
    return json.dumps({"sentences": [{"text": text, "passages": list(numbers)} for text, numbers in sentences]})


class LlmServer:
    """Answers every chat request with `reply`, in the way that `manner` says.

    Manners: "good"; a status ("401", "404", "408", "429", "500", "503"); "no schema" and "no sampling" refuse such
    requests; "hang", "hang in stream", "cut", "malformed", "empty choices", "not json", "slow".
    """

    def __init__(self, reply: Reply, model: str = "fake-1") -> None:
        self.reply = reply
        self.manner = "good"
        self.model = model
        self.asked: list[Asked] = []
        self.models_asked = 0
        self.running = 0
        self.most_running = 0
        self.disconnected = threading.Event()
        self.released = threading.Event()
        self.pause = 0.0
        self.lock = threading.Lock()
        self._server = _ManyAtOnce(("127.0.0.1", 0), type("Handler", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def reset(self, reply: Reply, manner: str = "good") -> None:
        """Makes it forget what it was asked, and answer anew."""
        self.reply, self.manner, self.pause = reply, manner, 0.0
        self.asked.clear()
        self.models_asked = self.most_running = 0
        self.disconnected.clear()
        self.released.clear()

    def close(self) -> None:
        """Lets go of what hangs and stops listening."""
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _ManyAtOnce(ThreadingHTTPServer):
    request_queue_size = 64
    """With the five of the library, sixteen that come together are turned away at times."""


class _Handler(BaseHTTPRequestHandler):
    owner: LlmServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.owner.models_asked += 1
        self._send(200, {"object": "list", "data": [{"id": self.owner.model, "object": "model"}]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(body, self.headers["Authorization"])
        with self.owner.lock:
            self.owner.asked.append(asked)
            self.owner.running += 1
            self.owner.most_running = max(self.owner.most_running, self.owner.running)
        try:
            self._answer(asked)
        except (BrokenPipeError, ConnectionResetError):
            self.owner.disconnected.set()
        finally:
            with self.owner.lock:
                self.owner.running -= 1

    def _answer(self, asked: Asked) -> None:
        manner = self.owner.manner
        if manner.isdigit():
            self._send(int(manner), {"error": {"message": f"no, {asked.key}"}}, {"Retry-After": "1"})
            return
        refused = {"no schema": "response_format", "no sampling": "temperature"}.get(manner)
        if refused in asked.body or (manner == "no sampling" and asked.wants_schema):
            self._send(400, {"error": {"message": f"{refused} is not supported"}})
            return
        if manner == "hang":
            self._wait()
        if manner == "not json":
            self._send_raw(b"<html>maintenance</html>", "text/html")
            return
        self._stream(asked, manner)

    def _stream(self, asked: Asked, manner: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        text = self.owner.reply(asked)
        pieces = [text[start : start + PIECE] for start in range(0, len(text), PIECE)]
        for place, piece in enumerate(pieces):
            if self._has_left():
                self.owner.disconnected.set()
                return
            time.sleep(self.owner.pause)
            if place == len(pieces) // 2 and manner in {"hang in stream", "cut", "malformed"}:
                if manner == "hang in stream":
                    self._wait()
                if manner == "malformed":
                    self._event("{this is no json")
                return
            choices = [] if manner == "empty choices" else [{"index": 0, "delta": {"content": piece}}]
            self._event(json.dumps(self._chunk(choices)))
        if manner != "empty choices":
            self._event(json.dumps(self._chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}])))
        if asked.body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
            self._event(json.dumps({**self._chunk([]), "usage": usage}))
        self._event("[DONE]")

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": "c",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.owner.model,
            "choices": choices,
        }

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def _wait(self) -> None:
        """Until the client has left, or the test lets go."""
        while not self.owner.released.wait(0.02):
            if self._has_left():
                self.owner.disconnected.set()
                return

    def _has_left(self) -> bool:
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False

    def _send(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send_raw(json.dumps(body).encode(), "application/json", status, headers or {})

    def _send_raw(self, content: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


def running(reply: Reply) -> Iterator[LlmServer]:
    """A server for a fixture."""
    server = LlmServer(reply)
    yield server
    server.close()

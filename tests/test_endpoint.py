"""The embedder behind an endpoint, against a real server on loopback."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.embedding import load_embedder
from rag.errors import ProfileChatError, SettingError, UnreachableError


class EmbeddingServer:
    """Answers each text with (3 * length, 4 * length), the rows of a request in reverse order."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status = 200
        self.body: bytes | None = None
        self.delay = 0.0
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                owner.requests.append(request)
                owner.keys.append(self.headers["Authorization"])
                time.sleep(owner.delay)
                body = owner.body if owner.body is not None else owner.answer(request["input"])
                self.send_response(owner.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, texts: list[str]) -> bytes:
        rows = [
            {"index": number, "embedding": [3.0 * len(text), 4.0 * len(text)], "object": "embedding"}
            for number, text in enumerate(texts)
        ]
        rows[-1]["embedding"] = [1.0, 0.0]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        return json.dumps({"object": "list", "model": "m", "data": rows[::-1], "usage": usage}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    yield running
    running.close()


def test_vectors_have_length_one_and_the_order_of_the_texts(server: EmbeddingServer, tmp_path: Path) -> None:
    embedder = load_embedder("openai:m", tmp_path, api_key="k", base_url=server.url)
    vectors = embedder.embed_passages(["a", "abc", "last"])
    assert vectors.tolist() == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8], [1, 0]]))
    assert vectors.dtype == np.float32
    assert embedder.embed_query("q").shape == (2,)
    assert server.keys[0] == "Bearer k" and server.requests[0]["model"] == "m"


def test_many_passages_go_in_batches(server: EmbeddingServer, tmp_path: Path) -> None:
    steps: list[int] = []
    embedder = load_embedder("openai:m", tmp_path, base_url=server.url)
    assert embedder.embed_passages(["text"] * 150, steps.append).shape == (150, 2)
    assert [len(request["input"]) for request in server.requests] == [64, 64, 22] == steps


def test_no_passages_are_an_empty_matrix_of_the_right_width(server: EmbeddingServer, tmp_path: Path) -> None:
    embedder = load_embedder("openai:m", tmp_path, base_url=server.url)
    assert embedder.dimension == 2
    assert embedder.embed_passages([]).shape == (0, 2)


def test_the_identity_names_model_and_host(tmp_path: Path) -> None:
    first = load_embedder("openai:m", tmp_path, base_url="http://one:1/v1").identity
    second = load_embedder("openai:m", tmp_path, base_url="http://two:1/v1").identity
    assert "openai:m" in first and "one:1" in first and first != second


def test_neither_key_nor_address_is_a_setting_error(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="neither a key nor an address"):
        load_embedder("openai:m", tmp_path)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, SettingError, "refuses the key"),
        (403, SettingError, "refuses the key"),
        (404, SettingError, "no embedding model m"),
        (400, UnreachableError, "status 400"),
        (503, UnreachableError, "status 503"),
    ],
)
def test_a_refusal_is_told_with_its_mend(
    status: int, kind: type[ProfileChatError], words: str, server: EmbeddingServer, tmp_path: Path
) -> None:
    server.status, server.body = status, b'{"error": {"message": "no"}}'
    with pytest.raises(kind, match=words) as caught:
        load_embedder("openai:m", tmp_path, base_url=server.url).embed_query("q")
    assert server.url in caught.value.message and caught.value.mend


@pytest.mark.parametrize(
    "body",
    [
        b"<html>hello</html>",
        b"{}",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": ["x"]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 1]}]}',
    ],
)
def test_an_answer_that_is_no_embedding_is_told(body: bytes, server: EmbeddingServer, tmp_path: Path) -> None:
    server.body = body
    with pytest.raises(UnreachableError, match="can't be read"):
        load_embedder("openai:m", tmp_path, base_url=server.url).embed_query("q")


def test_a_slow_endpoint_is_given_up(server: EmbeddingServer, tmp_path: Path) -> None:
    server.delay = 1.0
    with pytest.raises(UnreachableError, match=r"did not answer within 0\.1 s"):
        load_embedder("openai:m", tmp_path, base_url=server.url, timeout=0.1).embed_query("q")


def test_an_endpoint_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="can't be reached"):
        load_embedder("openai:m", tmp_path, base_url="http://127.0.0.1:9/v1").embed_query("q")

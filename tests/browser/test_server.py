"""The server around the page, asked without a browser."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence

import pytest
from fastapi.testclient import TestClient

from rag.errors import InputError, ProfileChatError, SettingError, UnreachableError
from rag.models import Answer, Explained, Profile, Turn
from tests.browser.fake_chat import FakeChat
from ui.address import bind
from ui.app import build_server


@pytest.fixture(scope="module")
def client(profile: Profile) -> TestClient:
    return TestClient(build_server(FakeChat(profile)))


def test_health(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok"


def test_ask_gives_the_answer_as_json(client: TestClient) -> None:
    answer = Answer.model_validate(client.post("/v1/ask", json={"question": "What is it about?"}).json())
    assert answer.citations


def test_earlier_questions_are_answered_first(profile: Profile) -> None:
    class Remembering(FakeChat):
        def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:
            asked.append((question, [turn.question for turn in history if turn.answer]))
            return super().stream(question, history)

    asked: list[tuple[str, list[str]]] = []
    client = TestClient(build_server(Remembering(profile)))
    client.post("/v1/ask", json={"question": "c", "history": ["a", "b"]})
    assert asked == [("a", []), ("b", ["a"]), ("c", ["a", "b"])]


@pytest.mark.parametrize(
    "body",
    [{}, {"question": ""}, {"question": "x" * 2001}, {"question": "x", "histroy": []}, {"question": 1}],
)
def test_unusable_bodies_are_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/v1/ask", json=body).status_code == 422


@pytest.mark.parametrize(
    ("error", "status"),
    [(InputError("No.", "Mend."), 400), (UnreachableError("Away.", "Mend."), 503)],
)
def test_our_errors_keep_message_and_mend(profile: Profile, error: ProfileChatError, status: int) -> None:
    class Failing(FakeChat):
        def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:  # noqa: ARG002
            raise error

    response = TestClient(build_server(Failing(profile))).post("/v1/ask", json={"question": "x"})
    assert response.status_code == status
    assert response.json() == {"error": {"message": error.message, "mend": error.mend}}


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br, gzip"])
def test_page_binds_the_browser_to_this_server(client: TestClient, encoding: str) -> None:
    page = client.get("/", headers={"Accept-Encoding": encoding})
    policy = page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert policy.startswith("default-src 'self'; script-src 'self' 'sha256-")
    assert "unsafe-eval" not in policy
    assert "unsafe-inline" not in policy.split("style-src")[0]
    assert 'id="profile-data"' in page.text
    assert page.text.count('"title":"A Comparative Study on Generative Models') == 1


def test_page_loads_nothing_from_elsewhere(client: TestClient) -> None:
    page = client.get("/").text
    loaded = re.findall(r'<(?:script|link|img)\b[^>]*(?:src|href)="([^"]+)"', page)
    assert loaded
    assert [address for address in loaded if "//" in address] == []


def test_page_files_have_an_address_of_their_content(client: TestClient) -> None:
    page = client.get("/").text
    addresses = re.findall(r'"(page/[0-9a-f]{12}/[a-z.]+)"', page)
    assert len(addresses) > 5
    for address in addresses:
        file = client.get(f"/{address}")
        assert file.status_code == 200 and "immutable" in file.headers["cache-control"]
    assert client.get("/page/0123456789ab/page.js").status_code == 404
    assert client.get(f"/{addresses[0].rsplit('/', 1)[0]}/strings.py").status_code == 404


def test_helpers_are_no_public_endpoints(client: TestClient) -> None:
    assert client.get("/gradio_api/info").json()["named_endpoints"] == {}


def test_port_in_use_is_said_with_its_mend() -> None:
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingError) as refused:
            bind("127.0.0.1", port)
    assert str(refused.value) == (
        f"Port {port} on 127.0.0.1 is in use. Give another with --port, or set PROFILE_CHAT_PORT."
    )


def test_foreign_address_is_said_with_its_mend() -> None:
    with pytest.raises(SettingError, match=r"192\.0\.2\.1 is not an address of this machine"):
        bind("192.0.2.1", 7860)

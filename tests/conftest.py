"""What holds for every test: no settings from outside, data in a temporary folder, no other host."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
QUIET = {
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "OTEL_SDK_DISABLED": "true",
}
THIS_MACHINE = ("", "localhost", "0.0.0.0", "::", socket.gethostname())


class OutsideConnectionError(BaseException):
    """A test tried to reach another host. No handler for ordinary errors may swallow it."""


class OutsideAttempts(list[str]):
    """The addresses of other hosts that were tried and refused during one test."""


def pytest_configure() -> None:
    """Cleans the environment before any test module is imported."""
    for name in _outside_settings():
        del os.environ[name]
    os.environ.update(QUIET)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder that the whole run shares, so that models are prepared and indexes built once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder for this test alone, set as PROFILE_CHAT_HOME."""
    folder = tmp_path / "fresh-home"
    folder.mkdir()
    monkeypatch.setenv("PROFILE_CHAT_HOME", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _confined_run(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures of the whole run start from the shared data folder and an empty working folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROFILE_CHAT_HOME", str(home))
        patch.setenv("PYTHONPATH", str(ROOT))  # for commands that tests start
        patch.chdir(tmp_path_factory.mktemp("work"))
        yield


@pytest.fixture(autouse=True)
def _clean_settings(_confined_run: None, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that a test leaves behind doesn't reach the next one."""
    for name in _outside_settings():
        monkeypatch.delenv(name)
    monkeypatch.setenv("PROFILE_CHAT_HOME", str(home))


@pytest.fixture(scope="session")
def _outside_attempts() -> OutsideAttempts:
    return OutsideAttempts()


@pytest.fixture(scope="session", autouse=True)
def _loopback_only(_outside_attempts: OutsideAttempts) -> Iterator[None]:
    """Sockets connect to this machine alone, and only its names are looked up."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def refuse_others(address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""  # not a tuple: a socket file
        if not _is_this_machine(host):
            _outside_attempts.append(str(host))
            raise OutsideConnectionError(f"a test tried to reach {host}; tests may use this machine only")

    def checked_connect(self: socket.socket, address: Any) -> None:
        refuse_others(address)
        connect(self, address)

    def checked_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_others(address)
        return connect_ex(self, address)

    def checked_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        refuse_others((host,))
        return look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", checked_connect)
        patch.setattr(socket.socket, "connect_ex", checked_connect_ex)
        patch.setattr(socket, "getaddrinfo", checked_look_up)
        yield


@pytest.fixture(autouse=True)
def outside_attempts(_outside_attempts: OutsideAttempts, _loopback_only: None) -> Iterator[OutsideAttempts]:
    """Fails the test if it tried to reach another host, even in a thread that swallowed the refusal."""
    _outside_attempts.clear()
    yield _outside_attempts
    assert _outside_attempts == [], "another host was tried"


def _outside_settings() -> list[str]:
    return [name for name in os.environ if name.upper().startswith(("OPENAI_", "PROFILE_CHAT_"))]


def _is_this_machine(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host or "")
    if name.lower() in THIS_MACHINE:
        return True
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return False

"""What is installed: locks that fit pyproject.toml, the wheel's contents, and what a command loads."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tomllib
import zipfile
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rag.settings import known_names
from tests.conftest import ROOT, OutsideAttempts, OutsideConnectionError
from ui.environment import LOCKS, Pin, read_pins

ROOMS = ("evals", "ingest", "rag", "ui")
HEAVY = ("chromadb", "gradio", "llama_index", "openai")


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def direct_requirements(lock_name: str) -> list[str]:
    """What pyproject.toml asks for, which a lock file has to hold."""
    tests = project()["project"]["optional-dependencies"]["test"] if lock_name == "requirements-test.txt" else []
    return [*project()["project"]["dependencies"], *project()["build-system"]["requires"], *tests]


def pins_of(requirement: Requirement, lock_name: str) -> list[Pin]:
    name = canonicalize_name(requirement.name)
    return [pin for pin in read_pins(ROOT / lock_name) if canonicalize_name(pin.name) == name]


@pytest.mark.parametrize("lock_name", LOCKS)
def test_lock_pins_every_direct_requirement(lock_name: str) -> None:
    unmet = []
    for text in direct_requirements(lock_name):
        requirement = Requirement(text)
        pins = pins_of(requirement, lock_name)
        if not pins or not any(requirement.specifier.contains(pin.version) for pin in pins):
            unmet.append(text)
    assert unmet == [], f"{lock_name} is older than pyproject.toml; its first lines say how it is made"


@pytest.mark.parametrize("lock_name", LOCKS)
def test_every_pin_has_a_hash_and_no_index_is_named(lock_name: str) -> None:
    text = (ROOT / lock_name).read_text(encoding="utf-8")
    blocks = [block for block in re.split(r"\n(?=\S)", text) if not block.startswith("#")]
    assert len(blocks) == len(read_pins(ROOT / lock_name)) > 0
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"https?:|//|^-| @ ", text, re.MULTILINE)


def test_tests_lock_holds_the_products_lock() -> None:
    """One environment serves both README commands."""
    assert read_pins(ROOT / "requirements.txt") <= read_pins(ROOT / "requirements-test.txt")


def test_no_torch_at_run_time() -> None:
    names = {pin.name for pin in read_pins(ROOT / "requirements.txt")}
    assert not names & {"torch", "tensorflow", "jax", "transformers"}


def test_no_other_distribution_owns_our_packages() -> None:
    """A distribution with a package of the same name would overwrite ours without a word from pip."""
    owners = {owner for room in ROOMS for owner in packages_distributions().get(room, [])}
    assert owners <= {"profile-chat"}


def test_wheel_holds_the_four_packages_and_their_data(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=ROOT, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        entry_points = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == set(ROOMS)
    data = [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert sorted(set(data) - set(names)) == []
    assert "profile-chat = ui.cli:main" in entry_points


@pytest.mark.parametrize("arguments", [["--help"], ["ask", "--help"], ["info"]])
def test_light_commands_load_no_heavy_package(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ui.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()}
    assert run.returncode == 0, run.stderr[-2000:]
    assert "runpy" in loaded  # the listing itself works
    assert loaded & set(HEAVY) == set()


def test_env_example_documents_every_setting() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    documented = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)
    assert sorted(set(documented)) == sorted(known_names())


def test_outside_connection_is_refused(outside_attempts: OutsideAttempts) -> None:
    """The suite's own fence holds: addresses of the documentation range lead nowhere, were it to fail."""
    with pytest.raises(OutsideConnectionError, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(OutsideConnectionError, match=r"elsewhere\.invalid"):
        socket.getaddrinfo("elsewhere.invalid", 80)
    assert len(outside_attempts) == 2
    outside_attempts.clear()

"""README says what is true: its commands parse, its settings and links exist, its tables are complete."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from packaging.requirements import Requirement

from evals.cold_start import parser as cold_start_parser
from rag.settings import known_names
from tests.conftest import ROOT
from tests.seeded.__main__ import parser as seeded_parser
from ui.cli import _parser

README = (ROOT / "README.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```(?P<kind>sh|console)\n(?P<lines>.*?)^```", re.MULTILINE | re.DOTALL)
_SETTING = r"\b(?:PROFILE_CHAT|OPENAI)_[A-Z_]*[A-Z]\b"


def commands() -> Iterator[str]:
    """Every command of ours in a block of README, without its prompt."""
    for block in _BLOCK.finditer(README):
        for line in block["lines"].splitlines():
            prompted = line.startswith("$ ")
            if block["kind"] == "sh" or prompted:
                command = line.removeprefix("$ ")
                if "profile-chat" in command.split() or "python3 -m" in command:
                    yield command


def arguments_of(command: str) -> list[str]:
    """The words of `command` up to a pipe or redirection, without settings in front of it."""
    words = shlex.split(command)
    while re.match(_SETTING + "=", words[0]):
        words.pop(0)
    ends = [place for place, word in enumerate(words) if word in {"|", ">"}]
    return words[: ends[0]] if ends else words


@pytest.mark.parametrize("command", commands())
def test_command_parses(command: str) -> None:
    words = arguments_of(command)
    if words[0] == "profile-chat":
        _parser().parse_args(words[1:])
        return
    assert words[:2] == ["python3", "-m"]
    module, arguments = words[2], words[3:]
    if module == "evals.cold_start":
        cold_start_parser().parse_args(arguments)
    elif module == "tests.seeded":
        seeded_parser().parse_args(arguments)
    elif module in ("tests.browser.screenshots", "tests.browser.weight"):
        assert find_spec(module) is not None and arguments == []
    elif module == "ui":
        _parser().parse_args(arguments or ["serve", "--open"])
    else:
        assert module == "tests"


def test_the_two_commands_come_first() -> None:
    assert [command for command in commands() if "python3 -m" in command][:2] == [
        "python3 -m ui",
        "python3 -m tests",
    ]


def test_every_example_shows_its_output() -> None:
    for block in _BLOCK.finditer(README):
        last = block["lines"].splitlines()[-1]
        assert block["kind"] == "sh" or not last.startswith("$ ") or ">" in last, last


def test_settings_exist_and_none_is_missing() -> None:
    assert set(re.findall(_SETTING, README)) == set(known_names())


def test_linked_files_exist() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_direct_dependency_is_in_the_table() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {Requirement(text).name for text in project["dependencies"]}
    rows = [line for line in README.splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in re.findall(r"`([a-z][a-z0-9-]+)`", row.split("|")[1])}
    assert names - listed == set()

"""A command pays only for what it needs: which of the heavy packages each one loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.cold_start import GOAL, QUESTION, parser

HEAVY = ("chromadb", "gradio", "llama_index", "openai")
_RUN = """
import sys
from ui.cli import main
try:
    status = main(sys.argv[1:])
except SystemExit as exit:
    status = exit.code or 0
loaded = {name.partition(".")[0] for name in sys.modules}
print("loaded:", *sorted(loaded & {"chromadb", "gradio", "llama_index", "openai", "rag"}))
sys.exit(status)
"""


def loaded_by(*arguments: str) -> set[str]:
    """Which heavy packages are loaded once the command is done."""
    run = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments], capture_output=True, text=True, timeout=300, check=True
    )
    label, *names = run.stdout.splitlines()[-1].split()
    assert label == "loaded:" and "rag" in names  # the listing itself works
    return set(names) & set(HEAVY)


@pytest.fixture(scope="module")
def built(home: Path) -> Path:
    """A data folder that holds the index, so that asking builds nothing."""
    subprocess.run(
        [sys.executable, "-m", "ui.cli", "ingest"],
        env={**os.environ, "PROFILE_CHAT_HOME": str(home)},
        capture_output=True,
        timeout=600,
        check=True,
    )
    return home


@pytest.mark.parametrize("command", [["--help"], ["ask", "--help"], ["info"], ["info", "--json"]])
def test_light_commands_load_none_of_them(command: list[str]) -> None:
    assert loaded_by(*command) == set()


@pytest.mark.parametrize("question", [QUESTION, "How many papers are there?", "What is the capital of France?"])
def test_ask_loads_chroma_alone(built: Path, question: str) -> None:
    assert loaded_by("ask", question) <= {"chromadb"}


def test_first_index_is_written_through_llama_index(fresh_home: Path) -> None:
    """The counterpart: the test above would see LlamaIndex if it were loaded."""
    assert loaded_by("ask", QUESTION) == {"chromadb", "llama_index"}


def test_cold_start_takes_a_number_of_runs() -> None:
    assert parser().parse_args(["--runs", "3"]).runs == 3
    assert GOAL == 1.5

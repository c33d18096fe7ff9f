"""Measures the first question in a new process beside the least that a program with Chroma can do.

    python -m evals.cold_start --runs 7

Each pair is `profile-chat ask` and a bare script that imports chromadb, opens the same index and queries it
once with a ready vector. They take turns at going first, so that other work on the machine slows both alike.
Both find all bytecode compiled, as after a first use, whatever the environment says about writing it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from rag.settings import load_settings
from rag.store import ProfileStore

GOAL = 1.5
"""The most that a cold question may cost, as a multiple of the bare script."""
QUESTION = "How were the agents evaluated in the end?"
"""Needs the whole road: the planner, an embedding, a search, and the reading of what was found."""

_BARE = """
import sys
import chromadb
client = chromadb.PersistentClient(sys.argv[1], settings=chromadb.Settings(anonymized_telemetry=False))
collection = client.get_collection(sys.argv[2], embedding_function=None)
vector = [1 / float(sys.argv[3]) ** 0.5] * int(sys.argv[3])
assert collection.query(query_embeddings=[vector], n_results=10)["ids"][0]
"""


class Cost(NamedTuple):
    """What a process took from its start to its end, in seconds."""

    wall: float
    cpu: float


def measure(runs: int) -> tuple[list[Cost], list[Cost]]:
    """Costs of the bare script and of `profile-chat ask` in `runs` pairs; a first pair isn't counted."""
    bare_command, ask_command = _commands()
    bare, ask = [], []
    with tempfile.TemporaryDirectory(prefix="profile-chat-") as bytecode:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for number in range(runs + 1):
            if number % 2:
                bare.append(_cost(bare_command, environment))
                ask.append(_cost(ask_command, environment))
            else:
                ask.append(_cost(ask_command, environment))
                bare.append(_cost(bare_command, environment))
    return bare[1:], ask[1:]


def main(argv: list[str] | None = None) -> int:
    """Prints the medians and their ratio; status 1 if it is over the goal."""
    arguments = parser().parse_args(argv)
    bare, ask = measure(arguments.runs)
    print(f"{'':<18}{'wall s':>8}{'CPU s':>8}   median of {arguments.runs}")
    for name, costs in (("bare script", bare), ("profile-chat ask", ask)):
        print(f"{name:<18}{_wall(costs):>8.2f}{_cpu(costs):>8.2f}")
    ratio = _wall(ask) / _wall(bare)
    print(f"{'ratio':<18}{ratio:>8.2f}{_cpu(ask) / _cpu(bare):>8.2f}   goal {GOAL} (wall)")
    return 0 if ratio <= GOAL else 1


def parser() -> argparse.ArgumentParser:
    """The arguments."""
    made = argparse.ArgumentParser(prog="python -m evals.cold_start", description="Time of a cold question.")
    made.add_argument("--runs", type=int, default=7, metavar="N", help="pairs to run (default: 7)")
    return made


def _commands() -> tuple[list[str], list[str]]:
    """The two commands; the index is built first if need be."""
    product = [sys.executable, "-m", "ui.cli"]
    ingested = subprocess.run([*product, "ingest", "--json"], check=True, capture_output=True, text=True)
    store = ProfileStore(load_settings().home, json.loads(ingested.stdout)["name"])
    build = store.current()
    assert build is not None
    folder, collection = store.index_folder(build), f"{build.prefix}-sentences"
    bare = [sys.executable, "-c", _BARE, str(folder), collection, _dimension(folder, collection)]
    return bare, [*product, "ask", QUESTION]


def _dimension(folder: Path, name: str) -> str:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))
    collection = client.get_collection(name, embedding_function=None)
    vectors = collection.get(limit=1, include=["embeddings"])["embeddings"]
    assert vectors is not None
    return str(len(vectors[0]))


def _cost(command: list[str], environment: dict[str, str]) -> Cost:
    before = _children_seconds()
    started = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return Cost(time.perf_counter() - started, _children_seconds() - before)


def _children_seconds() -> float:
    """CPU time of all child processes that have ended; 0 on Windows, which doesn't count it."""
    times = os.times()
    return times.children_user + times.children_system


def _wall(costs: list[Cost]) -> float:
    return median(cost.wall for cost in costs)


def _cpu(costs: list[Cost]) -> float:
    return max(median(cost.cpu for cost in costs), 1e-9)


if __name__ == "__main__":
    sys.exit(main())

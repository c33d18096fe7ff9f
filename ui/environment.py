"""What the environment `.venv` should hold, by its lock file, and what it does hold, by its record."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LOCKS = ("requirements.txt", "requirements-test.txt")
PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.*?))?(?: \\)?$", re.MULTILINE)


class Checkout(NamedTuple):
    """A folder with the project, and the lock file that its environment is to hold."""

    root: Path
    lock_name: str

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.root / self.lock_name

    @property
    def venv(self) -> Path:
        """The environment's folder."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.venv / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")

    @property
    def record(self) -> Path:
        """The file in the environment that says what was installed."""
        return self.venv / "profile-chat.json"


class Record(NamedTuple):
    """What an environment was set up for: folder, Python, and the sha256 of each lock file that it holds.

    Without a lock file in it, a set-up is under way or was interrupted.
    """

    root: str
    python: str
    locks: dict[str, str]


class Pin(NamedTuple):
    """One package at one version in a lock file; a marker limits it to some systems or Pythons."""

    name: str
    version: str
    marker: str | None


def read_pins(lock: Path) -> set[Pin]:
    """The pins of a lock file."""
    return {Pin(**match.groupdict()) for match in _PIN.finditer(lock.read_text(encoding="utf-8"))}


def unmet_pins(lock: Path) -> Iterator[str]:
    """Names of the packages that `lock` pins and the running interpreter lacks or has in another version.

    A pin with a marker may be meant for another system, so it may be absent, but not differ.
    """
    from importlib import metadata  # costs more than all the rest of a start that needs no set-up

    choices: dict[str, list[Pin]] = {}
    for pin in read_pins(lock):
        choices.setdefault(pin.name, []).append(pin)
    for name, pins in choices.items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            if any(pin.marker is None for pin in pins):
                yield name
        else:
            if installed not in {pin.version for pin in pins}:
                yield name


def read_record(checkout: Checkout) -> Record | None:
    """The environment's record; None if there is no environment or another program made it."""
    try:
        return Record(**json.loads(checkout.record.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):  # cut off or edited: as good as interrupted
        return Record(root="", python="", locks={})


def write_record(checkout: Checkout, lock_names: list[str]) -> None:
    """Records that the environment holds `lock_names` as they are now; none blanks the record.

    Raises:
        OSError: the file can't be written.
    """
    locks = {name: _sha256(checkout.root / name) for name in lock_names}
    record = Record(str(checkout.root), PYTHON_VERSION, locks)
    new = checkout.record.with_suffix(".new")
    new.write_text(json.dumps(record._asdict(), indent=1), encoding="utf-8")
    new.replace(checkout.record)


def is_ready(checkout: Checkout) -> bool:
    """Whether the environment was set up in full, in this place, for the lock file as it is now."""
    record = read_record(checkout)
    return (
        record is not None
        and record.root == str(checkout.root)
        and record.locks.get(checkout.lock_name) == _sha256(checkout.lock)
        and checkout.python.exists()
    )


def covered_locks(checkout: Checkout) -> list[str]:
    """The lock files whose pins are all in the checkout's own lock file."""
    installed = read_pins(checkout.lock)
    present = [name for name in LOCKS if (checkout.root / name).exists()]
    return [name for name in present if read_pins(checkout.root / name) <= installed]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

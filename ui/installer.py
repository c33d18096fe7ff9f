"""Makes or updates the environment `.venv` with pip, as `ui.bootstrap` describes; standard library only."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from rag.errors import ProfileChatError
from ui.environment import (
    PYTHON_VERSION,
    Checkout,
    covered_locks,
    is_ready,
    read_pins,
    read_record,
    write_record,
)

EXPECT = "about 370 MB to fetch, 1.2 GB on disk, 2 to 5 minutes"

_TURN = "profile-chat.lock"
_LOG = "profile-chat.log"
_OTHER_COMPUTER = "Start again with another Python (3.11 to 3.13 have the most builds) or on another computer."
_FAILURES = (
    (
        r"No space left on device|not enough space on the disk",
        "The disk is full.",
        "Free about 2 GB and start again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        "A package that the index gave is not the one that {lock} pins.",
        f"Start again; if it stays so, point pip at another index: .venv/{_LOG} names the package.",
    ),
    (
        r"connection broken by|Failed to establish a new connection|[Mm]ax retries exceeded|timed out"
        r"|Temporary failure in name resolution|ConnectionError|ProxyError|SSLError",
        "The packages could not be fetched, since no package index answered.",
        f"Check the network, or pip's proxy and index settings, and start again; more in .venv/{_LOG}.",
    ),
    (
        r"No matching distribution found for (?P<name>\S+)|Failed building wheel for (?P<built>\S+)",
        "There is no build of {name} for this computer ({system}).",
        _OTHER_COMPUTER,
    ),
    (
        r"metadata-generation-failed",
        "A package of {lock} has no build for this computer ({system}).",
        _OTHER_COMPUTER,
    ),
)


class SetupError(ProfileChatError):
    """The environment can't be made."""


def set_up(checkout: Checkout) -> None:
    """Makes or updates the environment and records it, telling each stage on stderr.

    Raises:
        SetupError: it can't be made.
        OSError: a file can't be written.
    """
    if (checkout.venv / "pyvenv.cfg").exists() and not checkout.record.exists():
        raise SetupError(
            f"{checkout.venv} was made by another program and lacks packages of {checkout.lock_name}.",
            "Rename or remove that folder and start again.",
        )
    if not (find_spec("venv") and find_spec("ensurepip")):
        raise _venv_missing()
    started = time.monotonic()
    with turn(checkout.venv) as held:
        if is_ready(checkout):  # another start has just done it
            return
        total = len({pin.name for pin in read_pins(checkout.lock)})
        _prepare_venv(checkout, held, f"Setting up Profile Chat, once: {total} packages, {EXPECT}.")
        _say(f"2/3 Fetching and installing the packages of {checkout.lock_name}")
        _pip_install(checkout, held, ["--require-hashes", "-r", str(checkout.lock)], _progress(total))
        _say("3/3 Adding the command profile-chat")
        _pip_install(checkout, held, ["--no-deps", "--no-build-isolation", "--no-index", "-e", str(checkout.root)])
        write_record(checkout, covered_locks(checkout))
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    _say(f"Ready after {minutes} min {seconds} s. Later starts skip this.")


def explain(output: str, lock_name: str) -> SetupError:
    """Turns the output of a pip that failed into one sentence and its mend."""
    system = f"{platform.system()} {platform.machine()}, Python {PYTHON_VERSION}"
    for pattern, message, mend in _FAILURES:
        if found := re.search(pattern, output):
            name = next(filter(None, found.groups()), "")
            return SetupError(message.format(name=name, system=system, lock=lock_name), mend)
    return SetupError(
        f"pip could not install the packages of {lock_name}; it said: {_last_words(output)}.",
        f"Mend that and start again; all that it said is in .venv/{_LOG}.",
    )


def _prepare_venv(checkout: Checkout, held: int, notice: str) -> None:
    """Blanks the record and leaves an environment with a working pip, perhaps with outdated packages."""
    record = read_record(checkout)
    updates = record is not None and record.locks and record.root == str(checkout.root)
    write_record(checkout, [])
    if updates and checkout.python.exists() and run([str(checkout.python), "-m", "pip", "--version"], held)[0] == 0:
        _say(f"{checkout.lock_name} is not what .venv was set up for, so its packages are brought up to date.")
        _say("1/3 Keeping the environment .venv")
        return
    _say(notice)
    _say(f"1/3 Making the environment .venv with Python {PYTHON_VERSION}")
    for item in checkout.venv.iterdir():
        if item.name not in (checkout.record.name, _TURN):
            shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()
    status, output = run([sys.executable, "-m", "venv", str(checkout.venv)], held)
    if status and re.search(r"ensurepip is not\s+available", output):
        raise _venv_missing()
    if status:
        raise SetupError(
            f"Python could not make the environment .venv; it said: {_last_words(output)}.",
            "Mend that and start again.",
        )


def _pip_install(
    checkout: Checkout, held: int, arguments: list[str], listen: Callable[[str], None] | None = None
) -> None:
    options = ["--no-input", "--disable-pip-version-check", "--progress-bar=off", "--prefer-binary"]
    status, output = run([str(checkout.python), "-m", "pip", "install", *options, *arguments], held, listen)
    with contextlib.suppress(OSError), (checkout.venv / _LOG).open("a", encoding="utf-8") as log:
        log.write(output)
    if status:
        raise explain(output, checkout.lock_name)


def run(command: list[str], held: int, listen: Callable[[str], None] | None = None) -> tuple[int, str]:
    """Runs `command`, hands on each line that it prints, and returns its status and all that it printed.

    The child has the file lock `held` open too, so the lock stays taken for as long as the child lives.
    """
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env={**os.environ, "PIP_USER": "0", "PYTHONIOENCODING": "utf-8"},
        pass_fds=() if sys.platform == "win32" else (held,),
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line)
                if listen:
                    listen(line)
        except BaseException:  # Ctrl-C most of all: leave no pip behind that goes on writing
            process.terminate()
            raise
    return process.returncode, "".join(lines)


def _progress(total: int) -> Callable[[str], None]:
    """A listener to pip's lines that tells how far it is: in place on a terminal, else every 40 packages."""
    in_place = sys.stderr.isatty()
    seen = 0

    def listen(line: str) -> None:
        nonlocal seen
        if line.startswith(("Collecting ", "Processing ")):
            seen += 1
            if in_place:
                sys.stderr.write(f"\r    {seen} of {total} packages fetched")
                sys.stderr.flush()
            elif seen % 40 == 0:
                _say(f"    {seen} of {total} packages fetched")
        elif line.startswith("Installing collected packages"):
            _say(f"{chr(10) if in_place else ''}    all fetched, unpacking them")

    return listen


def _last_words(output: str) -> str:
    """The last error in a program's output, or its last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["nothing"]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (errors or lines)[-1].rstrip(".")


def _venv_missing() -> SetupError:
    return SetupError(
        "This Python lacks the modules that make an environment (venv and ensurepip).",
        f"On Debian or Ubuntu install the package python{PYTHON_VERSION}-venv, then start again.",
    )


@contextlib.contextmanager
def turn(venv: Path) -> Iterator[int]:
    """Waits for another start to end, then holds the file lock in `venv` and gives its descriptor."""
    venv.mkdir(exist_ok=True)
    descriptor = os.open(venv / _TURN, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not try_lock(descriptor):
            _say("Another start is setting up .venv; waiting for it.")
            while not try_lock(descriptor):
                time.sleep(0.2)
        yield descriptor
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Takes the file lock if no other process has it."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Takes the file lock if no other process has it."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()

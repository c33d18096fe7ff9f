"""The start of both README commands: makes `.venv` beside the packages and goes on inside it.

It runs before anything is installed, so it uses the standard library alone.

1. The running Python makes `.venv`.
2. pip installs the packages of the lock file and checks each against its hash. It takes ready-made builds
   (wheels) wherever there is one.
3. The project itself is installed as editable by its build backend. The lock holds that too, so this step
   needs no network. It puts the command `profile-chat` beside the environment's Python and makes the
   packages importable from any folder.
4. `.venv/profile-chat.json` records the sha256 of the lock files that were installed.

A later start finds that record current and goes on at once, without network. A changed lock is installed
over the old one. While a set-up runs, the record is blank: after an interruption the next start finds it so
and makes the environment anew. Two starts take turns by a file lock, which the system drops with its holder.
A Python that already has every pinned version, however it came by them, is used as it is.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NoReturn

from rag.errors import ProfileChatError
from ui.environment import PYTHON_VERSION, Checkout, is_ready, read_record, unmet_pins, write_record

ROOT = Path(__file__).resolve().parents[1]


def enter(module: str, lock_name: str) -> None:
    """Returns once this process runs where the packages of `lock_name` are installed.

    Otherwise makes the environment if need be, and goes on there with `python -m module` and the arguments.
    If it can't be made, leaves the process with one sentence and status 2; on Ctrl-C with 130.
    """
    checkout = Checkout(ROOT, lock_name)
    try:
        python = choose_python(checkout)
    except KeyboardInterrupt:
        _leave(130, "\nInterrupted. The same command starts the set-up again.")
    except ProfileChatError as error:
        _leave(error.exit_status, str(error))
    except OSError as error:
        _leave(2, f"{error.filename or checkout.venv}: {error.strerror}. Mend that and start again.")
    if python is not None:
        _go_on(python, module)


def choose_python(checkout: Checkout) -> Path | None:
    """The interpreter to go on with, or None if it is the running one; sets the environment up if need be.

    Raises:
        ProfileChatError: the environment can't be made.
        OSError: a file can't be written.
    """
    if not checkout.lock.exists():  # installed from a wheel: pip has seen to the packages
        return None
    inside = checkout.venv.exists() and checkout.venv.samefile(sys.prefix)
    record = read_record(checkout)
    if inside and record and record.python != PYTHON_VERSION:  # the Python under `.venv` was replaced
        write_record(checkout, [])
    if is_ready(checkout):
        return None if inside else checkout.python
    if not (inside and record) and not any(unmet_pins(checkout.lock)):
        return None
    if inside and record:  # an environment can't be remade from within
        return _python_below(checkout.venv)
    from ui.installer import set_up  # only a start that installs pays for it

    set_up(checkout)
    return checkout.python


def _python_below(venv: Path) -> Path:
    """The interpreter that `venv` was made with."""
    settings = (venv / "pyvenv.cfg").read_text(encoding="utf-8")
    found = re.search(r"^executable = (.+)$", settings, re.MULTILINE)
    if not found or not Path(found[1]).exists():
        raise ProfileChatError(
            f"The Python that {venv} was made with is gone.",
            "Remove that folder and start again with the Python that there is now.",
        )
    return Path(found[1])


def _go_on(python: Path, module: str) -> NoReturn:
    """Goes on in `python`, in place of this process; on Windows, which can't, as its child."""
    command = [str(python), "-m", module, *sys.argv[1:]]
    if sys.platform != "win32":
        os.execv(command[0], command)
    import subprocess

    with subprocess.Popen(command) as child:
        while True:
            try:
                sys.exit(child.wait())
            except KeyboardInterrupt:  # the child got it too and decides what it means
                continue


def _leave(status: int, sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(status)

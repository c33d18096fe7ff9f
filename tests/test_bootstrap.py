"""The start of the README commands: what it installs, when it does nothing, how it mends an interruption.

Nothing is fetched: a stand-in answers for the programs that a set-up runs, unless a test says otherwise.
"""

from __future__ import annotations

import ast
import os
import runpy
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from rag.errors import ProfileChatError
from tests.conftest import ROOT
from ui import bootstrap, installer
from ui.environment import Checkout, Record, read_record, unmet_pins, write_record

LOCK = "not-on-any-index==1.0 \\\n    --hash=sha256:00\n"
TEST_LOCK = LOCK + "only-for-tests==2.0 \\\n    --hash=sha256:00\n"
STUB_CLI = """
import sys

def main(argv):
    print(argv, sys.prefix)
    return int(argv[1]) if argv[0] == "exit" else 0
"""


class Machine:
    """Stands in for the programs that a set-up runs: notes each, and makes what `venv` would make."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.pip_says: list[str] = []
        self.pip_status = 0
        self.pip_raises: BaseException | None = None

    def run(self, command: list[str], held: int, listen: Callable[[str], None] | None = None) -> tuple[int, str]:
        os.fstat(held)  # the file lock is held
        if command[2] == "venv":
            checkout = Checkout(Path(command[3]).parent, "requirements.txt")
            checkout.python.parent.mkdir(parents=True)
            checkout.python.touch()
            (checkout.venv / "pyvenv.cfg").touch()
        self.ran.append(" ".join(command[2:]))
        if command[3] != "install" or "-r" not in command:
            return 0, ""
        (Path(command[0]).parent / "half-installed").touch()
        for line in self.pip_says:
            if listen:
                listen(line)
        if self.pip_raises:
            raise self.pip_raises
        return self.pip_status, "".join(self.pip_says)

    def stages(self) -> list[str]:
        """The programs that were run, in short."""
        names = {"venv": "venv", "-r": "lock", "-e": "project", "--version": "pip works"}
        return [next(names[word] for word in ran.split() if word in names) for ran in self.ran]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine()
    monkeypatch.setattr(installer, "run", machine.run)
    return machine


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A folder with the two lock files and the start's own code, with a command line that only echoes."""
    root = tmp_path / "checkout"
    for name in (
        "ui/__init__.py",
        "ui/__main__.py",
        "ui/bootstrap.py",
        "ui/environment.py",
        "ui/installer.py",
    ):
        copy(root, name)
    for name in ("rag/__init__.py", "rag/errors.py", "tests/__init__.py", "tests/__main__.py"):
        copy(root, name)
    (root / "ui/cli.py").write_text(STUB_CLI)
    (root / "requirements.txt").write_text(LOCK)
    (root / "requirements-test.txt").write_text(TEST_LOCK)
    return Checkout(root, "requirements.txt")


def copy(root: Path, name: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, root / name)


def start(checkout: Checkout, *arguments: str, module: str = "ui") -> subprocess.CompletedProcess[str]:
    """Starts a README command for real in `checkout`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=checkout.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_first_start_makes_the_environment_from_the_lock(checkout: Checkout, machine: Machine) -> None:
    assert bootstrap.choose_python(checkout) == checkout.python
    assert machine.stages() == ["venv", "lock", "project"]
    lock_command, project_command = machine.ran[1], machine.ran[2]
    assert {"--require-hashes", "--prefer-binary", str(checkout.lock)} <= set(lock_command.split())
    assert {"--no-deps", "--no-index", "--no-build-isolation"} <= set(project_command.split())


def test_later_start_runs_nothing(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout)
    machine.ran.clear()
    assert bootstrap.choose_python(checkout) == checkout.python
    assert machine.ran == []


def test_changed_lock_is_installed_over_the_old_one(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout)
    checkout.lock.write_text(LOCK.replace("1.0", "1.1"))
    machine.ran.clear()
    bootstrap.choose_python(checkout)
    assert machine.stages() == ["pip works", "lock", "project"]


@pytest.mark.parametrize("was_set_up", [False, True])
@pytest.mark.parametrize("stop", [KeyboardInterrupt(), SystemExit(), MemoryError()])
def test_interrupted_set_up_is_made_anew(
    checkout: Checkout, machine: Machine, was_set_up: bool, stop: BaseException
) -> None:
    if was_set_up:
        bootstrap.choose_python(checkout)
        checkout.lock.write_text(LOCK.replace("1.0", "1.1"))
    machine.pip_raises = stop
    with pytest.raises(type(stop)):
        bootstrap.choose_python(checkout)
    rest = checkout.venv / "rest-of-the-first-try"
    rest.mkdir()
    machine.pip_raises = None
    machine.ran.clear()

    assert bootstrap.choose_python(checkout) == checkout.python
    assert machine.stages() == ["venv", "lock", "project"]
    assert not rest.exists()


def test_moved_checkout_is_set_up_anew(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout)
    moved = Checkout(checkout.root.rename(checkout.root.with_name("moved")), checkout.lock_name)
    machine.ran.clear()
    bootstrap.choose_python(moved)
    assert machine.stages() == ["venv", "lock", "project"]


def test_environment_whose_python_is_gone_is_made_anew(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout)
    checkout.python.unlink()
    machine.ran.clear()
    bootstrap.choose_python(checkout)
    assert machine.stages() == ["venv", "lock", "project"]


def test_environment_under_a_replaced_python_is_made_anew(
    checkout: Checkout, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.choose_python(checkout)
    record = checkout.record.read_text()
    checkout.record.write_text(record.replace(f'"{installer.PYTHON_VERSION}"', '"3.9"'))
    (checkout.venv / "pyvenv.cfg").write_text(f"executable = {sys.executable}\n")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "prefix", str(checkout.venv))
        assert bootstrap.choose_python(checkout) == Path(sys.executable)  # leaves the environment first
    machine.ran.clear()
    bootstrap.choose_python(checkout)
    assert machine.stages() == ["venv", "lock", "project"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"locks": {}}'])
def test_damaged_record_counts_as_interrupted(checkout: Checkout, machine: Machine, content: str) -> None:
    bootstrap.choose_python(checkout)
    checkout.record.write_text(content)
    machine.ran.clear()
    bootstrap.choose_python(checkout)
    assert machine.stages() == ["venv", "lock", "project"]


def test_environment_of_another_program_is_left_alone(checkout: Checkout, machine: Machine) -> None:
    checkout.venv.mkdir()
    (checkout.venv / "pyvenv.cfg").write_text("theirs")
    with pytest.raises(ProfileChatError, match="another program") as caught:
        bootstrap.choose_python(checkout)
    assert caught.value.exit_status == 2
    assert [item.name for item in checkout.venv.iterdir()] == ["pyvenv.cfg"]
    assert machine.ran == []


def test_missing_venv_module_names_the_package(
    checkout: Checkout, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(ProfileChatError, match=rf"python3\.{sys.version_info.minor}-venv"):
        bootstrap.choose_python(checkout)
    assert machine.ran == []


def test_project_installed_from_a_wheel_needs_no_environment(tmp_path: Path, machine: Machine) -> None:
    assert bootstrap.choose_python(Checkout(tmp_path, "requirements.txt")) is None
    assert machine.ran == []


def test_tests_environment_serves_the_product_too(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout._replace(lock_name="requirements-test.txt"))
    machine.ran.clear()
    bootstrap.choose_python(checkout)
    assert machine.ran == []


def test_products_environment_lacks_what_tests_need(checkout: Checkout, machine: Machine) -> None:
    bootstrap.choose_python(checkout)
    machine.ran.clear()
    bootstrap.choose_python(checkout._replace(lock_name="requirements-test.txt"))
    assert machine.stages() == ["pip works", "lock", "project"]


def test_python_with_every_pinned_version_is_used_as_it_is(checkout: Checkout, machine: Machine) -> None:
    elsewhere = 'only-there==3 ; sys_platform == "elsewhere" \\\n    --hash=sha256:00\n'
    checkout.lock.write_text(f"pytest=={version('pytest')} \\\n    --hash=sha256:00\n{elsewhere}")
    assert bootstrap.choose_python(checkout) is None
    assert machine.ran == []


def test_pins_that_are_missing_or_differ_are_unmet(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text(LOCK + "pytest==0.1 ; python_version < '9' \\\n    --hash=sha256:00\n# pluggy==0.1\n")
    assert sorted(unmet_pins(lock)) == ["not-on-any-index", "pytest"]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'\n"
         "ERROR: No matching distribution found for a==1", "Check the network"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "Free about"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS", "requirements.txt pins"),
        ("ERROR: No matching distribution found for onnxruntime==1.32.0", "build of onnxruntime==1.32.0 for"),
        ("ERROR: Failed building wheel for chromadb\nnote: no", "build of chromadb for"),
        ("error: metadata-generation-failed", "A package of requirements.txt has no build"),
        ("ERROR: Something new.\n\nnote: see above", "it said: Something new."),
        ("", "it said: nothing."),
    ],
)  # fmt: skip
def test_failed_pip_is_one_sentence_with_the_mend(
    checkout: Checkout, machine: Machine, output: str, words: str
) -> None:
    machine.pip_status, machine.pip_says = 1, [output]
    with pytest.raises(ProfileChatError) as caught:
        bootstrap.choose_python(checkout)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_status == 2
    assert read_record(checkout) == Record(str(checkout.root), installer.PYTHON_VERSION, {})
    assert (checkout.venv / "profile-chat.log").read_text() == output


def test_progress_is_told_on_stderr(checkout: Checkout, machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.pip_says = ["Collecting one\n"] * 80 + ["Installing collected packages: one\n"]
    bootstrap.choose_python(checkout)
    out, err = capsys.readouterr()
    assert out == ""
    assert "40 of 1 packages" in err and "80 of 1 packages" in err
    assert [line[:3] for line in err.splitlines() if line[1:2] == "/"] == ["1/3", "2/3", "3/3"]


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (ProfileChatError("It broke.", "Mend it."), 2, "It broke. Mend it."),
        (PermissionError(13, "Permission denied", "/here/.venv"), 2, "/here/.venv: Permission denied"),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
)
def test_failed_start_leaves_a_sentence_and_a_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    words: str,
) -> None:
    def fail(checkout: Checkout) -> None:
        raise error

    monkeypatch.setattr(bootstrap, "choose_python", fail)
    with pytest.raises(SystemExit) as left:
        bootstrap.enter("ui", "requirements.txt")
    assert left.value.code == status
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("module", ["ui", "tests"])
def test_older_python_gets_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: str
) -> None:
    main = ROOT / module / "__main__.py"
    ast.parse(main.read_text(encoding="utf-8"), feature_version=(3, 7))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(main), run_name="__main__")
    assert left.value.code == 2
    assert "this is Python 3.9." in capsys.readouterr().err


def test_command_goes_on_in_the_environment(checkout: Checkout) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", checkout.venv], check=True)
    write_record(checkout, ["requirements.txt"])
    opened, asked = start(checkout), start(checkout, "exit", "7", "two words")
    assert opened.stdout == f"['serve', '--open'] {checkout.venv}\n"
    assert asked.stdout == f"['exit', '7', 'two words'] {checkout.venv}\n"
    assert (opened.returncode, asked.returncode) == (0, 7)
    assert opened.stderr == ""


def test_tests_command_hands_arguments_and_status_to_pytest(checkout: Checkout) -> None:
    (checkout.root / "requirements-test.txt").write_text("# nothing is missing\n")
    (checkout.root / "tests/test_one.py").write_text("def test_fails():\n    assert False\n")
    failed = start(checkout, "-q", "tests/test_one.py", module="tests")
    assert "1 failed" in failed.stdout
    assert failed.returncode == 1


def test_two_starts_at_once_install_once(checkout: Checkout) -> None:
    first = stuck_start(checkout)
    wait_for(checkout.root / "installs")
    second = stuck_start(checkout)
    assert second.stderr is not None
    assert "waiting for it" in second.stderr.readline()
    (checkout.root / "go on").touch()
    for process in (first, second):
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert (checkout.root / "installs").read_text() == "x"


def test_killed_start_leaves_the_turn_to_the_next(checkout: Checkout) -> None:
    killed = stuck_start(checkout)
    wait_for(checkout.root / "installs")
    killed.kill()
    killed.communicate()
    (checkout.root / "go on").touch()
    after = stuck_start(checkout)
    after.communicate(timeout=30)
    assert after.returncode == 0
    assert (checkout.root / "installs").read_text() == "xx"


@pytest.mark.skipif(sys.platform == "win32", reason="a lock on Windows ends with the process that took it")
def test_turn_stays_taken_while_a_program_of_the_set_up_runs(tmp_path: Path) -> None:
    """A pip that outlives its killed parent must not be joined by another."""
    lock = tmp_path / "profile-chat.lock"
    script = f"""
        import os, sys
        from pathlib import Path
        from ui.installer import run, turn
        with turn(Path({str(tmp_path)!r})) as held:
            run([sys.executable, "-c", "import time; print('on', flush=True); time.sleep(2)"], held,
                lambda line: os.kill(os.getpid(), 9))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=30)
    with lock.open("r+") as mine:
        assert not installer.try_lock(mine.fileno())
    wait_for_turn(lock)


@pytest.mark.skipif(sys.platform == "win32", reason="a lock on Windows ends with the process that took it")
def test_interrupted_set_up_leaves_no_program_running(tmp_path: Path) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    sleeper = [sys.executable, "-c", "import time; print('on', flush=True); time.sleep(60)"]
    with installer.turn(tmp_path) as held, pytest.raises(KeyboardInterrupt):
        installer.run(sleeper, held, interrupt)
    wait_for_turn(tmp_path / "profile-chat.lock")  # which a sleeper that lives would keep taken


def test_program_gives_its_status_and_both_its_outputs(tmp_path: Path) -> None:
    heard: list[str] = []
    code = "import sys; print('one', flush=True); print('two', file=sys.stderr); sys.exit(3)"
    with installer.turn(tmp_path) as held:
        assert installer.run([sys.executable, "-c", code], held, heard.append) == (3, "one\ntwo\n")
    assert heard == ["one\n", "two\n"]


def stuck_start(checkout: Checkout) -> subprocess.Popen[str]:
    """Another process that sets `checkout` up; its pip adds `x` to `installs` and waits for `go on`."""
    script = f"""
        from pathlib import Path
        from tests.test_bootstrap import Machine, wait_for
        from ui import bootstrap, installer
        from ui.environment import Checkout

        root = Path({str(checkout.root)!r})

        class StuckMachine(Machine):
            def run(self, command, held, listen=None):
                if "-r" in command:
                    with (root / "installs").open("a") as installs:
                        installs.write("x")
                    wait_for(root / "go on")
                return super().run(command, held, listen)

        installer.run = StuckMachine().run
        bootstrap.choose_python(Checkout(root, "requirements.txt"))
    """
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stderr=subprocess.PIPE, text=True)


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.05)


def wait_for_turn(lock: Path) -> None:
    deadline = time.monotonic() + 20
    with lock.open("r+") as mine:
        while not installer.try_lock(mine.fileno()):
            assert time.monotonic() < deadline, "the turn is still taken"
            time.sleep(0.05)

"""Eval cases as tests of pytest: one each, with what is wrong with the answer as the message.

`pytest evals -k flow`, `-x`, `--lf` and parallel runs work as with any test; the name of a test is the case's
id, its marks are the case's kind and language. A profile that is not stored is skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evals.case import Case
from evals.cases import check_cases, read_case_file
from evals.run import Asked, Task, ask_case
from rag.errors import InputError, ProfileChatError

if TYPE_CHECKING:
    from _pytest._code.code import ExceptionInfo, TerminalRepr


class WrongAnswerError(Exception):
    """An answer that is not right; its text says why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--known-wrong`."""
    parser.addoption(
        "--known-wrong",
        action="store_true",
        help="eval cases that are wrong in the blessed baseline are expected to fail",
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collects the YAML files in folders named `cases`."""
    if file_path.suffix == ".yaml" and file_path.parent.name == "cases":
        file: pytest.Collector = CaseFile.from_parent(parent, path=file_path)
        return file
    return None


class CaseFile(pytest.File):
    """A file of eval cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """A test for each case; a file that can't be read is one error, with file and line."""
        try:
            cases = list(read_case_file(self.path))
        except InputError as error:
            raise self.CollectError(str(error)) from None
        for case in cases:
            item: CaseItem = CaseItem.from_parent(self, name=case.id)
            item.case = case
            item.add_marker(pytest.mark.xfail(reason="wrong in the baseline")) if self._is_known(case) else None
            item.keywords.update({case.kind: True, case.language: True, **dict.fromkeys(case.tags, True)})
            yield item

    def _is_known(self, case: Case) -> bool:
        expected: bool = self.config.getoption("--known-wrong", default=False)
        return expected and case.id in _wrong_in_baseline(case.profile)


class CaseItem(pytest.Item):
    """One case as a test."""

    case: Case

    def runtest(self) -> None:
        """Asks the case and judges the answer."""
        chat = _open(self.case.profile)
        if isinstance(chat, str):
            pytest.skip(chat)
        check_cases([self.case], chat.profile)
        answer = ask_case(Task(self.case), chat).answer
        if not answer.is_right:
            given = answer.reply.answer if answer.reply else "(none)"
            raise WrongAnswerError(
                f"{answer.outcome}: {answer.reason}\nasked: {' / '.join(self.case.asked)}\nanswer: {given}"
            )

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """What is wrong with the answer, without a traceback."""
        if isinstance(excinfo.value, WrongAnswerError | ProfileChatError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, line and name, for editors."""
        line = self.case.line
        return self.path, line - 1 if line else None, self.case.id


@cache
def _open(profile: str) -> Asked | str:
    """A chat over the profile, or why there is none; opened once for all its cases."""
    from rag.settings import load_settings
    from ui.compose import open_chat

    try:
        return open_chat(load_settings().model_copy(update={"profile": profile}))
    except InputError as error:
        return str(error)


@cache
def _wrong_in_baseline(profile: str) -> frozenset[str]:
    from evals.baseline import read_baseline, shipped_baseline

    path = shipped_baseline(profile)
    if not path.exists():
        return frozenset()
    return frozenset(answer.case.id for answer in read_baseline(path).answers if not answer.is_right)

"""The product that ships against its blessed baseline, and the suite against faults that are put into it.

`python -m tests.seeded` does the latter with all twenty faults and twenty re-runs; here are those that take an
answer and spoil it, and one of each other sort.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from evals.baseline import read_baseline, shipped_baseline
from evals.case import Case
from evals.cases import check_cases, load_cases, shipped_cases
from evals.compare import compare
from evals.comparison_text import comparison_text
from evals.run import Judged
from evals.stored import Run
from rag.settings import load_settings
from tests.seeded.faults import FAULTS, Fault, ask_all, find
from tests.seeded.products import Product
from ui.compose import load_chosen_embedder, load_profile, open_in_folder

ASKED_AGAIN = ("follow-up memory off", "a slow stage (10 times)")
QUICK = [fault for fault in FAULTS if fault.spoil is not None or fault.name in ASKED_AGAIN]


class Right(NamedTuple):
    """The product as it is, and its answers to every case."""

    product: Product
    cases: Sequence[Case]
    run: Run
    held: Sequence[Judged]

    def part(self, every: int) -> Right:
        """The conversations and each `every`-th other case, for what has to be asked again."""
        rows = [row for row, case in enumerate(self.cases) if len(case.asked) > 1 or row % every == 0]
        answers = tuple(self.held[row].answer for row in rows)
        return self._replace(
            cases=[self.cases[row] for row in rows],
            run=self.run.model_copy(update={"answers": answers}),
            held=[self.held[row] for row in rows],
        )


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Right]:
    settings = load_settings()
    profile, embedder = load_profile(settings), load_chosen_embedder(settings)
    folder: Path = tmp_path_factory.mktemp("right")
    cases = [case for case in load_cases(shipped_cases()) if case.profile == profile.name]
    check_cases(cases, profile)
    chat = open_in_folder(profile, embedder, folder / "index", None)
    run, held = ask_all(cases, chat, "now")
    yield Right(Product(chat, embedder, folder), cases, run, held)


def test_the_product_is_not_worse_than_its_baseline(right: Right) -> None:
    """After a change that is meant: profile-chat eval run && profile-chat eval bless."""
    comparison = compare(read_baseline(shipped_baseline(right.run.header.profile)), right.run)
    assert comparison.reasons == [], comparison_text(comparison)


def test_a_rerun_gives_no_difference(right: Right) -> None:
    part = right.part(6)
    again, _ = ask_all(part.cases, part.product.chat, "again")
    assert compare(part.run, again).verdict == "no difference"


@pytest.mark.parametrize("fault", QUICK, ids=[fault.name for fault in QUICK])
def test_a_seeded_fault_is_called_worse_with_the_right_cases_at_the_top(right: Right, fault: Fault) -> None:
    asked = right if fault.spoil is not None else right.part(20)
    found = find(fault, asked.product, asked.cases, asked.run, asked.held)
    assert found.is_found, comparison_text(found.comparison)


def test_there_are_twenty_faults() -> None:
    assert len({fault.name for fault in FAULTS}) == 20
    assert all((fault.spoil is None) != (fault.seed is None) for fault in FAULTS)

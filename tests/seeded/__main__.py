"""`python -m tests.seeded`: every seeded fault, and re-runs of the unchanged product, against the whole suite."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from evals.cases import load_cases, shipped_cases
from evals.compare import compare
from rag.settings import load_settings
from tests.seeded.faults import FAULTS, ask_all, find
from tests.seeded.products import Product
from ui.compose import load_chosen_embedder, load_profile, open_in_folder


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(prog="python -m tests.seeded", description=__doc__)
    made.add_argument("--reruns", type=int, default=20, metavar="N", help="times the unchanged product is run again")
    made.add_argument("--only", metavar="WORDS", help="only the faults whose name holds these words")
    return made


def main() -> int:
    """Prints a row for each fault and the number of re-runs without a difference; 1 where either goal is missed."""
    arguments = parser().parse_args()
    settings = load_settings()
    embedder = load_chosen_embedder(settings)
    profile = load_profile(settings)
    cases = [case for case in load_cases(shipped_cases()) if case.profile == profile.name]
    with tempfile.TemporaryDirectory(prefix="profile-chat-") as folder:
        chat = open_in_folder(profile, embedder, Path(folder) / "right", None)
        product = Product(chat, embedder, Path(folder))
        right, held = ask_all(cases, chat, "right")
        chosen = [fault for fault in FAULTS if (arguments.only or "") in fault.name]
        found = 0
        for fault in chosen:
            seen = find(fault, product, cases, right, held)
            found += seen.is_found
            reason = seen.comparison.reasons[0] if seen.comparison.reasons else "-"
            print(
                f"{'found' if seen.is_found else 'MISSED':<7}{fault.name:<42}{seen.worse:>4} worse, "
                f"{seen.top_touched:>4.0%} of the top touched; {reason[:90]}",
                flush=True,
            )
        print(f"{found} of {len(chosen)} faults found")
        same = 0
        for _ in range(arguments.reruns):
            again, _ = ask_all(cases, chat, "again")
            same += compare(right, again).verdict == "no difference"
        print(f"{same} of {arguments.reruns} re-runs of the unchanged product: no difference")
    return 0 if found >= 0.95 * len(chosen) and same == arguments.reruns else 1


if __name__ == "__main__":
    sys.exit(main())

"""The arguments of `profile-chat eval …`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[[argparse.Namespace], int]


def add_eval(
    commands: Any,
    command: Callable[..., argparse.ArgumentParser],
    settings: Callable[[argparse.Namespace], Any],
    progress: Callable[[int, int], None],
) -> None:
    """Adds `eval` and its steps.

    Args:
        commands: to which it is added.
        command: adds one command: name, function, help, example, parent.
        settings: reads the settings for given arguments.
        progress: shows how far a step is.
    """
    evaluate = commands.add_parser(
        "eval", help="measure answers, compare runs", description="Measure answers with the eval cases, compare runs."
    )
    steps = evaluate.add_subparsers(title="steps", metavar="WHAT", required=True)

    def step(name: str, text: str, example: str) -> argparse.ArgumentParser:
        def run(arguments: argparse.Namespace) -> int:
            from ui import eval_commands

            status: int = getattr(eval_commands, name)(arguments, settings(arguments), progress)
            return status

        return command(name, run, text, f"  profile-chat eval {example}", steps)

    _add_run(step("run", "ask every case, keep the answers, and count how they fared", "run --split test --faults"))
    _add_compare(
        step(
            "compare", "say which answers got worse, and whether it is more than noise", "compare base.jsonl new.jsonl"
        )
    )
    bless = step("bless", "make a run the baseline that `eval compare` takes by itself", "bless new.jsonl")
    bless.add_argument("run_file", nargs="?", type=Path, metavar="RUN", help="a run (default: the newest)")
    bless.add_argument("--baseline", type=Path, metavar="FILE", help="where to (default: beside the cases that ship)")
    _add_report(
        step("report", "write a run as a page, for a pull request, or for CI", "report new.jsonl --html new.html")
    )
    _add_add(step("add", "make a case of an answer that a reader marked, or list them", "add 3 --refuses"))
    judge = step("judge", "have the language model rate how complete and direct answers are", "judge new.jsonl")
    judge.add_argument("run_file", nargs="?", type=Path, metavar="RUN", help="a run (default: the newest)")
    judge.add_argument("--labels-only", action="store_true", help="only how far it agrees with people")
    judge.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    text = "alter the records, and check that exactly the answers that depend on them change"
    counterfactual = step("counterfactual", text, "counterfactual")
    counterfactual.add_argument("--cases", type=Path, metavar="DIR", help="folder of cases (default: those that ship)")
    counterfactual.add_argument("--json", action="store_true", help="print what changed as JSON")
    robustness = step("robustness", "ask each case in careless forms too, and count changed verdicts", "robustness")
    robustness.add_argument("--cases", type=Path, metavar="DIR", help="folder of cases (default: those that ship)")
    robustness.add_argument("--split", choices=("dev", "test", "all"), default="all", help="(default: %(default)s)")
    robustness.add_argument("--seed", type=int, default=0, help="of the slips that are made (default: %(default)s)")
    robustness.set_defaults(tag=None, kind=None)
    schema = step("schema", "print the JSON schema of case files, for editors", "schema > cases.schema.json")
    schema.add_argument("--out", type=Path, metavar="FILE", help="write it to a file")


def _add_run(run: argparse.ArgumentParser) -> None:
    run.add_argument("--cases", type=Path, metavar="DIR", help="folder of YAML files (default: those that ship)")
    run.add_argument("--split", choices=("dev", "test", "all"), default="all", help="which cases (default: all)")
    run.add_argument("--kind", action="append", metavar="KIND", help="only cases of this kind; can be repeated")
    run.add_argument("--tag", action="append", metavar="TAG", help="only cases with this tag; can be repeated")
    run.add_argument(
        "--out", type=Path, metavar="FILE", help="the run's file; one that was interrupted is gone on with"
    )
    run.add_argument(
        "--repeat", type=positive, default=1, metavar="N", help="ask each case N times, and name the flaky"
    )
    run.add_argument("--jobs", type=positive, metavar="N", help="processes that answer (default: by cores and cases)")
    run.add_argument("--faults", action="store_true", help="list the cases that are not right, with the reason")
    run.add_argument("--json", action="store_true", help="print each answer with its outcome as a JSON line")


def _add_compare(compare: argparse.ArgumentParser) -> None:
    compare.add_argument("base", nargs="?", type=Path, metavar="BASE", help="a run (default: the blessed baseline)")
    compare.add_argument("new", nargs="?", type=Path, metavar="NEW", help="a run (default: the newest)")
    compare.add_argument(
        "--alpha", type=_share, default=0.05, metavar="P", help="accepted chance of a false alarm (0.05)"
    )
    compare.add_argument("--margin", type=_share, default=0.02, metavar="X", help="least drop of a measure (0.02)")
    compare.add_argument("--slower", type=float, default=3.0, metavar="X", help="times longer a stage may take (3)")
    compare.add_argument(
        "--most-worse", type=_natural, metavar="N", help="more cases than this getting worse count by themselves"
    )
    compare.add_argument("--show", type=_natural, default=10, metavar="N", help="cases of a sort shown in full (10)")
    compare.add_argument("--json", action="store_true", help="print the comparison as one JSON object")


def _add_report(report: argparse.ArgumentParser) -> None:
    report.add_argument("run_file", nargs="?", type=Path, metavar="RUN", help="a run (default: the newest)")
    report.add_argument("--base", type=Path, metavar="BASE", help="a run or baseline to show it beside")
    report.add_argument("--runs", type=Path, metavar="DIR", help="stored runs for the trend (default: RUN's folder)")
    report.add_argument("--html", type=Path, metavar="FILE", help="one page that needs no network (the default)")
    report.add_argument("--markdown", type=Path, metavar="FILE", help="a summary for a pull request")
    report.add_argument("--junit", type=Path, metavar="FILE", help="JUnit XML")


def _add_add(add: argparse.ArgumentParser) -> None:
    add.add_argument("number", nargs="?", type=positive, metavar="NUMBER", help="which answer, as listed")
    add.add_argument("--id", metavar="ID", help="the case's id (default: from the question)")
    add.add_argument("--kind", metavar="KIND", help="the case's kind (default: as it was answered)")
    add.add_argument("--says", action="append", metavar="PATTERN", help="what a right answer says; can be repeated")
    add.add_argument("--cites", action="append", metavar="PAPER", help="what it cites; can be repeated")
    add.add_argument("--refuses", action="store_true", help="it is to be refused")
    add.add_argument("--cases", type=Path, metavar="DIR", help="folder of cases (default: those that ship)")


def positive(text: str) -> int:
    """A number from 1 up."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 up")
    return int(text)


def _natural(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 up")
    return int(text)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 1")
    return value

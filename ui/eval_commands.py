"""The commands `profile-chat eval …`: arguments in, what the rooms below find out, results to standard output."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rag.errors import InputError
from ui.eval_files import baseline_of, cores, index_identity, kept_settings, new_path, newest, read_either

Progress = Callable[[int, int], None]
_WORTH_ANOTHER_PROCESS = 150
"""Fewer answers than this take less than another process takes to start."""
_MOST_PROCESSES = 8


def run(arguments: argparse.Namespace, settings: Any, progress: Progress) -> int:
    """`eval run`: asks the cases, keeps every answer, and prints the figures; 1 where one could not be scored."""
    from evals.cases import check_cases, load_cases, shipped_cases
    from evals.product import make_header
    from evals.run import Others, Task
    from ui.compose import open_chat

    folder = arguments.cases or shipped_cases()
    cases = load_cases(folder)
    jobs = arguments.jobs or min(cores(), _MOST_PROCESSES)
    expected = len(cases) * arguments.repeat
    others = None
    if jobs > 1 and (arguments.jobs or expected >= _WORTH_ANOTHER_PROCESS):
        others = Others(jobs - 1, partial(open_chat, settings))  # they start while this process opens its own
    try:
        chat = open_chat(settings, progress)
        chosen = _chosen(cases, chat.profile.name, arguments, folder)
        check_cases(chosen, chat.profile)
        tasks = [Task(case, repeat) for repeat in range(arguments.repeat) for case in chosen]
        header = make_header(chat.profile, tasks, kept_settings(settings), index_identity(settings, chat.profile.name))
        finished = _ask(tasks, header, arguments.out or new_path(settings, header.profile), chat, others, progress)
    finally:
        if others is not None:
            others.close()
    return _print_run(finished, arguments)


def compare(arguments: argparse.Namespace, settings: Any, _: Progress) -> int:
    """`eval compare`: which answers got worse; 1 where the new run is worse."""
    from evals.compare import Limits
    from evals.compare import compare as compare_runs
    from evals.comparison_text import comparison_text

    new = read_either(arguments.new or newest(settings))
    base = read_either(arguments.base or baseline_of(new.header.profile))
    limits = Limits(arguments.alpha, arguments.margin, arguments.slower, arguments.most_worse)
    comparison = compare_runs(base, new, limits)
    if arguments.json:
        print(json.dumps(_as_json(comparison)))
    else:
        print(comparison_text(comparison, arguments.show))
    return 1 if comparison.reasons else 0


def bless(arguments: argparse.Namespace, settings: Any, _: Progress) -> int:
    """`eval bless`: makes a run the baseline."""
    from evals.baseline import bless as make_baseline
    from evals.baseline import shipped_baseline
    from evals.run_files import read_run

    new = read_run(arguments.run_file or newest(settings))
    path = arguments.baseline or shipped_baseline(new.header.profile)
    make_baseline(new, path)
    right = sum(answer.is_right for answer in new.answers)
    print(f"{path}: {len(new.answers)} cases of {new.header.profile}, {right} right")
    return 0


def report(arguments: argparse.Namespace, settings: Any, _: Progress) -> int:
    """`eval report`: writes a run, beside an earlier one, as HTML, Markdown or JUnit XML."""
    from evals.compare import compare as compare_runs
    from evals.reports.html import html_report
    from evals.reports.junit import junit_report
    from evals.reports.markdown import markdown_report
    from evals.run_files import write_report
    from evals.trend import read_trend

    new = read_either(arguments.run_file or newest(settings))
    comparison = compare_runs(read_either(arguments.base), new) if arguments.base else None
    html = arguments.html
    if not (html or arguments.markdown or arguments.junit):
        html = Path(f"{new.name}.html")
    if html:
        from ui.compose import load_profile

        trend = read_trend(arguments.runs or new.path.parent, new.header.profile)
        profile = load_profile(settings)
        write_report(html, html_report(new, comparison, trend, profile if profile.name == new.header.profile else None))
    if arguments.markdown:
        write_report(arguments.markdown, markdown_report(new, comparison))
    if arguments.junit:
        write_report(arguments.junit, junit_report(new))
    print("\n".join(str(path) for path in (html, arguments.markdown, arguments.junit) if path))
    return 0


def schema(arguments: argparse.Namespace, _: Any, __: Progress) -> int:
    """`eval schema`: the JSON schema of case files."""
    from evals.cases import schema_text
    from evals.run_files import write_report

    if arguments.out:
        write_report(arguments.out, schema_text())
    else:
        print(schema_text(), end="")
    return 0


def robustness(arguments: argparse.Namespace, settings: Any, progress: Progress) -> int:
    """`eval robustness`: how often a carelessly worded question gets another verdict."""
    from evals.cases import load_cases, shipped_cases
    from evals.robustness import change_table, changes
    from ui.compose import open_chat

    folder = arguments.cases or shipped_cases()
    chat = open_chat(settings, progress)
    chosen = _chosen(load_cases(folder), chat.profile.name, arguments, folder)
    print(change_table(changes(chosen, chat, arguments.seed), len(chosen)))
    return 0


def counterfactual(arguments: argparse.Namespace, settings: Any, progress: Progress) -> int:
    """`eval counterfactual`: whether answers come from the data; 1 where they do not."""
    from evals.cases import load_cases, shipped_cases
    from evals.counterfactual import effect_table
    from evals.counterfactual import run as run_altered
    from ui.compose import load_chosen_embedder, load_profile, open_in_folder

    profile = load_profile(settings)
    folder = arguments.cases or shipped_cases()
    cases = [case for case in load_cases(folder) if case.profile == profile.name]
    if not cases:
        raise InputError(f"{folder} holds no case of the profile {profile.name}.", "Choose another --profile.")
    effects = run_altered(profile, cases, load_chosen_embedder(settings), open_in_folder, progress)
    print(json.dumps([one._asdict() for one in effects]) if arguments.json else effect_table(effects))
    return 0 if all(one.holds for one in effects) else 1


def judge(arguments: argparse.Namespace, settings: Any, progress: Progress) -> int:
    """`eval judge`: how complete and direct a run's answers are, as a language model finds; it decides nothing."""
    from evals.judge.agreement import agreements, labelled_answers
    from evals.judge.ratings import open_answers, rate, rated
    from rag.llm.spent import Spent
    from ui.language_model import open_model
    from ui.tables import judge_lines

    model, spent = open_model(settings), Spent()
    labels = labelled_answers()
    pairs = [(label.question, label.answer) for label in labels]
    if not arguments.labels_only:
        pairs += open_answers(read_either(arguments.run_file or newest(settings)).answers)
    ratings = []
    for number, (question, answer) in enumerate(pairs, start=1):
        ratings.append(rate(model, question, answer, spent))
        progress(number, len(pairs))
    agreed = agreements(labels, ratings[: len(labels)])
    run = rated(ratings[len(labels) :])
    figures = {
        "complete": run.complete,
        "direct": run.direct,
        "rated": len(run.ratings),
        "unmeasured": run.unmeasured,
        "agreement": {scale: found._asdict() for scale, found in agreed.items()},
        "labelled": len(labels),
    }
    print(json.dumps(figures) if arguments.json else judge_lines(figures))
    return 0


def add(arguments: argparse.Namespace, settings: Any, _: Progress) -> int:
    """`eval add`: lists what readers thought of answers, or makes a case of one."""
    from evals.cases import shipped_cases
    from evals.from_use import FILE_NAME, add_case, is_complete, known_fields, listed
    from rag.feedback import FeedbackStore
    from ui.compose import load_profile

    rows = FeedbackStore(settings.home).all()
    if arguments.number is None:
        print(listed(rows) or "No answer has been marked yet.")
        return 0
    chosen = next((row for row in rows if row.number == arguments.number), None)
    if chosen is None:
        raise InputError(f"There is no feedback {arguments.number}.", "`profile-chat eval add` lists what there is.")
    given = {name: getattr(arguments, name) for name in ("id", "kind", "says", "cites", "refuses")}
    fields = {**known_fields(chosen), **{name: value for name, value in given.items() if value}}
    if not is_complete(fields):
        fields |= _asked_for(chosen)
    profile = load_profile(settings.model_copy(update={"profile": chosen.profile}))
    folder = arguments.cases or shipped_cases()
    print(f"{folder / FILE_NAME}: {add_case(fields, folder, profile).id}")
    return 0


def _asked_for(chosen: Any) -> dict[str, Any]:
    """What a right answer would be, which only a person knows."""
    if not sys.stdin.isatty():
        raise InputError("What a right answer is isn't known.", "Give --says PATTERN, --cites PAPER, or --refuses.")
    print(f"asked     {' / '.join(chosen.turns)}\nanswered  {chosen.answer.answer}", file=sys.stderr)
    says = input("A right answer says (regular expression; empty: it must be refused): ").strip()
    if not says:
        return {"refuses": True}
    cites = input("and cites (paper id or start of it; empty: any): ").strip()
    return {"says": [says], **({"cites": [cites]} if cites else {})}


def _ask(tasks: Sequence[Any], header: Any, path: Path, chat: Any, others: Any, progress: Progress) -> Any:
    """Asks what the run in `path` has no answer to yet; gives the run as it stands then."""
    from evals.product import end_of
    from evals.run import run_cases
    from evals.run_files import RunWriter, answered, read_run, refuse_to_mix

    append = path.exists() and path.stat().st_size > 0
    done: set[tuple[str, int]] = set()  # case and repeat
    if append:
        begun = read_run(path)
        refuse_to_mix(begun, header)
        done = answered(begun.answers)
    left = [task for task in tasks if (task.case.id, task.repeat) not in done]
    writer = RunWriter(path, header, append=append)
    started = time.perf_counter()
    try:
        for number, judged in enumerate(run_cases(left, chat, others), start=1):
            writer.add(judged.answer, judged.explained)
            progress(number, len(left))
        seconds = time.perf_counter() - started
        writer.finish(end_of(read_run(path).answers, seconds))
    finally:
        writer.close()
    return read_run(path)


def _chosen(cases: Sequence[Any], profile: str, arguments: argparse.Namespace, folder: Path) -> list[Any]:
    chosen = [
        case
        for case in cases
        if case.profile == profile
        and arguments.split in (case.split, "all")
        and (not arguments.tag or set(arguments.tag) & set(case.tags))
        and (not arguments.kind or case.kind in arguments.kind)
    ]
    if not chosen:
        raise InputError(
            f"{folder} holds no such case of the profile {profile} in the split {arguments.split}.",
            "Choose another --profile, --split, --kind or --tag.",
        )
    return chosen


def _print_run(finished: Any, arguments: argparse.Namespace) -> int:
    from evals.run_table import fault_lines, run_text
    from evals.scoring import Outcome

    if arguments.json:
        for answer in finished.answers:
            row = {"id": answer.case.id, "outcome": answer.outcome, "reason": answer.reason, "repeat": answer.repeat}
            reply = answer.reply.model_dump(mode="json") if answer.reply else None
            print(json.dumps({**row, "measures": dict(answer.measures), "answer": reply}))
    else:
        print("\n".join([*(fault_lines(finished.answers) if arguments.faults else ()), run_text(finished.answers)]))
        if finished.end:
            took = f"{finished.end.seconds:.1f} s for {finished.end.answering_seconds:.1f} s of answers"
            print(f"\n{finished.path}: {took}")
    return 1 if any(answer.outcome is Outcome.UNSCORED for answer in finished.answers) else 0


def _as_json(comparison: Any) -> dict[str, Any]:
    changed = [
        {
            "id": pair.new[0].case.id,
            "kind": pair.new[0].case.kind,
            "change": pair.change.name.lower(),
            "stage": pair.stage,
            "before": pair.shown[0].outcome,
            "after": pair.shown[1].outcome,
            "reason": pair.shown[1].reason,
        }
        for pair in comparison.of(*[change for change in type(comparison.pairs[0].change) if change.name != "SAME"])
    ]
    return {
        "verdict": comparison.verdict,
        "reasons": list(comparison.reasons),
        "compared": len(comparison.pairs),
        "changed": changed,
        "tests": [test._asdict() for test in comparison.tests],
        "not_compared": {
            "only_base": list(comparison.only_base),
            "only_new": list(comparison.only_new),
            "changed_cases": list(comparison.changed_cases),
        },
    }

"""The command `profile-chat`: arguments in, results to standard output, errors as one sentence.

Nothing heavy is imported here; each command imports what it needs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.errors import InputError, ProfileChatError, StorageError
from ui.arguments import Parser, port
from ui.brief_arguments import add_briefs, add_export
from ui.eval_arguments import add_eval, positive

Command = Callable[[argparse.Namespace], int]

_DESCRIPTION = """Answers questions about one researcher's papers, each sentence with the passage that carries it.

  profile-chat ask "Which papers are about flow matching?"
  profile-chat serve --open
"""
_SECOND_JUDGE = "ask the language model about claims of which the verifier is unsure; it has to quote"
_EXIT = (
    "exit status: 0 done, 1 a check found something, 2 bad input or setting, 3 service out of reach, 130 interrupted"
)


def main(argv: list[str] | None = None) -> int:
    """Runs the command line `argv` (without the program's name) and returns its exit status."""
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    # numpy's matrices are small here: on a busy machine its threads would wait for each other, not work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
        return status
    except ProfileChatError as error:
        if arguments.debug:
            raise
        print(f"profile-chat: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output has gone, as with `| head`; nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


# --- commands -------------------------------------------------------------------------------------------


def _ask(arguments: argparse.Namespace) -> int:
    from ui.asking import ask_batch, ask_once

    if (arguments.question is None) == (arguments.batch is None):
        raise InputError("Nothing to ask, or two things.", "Give one QUESTION, or --batch FILE.")
    chat = _open_chat(arguments)
    if arguments.batch is not None:
        for answer in ask_batch(chat, arguments.batch):
            print(answer.model_dump_json(by_alias=True), flush=True)
        return 0
    question = sys.stdin.read().strip() if arguments.question == "-" else arguments.question
    if arguments.export is not None:
        from ui.briefs import export_answer

        print(export_answer(chat, question, arguments.export))
        return 0
    print(ask_once(chat, question, as_json=arguments.json, explain=arguments.explain))
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from ui.compose import load_profile
    from ui.terminal import profile_text

    profile = load_profile(_settings(arguments))
    if arguments.json:
        print(profile.model_dump_json(indent=1))
    else:
        print(profile_text(profile))
    return 0


def _ingest(arguments: argparse.Namespace) -> int:
    from ui.compose import ingest
    from ui.terminal import profile_text

    settings = _settings(arguments)
    profile, build = ingest(settings, arguments.file, arguments.owner, _progress, rebuild=arguments.rebuild)
    if arguments.json:
        print(json.dumps({"name": profile.name, **build.model_dump()}))
    else:
        print(profile_text(profile))
        print(f"indexed: {sum(build.rows.values())} passages; use it with --profile {profile.name}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    from rag.feedback import FeedbackStore
    from ui.eval_files import runs_folder
    from ui.launching import launch
    from ui.starting import Progress

    def open_chat(progress: Progress) -> Any:
        from ui.compose import open_chat

        def both(done: int, total: int) -> None:
            progress(done, total)
            _progress(done, total)

        chat = open_chat(settings, both)
        if chat.sends_to:
            print(f"Questions and the passages found for them are sent to {chat.sends_to}", file=sys.stderr)
        return chat

    host, port = arguments.host or settings.host, arguments.port or settings.port
    feedback, runs = FeedbackStore(settings.home), runs_folder(settings)
    launch(open_chat, host, port, open_browser=arguments.open, feedback=feedback, runs=runs)
    return 0


def _cache(arguments: argparse.Namespace) -> int:
    from rag.llm.replies_cache import clear_replies
    from ui.language_model import replies_folder

    settings = _settings(arguments)
    try:
        print(f"{clear_replies(replies_folder(settings))} replies deleted")
    except OSError as error:
        raise StorageError(f"{error.filename} can't be deleted: {error.strerror}.", "Check its permissions.") from None
    return 0


def _bench_retrieval(arguments: argparse.Namespace) -> int:
    import tempfile

    from evals.retrieval_bench import run
    from ui.compose import load_chosen_embedder
    from ui.tables import retrieval_table

    embedder = load_chosen_embedder(_settings(arguments))
    with tempfile.TemporaryDirectory(prefix="profile-chat-") as folder:
        figures = run(arguments.corpus, arguments.queries, arguments.qrels, embedder, Path(folder), _progress)
    print(json.dumps(figures) if arguments.json else retrieval_table(figures))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from ui.checking import read_text, report_text
    from ui.compose import load_profile, open_verifier
    from ui.terminal import uses_colour

    text = read_text(arguments.file)
    settings = _settings(arguments)
    profile = load_profile(settings)
    verifier = _with_second(open_verifier(settings), settings, arguments)
    report = verifier.check_text(text, profile)
    if verifier.without_model:
        print(f"profile-chat: checked by words alone: {verifier.without_model}", file=sys.stderr)
    print(report.model_dump_json() if arguments.json else report_text(report, colour=uses_colour()))
    return 0


def _bench_grounding(arguments: argparse.Namespace) -> int:
    from evals.grounding_bench import run
    from ui.compose import load_chosen_embedder, open_verifier
    from ui.tables import grounding_table

    settings = _settings(arguments)
    verifier = _with_second(open_verifier(settings), settings, arguments)
    embedder = load_chosen_embedder(settings)
    figures = run(arguments.file, arguments.calibrate, verifier=verifier, embedder=embedder, progress=_progress)
    if verifier.without_model:
        print(f"profile-chat: measured by words alone: {verifier.without_model}", file=sys.stderr)
    print(json.dumps(figures) if arguments.json else grounding_table(figures))
    return 0


def _bench_speed(arguments: argparse.Namespace) -> int:
    from evals.speed_bench import run
    from ui.compose import load_chosen_embedder, load_profile, open_in_folder
    from ui.tables import speed_table

    settings = _settings(arguments)
    embedder = load_chosen_embedder(settings)
    figures = run(load_profile(settings), arguments.papers, embedder, open_in_folder, _progress)
    print(json.dumps(figures) if arguments.json else speed_table(figures))
    return 0


# --- shared by commands ---------------------------------------------------------------------------------


def _settings(arguments: argparse.Namespace) -> Any:
    from rag.settings import load_settings

    settings = load_settings()
    return settings.model_copy(update={"profile": arguments.profile}) if arguments.profile else settings


def _with_second(verifier: Any, settings: Any, arguments: argparse.Namespace) -> Any:
    """The verifier with a language model as second judge, where that is asked for."""
    if not arguments.second_judge:
        return verifier
    from ui.language_model import open_second_judge

    return verifier.with_second(open_second_judge(settings).quote_for)


def _open_chat(arguments: argparse.Namespace) -> Any:
    from ui.compose import open_chat

    return open_chat(_settings(arguments), _progress)


class _Bar:
    """One progress bar on standard error, shown only on a terminal."""

    shown: Any = None


def _progress(done: int, total: int) -> None:
    """Shows how far something is that takes over a second."""
    if not sys.stderr.isatty():
        return
    from tqdm import tqdm

    if _Bar.shown is None:
        _Bar.shown = tqdm(total=total, unit="", file=sys.stderr, leave=False)
    _Bar.shown.total = total
    _Bar.shown.update(done - _Bar.shown.n)
    if done >= total:
        _Bar.shown.close()
        _Bar.shown = None


# --- arguments ------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="profile-chat",
        description=_DESCRIPTION,
        epilog=_EXIT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--profile",
        metavar="NAME|FILE",
        help="a stored profile, a saved page or a .bib file (default: the one that ships)",
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(name: str, run: Command, text: str, example: str, within: Any = commands) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = within.add_parser(
            name,
            help=text,
            description=f"{text[0].upper()}{text[1:]}.\n\n{example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        made.set_defaults(run=run)
        return made

    ask = command(
        "ask",
        _ask,
        "answer a question",
        '  profile-chat ask "Who wrote the OneProt paper?"\n  profile-chat ask --batch questions.jsonl > answers.jsonl',
    )
    ask.add_argument("question", nargs="?", metavar="QUESTION", help="the question; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    ask.add_argument(
        "--explain",
        action="store_true",
        help="print plan, evidence with scores, and why it answered or refused",
    )
    ask.add_argument(
        "--batch",
        metavar="FILE|-",
        help='JSON Lines with {"id", "question"} or {"id", "turns": […]}; one answer a line',
    )

    add_export(ask, "--export")

    info = command("info", _info, "show what the profile holds, and what is doubtful about it", "  profile-chat info")
    info.add_argument("--json", action="store_true", help="print all records as JSON")

    ingest = command(
        "ingest",
        _ingest,
        "read a profile and build its index",
        "  profile-chat ingest page.txt\n  profile-chat ingest papers.bib --as 'Ada Lovelace'",
    )
    ingest.add_argument(
        "file",
        nargs="?",
        type=Path,
        metavar="FILE",
        help="a saved profile page or a .bib file (default: the chosen profile)",
    )
    ingest.add_argument(
        "--as",
        dest="owner",
        metavar="NAME",
        help="whose bibliography it is (default: its most frequent author)",
    )
    ingest.add_argument("--rebuild", action="store_true", help="build the index even if it is up to date")
    ingest.add_argument("--json", action="store_true", help="print the build as JSON")

    serve = command("serve", _serve, "open the chat page", "  profile-chat serve --open")
    serve.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=port, help="port to listen on (default: 7860)")
    serve.add_argument("--open", action="store_true", help="open the page in a browser")

    check = command(
        "check",
        _check,
        "check a text about the researcher against the profile, sentence by sentence",
        '  profile-chat check paragraph.txt\n  echo "The profile lists 19 papers." | profile-chat check -',
    )
    check.add_argument("file", metavar="FILE|-", help="plain text, each line a paragraph; - reads standard input")
    check.add_argument("--second-judge", action="store_true", help=_SECOND_JUDGE)
    check.add_argument("--json", action="store_true", help="print the report as one JSON object")

    cache = command("cache", _cache, "delete the language model's replies that are kept", "  profile-chat cache clear")
    cache.add_argument("action", choices=["clear"], help="what to do with them")

    add_briefs(command, _settings, _open_chat)

    bench = commands.add_parser(
        "bench",
        help="measure retrieval, grounding or speed",
        description="Measure retrieval, grounding or speed.",
    )
    kinds = bench.add_subparsers(title="benchmarks", metavar="WHAT", required=True)
    retrieval = command(
        "retrieval",
        _bench_retrieval,
        "nDCG@10 and recall@10 of BM25, dense and fused search on a collection",
        "  profile-chat bench retrieval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv",
        kinds,
    )
    for name in ("corpus", "queries", "qrels"):
        retrieval.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    retrieval.add_argument("--json", action="store_true", help="print the figures as JSON")
    grounding = command(
        "grounding",
        _bench_grounding,
        "how often the verifier errs on claims with known truth, beside overlap and cosine",
        "  profile-chat bench grounding claims.jsonl --calibrate dev.jsonl",
        kinds,
    )
    grounding.add_argument(
        "file", type=Path, metavar="FILE", help='JSON Lines with {"claim", "passages": […], "supported": true|false}'
    )
    grounding.add_argument(
        "--calibrate",
        type=Path,
        metavar="DEV",
        help="rows to choose each threshold on (default: the thresholds as they ship)",
    )
    grounding.add_argument("--second-judge", action="store_true", help=_SECOND_JUDGE)
    grounding.add_argument("--json", action="store_true", help="print the figures as JSON")
    speed = command(
        "speed",
        _bench_speed,
        "time of a question beside a bare query embedding and a bare Chroma query",
        "  profile-chat bench speed --papers 1000",
        kinds,
    )
    speed.add_argument(
        "--papers",
        type=positive,
        metavar="N",
        help="ask over N papers, made up from the profile's (default: the profile as it is)",
    )
    speed.add_argument("--json", action="store_true", help="print the figures as JSON")

    add_eval(commands, command, _settings, _progress)
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`profile-chat brief` and `verify`: what they read, and what they print or write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, get_args

from rag.briefing.records import BriefRequest, FocusKind, Reader
from rag.errors import InputError
from rag.models import Answer, Profile
from rag.receipts.records import Format, Held, Receipt, VerifyReport
from rag.settings import Settings

FORMATS = (*get_args(Format), "pdf")
_SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json", ".pdf": "pdf",
             ".bib": "bib", ".csl": "csl"}  # fmt: skip
_FOCUS: dict[str, FocusKind] = {"topic": "topic", "person": "person", "paper": "paper", "since": "since"}
_LONGEST_INTERESTS = 2_000
MARKS: dict[Held, str] = {"holds": "✓", "changed": "~", "broken": "✗"}
COUNTED: dict[Held, str] = {"holds": "hold", "changed": "can't be told since the profile changed", "broken": "broken"}
WORDS: dict[Held, str] = {"holds": "holds", "changed": "profile changed since", "broken": "broken"}


# --- brief ----------------------------------------------------------------------------------------------


def brief(arguments: argparse.Namespace, settings: Settings, open_chat: Callable[[], Any]) -> int:
    """Makes a briefing and prints or writes it; a refusal is printed.

    Raises:
        InputError: an argument that can't be used.
    """
    form = form_of(arguments.format, arguments.out)
    if form == "pdf" and arguments.out is None and sys.stdout.isatty():
        raise InputError("A PDF can't be shown on a terminal.", "Write it to a file with --out page.pdf.")
    request = read_request(arguments, settings)
    from rag.briefing.make import make_briefing

    chat = open_chat()
    made = make_briefing(request, chat)
    if isinstance(made, Answer):
        # Nothing is written: a file of that name would be taken for the page.
        print(made.model_dump_json(by_alias=True) if form == "json" else made.answer)
        return 0
    if form is None:
        from ui.brief_text import briefing_text
        from ui.terminal import uses_colour

        print(briefing_text(made, colour=uses_colour()))
        return 0
    write(exported(made, chat.profile, form), arguments.out)
    return 0


def read_request(arguments: argparse.Namespace, settings: Settings) -> BriefRequest:
    """What the arguments ask for."""
    given = [(name, text) for name in _FOCUS if (text := getattr(arguments, name)) is not None]
    kind, text = (_FOCUS[given[0][0]], given[0][1]) if given else ("whole", "")
    return BriefRequest(
        kind=kind,
        text=text,
        language=arguments.lang,
        reader=read_reader(arguments.reader) if arguments.reader is not None else None,
        earlier=_earlier(arguments.changed_from, settings) if arguments.changed_from is not None else None,
    )


def read_reader(source: str) -> Reader:
    """Who the page is for: interests in a line or in a text file, or the reader's papers in a .bib file.

    Raises:
        InputError: nothing was given, or the file can't be used.
    """
    from rag.briefing.overlap import split_interests

    text = source.strip()
    path = Path(text) if text and "\n" not in text and len(text) < 256 else None
    if path is not None and path.suffix.lower() in (".bib", ".bibtex"):
        from ingest.sources import read_profile

        return Reader(papers=read_profile(path).papers)
    if path is not None and (path.is_file() or path.suffix.lower() in (".txt", ".md")):
        from ui.checking import read_text

        text = read_text(source)
    if len(text) > _LONGEST_INTERESTS:
        raise InputError(
            f"--for has {len(text):,} characters; the limit is {_LONGEST_INTERESTS:,}.",
            "Give the interests in a line, or your papers as a .bib file.",
        )
    interests = split_interests(text)
    if not interests:
        raise InputError("--for is empty.", "Give interests in a line, or your papers as a .bib file.")
    return Reader(interests=interests)


def _earlier(source: str, settings: Settings) -> Profile:
    """The version of the profile in a file, or the one that the store still holds of the build before."""
    from ui.compose import earlier_profile, load_profile

    if source != "previous":
        return load_profile(settings.model_copy(update={"profile": source}))
    earlier = earlier_profile(settings)
    if earlier is None:
        raise InputError(
            "The store holds no earlier version of this profile.",
            "Give the older page or .bib file in its place.",
        )
    return earlier


# --- writing --------------------------------------------------------------------------------------------


def form_of(wanted: str | None, out: Path | None) -> str | None:
    """The format that is asked for, else the one that the file's name says; None for text on a terminal.

    Raises:
        InputError: the file's name says none.
    """
    if wanted or out is None:
        return wanted
    if out.name.lower().endswith(".csl.json"):
        return "csl"
    form = _SUFFIXES.get(out.suffix.lower())
    if form is None:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(f"{out} doesn't say which format it is to have.", f"Give it one of these endings: {known}.")
    return form


def exported(content: Any, profile: Profile, form: str) -> bytes:
    """The bytes of a file with an answer, a conversation or a briefing; see `rag.receipts.make.export`."""
    from rag.receipts.make import export, receipt_of

    if form == "pdf":
        from ui.pdf import pdf_file

        return pdf_file(receipt_of(content, profile, date.today()))
    return export(content, profile, form, date.today()).encode()  # type: ignore[arg-type]


def write(content: bytes, out: Path | None) -> None:
    """Writes `content` to the file `out`, to standard output where there is none.

    Raises:
        InputError: the file can't be written.
    """
    if out is None:
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputError(f"{out} can't be written: {error.strerror}.", "Give another file.") from None


def export_answer(chat: Any, question: str, out: Path) -> str:
    """Asks, writes answer and receipt to the file `out`, and gives the answer as text.

    Raises:
        InputError: the question is empty, or the file's name says no format.
    """
    from ui.asking import checked_question
    from ui.terminal import answer_text, uses_colour

    form = form_of(None, out)
    answer = chat.ask(checked_question(question))
    write(exported(answer, chat.profile, str(form)), out)
    return answer_text(answer, colour=uses_colour())


# --- verify ---------------------------------------------------------------------------------------------


def verify_file(arguments: argparse.Namespace, settings: Settings) -> int:
    """Checks an exported file; status 1 where it is not as it was exported."""
    from rag.receipts.verify import verify
    from ui.checking import read_text

    report = verify(read_text(arguments.file), lambda receipt: profile_of(receipt, settings))
    print(report.model_dump_json() if arguments.json else report_text(report))
    return 1 if report.is_damaged else 0


def profile_of(receipt: Receipt, settings: Settings) -> Profile:
    """The profile that the settings name, else the one that the receipt names.

    Raises:
        InputError: it is not here.
    """
    from ui.compose import load_profile

    name = receipt.profile.name
    if settings.profile is None:
        settings = settings.model_copy(update={"profile": name})
    try:
        return load_profile(settings)
    except InputError as error:
        if settings.profile != name:
            raise
        raise InputError(
            f"The file was made from the profile {name!r}, which is not here.", "Give it with --profile NAME|FILE."
        ) from error


def report_text(report: VerifyReport) -> str:
    """Every claim with what was found of it, and a count at the end."""
    lines = [f"{MARKS[claim.held]} {claim.text}\n    {WORDS[claim.held]}: {claim.reason}" for claim in report.claims]
    lines += [f"{MARKS['broken']} {damage}" for damage in report.damage]
    return "\n".join([*lines, "", verify_summary(report)] if lines else [verify_summary(report)])


def verify_summary(report: VerifyReport) -> str:
    """'28 claims, made 2026-11-24 from stefan_kesselheim: 28 hold'."""
    found = [claim.held for claim in report.claims]
    counts = ", ".join(f"{found.count(held)} {word}" for held, word in COUNTED.items() if held in found)
    claims = "1 claim" if len(found) == 1 else f"{len(found)} claims"
    made = f", made {report.made} from {report.profile}" if report.made else ""
    damage = "; the file is damaged" if report.damage else ""
    return f"{claims}{made}{': ' if counts else ''}{counts}{damage}"

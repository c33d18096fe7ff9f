"""The arguments of `profile-chat brief` and `profile-chat verify`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FORMATS = ("md", "html", "pdf", "json", "bib", "csl")


def add_briefs(
    command: Callable[..., argparse.ArgumentParser],
    settings: Callable[[argparse.Namespace], Any],
    open_chat: Callable[[argparse.Namespace], Any],
) -> None:
    """Adds `brief` and `verify`.

    Args:
        command: adds one command: name, function, help, example.
        settings: reads the settings for given arguments.
        open_chat: opens the chat for given arguments.
    """

    def brief(arguments: argparse.Namespace) -> int:
        from ui import briefs

        return briefs.brief(arguments, settings(arguments), lambda: open_chat(arguments))

    def verify(arguments: argparse.Namespace) -> int:
        from ui import briefs

        return briefs.verify_file(arguments, settings(arguments))

    page = command(
        "brief",
        brief,
        "write one page before a meeting",
        '  profile-chat brief --topic "flow matching" --out page.pdf\n'
        '  profile-chat brief --with "Jan Ebert" --for "protein design, graph learning"',
    )
    focus = page.add_mutually_exclusive_group()
    focus.add_argument("--topic", metavar="T", help="the papers on a topic (default: the whole profile)")
    focus.add_argument("--with", dest="person", metavar="PERSON", help="the papers that name a person")
    focus.add_argument("--paper", metavar="P", help="one paper, by its title or a part of it")
    focus.add_argument("--since", metavar="DATE", help="the papers since 2024, 2024-10 or 2024-10-04")
    page.add_argument(
        "--for", dest="reader", metavar="TEXT|FILE",
        help="whom the page is for: interests in a line, or the reader's own papers as a .bib file",
    )  # fmt: skip
    page.add_argument(
        "--changed-from", metavar="FILE|previous",
        help="also say what changed since an older page or .bib file, or since the build before",
    )  # fmt: skip
    page.add_argument("--lang", choices=("en", "de"), default="en", help="language around the quotes (default: en)")
    add_export(page, "--out", "--format")

    checked = command(
        "verify",
        verify,
        "check a file that was exported: does each claim hold, has the profile changed, was it edited",
        "  profile-chat verify page.md\n  profile-chat verify - < answer.html",
    )
    checked.add_argument("file", metavar="FILE|-", help="an exported .md, .html or .json; - reads standard input")
    checked.add_argument("--json", action="store_true", help="print the report as one JSON object")


def add_export(to: argparse.ArgumentParser, out: str, form: str | None = None) -> None:
    """Adds the option that names a file to write, and the one that names its format."""
    names = ", ".join(f".{name}" for name in _FORMATS)
    to.add_argument(out, type=Path, metavar="FILE", help=f"write to a file: {names}")
    if form:
        to.add_argument(form, choices=_FORMATS, help="format (default: by the file's name, else text)")

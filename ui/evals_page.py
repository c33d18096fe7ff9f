"""The evals page: which answers got worse from one stored run to another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from evals.baseline import shipped_baseline
from evals.compare import Comparison, compare
from evals.trend import Point, read_trend
from rag.errors import ProfileChatError
from ui.escaping import html_text
from ui.eval_files import read_either
from ui.evals_panels import headline, kinds_table, made_with, sections, trend_panel
from ui.header import page_header
from ui.page_data import json_element
from ui.plain_page import plain_page
from ui.server import Chat
from ui.strings import SCRIPT_STRINGS, PageLanguage, request_language, say

BASELINE = "baseline"
"""The name of the blessed baseline among the runs."""


class Runs:
    """The stored runs of one profile, by name.

    Args:
        folder: where runs are kept.
        profile: name of the profile.
    """

    def __init__(self, folder: Path, profile: str) -> None:
        self._folder = folder
        self.points: Sequence[Point] = read_trend(folder, profile)
        baseline = shipped_baseline(profile)
        self._paths = {point.name: folder / f"{point.name}.jsonl" for point in self.points}
        if baseline.exists():
            self._paths[BASELINE] = baseline

    @property
    def names(self) -> list[str]:
        """The baseline first, then the runs, newest first."""
        runs = [point.name for point in reversed(self.points)]
        return [BASELINE, *runs] if BASELINE in self._paths else runs

    def pair(self, base: str, new: str) -> tuple[str, str] | None:
        """The names to compare: those that are given and known, else the newest run with the baseline, or with the
        run before it; None where there are not two.
        """
        runs = [point.name for point in reversed(self.points)]
        chosen = new if new in self._paths else next(iter(runs), None)
        others = [name for name in (BASELINE, *runs) if name in self._paths and name != chosen]
        before = base if base in self._paths and base != chosen else next(iter(others), None)
        return (before, chosen) if before and chosen else None

    def path(self, name: str) -> Path:
        """The file of a run that is listed; KeyError for any other name."""
        return self._paths[name]


def add_evals_page(server: FastAPI, chat: Chat, folder: Path | None) -> None:
    """Serves the page at `/evals`.

    Args:
        server: gets the page.
        chat: whose profile's runs are shown.
        folder: where runs are kept, None where there are none.
    """
    compared: dict[tuple[Path, int, Path, int], Comparison] = {}

    @server.get("/evals", include_in_schema=False)
    def evals_page(request: Request) -> HTMLResponse:
        query = request.query_params
        language = request_language(request)
        runs = Runs(folder, chat.profile.name) if folder else None
        names = runs.pair(query.get("base", ""), query.get("new", "")) if runs else None
        if runs is None or names is None:
            body = _nothing_yet(language)
        else:
            try:
                body = _body(_comparison(runs, names, compared), runs, names, language)
            except ProfileChatError as error:
                body = f'{_chooser(runs, names, language)}<p class="notice">{html_text(str(error))}</p>'
        page = plain_page(
            title=f"{say(language, 'to_evals')} · {chat.profile.person} · Profile Chat",
            header=page_header(chat.profile, getattr(chat, "model", None), language, page="evals"),
            body=body,
            language=language,
            styles=("base.css", "profile.css", "evals.css"),
            script="evals.js",
            loads=("base.js",),
            data=json_element("profile-data", {"name": "", "papers": [], "strings": SCRIPT_STRINGS}),
        )
        return HTMLResponse(page)


def _comparison(
    runs: Runs, names: tuple[str, str], compared: dict[tuple[Path, int, Path, int], Comparison]
) -> Comparison:
    """The comparison, kept as long as neither file changes: it takes a second to make."""
    base, new = (runs.path(name) for name in names)
    key = (base, base.stat().st_mtime_ns, new, new.stat().st_mtime_ns)
    if key not in compared:
        made = compare(read_either(base), read_either(new))
        compared.clear()
        compared[key] = made
    return compared[key]


def _body(comparison: Comparison, runs: Runs, names: tuple[str, str], language: PageLanguage) -> str:
    return (
        f"{headline(comparison, language)}{_chooser(runs, names, language)}{_filters(comparison, language)}"
        f"{sections(comparison, language)}"
        f'<div class="panels">{kinds_table(comparison, language)}{trend_panel(runs.points, language)}</div>'
        f"{made_with(comparison, language)}"
    )


def _nothing_yet(language: PageLanguage) -> str:
    return (
        f'<section class="panel wide"><h2 id="headline">{say(language, "evals_none")}</h2>'
        f"<p>{say(language, 'evals_none_mend')}</p><pre>profile-chat eval run</pre></section>"
    )


def _chooser(runs: Runs, names: tuple[str, str], language: PageLanguage) -> str:
    selects = "".join(
        f"<label>{say(language, f'evals_choose_{place}')} "
        f'<select name="{place}">{_options(runs.names, chosen, language)}</select></label>'
        for place, chosen in zip(("new", "base"), reversed(names), strict=True)
    )
    return f'<section class="chooser" aria-label="{say(language, "evals_choose")}">{selects}</section>'


def _options(names: Sequence[str], chosen: str, language: PageLanguage) -> str:
    return "".join(
        f'<option value="{html_text(name)}"{" selected" if name == chosen else ""}>'
        f"{say(language, 'evals_baseline') if name == BASELINE else html_text(name)}</option>"
        for name in names
    )


def _filters(comparison: Comparison, language: PageLanguage) -> str:
    """Selects that leave the cases of one kind or one language; the script acts on them."""
    held = {
        "kind": sorted({pair.new[0].case.kind for pair in comparison.pairs}),
        "language": sorted({pair.new[0].case.language for pair in comparison.pairs}),
    }
    selects = "".join(
        f'<label>{say(language, f"evals_filter_{name}")} <select data-filter="{name}">'
        f'<option value="">{say(language, "evals_any")}</option>'
        f"{''.join(f'<option>{html_text(value)}</option>' for value in values)}</select></label>"
        for name, values in held.items()
    )
    return (
        f'<section class="chooser" aria-label="{say(language, "filters")}">{selects}'
        '<p id="left" role="status"></p></section>'
    )

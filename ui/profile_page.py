"""The profile page: an overview computed from the records, with filters that work together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from rag.clusters import Topic
from rag.coauthors import Person, coauthors, draw
from rag.errors import ProfileChatError
from rag.models import Profile
from ui.escaping import html_text
from ui.header import page_header
from ui.page_data import json_element, page_data
from ui.plain_page import plain_page
from ui.profile_panels import (
    NO_YEAR,
    bars,
    category_marks,
    columns,
    graph_svg,
    marks_table,
    panel,
    papers_table,
    people_list,
    people_marks,
    topic_label,
    topic_marks,
    year_marks,
)
from ui.server import Chat
from ui.strings import STRINGS, PageLanguage, request_language, say

_SCRIPTS = ("base.js", "card.js", "evidence.js", "sorting.js")


def add_profile_page(server: FastAPI, chat: Chat) -> None:
    """Serves the page at `/profile`; it is made once for each language and profile."""
    made: dict[PageLanguage, tuple[Profile, str]] = {}

    @server.get("/profile", include_in_schema=False)
    def profile_page(request: Request) -> HTMLResponse:
        language = request_language(request)
        profile = chat.profile
        if language not in made or made[language][0] is not profile:
            made[language] = profile, _page(chat, profile, language)
        return HTMLResponse(made[language][1])


def _page(chat: Chat, profile: Profile, language: PageLanguage) -> str:
    topics = _topics(chat)
    people = coauthors(profile)
    return plain_page(
        title=f"{say(language, 'to_profile')} · {profile.person} · Profile Chat",
        header=page_header(profile, getattr(chat, "model", None), language, page="profile"),
        body=profile_body(profile, topics, people, lambda question: _answers(chat, question), language),
        language=language,
        styles=("base.css", "profile.css"),
        script="profile.js",
        loads=_SCRIPTS,
        data=page_data(profile) + json_element("facet-data", facets(profile, topics, people, language)),
    )


def _topics(chat: Chat) -> tuple[Topic, ...]:
    """None where the index can't be read: the rest of the page needs no index."""
    try:
        return chat.topics()
    except ProfileChatError:
        return ()


def _answers(chat: Chat, question: str) -> bool:
    """Whether it is answered; no language model is asked, since opening a page must cost nothing."""
    try:
        return not chat.quote(question).answer.abstained
    except ProfileChatError:
        return False


def profile_body(
    profile: Profile,
    topics: Sequence[Topic],
    people: Sequence[Person],
    answers: Callable[[str], bool],
    language: PageLanguage,
) -> str:
    """The page's content: panels to filter by, then the papers."""
    years, categories = year_marks(profile, language), category_marks(profile, language)
    named, grouped = people_marks(people, language), topic_marks(topics, answers, language)
    cut = sum(paper.authors_cut for paper in profile.papers)
    total = len(profile.papers)
    graph = draw(people)
    panels = [
        panel(
            "years",
            say(language, "panel_years"),
            say(language, "panel_years_note") if years and years[-1].value == NO_YEAR else "",
            columns("year", years),
            marks_table(say(language, "column_year"), years, language),
            language,
        ),
        panel(
            "categories",
            say(language, "panel_categories"),
            "",
            bars("category", categories),
            marks_table(say(language, "column_category"), categories, language),
            language,
        ),
    ]
    if grouped:
        panels.append(
            panel(
                "topics",
                say(language, "panel_topics"),
                say(language, "panel_topics_note"),
                bars("topic", grouped),
                marks_table(say(language, "column_topic"), grouped, language),
                language,
            )
        )
    if named:
        drawn = len(graph.nodes)
        notes = [say(language, "panel_people_cut", cut=cut, total=total)] if cut else []
        notes += [say(language, "panel_people_drawn", drawn=drawn, all=len(named))] if drawn < len(named) else []
        panels.append(
            panel(
                "people",
                say(language, "panel_people", count=len(named)),
                " ".join(notes),
                f'<div class="beside">{people_list(named)}{graph_svg(graph, language)}</div>',
                marks_table(say(language, "column_person"), named, language),
                language,
            )
        )
    topic_of = {paper: topic_label(topic, language) for topic in topics for paper in topic.papers}
    return (
        f"{_printed(profile, language)}{_filters(language)}"
        f'<div class="panels">{"".join(panels)}</div>'
        f'<section class="panel wide" id="panel-papers"><h2>{say(language, "panel_papers")}</h2>'
        f"{papers_table(profile, topic_of, language)}</section>"
    )


def _printed(profile: Profile, language: PageLanguage) -> str:
    """What the page states about the person, and what of it is doubtful."""
    if not profile.figures and not profile.findings:
        return ""
    figures = "".join(
        f"<div><dt>{html_text(figure.label)}</dt><dd>{html_text(figure.value)}</dd></div>" for figure in profile.figures
    )
    findings = "".join(f'<li lang="en">{html_text(finding.message)}</li>' for finding in profile.findings)
    listed = f'<ul class="findings">{findings}</ul>' if findings else ""
    stated = f'<dl class="figures">{figures}</dl>' if figures else ""
    return f'<section class="panel wide printed"><h2>{say(language, "figures")}</h2>{stated}{listed}</section>'


def _filters(language: PageLanguage) -> str:
    """The bar that says what is shown; the script fills it."""
    return (
        f'<section class="filters" aria-label="{say(language, "filters")}">'
        f'<p id="shown" role="status">{say(language, "filters_hint")}</p><div id="chips"></div>'
        '<div class="filter-tools">'
        f'<label class="code"><input type="checkbox" id="with-code"> {say(language, "only_code")}</label>'
        f'<label><span class="sr-only-page">{say(language, "search_papers")}</span>'
        f'<input type="search" id="search" placeholder="{say(language, "search_papers")}"></label>'
        f'<a class="as-button" id="ask-these" href="./" hidden>{say(language, "ask_these")}</a>'
        f'<button type="button" id="bibtex-these">{say(language, "bibtex_these")}</button>'
        f'<button type="button" id="clear" hidden>{say(language, "clear_filters")}</button></div></section>'
    )


def facets(
    profile: Profile, topics: Sequence[Topic], people: Sequence[Person], language: PageLanguage
) -> dict[str, Any]:
    """What each paper is filtered by, and the words of the questions, for the page's script."""
    topic_of = {paper: str(number) for number, topic in enumerate(topics) for paper in topic.papers}
    names: dict[str, list[str]] = {}
    for person in people:
        for paper in person.papers:
            names.setdefault(paper, []).append(person.name)
    return {
        "papers": {
            paper.id: {
                "year": [str(paper.year) if paper.year else NO_YEAR],
                "category": [paper.category] if paper.category else [],
                "topic": [topic_of[paper.id]] if paper.id in topic_of else [],
                "person": names.get(paper.id, []),
                "code": ["yes"] if paper.has_code else [],
            }
            for paper in profile.papers
        },
        "noYear": NO_YEAR,
        "words": {
            key: STRINGS[language][f"facet_{key}"]  # the script fills their places
            for key in (
                "shown",
                "hint",
                "remove",
                "ask",
                "category",
                "year",
                "no_year",
                "code",
                "person",
                "and",
            )
        },
        "topics": [topic_label(topic, language) for topic in topics],
    }

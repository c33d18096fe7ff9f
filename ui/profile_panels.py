"""The profile page's panels: what the records add up to, each as marks to press and as a table. Gives HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from rag.clusters import Topic
from rag.coauthors import Graph, Person
from rag.models import Profile
from rag.records import category_counts, year_counts
from ui.escaping import citation_attribute, html_text
from ui.strings import PageLanguage, say

NO_YEAR = "none"
_SHOWN_PEOPLE = 10


class Mark(NamedTuple):
    """One value of a facet: what it is called, how many papers have it, and a question about them."""

    value: str
    label: str
    papers: int
    question: str


def year_marks(profile: Profile, language: PageLanguage) -> list[Mark]:
    """Every year from the first to the last, empty ones too, then the papers without one."""
    marks = [
        Mark(str(year), str(year), count, say(language, "q_year", year=year) if count else "")
        for year, count in year_counts(profile.papers)
    ]
    undated = sum(paper.year is None for paper in profile.papers)
    if undated:
        marks.append(Mark(NO_YEAR, say(language, "no_year"), undated, say(language, "q_no_year")))
    return marks


def category_marks(profile: Profile, language: PageLanguage) -> list[Mark]:
    """The categories as printed, most papers first."""
    return [
        Mark(code, code, count, say(language, "q_category", category=code))
        for code, count in category_counts(profile.papers)
    ]


def topic_marks(topics: Sequence[Topic], answers: Callable[[str], bool], language: PageLanguage) -> list[Mark]:
    """The topics by number; each with a question about its first term that is answered, if one is.

    Args:
        topics: as `rag.clusters` found them.
        answers: whether a question is answered.
        language: of the questions.
    """
    marks = []
    for number, topic in enumerate(topics):
        questions = (say(language, "q_topic", topic=term) for term in topic.terms)
        question = next((one for one in questions if answers(one)), "")
        marks.append(Mark(str(number), topic_label(topic, language), len(topic.papers), question))
    return marks


def topic_label(topic: Topic, language: PageLanguage) -> str:
    """Its terms, or that it has none."""
    return ", ".join(topic.terms) or say(language, "topic_unnamed")


def people_marks(people: Iterable[Person], language: PageLanguage) -> list[Mark]:
    """The co-authors, most papers first."""
    return [Mark(one.name, one.name, len(one.papers), say(language, "q_person", person=one.name)) for one in people]


def panel(name: str, title: str, note: str, body: str, table: str, language: PageLanguage) -> str:
    """A panel with its heading, what is to be known about it, its marks, and the same as a table."""
    told = f'<p class="meta">{html_text(note)}</p>' if note else ""
    return (
        f'<section class="panel" id="panel-{name}"><h2>{html_text(title)}</h2>{told}{body}'
        f'<details class="as-table"><summary>{say(language, "as_table")}</summary>{table}</details></section>'
    )


def columns(facet: str, marks: Sequence[Mark]) -> str:
    """Marks side by side, as tall as they have papers."""
    return f'<ul class="columns"{_most(marks)}>{"".join(_mark(facet, mark) for mark in marks)}</ul>'


def bars(facet: str, marks: Sequence[Mark]) -> str:
    """Marks below each other, as long as they have papers."""
    return f'<ul class="bars"{_most(marks)}>{"".join(_mark(facet, mark) for mark in marks)}</ul>'


def marks_table(heading: str, marks: Sequence[Mark], language: PageLanguage) -> str:
    """The marks in words, with a way to ask about each."""
    rows = "".join(
        f'<tr><th scope="row">{html_text(mark.label)}</th><td class="number">{mark.papers}</td>'
        f"<td>{ask_link(mark.question, language)}</td></tr>"
        for mark in marks
    )
    heads = "".join(f"<th>{html_text(head)}</th>" for head in (heading, say(language, "column_papers")))
    heads += f'<th><span class="sr-only-page">{say(language, "ask_this")}</span></th>'
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


def ask_link(question: str, language: PageLanguage) -> str:
    """A link that puts the question into the chat's box; '' without one."""
    if not question:
        return ""
    address = html_text(f"./?q={quote(question)}")
    return f'<a class="ask" href="{address}" title="{html_text(question)}">{say(language, "ask_this")}</a>'


def graph_svg(graph: Graph, language: PageLanguage) -> str:
    """The co-authors as dots, larger with more papers, joined where one list names both. The table says it in words."""
    width, height, edge = 640, 420, 34

    def place(number: int) -> tuple[float, float]:
        node = graph.nodes[number]
        return edge + node.x * (width - 2 * edge), edge + node.y * (height - 2 * edge)

    lines = []
    for one, other, count in graph.links:
        (x1, y1), (x2, y2) = place(one), place(other)
        lines.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke-width="{0.8 + 0.8 * count:.1f}"/>'
        )
    dots = []
    for number, node in enumerate(graph.nodes):
        x, y = place(number)
        radius = 4 + 2.4 * node.papers
        anchor = "start" if x < width * 0.7 else "end"
        side = 1 if anchor == "start" else -1
        name = (
            f'<text x="{x + side * (radius + 3):.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">'
            f"{html_text(node.name)}</text>"
            if node.papers > 1
            else ""
        )
        told = html_text(say(language, "person_papers", name=node.name, count=node.papers))
        dots.append(
            f'<g data-facet="person" data-value="{html_text(node.name)}"><title>{told}</title>'
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>{name}</g>'
        )
    return f'<svg class="graph" viewBox="0 0 {width} {height}" aria-hidden="true">{"".join(lines)}{"".join(dots)}</svg>'


def people_list(marks: Sequence[Mark]) -> str:
    """The first co-authors as bars."""
    return bars("person", marks[:_SHOWN_PEOPLE])


def papers_table(profile: Profile, topic_of: dict[str, str], language: PageLanguage) -> str:
    """Every paper in a row, newest first; its title opens it."""
    keys = ("date", "title", "authors", "category", "code", "topic")
    heads = "".join(
        f'<th><button class="sort{" by-date" if key == "date" else ""}">{say(language, f"column_{key}")}</button></th>'
        for key in keys
    )
    dated = sorted(profile.papers, key=lambda one: one.date.order if one.date else (0, 0, 0), reverse=True)
    rows = []
    for paper in dated:
        cells = {
            "date": html_text(paper.date.text if paper.date else say(language, "no_date")),
            "title": f'<a class="title" href="{citation_attribute(paper.id)}">{html_text(paper.title)}</a>',
            "authors": html_text(paper.author_line),
            "category": html_text(paper.category or ""),
            "code": say(language, "yes") if paper.has_code else "",
            "topic": html_text(topic_of.get(paper.id, "")),
        }
        shown = "".join(f'<td class="{key}">{cells[key]}</td>' for key in keys)
        rows.append(f'<tr data-paper="{html_text(paper.id)}">{shown}</tr>')
    return (
        f'<table class="papers-table"><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        f'<p id="no-papers" class="hint" hidden>{say(language, "no_match")}</p>'
    )


def _most(marks: Sequence[Mark]) -> str:
    return f' style="--most:{max((mark.papers for mark in marks), default=1) or 1}"'


def _mark(facet: str, mark: Mark) -> str:
    return (
        f'<li><button type="button" data-facet="{facet}" data-value="{html_text(mark.value)}" aria-pressed="false"'
        f' style="--n:{mark.papers}"><span class="label">{html_text(mark.label)}</span>'
        f'<span class="bar"></span><span class="count">{mark.papers}</span></button></li>'
    )

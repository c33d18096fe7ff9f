"""One page from its sections: made by the chat's own engine, checked as its answers are, numbered over all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rag.answers.citing import Numbering, renumbered
from rag.briefing import overlap
from rag.briefing.cautions import caution_lines
from rag.briefing.changes import changes_answer
from rag.briefing.content import papers_answer, themes_answer
from rag.briefing.focus import Focus, find_focus
from rag.briefing.gaps import gaps_answer
from rag.briefing.people import people_answer
from rag.briefing.questions import question_lines
from rag.briefing.records import Briefing, BriefRequest, Engine, Line, Section, SectionKind
from rag.briefing.scene import Scene
from rag.briefing.summary import summary_answer
from rag.briefing.who import latest_answer, who_answer
from rag.models import Answer, Citation
from rag.records import year_counts
from rag.verifier.composed import passing

_LISTED_BY_PAPER = 6
"""A page with no more papers goes through them one by one; with more, by theme."""


class _Part(NamedTuple):
    """Lines whose citations are numbered as in `citations`."""

    kind: SectionKind
    lines: list[Line]
    citations: tuple[Citation, ...]


def make_briefing(request: BriefRequest, engine: Engine) -> Briefing | Answer:
    """The page that was asked for, or a refusal that says what is near.

    Args:
        request: what it is about, for whom, in which language.
        engine: the chat's engine over the profile.

    Raises:
        InputError: the request names nothing that can be looked for.
    """
    focus = find_focus(request, engine)
    if isinstance(focus, Answer):
        return focus
    scene = Scene(engine, engine.profile, request.language, focus.kind, focus.label, focus.papers)
    made = {part.kind: part for part in _parts(scene, request, focus)}
    sections, citations = _numbered(scene, [made[kind] for kind in _ORDER if kind in made])
    profile = scene.profile
    return Briefing(
        title=_title(scene),
        subtitle=_subtitle(scene),
        kind=focus.kind,
        focus=focus.label,
        language=request.language,
        person=profile.person,
        profile=profile.name,
        fingerprint=profile.fingerprint,
        sections=tuple(sections),
        citations=tuple(citations),
        notices=(focus.notice,) if focus.notice else (),
    )


_ORDER: tuple[SectionKind, ...] = (
    "overlap", "changes", "summary", "who", "focus", "themes", "latest", "people", "questions", "cautions", "gaps",
)  # fmt: skip


def _parts(scene: Scene, request: BriefRequest, focus: Focus) -> list[_Part]:
    """The sections in the order in which they may choose sentences: what is rarest first."""
    reader = request.reader
    parts: list[_Part] = []

    def add(kind: SectionKind, answer: Answer, *before: Line) -> None:
        lines = [*before, *(Line(sentence=sentence) for sentence in answer.sentences)]
        parts.append(_Part(kind, lines, answer.citations))

    if request.earlier:
        add("changes", changes_answer(scene, request.earlier))
    if reader and reader.papers:
        add("overlap", overlap.papers_answer(scene, reader.papers))
    elif reader and reader.interests:
        add("overlap", overlap.interests_answer(scene, reader.interests))
    if focus.kind == "paper":
        add("focus", _record_answer(scene))
    for evidence in focus.first.values():
        scene.take(evidence)
    cautions, truths = caution_lines(scene)
    for evidence in focus.first.values():
        scene.leave(evidence)
    by_paper = len(scene.papers) <= _LISTED_BY_PAPER or bool(focus.first)
    short = bool(parts) and parts[0].kind in ("changes", "overlap")
    if by_paper:
        add("themes", papers_answer(scene, focus.first, short=short), *_count_lines(scene))
    questions, asked = question_lines(scene)
    if not by_paper:
        add("themes", themes_answer(scene, short=short), *_count_lines(scene))
    add("latest", latest_answer(scene, by_paper=by_paper))
    add("who", who_answer(scene))
    summary = summary_answer(scene)
    if summary:
        add("summary", summary)
    add("people", people_answer(scene))
    parts.append(_Part("questions", questions, tuple(asked)))
    parts.append(_joined("cautions", cautions, truths))
    add("gaps", gaps_answer(scene))
    return parts


def _record_answer(scene: Scene) -> Answer:
    """The record of the one paper that the page is about."""
    draft = scene.draft()
    (paper,) = scene.papers
    stated = (paper.author_line, paper.date.text if paper.date else "", paper.category, paper.venue)
    record = " · ".join(part for part in stated if part)
    draft.say(scene.say("brief_record", record=record, title=paper.title), [paper])
    return scene.finish(draft)


def _count_lines(scene: Scene) -> list[Line]:
    """How many of the papers the page is about, where that is not all or one by its name."""
    if scene.kind in ("whole", "paper"):
        return []
    draft = scene.draft()
    n, total = len(scene.papers), len(scene.profile.papers)
    key = f"brief_{scene.kind}_one" if n == 1 else f"brief_{scene.kind}_papers"
    draft.say(scene.say(key, n=n, total=total, focus=scene.focus))
    return [Line(sentence=sentence) for sentence in scene.finish(draft).sentences]


def _joined(kind: SectionKind, lines: Sequence[Line], answers: Sequence[Answer]) -> _Part:
    """Lines of answers that are each numbered from 1, numbered on."""
    citations: Numbering = {}
    joined = [_renumbered(line, answer.citations, citations) for line, answer in zip(lines, answers, strict=True)]
    return _Part(kind, joined, tuple(citations.values()))


def _renumbered(line: Line, citations: Sequence[Citation], numbering: Numbering) -> Line:
    own = {citation.n: citation for citation in citations}
    cited = (own[n] for n in line.sentence.citations)
    return line.model_copy(update={"sentence": renumbered(line.sentence, cited, numbering)})


def _numbered(scene: Scene, parts: Sequence[_Part]) -> tuple[list[Section], list[Citation]]:
    """Sections with one numbering of the passages, in order of use; a sentence that stands above is left out."""
    citations: Numbering = {}
    said: set[str] = set()
    sections: list[Section] = []
    for part in parts:
        sentences = [line.sentence for line in part.lines]
        # A model's words are checked otherwise, and have been by the chat.
        checked = sentences if part.kind == "summary" else passing(sentences, part.citations, scene.profile)
        passed = {sentence.text for sentence in checked}
        lines = []
        for line in part.lines:
            if line.sentence.text in said or line.sentence.text not in passed:
                continue
            said.add(line.sentence.text)
            lines.append(_renumbered(line, part.citations, citations))
        if lines:
            sections.append(Section(kind=part.kind, heading=_heading(scene, part.kind), lines=tuple(lines)))
    return sections, list(citations.values())


def _heading(scene: Scene, kind: SectionKind) -> str:
    if kind == "themes":
        return scene.say("brief_head_themes" if scene.kind == "whole" else "brief_head_found")
    return scene.say(f"brief_head_{kind}")


def _title(scene: Scene) -> str:
    if scene.kind == "whole":
        return scene.profile.person
    return scene.say(
        "brief_title", person=scene.profile.person, focus=scene.say(f"brief_on_{scene.kind}", focus=scene.focus)
    )


def _subtitle(scene: Scene) -> str:
    papers = scene.profile.papers
    years = [str(year) for year, number in year_counts(papers) if number]
    undated = sum(paper.year is None for paper in papers)
    span = "" if not years else f", {years[0]}" if len(years) == 1 else f", {years[0]}–{years[-1]}"
    without = scene.say("brief_without_year", n=undated) if undated else ""
    return scene.say("brief_subtitle", n=len(papers)) + span + without

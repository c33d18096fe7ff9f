"""What differs between two versions of a profile: papers, figures, dates, authors, abstracts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from rag.answers.key_sentences import evidence_of
from rag.briefing.scene import Scene
from rag.models import Answer, Evidence, Paper, Profile
from rag.names import fold
from rag.sentences import split_sentences

_SHOWN = 3


class Changes(NamedTuple):
    """New and gone papers, figures as (label, before, now), and papers that stand in both and differ."""

    new: tuple[Paper, ...]
    gone: tuple[Paper, ...]
    figures: tuple[tuple[str, str, str], ...]
    edited: tuple[tuple[Paper, Paper], ...]


def compare(before: Profile, now: Profile) -> Changes:
    """What is different in `now`. Papers are the same where titles agree, or abstracts do."""
    old = {fold(paper.title): paper for paper in before.papers}
    by_abstract = {paper.abstract: paper for paper in before.papers if paper.abstract}
    pairs = [(old.get(fold(paper.title)) or by_abstract.get(paper.abstract), paper) for paper in now.papers]
    kept = {was.id for was, _ in pairs if was}
    stated_before = {figure.label: figure.value for figure in before.figures}
    stated_now = {figure.label: figure.value for figure in now.figures}
    return Changes(
        new=tuple(paper for was, paper in pairs if was is None),
        gone=tuple(paper for paper in before.papers if paper.id not in kept),
        figures=tuple(
            (label, stated_before.get(label, "–"), stated_now.get(label, "–"))
            for label in dict.fromkeys((*stated_before, *stated_now))
            if stated_before.get(label) != stated_now.get(label)
        ),
        edited=tuple((was, paper) for was, paper in pairs if was and _differs(was, paper)),
    )


def changes_answer(scene: Scene, before: Profile) -> Answer:
    """The changes in sentences, the new passages of edited abstracts quoted."""
    changes = compare(before, scene.profile)
    draft = scene.draft()
    if not any(changes):
        draft.say(scene.say("brief_unchanged"))
    for paper in changes.new[:_SHOWN]:
        draft.say(scene.say("brief_new_paper", paper=scene.titled(paper)), [paper], item=True)
    for text in (*_more(scene, "brief_more_new", changes.new), *_figures(scene, changes), *_gone(scene, changes)):
        draft.say(text, item=True)
    for was, paper in changes.edited[:_SHOWN]:
        fresh = _fresh_sentence(was, paper)
        lead = scene.say("brief_edited", title=paper.title, what=_what(scene, was, paper))
        if fresh and scene.is_free(fresh):
            draft.quote(scene.take(fresh), f"{lead} ", item=True)
        else:
            draft.say(lead.rstrip(":") + ".", [paper], item=True)
    for text in _more(scene, "brief_more_edited", changes.edited):
        draft.say(text, item=True)
    return scene.finish(draft)


def _differs(was: Paper, paper: Paper) -> bool:
    return bool(_fields(was, paper))


def _fields(was: Paper, paper: Paper) -> list[str]:
    differs = {
        "title": was.title != paper.title,
        "abstract": was.abstract != paper.abstract,
        "authors": was.author_line != paper.author_line,
        "date": was.date != paper.date,
        "category": was.category != paper.category,
        "code": was.has_code != paper.has_code,
        "venue": was.venue != paper.venue,
    }
    return [name for name, changed in differs.items() if changed]


def _what(scene: Scene, was: Paper, paper: Paper) -> str:
    return ", ".join(scene.say(f"brief_field_{name}") for name in _fields(was, paper))


def _fresh_sentence(was: Paper, paper: Paper) -> Evidence | None:
    """The first sentence of the abstract that it did not have before."""
    before = {span.text for span in split_sentences(was.abstract)}
    return next((evidence_of(paper, span) for span in split_sentences(paper.abstract) if span.text not in before), None)


def _more(scene: Scene, key: str, changed: Sequence[object]) -> Iterator[str]:
    if len(changed) > _SHOWN:
        yield scene.say(key, n=len(changed) - _SHOWN)


def _figures(scene: Scene, changes: Changes) -> Iterator[str]:
    for label, before, now in changes.figures:
        yield scene.say("brief_figure", label=label, before=before, now=now)


def _gone(scene: Scene, changes: Changes) -> Iterator[str]:
    for paper in changes.gone[:_SHOWN]:
        yield scene.say("brief_gone_paper", title=paper.title)
    yield from _more(scene, "brief_more_gone", changes.gone)

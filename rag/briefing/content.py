"""What the page's papers found, by theme or paper by paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.answers.draft import Draft
from rag.briefing.results import SAYS_A_LITTLE, SAYS_SOMETHING, purpose_of, results_of, telling_text
from rag.briefing.scene import Scene, distinct
from rag.briefing.themes import MOST_THEMES, themes_of
from rag.models import Answer, Evidence, Paper

_OF_A_THEME, _OF_A_THEME_SHORT = (2, 2, 1, 1), (1, 1, 1)
_OF_ONE = 5
_FEW = 2
_PAPERS = 6


def themes_answer(scene: Scene, *, short: bool) -> Answer:
    """The largest themes, each with the results that tell most; from as many papers as there are results.

    Args:
        scene: the page.
        short: whether other sections need the room.
    """
    draft = scene.draft()
    themes = themes_of(scene.papers, MOST_THEMES)
    if not themes:
        return papers_answer(scene, {}, short=short)
    for theme, number in zip(themes, _OF_A_THEME_SHORT if short else _OF_A_THEME, strict=False):
        found = _best_of(scene, theme.papers)[:number]
        if not found:
            continue
        key = "brief_theme_one" if len(theme.papers) == 1 else "brief_theme"
        draft.say(scene.say(key, theme=theme.name, n=len(theme.papers)))
        for _, evidence in found:
            draft.quote(scene.take(evidence), item=True)
    return scene.finish(draft)


def papers_answer(scene: Scene, first: Mapping[str, Evidence], *, short: bool) -> Answer:
    """Paper by paper: the sentence in `first` that bears on what was asked, then what came out.

    Args:
        scene: the page.
        first: by paper id, the sentence that the chat quotes for it.
        short: whether other sections need the room.
    """
    draft = scene.draft()
    number = len(distinct(scene.papers))
    each = _OF_ONE if number == 1 else 3 if number <= _FEW else 2 if number < _PAPERS and not short else 1
    spoken = _spoken(scene, first)
    for paper in spoken[:_PAPERS]:
        _quote_paper(scene, draft, paper, first.get(paper.id), each)
    if len(spoken) > _PAPERS:
        draft.say(scene.say("brief_more_papers", n=len(spoken) - _PAPERS), item=True)
    return scene.finish(draft)


def _spoken(scene: Scene, first: Mapping[str, Evidence]) -> list[Paper]:
    """Papers with an abstract before those without."""
    return sorted(distinct(scene.papers), key=lambda paper: (not paper.abstract, bool(first) and paper.id not in first))


def _quote_paper(scene: Scene, draft: Draft, paper: Paper, first: Evidence | None, each: int) -> None:
    least = SAYS_A_LITTLE if each == _OF_ONE else SAYS_SOMETHING
    chosen = [first] if first and scene.is_free(first) else purpose_of(paper, scene.is_free)[:1]
    for evidence in chosen:
        scene.take(evidence)
    more = results_of(paper, each - len(chosen), scene.is_free, least) if each > len(chosen) else []
    chosen += [scene.take(evidence) for evidence in more]
    for number, evidence in enumerate(sorted(chosen, key=lambda one: one.start)):
        draft.quote(evidence, f"{scene.titled(paper)}: " if number == 0 else "", item=True)
    if not chosen and not paper.abstract:
        draft.say(scene.say("brief_no_abstract", title=paper.title), [paper], item=True)


def _best_of(scene: Scene, papers: Sequence[Paper]) -> list[tuple[Paper, Evidence]]:
    """One result from each of the papers whose best one tells most."""
    found = [(paper, evidence) for paper in distinct(papers) for evidence in results_of(paper, 1, scene.is_free)]
    return sorted(found, key=lambda pair: -telling_text(pair[1].text))

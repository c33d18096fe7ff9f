"""Who this is, in three sentences, and the newest of their work."""

from __future__ import annotations

from collections import Counter

from rag.answers.computed import compute
from rag.briefing.results import purpose_of
from rag.briefing.scene import Scene
from rag.briefing.themes import MOST_THEMES, Theme, themes_of
from rag.models import Answer, Operation, Profile
from rag.phrases import join_names
from rag.records import coauthor_counts, newest_first, year_counts

_FIELDS = 3
_NAMES = 3
_VENUES = 3
_LATEST = 2


def who_answer(scene: Scene) -> Answer:
    """Number and years of the papers, what they are about, and where or with whom they appeared."""
    draft = scene.draft()
    draft.say(_papers(scene))
    themes = themes_of(newest_first(scene.profile.papers), MOST_THEMES)[:_FIELDS]
    if themes:
        by_category = any(paper.category for paper in scene.profile.papers)
        named = [_with_number(theme) for theme in themes]
        key = "brief_fields" if by_category else "brief_title_words"
        draft.say(scene.say(key, fields=join_names(named, scene.language)))
    where = _venues(scene.profile, scene) or _company(scene)
    if where:
        draft.say(where)
    return scene.finish(draft)


def latest_answer(scene: Scene, *, by_paper: bool) -> Answer:
    """The newest dated papers with what each does.

    A page that goes through its papers `by_paper` has said that: it names the newest of the whole profile.
    """
    dated = [paper for paper in scene.papers if paper.year]
    if by_paper or not dated:
        newest = compute(scene.plan(Operation.NEWEST), scene.profile, ())
        shown = newest.sentences[:1] if any(paper.year for paper in scene.profile.papers) else ()
        return newest.model_copy(update={"sentences": shown})
    draft = scene.draft()
    for paper in dated[:_LATEST]:
        for evidence in purpose_of(paper, scene.is_free):
            draft.quote(scene.take(evidence), f"{scene.titled(paper)}: ", item=True)
    return scene.finish(draft)


def _with_number(theme: Theme) -> str:
    """'Machine Learning (LG, 6)', 'Optimal Transport (5)'."""
    if theme.name.endswith(")"):
        return f"{theme.name[:-1]}, {len(theme.papers)})"
    return f"{theme.name} ({len(theme.papers)})"


def _papers(scene: Scene) -> str:
    profile = scene.profile
    years = [year for year, number in year_counts(profile.papers) if number]
    undated = sum(paper.year is None for paper in profile.papers)
    dated = {0: "brief_papers_dated", 1: "brief_papers_one_undated"}.get(undated, "brief_papers_partly_dated")
    key = dated if years else "brief_papers"
    values = {"first": years[0], "last": years[-1]} if years else {}
    return scene.say(key, person=profile.person, n=len(profile.papers), undated=undated, **values)


def _venues(profile: Profile, scene: Scene) -> str:
    counts = Counter(paper.venue for paper in profile.papers if paper.venue).most_common(_VENUES)
    often = [f"{venue} ({number})" for venue, number in counts if number > 1]
    return scene.say("brief_venues", venues=join_names(often, scene.language)) if often else ""


def _company(scene: Scene) -> str:
    often = coauthor_counts(scene.profile, scene.profile.person)[:_NAMES]
    names = join_names([f"{name} ({number})" for name, number in often], scene.language)
    return scene.say("coauthors_top", names=names, person=scene.profile.person) if often else ""

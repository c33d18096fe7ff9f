"""Whom a page's papers name beside its person."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.briefing.scene import Scene
from rag.models import Answer, Paper
from rag.names import same_person
from rag.phrases import join_names
from rag.records import coauthor_counts, is_listed, newest_first

_MOST = 3


def people_answer(scene: Scene) -> Answer:
    """The names that stand most often in the printed lists of the page's papers, each with its newest paper."""
    draft = scene.draft()
    # Of one paper it is of interest on which others its authors stand.
    among = scene.profile.papers if scene.kind == "paper" else scene.papers
    counts = _counts(scene)
    several = list(islice((name for name in counts if len(_papers_of(among, name)) > 1), _MOST))
    for name in several:
        joint = _papers_of(among, name)
        key = (
            "brief_beside"
            if len(joint) < len(among)
            else "brief_beside_both"
            if len(joint) == 2
            else "brief_beside_all"
        )
        text = scene.say(key, name=name, n=len(joint), total=len(among), paper=scene.titled(joint[0]))
        draft.say(text, [joint[0]] if len(joint) < len(among) else joint, item=True)
    once = [name for name in counts if name not in several][: max(_MOST - len(several), 0)]
    if scene.kind == "paper" and once:
        draft.say(scene.say("brief_only_here", names=join_names(once, scene.language)), scene.papers, item=True)
    elif not several:
        for name in once:
            (paper, *_) = _papers_of(among, name)
            draft.say(scene.say("brief_beside_one", name=name, paper=scene.titled(paper)), [paper], item=True)
    return scene.finish(draft)


def _counts(scene: Scene) -> list[str]:
    """Everyone in the lists of the page's papers, most frequent first; those of its newest papers first of equals."""
    shown = scene.profile.model_copy(update={"papers": scene.papers})
    person = scene.focus if scene.kind == "person" else scene.profile.person
    counts = coauthor_counts(shown, person)
    newest = {name: place for place, paper in enumerate(reversed(scene.papers)) for name in paper.authors}
    # Who the profile is about is named on the page already.
    others = [pair for pair in counts if not same_person(pair[0], scene.profile.person)]
    return [name for name, _ in sorted(others, key=lambda pair: (-pair[1], -newest.get(pair[0], -1), pair[0]))]


def _papers_of(among: Sequence[Paper], name: str) -> tuple[Paper, ...]:
    return newest_first(paper for paper in among if is_listed(paper, name))

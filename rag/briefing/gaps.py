"""What the profile does not tell, and what of it is doubtful."""

from __future__ import annotations

from rag.answers.computed import compute
from rag.answers.conditions import owner_note, undated_note
from rag.briefing.scene import Scene
from rag.header import header_numbers
from rag.models import Answer, Operation, QuestionKind
from rag.phrases import phrase


def gaps_answer(scene: Scene) -> Answer:
    """Missing years, cut author lists, missing abstracts and figures that can't be true, computed from the records."""
    draft = scene.draft()
    profile, language = scene.profile, scene.language
    abstracts = sum(bool(paper.abstract) for paper in profile.papers)
    draft.say(scene.say("brief_only_abstracts", papers=len(profile.papers), abstracts=abstracts))
    cut = compute(scene.plan(Operation.CUT_LISTS), profile, ()) if any(p.authors_cut for p in profile.papers) else None
    for note in (
        undated_note(profile, language),
        cut.sentences[0].text if cut and cut.sentences else None,
        owner_note(profile, language),
        *_doubts(scene),
    ):
        if note:
            draft.say(note)
    return scene.finish(draft)


def _doubts(scene: Scene) -> list[str]:
    """What the chat says when it is asked whether the header's figures can be right; nothing where it has no doubt."""
    numbers = header_numbers(scene.profile.figures)
    if not (numbers.too_few_papers() or numbers.too_few_citations()):
        return []
    answer = scene.engine.quote(phrase("suggest_header", scene.language)).answer
    return [sentence.text for sentence in answer.sentences] if answer.kind is QuestionKind.HEADER else []

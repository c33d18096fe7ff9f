"""Plain refusals: what is missing, what was searched, and what comes closest."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers.draft import Draft, scope_of
from rag.models import Answer, Paper, Plan, Profile, QuestionKind, RefusalReason
from rag.phrases import phrase
from rag.suggestions import example_questions


def refuse(plan: Plan, profile: Profile, reason: RefusalReason, nearest: Sequence[Paper] = ()) -> Answer:
    """Declines in one or two sentences, with no citation.

    Args:
        plan: what was asked.
        profile: what was searched.
        reason: why it isn't answered.
        nearest: papers that come closest, best first; the first is offered.
    """
    draft = Draft(profile, plan)
    scope = scope_of(profile)
    values = {"papers": scope.papers, "abstracts": scope.abstracts, "person": profile.person}
    draft.say(phrase(f"refuse_{reason.value}", plan.language, **values), verdict="frame")
    related = list(example_questions(profile, plan.language)[:3])
    if nearest:
        related = [phrase("suggest_about", plan.language, title=nearest[0].title)]
        draft.say(phrase("nearest", plan.language, title=nearest[0].title), verdict="frame")
        related += [phrase("suggest_who", plan.language, title=nearest[0].title)]
    return draft.finish(QuestionKind.REFUSAL, refusal=reason, related=related)


def ask_back(plan: Plan, profile: Profile, people: Sequence[str]) -> Answer:
    """Asks which of several people is meant, and offers a question about each."""
    draft = Draft(profile, plan)
    draft.say(phrase("refuse_ambiguous", plan.language, choices=", ".join(people)), verdict="frame")
    related = [phrase("suggest_author", plan.language, name=name) for name in people]
    return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.AMBIGUOUS, related=related)


def introduce(plan: Plan, profile: Profile, examples: Sequence[str]) -> Answer:
    """Says what can be asked here."""
    draft = Draft(profile, plan)
    papers = scope_of(profile).papers
    draft.say(phrase("about", plan.language, papers=papers, person=profile.person), verdict="frame")
    return draft.finish(QuestionKind.ABOUT, related=examples)

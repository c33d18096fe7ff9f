"""What every section of a page is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from rag.answers.draft import Draft
from rag.briefing.records import BriefLanguage, Engine, FocusKind
from rag.models import Answer, Citation, Evidence, Operation, Paper, Plan, Profile, QuestionKind
from rag.names import slug
from rag.phrases import phrase


@dataclass(frozen=True)
class Scene:
    """A page in the making.

    `papers` are those that the page is about, newest first. `taken` holds the sentences that a section has used
    already, folded, so that none stands on the page twice, not even from a preprint and its publication.
    """

    engine: Engine
    profile: Profile
    language: BriefLanguage
    kind: FocusKind
    focus: str
    papers: tuple[Paper, ...]
    taken: set[str] = field(default_factory=set)

    def say(self, key: str, **values: object) -> str:
        """A phrase in the page's language."""
        return phrase(key, self.language, **values)

    def draft(self, operation: Operation | None = None) -> Draft:
        """An empty draft in the page's language."""
        return Draft(self.profile, self.plan(operation))

    def plan(self, operation: Operation | None = None) -> Plan:
        """A plan as the chat would make for one part of the page."""
        return Plan(question=self.focus, language=self.language, kind=QuestionKind.SYNTHESIS, operation=operation)

    def finish(self, draft: Draft) -> Answer:
        """The draft's sentences, checked as in the chat."""
        return draft.finish(QuestionKind.SYNTHESIS)

    def leave(self, evidence: Evidence) -> None:
        """Gives a sentence free that was marked as used."""
        self.taken.discard(_key(evidence))

    def is_free(self, evidence: Evidence) -> bool:
        """Whether no section has used that sentence yet."""
        return _key(evidence) not in self.taken

    def take(self, evidence: Evidence) -> Evidence:
        """Marks a sentence as used."""
        self.taken.add(_key(evidence))
        return evidence

    def cite(self, evidence: Evidence, n: int) -> Citation:
        """Citation number `n` of a sentence, made as the chat makes it."""
        draft = self.draft()
        draft.quote(evidence)
        return self.finish(draft).citations[0].model_copy(update={"n": n})

    def titled(self, paper: Paper) -> str:
        """'“Title” (date)' as lists in the chat have it."""
        date = f" ({paper.date.text})" if paper.date else ""
        return self.say("item", title=paper.title, details=date)


def distinct(papers: Iterable[Paper]) -> tuple[Paper, ...]:
    """The papers, of several with one title the first that has an abstract."""
    held = tuple(papers)
    by_title: dict[str, Paper] = {}
    for paper in sorted(held, key=lambda one: not one.abstract):
        by_title.setdefault(slug(paper.title), paper)
    kept = {paper.id for paper in by_title.values()}
    return tuple(paper for paper in held if paper.id in kept)


def _key(evidence: Evidence) -> str:
    return slug(evidence.text) or evidence.text

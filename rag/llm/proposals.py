"""A model's reading of a question that the rules could not answer: checked, and worked on by the same code."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.llm.model import Model, gather
from rag.llm.prompts import fenced, fill
from rag.llm.replies import read_object
from rag.llm.spent import Spent
from rag.models import Explained, Filter, Operation, Plan, Profile, QuestionKind, RefusalReason, Turn
from rag.names import fold

BY_MODEL = "read by the language model"
_LONGEST_QUESTION = 300
_EARLIER = 3
_MOST_TITLES = 100
_OPERATIONS = frozenset({Operation.COUNT, Operation.LIST, Operation.OLDEST, Operation.NEWEST})
"""What conditions on papers can be asked for; what is asked of single papers needs their names, which rules find."""
_OF_CONTENT = frozenset({QuestionKind.FACT, QuestionKind.TOPIC, QuestionKind.SYNTHESIS})


class Proposal(BaseModel):
    """What a question was read to ask."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["fact", "topic", "computed", "none"]
    question: str = Field(max_length=_LONGEST_QUESTION)
    operation: Operation | None
    category: str | None
    year: int | None
    author: str | None


def is_open(explained: Explained) -> bool:
    """Whether a model may read the question anew: nothing was found for it, and no rule speaks against it."""
    return explained.answer.refusal_reason is RefusalReason.NOT_IN_PROFILE and bool(explained.plan.subject)


async def propose(
    model: Model, explained: Explained, history: Sequence[Turn], profile: Profile, spent: Spent
) -> Proposal | None:
    """What the model takes the question to ask; None where it says that it asks for something else, or nothing valid.

    Raises:
        ModelError: the call failed.
    """
    spent.used("plan")
    messages = fill(
        "plan",
        papers=fenced("papers", [f"- {paper.title}" for paper in profile.papers[:_MOST_TITLES]]),
        operations=", ".join(sorted(_OPERATIONS)),
        earlier=" / ".join(turn.question for turn in history[-_EARLIER:]) or "none",
        question=explained.answer.question,
    )
    reply = await gather(model, messages, Proposal, spent)
    try:
        proposal = Proposal.model_validate_json(json.dumps(read_object(reply)))
    except ValidationError:
        return None
    return None if proposal.kind == "none" or not proposal.question.strip() else proposal


def plan_of(proposal: Proposal, plan: Plan, alone: Plan, profile: Profile) -> Plan | None:
    """The plan to carry out; None where the records don't know what it names, or the rules see something else in it.

    Args:
        proposal: the model's.
        plan: the rules' plan for the question as it was asked.
        alone: the rules' plan for the question as the model puts it.
        profile: gives categories and names.
    """
    changed = {"language": plan.language, "because": (*plan.because, BY_MODEL, *alone.because)}
    if proposal.kind != "computed":
        return alone.model_copy(update=changed) if alone.kind in _OF_CONTENT else None
    conditions = _conditions(proposal, profile)
    if proposal.operation not in _OPERATIONS or conditions is None:
        return None
    kind = QuestionKind.COMPUTED
    return alone.model_copy(
        update={**changed, "kind": kind, "operation": proposal.operation, "filter": conditions, "refusal": None}
    )


def _conditions(proposal: Proposal, profile: Profile) -> Filter | None:
    """The conditions as far as the records know them; None where they know one of them not, or there is none."""
    category = _known(proposal.category, [paper.category for paper in profile.papers if paper.category])
    author = _known(proposal.author, [name for paper in profile.papers for name in paper.authors])
    if (proposal.category and category is None) or (proposal.author and author is None):
        return None
    conditions = Filter(category=category, author=author, year=proposal.year)
    return None if conditions.is_empty() else conditions


def _known(named: str | None, names: Sequence[str]) -> str | None:
    return next((name for name in names if named and fold(name) == fold(named)), None)

"""Whether a model's sentence answers as much as the quotation that it is to stand for."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.combining import logit
from rag.models import AnswerType, Citation, Place, Plan, QuestionKind
from rag.names import fold
from rag.verifier.language import differ
from rag.verifier.named import capital_names, shaped_names
from rag.verifier.packing import stems

Compare = Callable[[str, Place, str], tuple[float, float] | None]
"""Of a question, a sentence's place and a text: how probably the sentence answers, and the text in its place."""
_FIGURES = frozenset({AnswerType.NUMBER, AnswerType.DATE, AnswerType.DURATION})
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_LEAST = 1e-6
"""Probabilities nearer than this to 0 or 1 are compared as that near."""
_WEAKER = 1.0
"""By how much, in logits, a text may answer less surely than the quotation."""
_KEPT_FIGURES = 0.5
_KEPT_WORDS = 0.35
_KEPT_LENGTH = 0.6
"""The share of a quotation's length that a telling in another language has to have: its words can't be compared."""


def left_out(quotation: Citation, told: str, plan: Plan, compare: Compare) -> str | None:
    """What `told` lacks of a quotation that it stands for; None where it keeps enough.

    A fact is kept where the reader finds the question answered as surely as by the quotation; an account of a paper
    or of several where it keeps half of the figures and names and a third of the words. A figure that is asked for
    has to be there in any case, and in another language most of the length. What the question has itself is not asked
    for again.
    """
    figures = {number for number in _NUMBER.findall(quotation.passage) if number not in plan.question}
    kept = {figure for figure in figures if figure in _NUMBER.findall(told)}
    if plan.asked in _FIGURES and figures and not kept:
        return "it leaves out the figure"
    if differ(told, quotation.passage) and len(told.split()) < _KEPT_LENGTH * len(quotation.passage.split()):
        return "it leaves out much of what the passage says"
    if plan.kind is QuestionKind.FACT and not plan.general:
        odds = compare(plan.question, quotation.place, told)
        if odds is not None:
            is_weaker = logit(odds[1], _LEAST) < logit(odds[0], _LEAST) - _WEAKER
            return "it answers the question less clearly" if is_weaker else None
    return _left_out_of_account(quotation.passage, told, plan, len(kept) / len(figures) if figures else 1.0)


def _left_out_of_account(quotation: str, told: str, plan: Plan, kept_figures: float) -> str | None:
    asked, own = fold(plan.question), fold(told)
    names = {fold(name) for name in (*shaped_names(quotation), *capital_names(quotation))}
    names = {name for name in names if name not in asked}
    missing = sorted(name for name in names if name not in own)
    if kept_figures < _KEPT_FIGURES:
        return "it leaves out figures"
    if len(missing) > len(names) / 2:
        return f"it leaves out {missing[0]}"
    if differ(told, quotation):
        return None
    content = stems(quotation) - stems(plan.question)
    if len(content & stems(told)) < _KEPT_WORDS * len(content):
        return "it leaves out most of what the passage says"
    return None

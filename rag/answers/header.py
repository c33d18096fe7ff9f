"""The header's figures, as stated, and whether they can be true."""

from __future__ import annotations

from rag.answers.draft import Draft
from rag.header import header_numbers
from rag.models import Answer, HeaderFigure, Plan, Profile, Proof, QuestionKind, RefusalReason
from rag.names import fold
from rag.phrases import join_names, phrase
from rag.planning.frames import Frames

_FRAME_OF = {"h-index": "h_index", "citations": "citations", "novelty": "novelty", "ai score": "ai_score"}


def answer_header(plan: Plan, profile: Profile) -> Answer:
    """States the figures that were asked for, and what is wrong with them."""
    draft = Draft(profile, plan)
    frames = Frames(fold(plan.question), plan.language)
    asked = [figure for figure in profile.figures if _is_asked(figure, frames)]
    missing = any(frames.has(frame) for frame in _FRAME_OF.values()) and not asked
    if not profile.figures or missing:
        draft.say(phrase("refuse_header", plan.language), verdict="frame")
        return draft.finish(QuestionKind.REFUSAL, refusal=RefusalReason.NOT_IN_PROFILE)
    doubts = _doubts(profile, plan)
    judged = frames.has("plausible")
    shown = tuple(profile.figures) if not asked or judged else tuple(asked)
    draft.say(phrase("header_is", plan.language, figures=_stated(shown, plan)))
    labels = {figure.label.lower() for figure in shown}
    if doubts and (judged or labels & {"h-index", "citations"}):
        draft.say(phrase("header_doubt", plan.language, reasons="; ".join(doubts)))
    elif judged:
        draft.say(phrase("header_fine", plan.language))
    rule = "figures of the page's header; an h-index of h needs h papers and h × h citations"
    return draft.finish(QuestionKind.HEADER, proof=Proof(rule=rule, filter=plan.filter, rows=()))


def _is_asked(figure: HeaderFigure, frames: Frames) -> bool:
    frame = _FRAME_OF.get(figure.label.lower())
    return frame is not None and frames.has(frame)


def _stated(figures: tuple[HeaderFigure, ...], plan: Plan) -> str:
    parts = []
    for figure in figures:
        counted = figure.label.lower() in {"papers", "citations"}
        parts.append(f"{figure.value} {figure.label}" if counted else f"{figure.label} {figure.value}")
    return join_names(parts, plan.language)


def _doubts(profile: Profile, plan: Plan) -> list[str]:
    numbers = header_numbers(profile.figures)
    h = numbers.h_index
    doubts = []
    if h is not None and numbers.too_few_papers():
        doubts.append(phrase("header_h_papers", plan.language, h=h, papers=numbers.papers))
    if h is not None and numbers.too_few_citations():
        needed = f"{h * h:,}"
        doubts.append(phrase("header_h_citations", plan.language, h=h, needed=needed, citations=numbers.citations))
    return doubts

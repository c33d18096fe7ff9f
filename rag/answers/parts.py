"""One answer to a question that asks several things."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers.citing import Numbering, renumbered
from rag.answers.draft import render, scope_of
from rag.models import Answer, AnswerSentence, Profile
from rag.phrases import phrase


def join_parts(question: str, parts: Sequence[tuple[str, Answer]], profile: Profile) -> Answer:
    """The answers to the parts one behind the other; a part that is refused is named as not stated.

    Args:
        question: the whole question.
        parts: each part as asked, with its answer; one at least must not be a refusal.
        profile: whose papers.
    """
    citations: Numbering = {}
    sentences: list[AnswerSentence] = []
    answered = [answer for _, answer in parts if not answer.abstained]
    for part, answer in parts:
        if answer.abstained:
            sentences.append(_not_stated(part, answer, profile))
            continue
        own = {citation.n: citation for citation in answer.citations}
        for sentence in answer.sentences:
            sentence = renumbered(sentence, (own[n] for n in sentence.citations), citations)
            if sentence not in sentences:
                sentences.append(sentence)
    return answered[0].model_copy(
        update={
            "question": question,
            "answer": render(sentences),
            "sentences": tuple(sentences),
            "citations": tuple(citations.values()),
            "notices": tuple(dict.fromkeys(notice for answer in answered for notice in answer.notices)),
        }
    )


def _not_stated(part: str, answer: Answer, profile: Profile) -> AnswerSentence:
    scope = scope_of(profile)
    missing = part.rstrip(" .!")
    text = phrase("partly", answer.language, papers=scope.papers, abstracts=scope.abstracts, missing=missing)
    return AnswerSentence(text=text, verdict="frame")

"""Faults of an answer: each takes a right product's answer and gives the one that a faulty product would."""

from __future__ import annotations

import re
from collections.abc import Callable

from evals.case import Case
from rag.models import Answer, AnswerSentence, Explained, Profile, QuestionKind, RefusalReason

Spoil = Callable[[Case, Explained, Profile], Explained]


def numbers_changed(case: Case, explained: Explained, profile: Profile) -> Explained:
    """The last digit of every number in the text is one too high; markers stay."""

    def one_more(match: re.Match[str]) -> str:
        number = match[0]
        return number[:-1] + str((int(number[-1]) + 1) % 10)

    return _with_text(explained, lambda text: re.sub(r"(?<!\[)(?<!\d)\d+(?!\d*\])", one_more, text))


def citations_shifted(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Each citation names the paper after the right one."""
    place = {paper.id: row for row, paper in enumerate(profile.papers)}
    shifted = []
    for citation in explained.answer.citations:
        paper = profile.papers[(place[citation.paper_id] + 1) % len(profile.papers)]
        quoted = citation.end > citation.start
        passage = paper.abstract[citation.start : citation.end] if quoted else paper.record_line
        shifted.append(
            citation.model_copy(update={"paper_id": paper.id, "title": paper.title, "passage": passage})
            if not quoted or len(paper.abstract) >= citation.end
            else citation.model_copy(update={"paper_id": paper.id, "title": paper.title})
        )
    return _with(explained, citations=tuple(shifted))


def verifier_off(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Sentences that their passages don't carry are let through as supported."""
    return _with_text(explained, lambda text: f"It is not true that {text}", only="supported")


def refused_always(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Every question is refused."""
    text = f"The {len(profile.papers)} titles and abstracts do not say this."
    sentence = AnswerSentence(text=text, verdict="frame")
    return _with(
        explained,
        answer=text,
        abstained=True,
        refusal_reason=RefusalReason.NOT_IN_PROFILE,
        citations=(),
        sentences=(sentence,),
        proof=None,
    )


def outside_knowledge(case: Case, explained: Explained, profile: Profile) -> Explained:
    """What the profile doesn't hold is answered from what a model happens to know."""
    if not explained.answer.abstained:
        return explained
    text = "It is generally known that this depends on the setting, and is about 42."
    sentence = AnswerSentence(text=text, verdict="frame")
    return _with(explained, answer=text, abstained=False, refusal_reason=None, sentences=(sentence,))


def from_memory(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Answers come without the passages that carry them."""
    if explained.answer.abstained:
        return explained
    sentences = tuple(s.model_copy(update={"citations": (), "verdict": "frame"}) for s in explained.answer.sentences)
    text = re.sub(r"\s*\[\d+\]", "", explained.answer.answer)
    return _with(explained, answer=text, citations=(), sentences=sentences)


def sentences_doubled(case: Case, explained: Explained, profile: Profile) -> Explained:
    """The first sentence of an answer is said twice."""
    answer = explained.answer
    if answer.abstained or not answer.sentences:
        return explained
    first = answer.sentences[0]
    marks = "".join(f" [{n}]" for n in first.citations)
    return _with(explained, answer=f"{first.text}{marks} {answer.answer}", sentences=(first, *answer.sentences))


def headers_empty(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Questions on the header's figures get an empty answer."""
    if explained.answer.kind is not QuestionKind.HEADER:
        return explained
    return _with(explained, answer="", sentences=(), citations=())


def highlight_shifted(case: Case, explained: Explained, profile: Profile) -> Explained:
    """The mark in the abstract stands a character too far right."""
    moved = tuple(
        c.model_copy(update={"start": c.start + 1, "end": c.end + 1}) if c.end > c.start else c
        for c in explained.answer.citations
    )
    return _with(explained, citations=moved)


def wrong_language(case: Case, explained: Explained, profile: Profile) -> Explained:
    """Answers come in French whatever the question is in."""
    return _with(explained, language="fr")


def _with(explained: Explained, **changes: object) -> Explained:
    return explained.model_copy(update={"answer": explained.answer.model_copy(update=changes)})


def _with_text(explained: Explained, change: Callable[[str], str], only: str | None = None) -> Explained:
    """The answer with every sentence changed, in its list and in its text alike."""
    answer: Answer = explained.answer
    text, sentences = answer.answer, []
    for sentence in answer.sentences:
        new = change(sentence.text) if only in (None, sentence.verdict) else sentence.text
        text = text.replace(sentence.text, new, 1)
        sentences.append(sentence.model_copy(update={"text": new}))
    return _with(explained, answer=text, sentences=tuple(sentences))

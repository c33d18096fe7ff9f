"""From answers, conversations and briefings to receipts, and to the files that carry them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rag.answers.citing import Numbering, renumbered
from rag.briefing.records import Briefing
from rag.models import Answer, AnswerSentence, Citation, Profile, Turn
from rag.receipts.bibliography import bibtex, csl_json
from rag.receipts.records import CitedPassage, Claim, Format, Part, Receipt, Source
from rag.receipts.seal import sealed
from rag.receipts.shown import html_file, json_file, markdown_file

Exported = Answer | Briefing | Sequence[Turn]


def export(content: Exported, profile: Profile, form: Format, made: date) -> str:
    """The text of a file that can be passed on.

    Args:
        content: an answer, a conversation (turns without an answer are left out), or a briefing.
        profile: what it was said from.
        form: md, html and json carry a receipt; bib and csl are the cited papers alone.
        made: the day.
    """
    receipt = receipt_of(content, profile, made)
    if form in ("bib", "csl"):
        papers = [profile.paper(paper) for paper in dict.fromkeys(passage.paper_id for passage in receipt.citations)]
        return bibtex(papers) if form == "bib" else csl_json(papers)
    return {"md": markdown_file, "html": html_file, "json": json_file}[form](receipt)


def receipt_of(content: Exported, profile: Profile, made: date) -> Receipt:
    """The sealed receipt of what was said; see `export`."""
    if isinstance(content, Briefing):
        return sealed(_of_briefing(content, profile, made))
    if isinstance(content, Answer):
        return sealed(_of_answers([content], "answer", profile, made))
    answers = [turn.answer for turn in content if turn.answer]
    return sealed(_of_answers(answers, "conversation", profile, made))


def _of_briefing(briefing: Briefing, profile: Profile, made: date) -> Receipt:
    parts = tuple(
        Part(
            heading=section.heading,
            claims=tuple(_claim(line.sentence, line.question, line.not_said) for line in section.lines),
            writer="llm" if section.kind == "summary" else "quoted",
        )
        for section in briefing.sections
    )
    return Receipt(
        kind="briefing",
        title=briefing.title,
        subtitle=briefing.subtitle,
        language=briefing.language,
        made=made.isoformat(),
        profile=_source(profile),
        parts=parts,
        citations=tuple(_passage(citation, profile) for citation in briefing.citations),
    )


def _of_answers(answers: Sequence[Answer], kind: str, profile: Profile, made: date) -> Receipt:
    """Answers one behind the other, their passages numbered over all of them."""
    numbers: Numbering = {}
    parts = []
    for answer in answers:
        own = {citation.n: citation for citation in answer.citations}
        claims = []
        for sentence in answer.sentences:
            claims.append(_claim(renumbered(sentence, (own[n] for n in sentence.citations), numbers)))
        parts.append(Part(heading=answer.question, claims=tuple(claims), notes=answer.notices, writer=answer.writer))
    return Receipt.model_validate(
        {
            "kind": kind,
            "title": profile.person,
            "language": answers[0].language if answers else "en",
            "made": made.isoformat(),
            "profile": _source(profile),
            "parts": parts,
            "citations": [_passage(citation, profile) for citation in numbers.values()],
        }
    )


def _claim(sentence: AnswerSentence, question: str = "", not_said: str = "") -> Claim:
    return Claim(
        text=sentence.text,
        verdict=sentence.verdict,
        citations=sentence.citations,
        item=sentence.item,
        question=question,
        not_said=not_said,
    )


def _passage(citation: Citation, profile: Profile) -> CitedPassage:
    paper = profile.paper(citation.paper_id)
    return CitedPassage(
        n=citation.n,
        paper_id=paper.id,
        title=citation.title,
        authors=paper.author_line,
        date=paper.date.text if paper.date else "",
        passage=citation.passage,
        start=citation.start,
        end=citation.end,
        url=citation.url,
    )


def _source(profile: Profile) -> Source:
    return Source(name=profile.name, person=profile.person, fingerprint=profile.fingerprint, papers=len(profile.papers))

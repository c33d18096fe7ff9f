"""What every answer must keep, whatever is asked: the promises on citations, quotations and language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from rag.models import Answer, AnswerSentence, Citation, Language, Profile

_MARKER = re.compile(r"\[(\d+)\]")


def breaches(answer: Answer, profile: Profile, language: Language) -> Iterator[str]:
    """Each promise that `answer` breaks, in words.

    Args:
        answer: as it was given.
        profile: whose records and abstracts the citations must fit.
        language: of the question, in which the answer's own words must be.
    """
    if not answer.answer.strip():
        yield "is empty"
    if answer.language != language:
        yield f"is in {answer.language}, the question in {language}"
    if answer.abstained != (answer.refusal_reason is not None):
        yield "gives a reason for refusing and answers, or refuses without one"
    if answer.abstained and answer.citations:
        yield "refuses and cites"
    yield from _broken_markers(answer)
    for citation in answer.citations:
        yield from _broken_citation(citation, profile)
    yield from _broken_sentences(answer.sentences)
    quoted = {citation.n: citation for citation in answer.citations}
    for sentence in answer.sentences if answer.writer == "quoted" else ():
        if sentence.verdict == "supported" and not is_carried(sentence, quoted):
            yield f"says what its passage does not: {_short(sentence.text)}"


def is_carried(sentence: AnswerSentence, citations: Mapping[int, Citation]) -> bool:
    """Whether a quotation is a passage that it cites, word for word.

    In front of it may stand the paper's title with its date, as in a list, and nothing else.
    """
    cited = [citations[n] for n in sentence.citations if n in citations]
    return any(_is_quoted(sentence.text, citation) for citation in cited)


def _is_quoted(text: str, citation: Citation) -> bool:
    if not text.endswith(citation.passage):
        return False
    lead = text.removesuffix(citation.passage)
    return not lead or (citation.title in lead and lead.rstrip().endswith(":"))


def _broken_markers(answer: Answer) -> Iterator[str]:
    shown = {int(number) for number in _MARKER.findall(answer.answer)}
    numbers = [citation.n for citation in answer.citations]
    for number in sorted(shown - set(numbers)):
        yield f"has a marker [{number}] without a citation"
    for number in sorted(set(numbers) - shown):
        yield f"cites [{number}] nowhere in its text"


def _broken_citation(citation: Citation, profile: Profile) -> Iterator[str]:
    try:
        paper = profile.paper(citation.paper_id)
    except KeyError:
        yield f"cites {citation.paper_id}, which is no paper of {profile.name}"
        return
    if citation.title != paper.title:
        yield f"cites {citation.paper_id} under another title"
    quoted = citation.is_quote
    if quoted and paper.abstract[citation.start : citation.end] != citation.passage:
        yield f"marks another place of {citation.paper_id} than the passage of [{citation.n}]"
    if not quoted and citation.passage not in (paper.title, paper.record_line):
        yield f"cites as [{citation.n}] what {citation.paper_id} does not hold"


def _broken_sentences(sentences: tuple[AnswerSentence, ...]) -> Iterator[str]:
    seen: set[str] = set()
    for sentence in sentences:
        if sentence.text in seen:
            yield f"says a sentence twice: {_short(sentence.text)}"
        seen.add(sentence.text)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"

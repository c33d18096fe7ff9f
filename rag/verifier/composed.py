"""Checks the sentences that the product composes itself, before they are shown.

A quoted sentence passes by identity with its passage, a computed one by the records that it names; neither needs
the network. What does not pass is not shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.models import AnswerSentence, Citation, Paper, Profile

_QUOTED = re.compile(r"[“„«][^”“»]{12,}[”“»]")
_YEAR = re.compile(r"(?<![\d.,])(?:1[5-9]|20)\d\d(?![\d.,]*\d)")


def passing(
    sentences: Sequence[AnswerSentence], citations: Sequence[Citation], profile: Profile
) -> list[AnswerSentence]:
    """The sentences that pass, each with the score that the check gives it.

    Args:
        sentences: as composed; a `frame` says nothing about the research and passes.
        citations: what their numbers stand for.
        profile: the records.
    """
    cited = {citation.n: citation for citation in citations}
    papers = {paper.id: paper for paper in profile.papers}
    return [sentence.model_copy(update={"score": 1.0}) for sentence in sentences if _passes(sentence, cited, papers)]


def _passes(sentence: AnswerSentence, cited: Mapping[int, Citation], papers: Mapping[str, Paper]) -> bool:
    if sentence.verdict == "frame":
        return True
    own = [cited[number] for number in sentence.citations if number in cited]
    if len(own) < len(sentence.citations) or not all(_stands(citation, papers) for citation in own):
        return False
    if sentence.verdict == "computed":
        return _names_records(sentence.text, own, papers)
    quoted = [citation for citation in own if citation.is_quote]
    lead = sentence.text
    for citation in quoted:
        if not lead.endswith(citation.passage):
            return False
        lead = lead.removesuffix(citation.passage)
    return bool(quoted) and (not lead.strip() or _names_records(lead, own, papers))


def _stands(citation: Citation, papers: Mapping[str, Paper]) -> bool:
    """Whether the paper has the cited passage at its place, or the record as it is cited."""
    paper = papers.get(citation.paper_id)
    if paper is None or paper.title != citation.title:
        return False
    if citation.is_quote:
        return paper.abstract[citation.start : citation.end] == citation.passage
    return citation.passage == paper.record_line


def _names_records(text: str, own: Sequence[Citation], papers: Mapping[str, Paper]) -> bool:
    """Whether title and years in a text that cites one paper are those of its record."""
    records = {citation.paper_id for citation in own}
    if len(records) != 1:
        return True
    paper = papers[records.pop()]
    stated = f"{paper.record_line} {' '.join(paper.links)}"
    titled = paper.title in text or not _QUOTED.search(text)
    return titled and all(year in stated for year in _YEAR.findall(text))

"""Tempting statements that the profile does not bear out, each found so by the check before it is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.answers.computed import compute
from rag.answers.key_sentences import evidence_of
from rag.briefing.records import Line
from rag.briefing.results import OWN
from rag.briefing.scene import Scene, distinct
from rag.header import HeaderNumbers, header_numbers
from rag.models import Answer, AnswerSentence, Evidence, Operation, Paper
from rag.records import is_listed
from rag.sentences import split_sentences
from rag.verifier.reports import Ruling

WANTED = 4
_MOST_READ = 2
"""Sentences without their hedge that are checked at most: each is read against several papers."""
_SHORTEST, _LONGEST = 9, 36

_HEDGES: tuple[tuple[re.Pattern[str], str, float], ...] = (
    (re.compile(r"\bnot always\b"), "not", 3.0),
    (re.compile(r"\bsuggests? that\b"), "proves that", 2.5),
    (re.compile(r"\b(?:might|may|could) (?=[a-z]+\b)"), "will ", 2.4),
    (re.compile(r"\bcan (significantly|substantially|potentially|sometimes) (?=[a-z]+\b)"), "always ", 2.3),
    (re.compile(r"\bnecessary but not sufficient\b"), "sufficient", 2.8),
    (re.compile(r"\boften "), "always ", 2.2),
    (re.compile(r"\b(?:presumably|potentially|possibly|perhaps|likely) "), "", 2.0),
    (re.compile(r"\bup to (?=\d)"), "", 1.5),
    (re.compile(r"\b(?:almost|nearly|approximately|about|around|roughly) (?=\d)"), "", 1.4),
    (re.compile(r"\bonly slightly\b"), "not", 2.1),
    (re.compile(r"\bin (?:some|many|most) cases\b"), "in all cases", 2.0),
)
"""What hedges a statement, what a careless reader makes of it, and how tempting that is."""


_ASKS = re.compile(r"\bwhether\b|\baims? (?:to|at)\b|\?", re.I)


class Candidate(NamedTuple):
    """A statement that may not be borne out, with the answer that says what holds."""

    claim: str
    truth: Answer
    evidence: Evidence | None = None


def caution_lines(scene: Scene) -> tuple[list[Line], list[Answer]]:
    """Up to four claims that the check does not find supported, each with the answer whose sentence says what holds."""
    by_record = list(_by_record(scene))
    unhedged = sorted(_unhedged(scene), key=lambda pair: -pair[0])[:_MOST_READ]
    candidates = [*by_record, *(candidate for _, candidate in unhedged)]
    if not candidates:
        return [], []
    # Each on a line of its own, so that no claim is read with the one before it.
    report = scene.engine.check("\n".join(_on_one_line(candidate.claim) for candidate in candidates))
    checked = {sentence.text: sentence for sentence in report.sentences}
    found: list[tuple[Candidate, Line]] = []
    for candidate in candidates:
        told = checked.get(_on_one_line(candidate.claim))
        ruling = _refuted_by_header(scene, candidate) or (told and (told.verdict, told.reason))
        if not ruling or ruling[0] == "supported" or not candidate.truth.sentences:
            continue
        sentence = candidate.truth.sentences[0].model_copy(update={"item": True})
        found.append((candidate, Line(sentence=sentence, not_said=candidate.claim, ruling=ruling[0], reason=ruling[1])))
    chosen = _varied(found)
    for candidate, _ in chosen:
        if candidate.evidence:
            scene.take(candidate.evidence)
    return [line for _, line in chosen], [candidate.truth for candidate, _ in chosen]


def _varied(found: list[tuple[Candidate, Line]]) -> list[tuple[Candidate, Line]]:
    """Half of them about what the papers say, as far as there are; no paper's hedges twice."""
    said: list[tuple[Candidate, Line]] = []
    for pair in found:
        evidence = pair[0].evidence
        if evidence and all(other.evidence and other.evidence.paper_id != evidence.paper_id for other, _ in said):
            said.append(pair)
    records = [pair for pair in found if not pair[0].evidence]
    kept = said[: max(2, WANTED - len(records))]
    return [*records[: WANTED - len(kept)], *kept]


# --- from the records -----------------------------------------------------------------------------------


def _by_record(scene: Scene) -> Iterator[Candidate]:
    profile, person = scene.profile, scene.profile.person
    numbers = header_numbers(profile.figures)
    if numbers.too_few_papers() or numbers.too_few_citations():
        yield Candidate(scene.say("brief_claim_h", person=person, h=numbers.h_index), _needed(scene, numbers))
    others = [paper for paper in scene.papers if paper.authors]
    unlisted = next((paper for paper in others if not is_listed(paper, person)), None)
    not_first = next((paper for paper in others if not _is_first(paper, person)), None)
    if unlisted:
        claim = scene.say("brief_claim_author", person=person, title=unlisted.title)
        yield Candidate(claim, _of_paper(scene, Operation.AUTHORS, unlisted))
    elif not_first:
        claim = scene.say("brief_claim_first", person=person, title=not_first.title)
        yield Candidate(claim, _of_paper(scene, Operation.FIRST_AUTHOR, not_first))
    years = [paper.year for paper in profile.papers if paper.year]
    undated = next((paper for paper in scene.papers if paper.year is None), None)
    if undated and years:
        claim = scene.say("brief_claim_year", title=undated.title, year=max(years))
        yield Candidate(claim, _of_paper(scene, Operation.DATE, undated))
    cut = next((paper for paper in scene.papers if paper.authors_cut and paper not in (unlisted, undated)), None)
    if cut:
        claim = scene.say("brief_claim_authors", title=cut.title, n=len(cut.authors))
        yield Candidate(claim, _of_paper(scene, Operation.AUTHOR_COUNT, cut))


def _needed(scene: Scene, numbers: HeaderNumbers) -> Answer:
    """What the h-index would need, and what the page states."""
    draft = scene.draft()
    h, citations = numbers.h_index or 0, numbers.citations
    if numbers.too_few_papers():
        told = scene.say("header_h_papers", h=h, papers=numbers.papers)
    else:
        told = scene.say("header_h_citations", h=h, needed=f"{h * h:,}", citations=citations)
    draft.say(f"{told[0].upper()}{told[1:]}.")
    return scene.finish(draft)


def _of_paper(scene: Scene, operation: Operation, paper: Paper) -> Answer:
    return compute(scene.plan(operation), scene.profile, [paper])


def _is_first(paper: Paper, person: str) -> bool:
    return is_listed(paper.model_copy(update={"authors": paper.authors[:1]}), person)


def _refuted_by_header(scene: Scene, candidate: Candidate) -> tuple[Ruling, str] | None:
    """A header's figure is what the page states, so the check supports it; that it can't be true is computed."""
    numbers = header_numbers(scene.profile.figures)
    claim = scene.say("brief_claim_h", person=scene.profile.person, h=numbers.h_index)
    return ("contradicted", "the header's figures cannot all be true") if candidate.claim == claim else None


# --- from the abstracts ---------------------------------------------------------------------------------


def _unhedged(scene: Scene) -> Iterator[tuple[float, Candidate]]:
    for age, paper in enumerate(distinct(scene.papers)):
        for span in split_sentences(paper.abstract):
            evidence = evidence_of(paper, span)
            words = len(span.text.split())
            if not (_SHORTEST <= words <= _LONGEST) or not scene.is_free(evidence) or not _is_said(span.text):
                continue
            found = next(((m, made, worth) for p, made, worth in _HEDGES if (m := p.search(span.text))), None)
            if found is None:
                continue
            match, made, worth = found
            claim = span.text[: match.start()] + match.expand(made) + span.text[match.end() :]
            yield worth - 0.02 * words - 0.01 * age, Candidate(claim, _hedge(scene, evidence, match.group()), evidence)


def _is_said(text: str) -> bool:
    """Whether a sentence states something of its own: no background, no aim, no question."""
    return bool(OWN.search(text)) and not _ASKS.search(text)


def _hedge(scene: Scene, evidence: Evidence, hedge: str) -> Answer:
    """What the abstract has in place of the claim's words; the references quote the whole sentence."""
    sentence = AnswerSentence(
        text=scene.say("brief_hedge", hedge=hedge.strip()), citations=(1,), verdict="computed", item=True
    )
    empty = scene.finish(scene.draft())
    return empty.model_copy(update={"sentences": (sentence,), "citations": (scene.cite(evidence, 1),)})


def _on_one_line(text: str) -> str:
    return " ".join(text.split())

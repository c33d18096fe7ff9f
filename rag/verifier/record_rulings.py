"""What the rules for claims about the records share: their verdicts, and years in a claim."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.models import Paper
from rag.verifier.reports import CheckedClaim, ReportEvidence, Ruling

PAPERS = (
    r"(?:papers?|publications?|articles?|works?|arbeit(?:en)?|artikel|veröffentlichung(?:en)?|"
    r"publikation(?:en)?)"
)
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_NEGATED = re.compile(r"\b(?:not|never|nicht|nie)\b", re.IGNORECASE)


def verdict(holds: bool, claim: str, reason: str, papers: Sequence[Paper]) -> CheckedClaim:
    """Supported or contradicted by the records; a claim that denies is turned round."""
    holds = holds != bool(_NEGATED.search(claim))
    ruling: Ruling = "supported" if holds else "contradicted"
    return CheckedClaim(
        text=claim, verdict=ruling, score=float(holds), reason=reason, evidence=_evidence(papers, reason)
    )


def unknown(claim: str, reason: str, papers: Sequence[Paper]) -> CheckedClaim:
    """Not to be told from the records."""
    return CheckedClaim(text=claim, verdict="not_found", score=0.0, reason=reason, evidence=_evidence(papers, reason))


def years_in(claim: str) -> set[int]:
    """The years that a claim names."""
    return {int(year) for year in _YEAR.findall(claim)}


def _evidence(papers: Sequence[Paper], reason: str) -> tuple[ReportEvidence, ...]:
    return tuple(ReportEvidence(paper_id=paper.id, title=paper.title, sentence=reason) for paper in papers)

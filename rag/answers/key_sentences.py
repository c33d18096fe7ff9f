"""The sentences of an abstract that say what a paper does and what came out."""

from __future__ import annotations

import re

from rag.models import Evidence, Paper
from rag.sentences import Span, split_sentences

_DOES = re.compile(
    r"\b(?:we|the authors|this|here|our)\b.{0,40}\b(?:present|introduc|propos|describ|develop|organi[sz]|investigat"
    r"|explor|stud(?:y|ies|ied)|report|address|review|outline|demonstrat|show|discover|examin|conduct|provid|aim)"
    r"|\b(?:in )?this (?:paper|work|article|review|study|report|essay)\b",
    re.I,
)
_FOUND = re.compile(
    r"\b(?:results?|find(?:s|ings?)?|found|show(?:s|ed|n)?|demonstrat\w*|achiev\w*|outperform\w*|observe\w*|reveal\w*"
    r"|conclud\w*|experiments?|surprisingly|enabl\w*|improv\w*)\b",
    re.I,
)


def key_sentences(paper: Paper, limit: int = 2) -> tuple[Evidence, ...]:
    """What the paper does and its main result, in the order of the abstract; fewer where there are fewer."""
    spans = split_sentences(paper.abstract)
    if not spans:
        return ()
    does = next((i for i, span in enumerate(spans) if _DOES.search(span.text)), 0)
    result = next((i for i in range(len(spans) - 1, -1, -1) if i != does and _FOUND.search(spans[i].text)), None)
    chosen = [does, *([result] if result is not None else [])][:limit]
    return tuple(evidence_of(paper, spans[i]) for i in sorted(chosen))


def evidence_of(paper: Paper, span: Span) -> Evidence:
    """A sentence of an abstract as evidence that is certain."""
    return Evidence(
        passage_id="", paper_id=paper.id, text=span.text, start=span.start, end=span.end,
        score=1.0, relevance=1.0, lexical=0.0, dense=0.0,
    )  # fmt: skip

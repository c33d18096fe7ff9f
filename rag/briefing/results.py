"""The sentences of an abstract that say what came out, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.answers.key_sentences import evidence_of, key_sentences
from rag.models import Evidence, Paper
from rag.sentences import split_sentences

FOUND = re.compile(
    r"\b(?:results?|find(?:s|ings?)?|found|shows?|showed|shown|demonstrat\w*|achiev\w*|outperform\w*|observ\w*"
    r"|reveal\w*|discover\w*|conclud\w*|surprisingly|enabl\w*|improv\w*|increas(?:es|ing)|reduc(?:es|ing|tion)|yields?"
    r"|superior)\b",
    re.I,
)
MEASURED = re.compile(r"(?<![\w.-])\d[\d.,]*\s?(?:%|x\b|×|-?fold|[kMB]\b)|(?<![\w.,-])\d+(?:\.\d+)?(?![\w-])")
_LEANS = re.compile(
    r"(?:this(?! (?:paper|work|article|review|study|report)\b)|these"
    r"|that|those|it|its|they|their|he|she|such|here|moreover|furthermore|additionally|also|however|thus"
    r"|then|in addition|building on|to do so|to this end|to tackle|to address|for this|both|the latter"
    r"|second(?:ly)?|finally|instead|unlike|which)\b",
    re.I,
)
OWN = re.compile(
    r"\b(?:we|our|us|experiments?|results|findings|stud(?:y|ies) (?:show|highlight|find)|(?:this|the|present) (?:paper"
    r"|work|article|review|study|report))\b|\b(?:outperforms|outperformed|achieves|achieved|surprisingly)\b",
    re.I,
)
_BACKGROUND = re.compile(
    r"\brecent(?:ly)?\b|\bpast\b|\boften\b|\b(?:is|are) (?:essential|crucial|important)\b|\b(?:has|have) been\b", re.I
)
_OUTLOOK = re.compile(r"\bpav(?:es?|ing) the way|\bfuture\b|\bopens?\b.{0,12}\bdoor|\bpotential to\b", re.I)
_LONG, _TOO_LONG = 34, 48
SAYS_SOMETHING, SAYS_A_LITTLE = 2.0, -0.6


def results_of(
    paper: Paper, limit: int, is_free: Callable[[Evidence], bool], least: float = SAYS_SOMETHING
) -> list[Evidence]:
    """Up to `limit` sentences of the abstract, most telling first; fewer where fewer say something.

    Args:
        paper: whose abstract.
        limit: how many.
        is_free: whether a sentence may still be used.
        least: how much each has to tell.
    """
    spans = split_sentences(paper.abstract)
    ranked = sorted(range(len(spans)), key=lambda place: (-telling_text(spans[place].text), place))
    chosen = [evidence for place in ranked if is_free(evidence := evidence_of(paper, spans[place]))]
    best = [evidence for evidence in chosen if telling_text(evidence.text) >= least][:limit]
    if best:
        return best
    plain = dict.fromkeys((*key_sentences(paper, 1), *key_sentences(paper, 2)))
    return [evidence for evidence in plain if is_free(evidence)][:limit]


def purpose_of(paper: Paper, is_free: Callable[[Evidence], bool]) -> list[Evidence]:
    """The sentence that says what the paper does, as the chat would quote it; its best other one where that is used."""
    first = [evidence for evidence in key_sentences(paper, 1) if is_free(evidence)]
    return first or results_of(paper, 1, is_free, SAYS_A_LITTLE)


def telling_text(text: str) -> float:
    """How much a sentence says about what came out, and how well it stands alone."""
    length = len(text.split())
    score = 2.0 * bool(FOUND.search(text)) + 1.5 * bool(MEASURED.search(text))
    score += 1.0 if OWN.search(text) else -1.5 * bool(_BACKGROUND.search(text)) - 0.5
    score -= 1.5 * bool(_LEANS.match(text)) + 1.0 * bool(_OUTLOOK.search(text)) + 2.0 * ("http" in text)
    return score - 0.8 * (length > _LONG) - 1.5 * (length > _TOO_LONG) - 1.0 * (length < 6)

"""Caution that a claim drops: what a passage suggests, expects or proposes is not what it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.verifier.language import differ
from rag.verifier.packing import stems, stems_in_order

_HEDGE = re.compile(
    r"\b(?:may|might|could|perhaps|possibly|potential(?:ly)?|likely|probabl[ey]|presumably|suggest\w*|indicat\w*|"
    r"appear(?:s|ed)?|seem(?:s|ed|ingly)?|hypothes\w+|conjectur\w+|expect(?:s|ed)?|promising|preliminary|"
    r"könnten?|dürften?|vielleicht|möglicherweise|eventuell|potenziell\w*|vermutlich|vermut\w+|wahrscheinlich\w*|"
    r"nahe(?:legen|legt|zulegen)?|deute[tn]?|andeute\w*|schein(?:t|en|bar)|hypothese\w*|erwarte\w*|"
    r"vielversprechend\w*|vorläufig\w*)\b",
    re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"\b(?:propos\w+|vorschlag\w*|vorgeschlagen\w*|schlagen|schlägt|envision\w*|aim\w*)\b", re.IGNORECASE
)
_SHOWN = re.compile(
    r"\b(?:show(?:s|ed|n)?|prov(?:es?|ed|en)|demonstrat\w+|establish(?:es|ed)|confirm(?:s|ed)?|"
    r"zeig(?:t|en|te|ten)|gezeigt|beweis(?:t|en)|bewiesen|beleg(?:t|en)|nachgewiesen|bestätig\w+)\b",
    re.IGNORECASE,
)
_WINDOW = 10
_SHARED = 1 / 3


def lost_hedge(claim: str, evidence: Sequence[str]) -> str | None:
    """Why `claim` says more firmly what its evidence says with caution; None where it doesn't.

    Args:
        claim: a sentence, English or German.
        evidence: the sentences it rests on. Only where each of them is cautious can the caution be missing.
    """
    if not evidence or _HEDGE.search(claim):
        return None
    if all(_SHOWN.search(claim) and _PROPOSAL.search(text) and not _SHOWN.search(text) for text in evidence):
        return "the passage proposes this, the claim says that it is shown"
    hedges = [_hedge_over(claim, text) for text in evidence]
    if any(hedge is None for hedge in hedges):
        return None
    return f"the passage says “{hedges[0]}”, the claim leaves that out"


def _hedge_over(claim: str, text: str) -> str | None:
    """The cautious word of `text` whose statement the claim repeats."""
    foreign = differ(claim, text)
    own = stems(claim)
    for match in _HEDGE.finditer(text):
        told = stems_in_order(text[match.end() :])[:_WINDOW]
        if foreign or (told and len(own & set(told)) >= _SHARED * len(told)):
            return match.group()
    return None

"""Digests that tell an edited receipt from an untouched one.

They guard against slips and edits by hand. Whoever writes a new file with new digests is found only as far as the
profile itself tells: by quotes that do not stand in the abstracts and records that are not the papers'."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from rag.receipts.records import CitedPassage, Claim, Part, Receipt

_CLAIM_DIGITS = 16


def sealed(receipt: Receipt) -> Receipt:
    """The receipt with the digests of its claims and its own."""
    parts = tuple(
        part.model_copy(
            update={
                "claims": tuple(
                    claim.model_copy(update={"digest": claim_digest(claim, part, receipt)}) for claim in part.claims
                )
            }
        )
        for part in receipt.parts
    )
    whole = receipt.model_copy(update={"parts": parts})
    return whole.model_copy(update={"digest": receipt_digest(whole)})


def claim_digest(claim: Claim, part: Part, receipt: Receipt) -> str:
    """The digest of a claim with its heading, its passages, and the profile that it was said from."""
    passages = [passage.model_dump() for passage in passages_of(claim, receipt.citations)]
    content = [
        claim.model_dump(exclude={"digest"}), part.heading, part.writer, passages, receipt.profile.model_dump()
    ]  # fmt: skip
    return _digest(content)[:_CLAIM_DIGITS]


def receipt_digest(receipt: Receipt) -> str:
    """The digest of everything in the receipt."""
    return _digest(receipt.model_dump(exclude={"digest"}))


def passages_of(claim: Claim, citations: Sequence[CitedPassage]) -> list[CitedPassage]:
    """The passages that a claim cites, as far as the receipt has them."""
    by_number = {passage.n: passage for passage in citations}
    return [by_number[number] for number in claim.citations if number in by_number]


def _digest(content: Any) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

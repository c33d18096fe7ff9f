"""Checks a file that carries a receipt: is it as it was exported, and does the profile still bear its claims out?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from pydantic import ValidationError

from rag.errors import InputError
from rag.models import AnswerSentence, Citation, Profile
from rag.receipts.records import CitedPassage, Claim, ClaimReport, Held, Part, Receipt, VerifyReport
from rag.receipts.seal import claim_digest, passages_of, receipt_digest
from rag.receipts.shown import (
    HTML_CLOSES,
    HTML_OPENS,
    MARKDOWN_CLOSES,
    MARKDOWN_OPENS,
    Shown,
    html_lines,
    markdown_lines,
    text_of,
)
from rag.verifier.composed import passing

Lines = Callable[[Receipt], Iterator[Shown]]
_TRACE = '"digest":"'
"""What the receipt in a Markdown or HTML file has, whatever was edited around it."""
_UNREADABLE = "The receipt in the file can't be read: it was edited or cut off."


class _File(NamedTuple):
    """The receipt of a file, what the file shows, and how that is written; JSON shows nothing but the receipt."""

    receipt: Receipt
    shown: str = ""
    lines: Lines | None = None


class _DamagedError(Exception):
    """The file carries a receipt that can't be read."""


def read_receipt(text: str) -> Receipt:
    """The receipt of an exported file, unchecked.

    Raises:
        InputError: the text carries none, or none that can be read.
    """
    try:
        return _read(text).receipt
    except _DamagedError:
        raise InputError(_UNREADABLE, "Ask for the file once more.") from None


def verify(text: str, profile_of: Callable[[Receipt], Profile]) -> VerifyReport:
    """What is found of each claim in an exported file.

    Args:
        text: the file's content.
        profile_of: gives the profile that a receipt was made from, as it is now.

    Raises:
        InputError: the text carries no receipt, or its profile is not here.
    """
    try:
        file = _read(text)
    except _DamagedError:
        return VerifyReport(damage=(_UNREADABLE,))
    receipt = file.receipt
    try:
        profile = profile_of(receipt)
    except InputError:
        if receipt.digest == receipt_digest(receipt):
            raise
        # Perhaps the profile's name is what was edited.
        return VerifyReport(title=receipt.title, made=receipt.made, damage=("The receipt was edited.",))
    edited_claims, edited_text = _edited(file)
    same = receipt.profile.fingerprint == profile.fingerprint and receipt.profile.person == profile.person
    claims = tuple(
        _judge(claim, part, receipt, profile, same, (number, place) in edited_claims)
        for number, part in enumerate(receipt.parts)
        for place, claim in enumerate(part.claims)
    )
    damage = [*edited_text]
    if receipt.digest != receipt_digest(receipt) and not any(claim.held == "broken" for claim in claims):
        damage.append("Something beside the claims was edited in the receipt.")
    return VerifyReport(
        title=receipt.title, made=receipt.made, profile=receipt.profile.name, same_profile=same, claims=claims,
        damage=tuple(damage),
    )  # fmt: skip


# --- reading a file -------------------------------------------------------------------------------------


def _read(text: str) -> _File:
    text = _plain(text)
    if text.lstrip().startswith("{"):
        return _File(_parsed(text, "receipt" in text))
    for opens, closes, lines in (
        (MARKDOWN_OPENS, MARKDOWN_CLOSES, markdown_lines),
        (HTML_OPENS, HTML_CLOSES, html_lines),
    ):
        before, found, behind = text.rpartition(opens)
        if found:
            data, closed, rest = behind.partition(closes)
            if not closed:
                raise _DamagedError
            # What somebody wrote behind the receipt is shown as well.
            return _File(_validated(_loaded(data)), before + rest, lines)
    if _TRACE in text:
        raise _DamagedError
    raise InputError(
        "This text carries no receipt.", "Give a file that was exported as Markdown, HTML or JSON, whole and unedited."
    )


def _plain(text: str) -> str:
    """`text` as it was written: mail and editors change the ends of lines, and say nothing by it."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip(" \t\r") for line in lines).rstrip("\n") + "\n"


def _parsed(text: str, is_ours: bool) -> Receipt:
    try:
        content = _loaded(text)
    except _DamagedError:
        if is_ours:
            raise
        content = None
    if not isinstance(content, dict) or "receipt" not in content:
        raise InputError("This JSON is no receipt.", "Give a file that was exported by --export or --out.")
    return _validated(content)


def _loaded(data: str) -> object:
    try:
        return json.loads(data)
    except json.JSONDecodeError:
        raise _DamagedError from None


def _validated(content: object) -> Receipt:
    try:
        return Receipt.model_validate(content)
    except ValidationError:
        raise _DamagedError from None


# --- what a file shows ----------------------------------------------------------------------------------


def _edited(file: _File) -> tuple[set[tuple[int, int]], list[str]]:
    """The claims whose line or reference was edited, and what else was."""
    if file.lines is None:
        return set(), []
    lines = list(file.lines(file.receipt))
    wanted = text_of(iter(lines)).split("\n")
    told = file.shown.split("\n")
    claims: set[tuple[int, int]] = set()
    passages: set[int] = set()
    elsewhere = False
    for kind, start, end, other_start, other_end in SequenceMatcher(None, wanted, told, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        hit = [line for line in lines[start:end] if line.claim or line.passage]
        claims |= {line.claim for line in hit if line.claim}
        passages |= {line.passage for line in hit if line.passage}
        added = (other_end - other_start) > (end - start)
        elsewhere = elsewhere or added or len(hit) < end - start
    claims |= {
        (number, place)
        for number, part in enumerate(file.receipt.parts)
        for place, claim in enumerate(part.claims)
        if passages & set(claim.citations)
    }
    return claims, ["Text beside the claims was edited, added or cut out."] if elsewhere else []


# --- what a claim is ------------------------------------------------------------------------------------


def _judge(claim: Claim, part: Part, receipt: Receipt, profile: Profile, same: bool, is_edited: bool) -> ClaimReport:
    def found(held: Held, reason: str) -> ClaimReport:
        return ClaimReport(part=part.heading, text=claim.text, held=held, reason=reason)

    if claim.digest != claim_digest(claim, part, receipt):
        return found("broken", "the receipt of this claim was edited")
    if is_edited:
        return found("broken", "its text or its reference was edited in the file")
    if claim.verdict == "frame":
        return found("holds", "says nothing about the research")
    if part.writer == "llm" and claim.verdict == "supported" and _stand(claim, receipt, profile):
        return found("holds", "worded by a language model from passages that stand in the abstracts")
    if _passes(claim, receipt, profile):
        if claim.verdict == "supported":
            return found("holds", "its quote stands in the abstract at its place")
        if same:
            return found("holds", "computed from the same version of the profile")
        return found("changed", "computed from another version of the profile; ask again")
    if same:
        return found("broken", "the profile does not have the passage that it cites")
    return found("changed", "the profile no longer has the passage that it cites")


def _passes(claim: Claim, receipt: Receipt, profile: Profile) -> bool:
    """Whether the claim passes the check that it passed before it was shown."""
    sentence = AnswerSentence(text=claim.text, citations=claim.citations, verdict=claim.verdict)
    citations = [_citation(passage) for passage in passages_of(claim, receipt.citations)]
    return bool(passing([sentence], citations, profile))


def _stand(claim: Claim, receipt: Receipt, profile: Profile) -> bool:
    """Whether every passage that a claim cites is quoted truly."""
    passages = passages_of(claim, receipt.citations)
    quotes = (Claim(text=passage.passage, verdict="supported", citations=(passage.n,)) for passage in passages)
    return bool(passages) and all(_passes(quote, receipt, profile) for quote in quotes)


def _citation(passage: CitedPassage) -> Citation:
    return Citation(
        n=passage.n, paper_id=passage.paper_id, title=passage.title, passage=passage.passage, start=passage.start,
        end=passage.end, url=passage.url,
    )  # fmt: skip

"""Numbers of a claim against those of its evidence: value, kind, what they count, bounds and their order.

Small counts ("four kinds") may be made by counting what the evidence lists, so one that it lacks refutes
nothing unless the evidence counts the same thing otherwise."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from rag.verifier import number_words as words
from rag.verifier.quantities import Quantity, quantities, readings

COUNTABLE = 12
"""Up to here a number may come from counting what the evidence lists."""
ALONG = 0.6
"""Share of a claim's words, in order, from which it goes along a sentence."""
NEAR = 0.06
"""How far a rounded number may be off."""

_BYTES = re.compile(r"\b(?:kilo|mega|giga|tera|peta|exa)bytes?\b", re.IGNORECASE)
_PER = re.compile(
    r"\b(?:per|pro|je|each)\s+(?:simulated\s+|simuliert\w*\s+)?(second|minute|hour|day|week|month|year|sekunde|minute|"
    r"stunde|tag|woche|monat|jahr)\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(
    r"\b(?:from|von)\s+(?P<one>\d[\d.,]*).{0,40}?\b(?:to|auf|bis)\s+(?P<two>\d[\d.,]*)", re.IGNORECASE
)


@dataclass(frozen=True)
class NumberFinding:
    """A number of the claim that the evidence speaks against, or lacks.

    `refuted`: the evidence has another number in its place, or the number belongs to something else there.
    """

    refuted: bool
    reason: str


def check_numbers(claim: str, evidence: Sequence[str]) -> list[NumberFinding]:
    """What speaks against the claim's numbers in the evidence; empty where nothing does.

    Args:
        claim: a sentence.
        evidence: the sentences that may carry it.
    """
    own = quantities(claim)
    there = [quantity for sentence in evidence for quantity in quantities(sentence, inside_names=True)]
    findings = [finding for quantity in own if (finding := _check_one(quantity, there)) is not None]
    findings.extend(_check_order(claim, evidence))
    findings.extend(_check_places(claim, evidence))
    findings.extend(_check_sizes(claim, evidence))
    return findings


def spelt_as(claim: str, evidence: Sequence[str]) -> str:
    """The claim with its numbers as the evidence spells the same ones: "three fifths" becomes "60%", "0,5" "0.50".

    For the network, which has seen too little to count.
    """
    there = [quantity for sentence in evidence for quantity in quantities(sentence, inside_names=True)]
    for own in reversed(quantities(claim)):
        same = [other for other in there if _same_value(own, other) and re.search(r"\d", other.text)]
        if same and all(other.text.lower() != own.text.lower() for other in same):
            claim = claim[: own.start] + same[0].text + claim[own.end :]
    return claim


def _check_one(own: Quantity, there: Sequence[Quantity]) -> NumberFinding | None:
    same = [other for other in there if _same_value(own, other)]
    if not same:
        return _check_missing(own, there)
    if own.counts:
        known = [other for other in same if other.counts]
        if known and len(known) == len(same) and all(other.counts != own.counts for other in known):
            told = known[0]
            return NumberFinding(True, f"the passage says {_with_unit(told)}, the claim {_with_unit(own)}")
    turned = {"most": "least", "least": "most"}.get(own.bound)
    if turned and all(other.bound == turned for other in same):
        return NumberFinding(True, f"the passage gives {own.text} as a bound the other way")
    return None


def _check_missing(own: Quantity, there: Sequence[Quantity]) -> NumberFinding | None:
    rivals = [other for other in there if other.kind == own.kind]
    close = [other for other in rivals if _counts_the_same(own, other)]
    small = own.kind == "plain" and max(own.values) <= COUNTABLE and not re.search(r"\d[.,]\d", own.text)
    if close:
        told = min(close, key=lambda other: abs(other.values[0] - own.values[0]))
        return NumberFinding(True, f"the passage says {_with_unit(told)}, the claim {_with_unit(own)}")
    if small:
        return None
    if own.kind != "plain" and rivals:
        told = min(rivals, key=lambda other: abs(other.values[0] - own.values[0]))
        return NumberFinding(True, f"the passage says {told.text}, the claim {own.text}")
    return NumberFinding(False, f"the passage doesn't have the number {own.text}")


def _counts_the_same(own: Quantity, other: Quantity) -> bool:
    if own.counts or other.counts:
        return own.counts == other.counts
    return bool(own.following) and own.following == other.following


def _with_unit(quantity: Quantity) -> str:
    return f"{quantity.text} {quantity.counts or quantity.following}".strip() if quantity.counts else quantity.text


def _same_value(own: Quantity, other: Quantity) -> bool:
    if own.kind != other.kind and not _share_as_plain(own, other):
        return False
    loose = "about" in (own.bound, other.bound) or own.bound in ("most", "least")
    for one in own.values:
        for two in other.values:
            if abs(one - two) < 1e-9 * max(1.0, abs(two)):
                return True
            # "over two thousand" may round 2,150, "about 60%" 58.6%, but "about 61" isn't 16.
            if loose and abs(one - two) <= NEAR * abs(two):
                return True
            if _rounds_to(one, own.text, two):
                return True
    return False


def _share_as_plain(own: Quantity, other: Quantity) -> bool:
    """ "more than two-fold" and "more than twice" are factors; "two times 16" may be told plain."""
    return {own.kind, other.kind} == {"plain", "factor"}


def _rounds_to(own: float, text: str, exact: float) -> bool:
    """Whether `exact`, cut to the digits that the claim gives, is the claim's number: 0.5 for 0.497, not 16
    for 16.4."""
    found = re.search(r"\d+[.,](\d+)", text)
    if found is None or float(own).is_integer():
        return False
    return round(exact, len(found.group(1))) == own and len(found.group(1)) >= 1


def _check_order(claim: str, evidence: Sequence[str]) -> list[NumberFinding]:
    findings = []
    for own in _FROM_TO.finditer(claim):
        one, two = readings(own["one"].rstrip(".,")), readings(own["two"].rstrip(".,"))
        for sentence in evidence:
            for other in _FROM_TO.finditer(sentence):
                ends = readings(other["one"].rstrip(".,")), readings(other["two"].rstrip(".,"))
                if set(one) & set(ends[1]) and set(two) & set(ends[0]) and one != two:
                    findings.append(
                        NumberFinding(True, f"the passage goes from {other['one']} to {other['two'].rstrip('.,')}")
                    )
    return findings


def _check_places(claim: str, evidence: Sequence[str]) -> list[NumberFinding]:
    """Numbers that have changed places in a claim that else goes along a sentence."""
    own_words, own = _parted(claim)
    for sentence in evidence:
        words_there, there = _parted(sentence)
        shared = [number for number in dict.fromkeys(own) if own.count(number) == there.count(number) == 1]
        places = [there.index(number) for number in shared]
        if places == sorted(places):
            continue
        blocks = SequenceMatcher(None, own_words, words_there, autojunk=False).get_matching_blocks()
        if sum(block.size for block in blocks) > ALONG * len(own_words):
            turned = ", ".join(sorted(shared, key=there.index))
            return [NumberFinding(True, f"the passage has these numbers in another place: {turned}")]
    return []


def _parted(text: str) -> tuple[list[str], list[str]]:
    """The words without digits, and the numbers, each in order."""
    tokens = re.findall(r"[^\W_]+(?:[.,]\d+)*", text.lower())
    return [token for token in tokens if not token[0].isdigit()], [token for token in tokens if token[0].isdigit()]


def _check_sizes(claim: str, evidence: Sequence[str]) -> list[NumberFinding]:
    """Sizes and rates without a number: "petabytes per day" is neither gigabytes nor petabytes per second."""
    findings = []
    text = " ".join(evidence)
    for pattern in (_BYTES, _PER):
        own, there = _units_of(pattern, claim), _units_of(pattern, text)
        if own and there and not own.keys() & there.keys():
            told, said = next(iter(there.values())), next(iter(own.values()))
            findings.append(NumberFinding(True, f"the passage says {told}, the claim {said}"))
    return findings


def _units_of(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    """Units that `pattern` finds, on one name for both languages, with the words that the text has."""
    found = {}
    for match in pattern.finditer(text):
        word = match.group(match.lastindex or 0).lower()
        found[words.UNITS.get(word, word.rstrip("s"))] = match.group().lower()
    return found

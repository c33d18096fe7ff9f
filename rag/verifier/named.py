"""Named things of a claim that its evidence lacks: systems, data sets, acronyms, people, places.

A name by its shape (an acronym, a system, a data set) that the evidence lacks can't be supported by it; another
capitalised word may be a synonym, so it only lowers the score. A name that the evidence has with another number
("GPT-3" for "GPT-2") refutes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.names import fold

_NAME = re.compile(r"(?<!\w)[^\W\d_][\w]*(?:[-./][\w]+)*")
_SHAPED = re.compile(r"[A-Z].*[A-Z]|[a-z][A-Z]|[A-Za-z]-?\d|\d[A-Za-z]")
_VERSION = re.compile(r"^([A-Za-z]{2,})-?(\d+(?:\.\d+)?)$")
_STARTERS_TEXT = """
    the a an in on at for with by from to of and or but when while if as it its this these that
    those they their he she his her we our both some all each no not only unlike during after before
    under once two three one among der die das ein eine im in am bei mit von zu für und oder nach
    vor als es sie er wir alle einige
"""
_STARTERS = frozenset(_STARTERS_TEXT.split())


def shaped_names(text: str) -> list[str]:
    """Words that are names by their shape, whatever the language: ImageNet, GPT-2, JSC, PIConGPU."""
    return [word for word in _NAME.findall(text) if _SHAPED.search(word)]


def capital_names(text: str) -> list[str]:
    """Capitalised words of an English text that don't begin a sentence: Hubble, Stuttgart, Ethernet."""
    found = []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        for match in list(_NAME.finditer(sentence))[1:]:
            word = match.group()
            if word[0].isupper() and len(word) > 2 and word.lower() not in _STARTERS:
                found.append(word)
    return found


def missing_names(claim: str, evidence: Sequence[str], *, english: bool) -> list[str]:
    """Names of the claim that no sentence of the evidence has, spelt out or as an acronym.

    Args:
        claim: a sentence.
        evidence: sentences and, where known, the paper's title.
        english: whether capitals mark names; in German every noun has one.
    """
    text = " ".join(evidence)
    known = _known(text)
    shaped = shaped_names(claim)
    if not english:
        # German joins a name to a noun ("GAN-Forschung"): only the parts that are names by shape are asked
        # for.
        shaped = [part for name in shaped for part in name.split("-") if _SHAPED.search(part)]
    own = dict.fromkeys([*shaped, *(capital_names(claim) if english else ())])
    return [name for name in own if not _is_known(name, known)]


def is_shaped(name: str) -> bool:
    """Whether a word is a name by its shape, whatever the language."""
    return bool(_SHAPED.search(name))


def other_version(claim: str, evidence: Sequence[str]) -> str | None:
    """Why a versioned name of the claim is refuted ("the passage has GPT-2, not GPT-3"), None where none
    is."""
    there = [match for name in _NAME.findall(" ".join(evidence)) if (match := _VERSION.match(name))]
    for name in _NAME.findall(claim):
        own = _VERSION.match(name)
        if own is None:
            continue
        same = [other for other in there if other[1].lower() == own[1].lower()]
        if same and all(other[2] != own[2] for other in same):
            return f"the passage has {same[0].group()}, not {name}"
    return None


def _known(text: str) -> set[str]:
    folded = fold(text)
    words = re.findall(r"[a-z0-9]+", folded)
    joined = {re.sub(r"[^a-z0-9]", "", fold(name)) for name in _NAME.findall(text)}
    initials = "".join(word[0] for word in words)
    parts = re.findall(r"[A-Za-z][a-z]+", text)
    heads = "".join(part[0].lower() for part in parts)
    return {*words, *joined, f"\0{initials}\0{heads}"}


def _is_known(name: str, known: set[str]) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", fold(name))
    forms = {plain, plain.rstrip("s"), plain + "s", plain.removesuffix("es")}
    if forms & known or all(part in known for part in re.findall(r"[a-z0-9]+", fold(name))):
        return True
    long = [word for word in known if len(word) > 4 and not word.startswith("\0")]
    stem = plain.rstrip("s")[: max(5, len(plain) - 3)]
    if len(stem) >= 5 and any(word.startswith(stem) for word in long):
        return True
    initials = next(word for word in known if word.startswith("\0"))
    is_acronym = 2 <= len(plain.rstrip("s")) <= 6 and sum(letter.isupper() for letter in name) >= 2
    return is_acronym and plain.rstrip("s") in initials

"""Whether a sentence holds a thing of the kind that is asked for: a number, a length of time, a name."""

from __future__ import annotations

import re
from typing import Final

from rag.models import AnswerType
from rag.names import fold
from rag.planning.papers import coined_names
from rag.verifier.quantities import quantities

NUMBERS: Final = frozenset({AnswerType.NUMBER, AnswerType.DURATION})
_WORD = re.compile(r"[^\W\d_][\w-]*")
_COUNTS = re.compile(r"\b(?:how many|wie ?viele|combien de|cuant[oa]s)\b(?!.{0,20}\b(?:percent|per cent|prozent))")
"""Things are counted; a share of them is no answer."""
_VAGUE = re.compile(
    r"\d|\b(?:(?:dozen|hundred|thousand|million|billion)s?|minutes?|hours?|days?|weeks?|months?|years?|twice|double\w*"
    r"|orders? of magnitude|linear|quadratic|exponential|negligible|no|zero)\b",
    re.IGNORECASE,
)
"""Amounts that are no number: 'thousands', 'roughly a minute', 'in linear time', 'a negligible amount'."""


def may_answer(asked: AnswerType, question: str, text: str) -> bool:
    """Whether `text` holds what `question` asks for, as far as a glance tells: an amount, or a name."""
    if asked in NUMBERS:
        stated = quantities(text, inside_names=True)
        if _COUNTS.search(fold(question)) and stated and all(one.kind == "percent" for one in stated):
            return False
        return bool(stated or _VAGUE.search(text))
    if asked is AnswerType.NAME:
        known = set(_WORD.findall(fold(question)))
        return any(fold(name) not in known for name in _names(text))
    return True


def _names(text: str) -> list[str]:
    """Words spelt as names are: with a capital behind the first letter of the text, or coined."""
    coined = coined_names(text)
    words = _WORD.findall(text)
    return [
        word
        for place, word in enumerate(words)
        if (place and word[0].isupper()) or any(letter.isupper() for letter in word[1:]) or fold(word) in coined
    ]

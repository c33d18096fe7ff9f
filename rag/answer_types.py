"""Whether a sentence holds a thing of the kind that is asked for."""

from __future__ import annotations

import re
from typing import Final

from rag.models import AnswerType
from rag.verifier.quantities import quantities

NUMBERS: Final = frozenset({AnswerType.NUMBER, AnswerType.DURATION})
_VAGUE = re.compile(
    r"\d|\b(?:(?:dozen|hundred|thousand|million|billion)s?|minutes?|hours?|days?|weeks?|months?|years?|twice|double\w*"
    r"|orders? of magnitude|linear|quadratic|exponential|negligible|no|zero)\b",
    re.IGNORECASE,
)
"""Amounts that are no number: 'thousands', 'roughly a minute', 'in linear time', 'a negligible amount'."""


def may_answer(asked: AnswerType, text: str) -> bool:
    """False where a number or a length of time is asked for and `text` states neither."""
    if asked not in NUMBERS:
        return True
    return bool(_VAGUE.search(text) or quantities(text, inside_names=True))

"""A question that asks two things: 'What connects the nodes, and what did it cost?'"""

from __future__ import annotations

import re

_LEAST_WORDS = 3
_ASKS = (
    r"what|which|who|whom|whose|when|where|why|how|"
    r"was|welche[nmrs]?|wer|wem|wen|wann|wo|warum|wieso|weshalb|wie|wieviele?|womit|wozu|"
    r"combien|quand|pourquoi|comment|quel(?:le)?s?|cu[aá]nt[oa]s?|cu[aá]ndo|d[oó]nde|qui[eé]n(?:es)?"
)
_ASKING = re.compile(rf"\b(?:{_ASKS})\b", re.IGNORECASE)
_JOINT = re.compile(rf"[,;]?\s+(?:and|und|et|y)\s+(?=(?:also |auch )?(?:{_ASKS})\b)", re.IGNORECASE)

SEVERAL = "asks several things"
"""The rule of a plan that stands for several."""


def split_parts(question: str) -> tuple[str, ...]:
    """The two questions that `question` joins by 'and', or itself alone.

    Both must have three words or more, and the first must ask something of its own. A clause is no question:
    'papers on what works and what does not' is left whole, since the second 'what' goes on with an inner one.
    """
    joints = list(_JOINT.finditer(question))
    if len(joints) != 1:
        return (question,)
    first, second = question[: joints[0].start()].strip(), question[joints[0].end() :].strip()
    asked = [found.group().lower() for found in _ASKING.finditer(first)]
    goes_on = len(asked) > 1 and second.lower().startswith(asked[-1])
    whole = all(len(part.split()) >= _LEAST_WORDS for part in (first, second))
    return (first, second) if asked and whole and not goes_on else (question,)

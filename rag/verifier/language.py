"""Whether two texts are of one language, told by their small words; enough to know when words can't be
compared."""

from __future__ import annotations

import re
from typing import Final

_ENGLISH_TEXT = """
    the of and to is are were that for with on as by at from this these which be been has have it
    its their not or than can more we our does do did they
"""
_ENGLISH: Final = frozenset(_ENGLISH_TEXT.split())
_GERMAN_TEXT = """
    der die das und ist sind war waren dass für mit auf als von zu den dem des ein eine einer
    eines einem einen nicht oder wird werden wurde wurden auch bei nach im es sie sich bis zum
    zur durch aus kein keine nur
"""
_GERMAN: Final = frozenset(_GERMAN_TEXT.split())


_GERMAN_MARK = re.compile(
    r"[äöüß]|(?:ung|ungen|heit|keit|iert|ierte|ierter|iertes|ierten|isch|ische|ischen|lich|liche|lichen)$"
)


def is_german(text: str) -> bool:
    """Whether a text has more of German's small words, letters and endings than of English's small words."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    german = sum(word in _GERMAN or bool(_GERMAN_MARK.search(word)) for word in words)
    return german > sum(word in _ENGLISH for word in words)


def differ(claim: str, passage: str) -> bool:
    """Whether one is German and the other isn't."""
    return is_german(claim) != is_german(passage)

"""Which of the four languages a question is in, and which of its words carry a subject."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from rag.models import Language
from rag.names import fold
from rag.planning.frames import LANGUAGES, frame_words

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_TELLING_LETTERS: tuple[tuple[str, Language], ...] = (
    ("ß", "de"),
    ("äöü", "de"),
    ("ñ¿¡", "es"),
    ("çêœùà", "fr"),
)


def words(text: str) -> list[str]:
    """Words of `text` in order; hyphens, dots and apostrophes inside a word stay."""
    return _WORD.findall(text)


def detect_language(question: str, default: Language = "en") -> Language:
    """The language of `question`, `default` where nothing tells.

    Function words and question words decide; a library is asked only when they do not, since its model costs
    more to load than an answer takes.
    """
    tokens = [fold(word) for word in words(question)]
    counts = {language: _told(tokens, language) for language in LANGUAGES}
    best = max(counts.values())
    leaders = [language for language in LANGUAGES if counts[language] == best]
    if best > 0 and len(leaders) == 1:
        return leaders[0]
    for letters, language in _TELLING_LETTERS:
        if language in leaders and any(letter in question.lower() for letter in letters):
            return language
    if default in leaders:
        return default
    return _ask_library(question, leaders)


@cache
def function_words(language: Language) -> frozenset[str]:
    """Folded words of `language` that carry no subject."""
    return frozenset(_all_function_words()[language].split())


def is_function_word(word: str, language: Language) -> bool:
    """Whether the folded `word` carries no subject in `language` (or in English, which people mix in)."""
    return word in function_words(language) or word in function_words("en")


@cache
def _all_function_words() -> dict[str, str]:
    return tomllib.loads(files("rag.planning").joinpath("function_words.toml").read_text(encoding="utf-8"))


def _told(tokens: list[str], language: Language) -> int:
    closed, framing = function_words(language), frame_words(language)
    return sum(2 * (token in closed) + (token in framing) for token in tokens)


def _ask_library(question: str, leaders: list[Language]) -> Language:
    from py3langid import langid

    langid.set_languages(list(leaders))
    language: Language = langid.classify(question)[0]
    return language

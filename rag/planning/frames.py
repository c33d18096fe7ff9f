"""The words that frame a question, per language, and where they stand in it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import get_args

from rag.models import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
Span = tuple[int, int]


class Frames:
    """Which frames a question holds.

    Args:
        folded: the question as `rag.names.fold` gives it.
        language: whose words are looked for; English words are always understood beside it, since people mix.
    """

    def __init__(self, folded: str, language: Language) -> None:
        self.text = folded
        self.language = language

    def has(self, *concepts: str) -> bool:
        """Whether any of the concepts is in the question."""
        return any(self._search(concept) for concept in concepts)

    def is_whole(self, concept: str) -> bool:
        """Whether the question consists of nothing but words of the concept and punctuation."""
        rest = re.sub(r"[\s,.!?;:¿¡-]+", " ", _pattern(concept, self.language).sub(" ", self.text))
        return not rest.strip()

    def opens_with(self, concept: str) -> bool:
        """Whether the question starts with a word of the concept."""
        return any(start == 0 for start, _ in self.spans(concept))

    def spans(self, *concepts: str) -> tuple[Span, ...]:
        """Where words of the concepts stand."""
        return tuple(
            found.span() for concept in concepts for found in _pattern(concept, self.language).finditer(self.text)
        )

    def first(self, concept: str) -> Span | None:
        """Where the first word of the concept stands."""
        found = self._search(concept)
        return found.span() if found else None

    def _search(self, concept: str) -> re.Match[str] | None:
        return _pattern(concept, self.language).search(self.text)


@cache
def _lexicon() -> dict[str, dict[str, list[str]]]:
    text = files("rag.planning").joinpath("frames.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _pattern(concept: str, language: Language) -> re.Pattern[str]:
    by_language = _lexicon()[concept]
    words = [*by_language.get(language, []), *(by_language.get("en", []) if language != "en" else [])]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(_at_clause, words))})(?![\w])")


def _at_clause(expression: str) -> str:
    """An expression that opens the question opens a clause behind a colon or a full stop as well."""
    return rf"(?:^|(?<=[:.!?;] )){expression[1:]}" if expression.startswith("^") else expression


@cache
def _any_pattern(language: Language) -> re.Pattern[str]:
    words = [word for by_language in _lexicon().values() for word in by_language.get(language, [])]
    return re.compile("|".join(f"(?:{word})" for word in words))


def is_frame_word(word: str, language: Language) -> bool:
    """Whether the folded `word` alone is a frame of some concept."""
    return _any_pattern(language).fullmatch(word) is not None


@cache
def frame_words(language: Language) -> frozenset[str]:
    """Plain words of the lexicon in `language`."""
    words: set[str] = set()
    for concept in _lexicon().values():
        for expression in concept.get(language, []):
            words.update(re.findall(r"[a-z]{4,}", re.sub(r"\\.|\(\?:|\[[^\]]*\]", " ", expression)))
    return frozenset(words)

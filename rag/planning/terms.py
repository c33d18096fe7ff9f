"""What the planner knows of one profile: its people, papers, categories and words."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache

import Stemmer
from rapidfuzz.distance import DamerauLevenshtein

from rag.lexical import tokenize
from rag.models import Language, Profile
from rag.names import fold
from rag.planning.frames import LANGUAGES, frame_words, is_frame_word
from rag.planning.language import function_words, words
from rag.planning.papers import PaperNames
from rag.planning.people import People

_SHORTEST_STEM = 3
_LONG_ENOUGH = 6
"""Letters of a word in which one wrong letter is taken for a slip."""


class ProfileTerms:
    """The vocabulary of `profile`, gathered once.

    Args:
        profile: its records.
        is_word: whether a word is an ordinary word of some language, and so no slip of the pen; None if unknown.
    """

    def __init__(self, profile: Profile, is_word: Callable[[str], bool] | None = None) -> None:
        self.profile = profile
        self._is_word = is_word
        texts = [f"{paper.title} {paper.abstract}" for paper in profile.papers]
        spelled = [word for text in texts for word in words(text)]
        self.vocabulary = frozenset(fold(word) for word in spelled)
        lower = frozenset(fold(word) for word in spelled if word.islower())
        closed = frozenset().union(*(function_words(language) | frame_words(language) for language in LANGUAGES))
        self._title_terms = frozenset(term for paper in profile.papers for term in tokenize(paper.title))
        self.people = People(profile, ordinary=lower | closed, used=self.vocabulary, is_word=is_word)
        self.papers = PaperNames(profile)
        self.categories = frozenset(paper.category.upper() for paper in profile.papers if paper.category)
        self.known = self.vocabulary | closed | frozenset(self.people.tokens)

    def is_topical(self, word: str) -> bool:
        """Whether `word` occurs in a title, and so may name what papers are about."""
        return bool(self._title_terms.intersection(tokenize(word)))

    def is_ordinary(self, word: str) -> bool:
        """Whether `word` is a common word of some language, as far as that is known."""
        return self._is_word is not None and self._is_word(word)

    def _is_in_use(self, word: str, language: Language) -> bool:
        """Whether `word` is a common word as it stands, as a noun in German is written, or without its ending."""
        lower = word.lower()
        forms = {lower, *(_stem(lower, one) for one in (language, "en"))}
        return any(
            self.is_ordinary(form) or self.is_ordinary(form.capitalize())
            for form in forms
            if len(form) >= _SHORTEST_STEM
        )

    def mend_typos(self, question: str, language: Language) -> str:
        """`question` with misspelt frame words and profile words put right; its other words stay.

        A word is changed only if it is unknown, has the same first letter as the known word and differs by one
        slip (see `_is_slip`). An ordinary word that the profile does not use may look like a slip of one that
        it does ('paint', 'print'), so words of content must be longer. In English a capital inside a question
        marks a name, which is no misspelt frame word.
        """
        common = _common_words(language)

        def mend(match: re.Match[str]) -> str:
            word = match.group()
            folded = fold(word)
            if word.isupper() or folded in self.known or folded.removesuffix("s") in self.known:
                return word
            if is_frame_word(folded, language) or is_frame_word(folded, "en"):
                return word
            if self._is_in_use(word, language):
                return word
            is_name = word[0].isupper() and match.start() > 0 and language == "en"
            frame = None if is_name else _nearest(folded, common, least=4)
            return frame or _nearest(folded, self.vocabulary, least=6) or word

        return re.sub(r"(?<![\w-])[^\W\d_]{4,}(?![\w-])", mend, question)


@lru_cache(maxsize=1 << 12)
def _stem(word: str, language: Language) -> str:
    # A stemmer of its own each time: one is not to be used by two threads at once.
    stem: str = Stemmer.Stemmer(language).stemWord(word)
    return stem


@cache
def _common_words(language: Language) -> frozenset[str]:
    """Words of the lexicon and of grammar, in `language` and in English."""
    return frozenset().union(*(frame_words(one) | function_words(one) for one in (language, "en")))


def _nearest(word: str, candidates: frozenset[str], least: int) -> str | None:
    if len(word) < least:
        return None
    found = (
        candidate
        for candidate in candidates
        if candidate[:1] == word[:1]
        and len(candidate) >= least
        and abs(len(candidate) - len(word)) <= 1
        and _is_slip(word, candidate)
    )
    return min(found, default=None)


def _is_slip(word: str, known: str) -> bool:
    """Whether `word` is `known` with two letters swapped, one doubled, one too many, one left out, or one wrong.

    Near the end only the first two count, since forms of a word and other words differ there: 'paper' and
    'papers', 'quantity' and 'quantify'. In a short word a wrong letter makes another word too easily: 'perte' is
    no 'porte'.
    """
    if DamerauLevenshtein.distance(word, known, score_cutoff=1) > 1:
        return False
    if sorted(word) == sorted(known) or re.sub(r"(.)\1", r"\1", word) == re.sub(r"(.)\1", r"\1", known):
        return True
    if len(word) == len(known) and len(word) < _LONG_ENOUGH:
        return False
    return word[-2:] == known[-2:] and tokenize(word) != tokenize(known)

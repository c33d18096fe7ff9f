"""What the planner knows of one profile: its people, papers, categories and words."""

from __future__ import annotations

import re
from collections.abc import Callable

from rapidfuzz.distance import DamerauLevenshtein

from rag.lexical import tokenize
from rag.models import Language, Profile
from rag.names import fold
from rag.planning.frames import LANGUAGES, frame_words, is_frame_word, record_words
from rag.planning.language import function_words, words
from rag.planning.papers import PaperNames
from rag.planning.people import People


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

    def mend_typos(self, question: str, language: Language) -> str:
        """`question` with misspelt frame words and profile words put right; its other words stay.

        A word is changed only if it is unknown, has the same first letter as the known word and differs by
        one slip: a missing, added, wrong or swapped letter. An ordinary word that the profile does not use
        may look like a slip of one that it does ('paint', 'print'), so words of content must be longer, and
        must not be inflections of one another.
        """
        frames = record_words(language) | record_words("en")

        def mend(match: re.Match[str]) -> str:
            word = match.group()
            folded = fold(word)
            if word.isupper() or folded in self.known or folded.removesuffix("s") in self.known:
                return word
            if is_frame_word(folded, language) or is_frame_word(folded, "en"):
                return word
            if self._is_word is not None and self._is_word(word.lower()):
                return word
            return _nearest(folded, frames, least=5) or _nearest(folded, self.vocabulary, least=7) or word

        return re.sub(r"(?<![\w-])[^\W\d_]{5,}(?![\w-])", mend, question)


def _nearest(word: str, candidates: frozenset[str], least: int) -> str | None:
    if len(word) < least:
        return None
    best: tuple[int, str] | None = None
    for candidate in candidates:
        if candidate[:1] != word[:1] or abs(len(candidate) - len(word)) > 1 or len(candidate) < least:
            continue
        if tokenize(word) == tokenize(candidate) or _differ_at_the_end(word, candidate):
            continue  # forms of one word, or two words: 'quantity', 'quantify'
        distance = DamerauLevenshtein.distance(word, candidate, score_cutoff=1)
        if distance <= 1 and (best is None or (distance, candidate) < best):
            best = (distance, candidate)
    return best[1] if best else None


def _differ_at_the_end(one: str, other: str) -> bool:
    return one[:-2].startswith(other[:-2]) or other[:-2].startswith(one[:-2])

"""Names of people in a question, matched against the names that the profile prints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rapidfuzz.distance import DamerauLevenshtein

from rag.models import Profile
from rag.names import canonical_names, fold, foldings, same_person
from rag.planning.frames import Span

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")


_TITLES = frozenset({"prof", "professor", "professorin", "doctor", "doktor", "herr", "herrn", "frau", "mrs", "miss"})
_LINKS = frozenset({"by", "with", "from", "von", "mit", "par", "avec", "por", "con"})


class Mention(NamedTuple):
    """A stretch of the question that names people; several names mean that it is ambiguous."""

    span: Span
    names: tuple[str, ...]
    exact: bool


class People:
    """The people whom a profile prints.

    Args:
        profile: its author lists and its person.
        ordinary: folded words that are no names on their own when typed in lower case.
        used: folded words of titles and abstracts, which are no misspelt names.
        is_word: whether a word is an ordinary word of some language, and so no misspelt name; None if unknown.
    """

    def __init__(
        self,
        profile: Profile,
        ordinary: frozenset[str],
        used: frozenset[str],
        is_word: Callable[[str], bool] | None = None,
    ) -> None:
        printed = {author for paper in profile.papers for author in paper.authors}
        canonical = canonical_names(printed | {profile.person})
        self.names = tuple(sorted(set(canonical.values())))
        self.owner = profile.person
        self._ordinary = ordinary
        self._used = used
        self._is_word = is_word or (lambda _word: False)
        self._by_token: dict[str, set[str]] = defaultdict(set)
        self._full: dict[str, str] = {}
        for printed_name, name in canonical.items():
            for spelling in foldings(printed_name):
                self._full[_squeeze(spelling)] = name
                for token in _TOKEN.findall(spelling):
                    self._by_token[token.rstrip(".")].add(name)
                    for part in re.split(r"[-'’]", token):
                        self._by_token[part.rstrip(".")].add(name)
        self.tokens = frozenset(self._by_token)

    def find(self, question: str) -> tuple[Mention, ...]:
        """Mentions in order of place. A full name wins over its parts; initials and typos are understood."""
        tokens = [(match.group(), match.span()) for match in _TOKEN.finditer(question)]
        mentions: list[Mention] = []
        position = 0
        while position < len(tokens):
            mention, used = self._longest_from(tokens, position, question)
            if mention:
                mentions.append(mention)
            position += max(used, 1)
        return tuple(mentions)

    def is_owner(self, name: str) -> bool:
        """Whether `name` is the profile's own person."""
        return same_person(name, self.owner)

    def _longest_from(self, tokens: list[tuple[str, Span]], position: int, question: str) -> tuple[Mention | None, int]:
        for length in range(min(4, len(tokens) - position), 1, -1):
            chosen = tokens[position : position + length]
            names, exact = self._several_tokens([text for text, _ in chosen])
            if names:
                return Mention((chosen[0][1][0], chosen[-1][1][1]), names, exact), length
        text, span = tokens[position]
        if self._is_of_a_stranger(tokens, position, question):
            return None, 1
        names, exact = self._one_token(text, capital=text[0].isupper() and not question.isupper())
        return (Mention(span, names, exact), 1) if names else (None, 1)

    def strangers(self, question: str) -> tuple[str, ...]:
        """Names of a printed surname behind a given name that nobody here has, as typed."""
        tokens = [(match.group(), match.span()) for match in _TOKEN.finditer(question)]
        known = [mention.span for mention in self.find(question)]
        return tuple(
            question[tokens[position - 1][1][0] : end]
            for position, (text, (start, end)) in enumerate(tokens)
            if _bare(text) in self._by_token
            and not any(first <= start < last for first, last in known)
            and self._is_of_a_stranger(tokens, position, question)
        )

    def _is_of_a_stranger(self, tokens: list[tuple[str, Span]], position: int, question: str) -> bool:
        """Whether a surname stands behind a given name that nobody here has: 'Anna Schmidt' is no 'Norberto'.

        Capitals mark a name, be it their first letters or all; in lower case 'by' and its like do.
        """
        if position < 1:
            return False
        (before, (begin, end)), (text, (start, _)) = tokens[position - 1], tokens[position]
        given = fold(before).rstrip(".")
        if question[end:start].strip() or len(given) <= 2 or given in _TITLES:
            return False
        if given in self._by_token or given in self._used or self._is_ordinary(given):
            return False
        if before[0].isupper() and text[0].isupper():
            return before.isupper() == text.isupper()
        link, (_, link_end) = tokens[position - 2] if position > 1 else ("", (0, 0))
        return before.islower() and text.islower() and fold(link) in _LINKS and not question[link_end:begin].strip()

    def _several_tokens(self, parts: list[str]) -> tuple[tuple[str, ...], bool]:
        folded = [fold(part).rstrip(".") for part in parts]
        if name := self._full.get(_squeeze(" ".join(folded))) or self._full.get(
            _squeeze(" ".join([*folded[1:], folded[0]]))
        ):
            return (name,), True
        if any(len(part) > 1 and self._is_ordinary(part) and part not in self._by_token for part in folded):
            return (), False
        if all(part in self._used and part not in self._by_token for part in folded):
            return (), False
        if initials := self._by_initials(folded):
            return initials, True
        long_enough = all(len(part) >= 3 for part in folded)
        sets = [self._near(part) for part in folded]
        common = set.intersection(*sets) if long_enough and all(sets) else set()
        return tuple(sorted(common)), False

    def _by_initials(self, folded: list[str]) -> tuple[str, ...]:
        """'j ebert' and 'd t doncevic' -> the names whose parts begin so and whose surname is spelt out."""
        if not (1 in map(len, folded) and len(folded[-1]) > 2):
            return ()
        found = []
        for name in self._by_token.get(folded[-1], ()):
            rest = [part for part in re.split(r"[\s-]+", fold(name)) if part != folded[-1]]
            given = folded[:-1]
            if len(given) <= len(rest) and all(own.startswith(typed) for typed, own in zip(given, rest, strict=False)):
                found.append(name)
        return tuple(sorted(found))

    def _one_token(self, text: str, *, capital: bool) -> tuple[tuple[str, ...], bool]:
        word = _bare(text)
        if len(word) < 3:
            return (), False
        for candidate in (word, word.removesuffix("s")):
            names = self._by_token.get(candidate)
            if names and (capital or not self._is_ordinary(candidate)):
                return tuple(sorted(names)), True
        misspelt = len(word) >= 5 and not self._is_ordinary(word) and word not in self._used
        if misspelt and (capital or not self._is_word(text.lower())):
            names = self._near(word)
            return tuple(sorted(names)), False
        return (), False

    def _near(self, word: str) -> set[str]:
        """Names with a part spelt almost like `word`."""
        if word in self._by_token:
            return self._by_token[word]
        allowed = 0 if len(word) < 4 else 1 if len(word) < 8 else 2
        near: set[str] = set()
        for token, names in self._by_token.items():
            alike = token[:1] == word[:1] and abs(len(token) - len(word)) <= 1 and len(token) >= 4
            if alike and DamerauLevenshtein.distance(word, token, score_cutoff=allowed) <= allowed:
                near |= names
        return near

    def _is_ordinary(self, word: str) -> bool:
        return word in self._ordinary


def _bare(token: str) -> str:
    """Folded, without a possessive's ending and a full stop."""
    return re.sub(r"['’]s?$", "", fold(token)).rstrip(".")


def _squeeze(name: str) -> str:
    return re.sub(r"[^a-z ]+", " ", name).replace("  ", " ").strip()


def sounds_like_name(words: Iterable[str]) -> bool:
    """Whether words as typed look like a person's name: two or three capitalised ones."""
    parts = list(words)
    return 2 <= len(parts) <= 3 and all(part[:1].isupper() and part[1:2].islower() for part in parts)

"""Lexical ranking: text -> terms, and BM25 over them.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the idf that
never turns negative (as in Lucene). Each posting's whole contribution is computed when the index is built
(the "eager" scoring of Lù, "BM25S", 2024), so that a query only adds up the postings of its own terms.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import Stemmer
from numpy.typing import NDArray

K1 = 1.2
"""How soon repeating a term stops helping."""
B = 0.75
"""How much a long document's counts are discounted, 0 to 1."""

# Function words and the words that questions are made of; what a profile is about is never among them.
_WORDS = """
    a about above after again against all also am an and any are as at be because been before being below
    between both but by can could did do does doing down during each few for from further had has have
    having he her here hers him his how i if in into is it its itself me more most my no nor not of off on
    once only or other our ours out over own same she should so some such than that the their theirs them
    then there these they this those through to too under until up upon us very was we were what when
    where which while who whom whose why will with would you your yours
"""
STOP_WORDS = frozenset(_WORDS.split())

# Letters that Unicode doesn't take apart, as people type them who lack the key.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_COMBINING = re.compile(r"[\u0300-\u036f]")
_APOSTROPHES = re.compile(r"['’](?:s\b)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SPELLING = re.compile(r"(?:\d+\.\d+|[^\W_])[^\W_]*(?:[-‐‑–](?:\d+\.\d+|[^\W_])[^\W_]*)*")
_PARTS = re.compile(r"\d+(?:\.\d+)?(?![\d.])|\d+|[^\W\d_][^\W_]*")
_UMLAUT_E = re.compile(r"([aou])e")
_STEMMER = Stemmer.Stemmer("english", 0)
_SHORTEST_PART = 5
"""Letters that a part of a compound has at least."""
_ENDINGS = ("", "n", "en", "e", "s", "es", "er", "ern")
"""What German words end in or are joined by."""


def fold(text: str) -> str:
    """`text` in lower case, without accents and with one spelling of special letters."""
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
    return _COMBINING.sub("", lower)


def tokenize(text: str) -> list[str]:
    """The terms of a text, in order: folded, stemmed, without stop words.

    A compound gives its parts and itself joined: "IL-6" gives il, 6, il6 and so meets "IL6"; "10mg" gives 10,
    mg, 10mg and meets "10 mg". "1,000" is 1000. ö and oe are both o, so that "Jülich", "Juelich" and "Julich"
    meet.
    """
    plain = _THOUSANDS.sub("", _APOSTROPHES.sub("", fold(text)))
    return [term for spelling in _SPELLING.findall(plain) for term in _terms(spelling)]


@lru_cache(maxsize=1 << 16)
def _terms(spelling: str) -> tuple[str, ...]:
    parts = _PARTS.findall(spelling)
    if len(parts) > 1:
        parts.append("".join(parts))
    return tuple(_stem(part) for part in parts if part not in STOP_WORDS)


def _stem(word: str) -> str:
    # Folded after stemming: the stemmer looks at endings such as -ed and -er, which folding would break.
    stem: str = _STEMMER.stemWord(word)
    return _UMLAUT_E.sub(r"\1", stem)


class Vocabulary:
    """The terms of a collection, and which of them are meant by words of a question that it does not hold.

    German inflects and joins words that English texts hold alone: "Neutronen" is neutron, "Diffusionsmodelle"
    diffusion. Splitting by the collection's own words follows Monz and de Rijke, "Shallow Morphological Analysis
    in Monolingual Information Retrieval for Dutch, German, and Italian" (CLEF 2001).

    Args:
        terms: as `tokenize` gives them.
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._terms = frozenset(terms)
        self._meant = lru_cache(maxsize=1 << 12)(self._find)

    def terms_of(self, text: str) -> list[str]:
        """The terms of `text`, those that the collection lacks replaced by the ones of it that they are made of."""
        return [meant for term in tokenize(text) for meant in self._meant(term)]

    def _find(self, term: str) -> tuple[str, ...]:
        whole = self._known(term)
        if whole is not None:
            return (whole,)
        splits = [self._split(term, end) for end in range(len(term) - _SHORTEST_PART, _SHORTEST_PART - 1, -1)]
        return max(splits, key=self._worth, default=(term,))

    def _split(self, term: str, end: int) -> tuple[str, ...]:
        """Both parts, the known one or ones as the collection has them; the term itself where neither is known."""
        parts = (self._known(term[:end]), self._known(term[end:]))
        if parts == (None, None):
            return (term,)
        return parts[0] or term[:end], parts[1] or term[end:]

    def _worth(self, parts: tuple[str, ...]) -> tuple[int, int]:
        known = [part for part in parts if part in self._terms]
        return len(known), sum(map(len, known))

    def _known(self, word: str) -> str | None:
        """The term of the collection that `word` is, as it stands or without a German ending."""
        if word in self._terms:
            return word
        for ending in _ENDINGS:
            bare = word.removesuffix(ending)
            stem = _stem(bare)
            if len(bare) >= _SHORTEST_PART and stem in self._terms:
                return stem
        return None


def _idf(size: int, in_documents: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.log1p((size - in_documents + 0.5) / (in_documents + 0.5))


class BM25:
    """An index over documents that stay as they are.

    Args:
        documents: their texts; scores come in this order.
    """

    def __init__(self, documents: Sequence[str]) -> None:
        counts = [Counter(tokenize(document)) for document in documents]
        self._size = len(counts)
        self._numbers: dict[str, int] = {}
        for count in counts:
            for term in count:
                self._numbers.setdefault(term, len(self._numbers))
        sizes = np.array([len(count) for count in counts], np.int64)
        owners = np.repeat(np.arange(self._size), sizes)
        terms = np.array([self._numbers[term] for count in counts for term in count], np.int64)
        frequencies = np.array([n for count in counts for n in count.values()], np.float64)
        lengths = np.array([count.total() for count in counts], np.float64)

        in_documents = np.bincount(terms, minlength=len(self._numbers))
        idf = _idf(self._size, in_documents)
        mean_length = lengths.mean() if lengths.any() else 1.0
        saturation = K1 * (1 - B + B * lengths / mean_length)
        weights = idf[terms] * frequencies * (K1 + 1) / (frequencies + saturation[owners])

        order = np.argsort(terms, kind="stable")
        self._owners = owners[order].astype(np.int32)
        self._weights = weights[order].astype(np.float32)
        self._starts = np.concatenate([[0], np.cumsum(in_documents)])
        self._vocabulary = Vocabulary(self._numbers)

    def __len__(self) -> int:
        """How many documents."""
        return self._size

    def document_frequency(self, term: str) -> int:
        """In how many documents a term of `tokenize` occurs."""
        number = self._numbers.get(term)
        return 0 if number is None else int(self._starts[number + 1] - self._starts[number])

    def scores(self, query: str) -> NDArray[np.float32]:
        """Each document's score, shape (documents,); 0 where it shares no term with the query."""
        scores = np.zeros(self._size, np.float32)
        for term in self._vocabulary.terms_of(query):
            number = self._numbers.get(term)
            if number is not None:
                postings = slice(self._starts[number], self._starts[number + 1])
                scores[self._owners[postings]] += self._weights[postings]
        return scores

    def known(self, query: str) -> float:
        """How much of a query the collection's words cover, 0 to 1: the known terms' share of all terms' idf.

        1 for a query that has no terms, since then nothing of it is unknown.
        """
        found = np.array([self.document_frequency(term) for term in self._vocabulary.terms_of(query)], np.int64)
        idf = _idf(self._size, found)
        return float(idf[found > 0].sum() / idf.sum()) if len(found) and idf.sum() > 0 else 1.0

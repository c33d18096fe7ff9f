"""Text -> piece numbers: the Unigram tokenizer of multilingual-e5-small.

Kudo, "Subword Regularization" (ACL 2018): a word is cut into the pieces of the vocabulary whose log
probabilities have the greatest sum (Viterbi). The vocabulary's 250,002 pieces take a second to load into the
`tokenizers` package, as much as the whole of the rest of a question, so they're kept as a sorted array of
64-bit hashes that is memory-mapped and searched for all substrings of a text in one step.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD_START = "\u2581"
"""SentencePiece's mark in place of the space before a word."""
LONGEST_PIECE = 16
"""Characters in the longest piece of this vocabulary."""

_MARKS = frozenset({"<s>", "<pad>", "</s>", "<unk>", "<mask>"})
_WORDS_AT_ONCE = 4096
"""Words whose substrings are looked up together; bounds the memory, 10 MB."""
_HASH_START = np.uint64(0xCBF29CE484222325)
_HASH_FACTOR = np.uint64(0x100000001B3)


@dataclass(frozen=True)
class PieceTable:
    """The vocabulary, ordered by hash: `keys` uint64, `numbers` int32 and `scores` float32, all (pieces,)."""

    keys: NDArray[np.uint64]
    numbers: NDArray[np.int32]
    scores: NDArray[np.float32]


def build_table(pieces: Sequence[str], scores: NDArray[np.float32]) -> PieceTable:
    """Order the vocabulary by hash; marks such as `<s>` are left out, so that no text can forge them.

    Raises:
        ValueError: two pieces have the same hash, or one is longer than `LONGEST_PIECE`.
    """
    lengths = np.array([len(piece) for piece in pieces])
    if lengths.max() > LONGEST_PIECE:
        raise ValueError(f"a piece of {lengths.max()} characters")
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    hashes = _prefix_hashes(_code_points("".join(pieces)), LONGEST_PIECE)
    keys = hashes[lengths - 1, starts]
    marks = np.array([piece in _MARKS for piece in pieces])
    order = np.argsort(keys, kind="stable")
    order = order[~marks[order]]
    if (keys[order][1:] == keys[order][:-1]).any():
        raise ValueError("two pieces have the same hash")
    return PieceTable(keys[order], order.astype(np.int32), scores[order])


def _code_points(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


def _prefix_hashes(points: NDArray[np.uint32], longest: int) -> NDArray[np.uint64]:
    """FNV-1a over code points: row k holds, for each start, the hash of the k + 1 characters from there.

    Substrings that would pass the end of `points` get hashes of what's left of it padded with 0.
    """
    padded = np.concatenate([points, np.zeros(longest, np.uint32)]).astype(np.uint64)
    hashes = np.empty((longest, len(points)), np.uint64)
    running = np.full(len(points), _HASH_START)
    for length in range(longest):
        running = (running ^ padded[length : length + len(points)]) * _HASH_FACTOR
        hashes[length] = running
    return hashes


class PieceTokenizer:
    """Cuts texts into pieces.

    Args:
        table: the vocabulary.
        unknown: the number that stands for a character outside the vocabulary.
        lowest: the least score in the vocabulary.
        replacements: code point -> text, the normaliser's rules that NFKC does not cover.
    """

    def __init__(self, table: PieceTable, unknown: int, lowest: float, replacements: Mapping[int, str]) -> None:
        self._table = table
        self._unknown = unknown
        # SentencePiece's rule: a character outside the vocabulary is worth ten less than the rarest piece.
        self._unknown_score = lowest - 10.0
        self._replacements = replacements

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """The piece numbers of each text, without begin and end marks; an empty text has none."""
        split = [self._words(text) for text in texts]
        distinct = list(dict.fromkeys(word for words in split for word in words))
        known: dict[str, list[int]] = {}
        for start in range(0, len(distinct), _WORDS_AT_ONCE):
            words = distinct[start : start + _WORDS_AT_ONCE]
            known.update(zip(words, self._cut(words), strict=True))
        return [[number for word in words for number in known[word]] for words in split]

    def _words(self, text: str) -> list[str]:
        # NFKC first, so that letters written with combining marks meet their composed forms in the
        # vocabulary.
        plain = unicodedata.normalize("NFKC", text).translate(self._replacements)
        return [WORD_START + word for word in plain.split()]

    def _cut(self, words: Sequence[str]) -> list[list[int]]:
        lengths = np.array([len(word) for word in words])
        ends = np.cumsum(lengths)
        matches = self._matches("".join(words), np.repeat(ends, lengths))
        pieces = []
        for word, end in zip(words, ends.tolist(), strict=True):
            start = end - len(word)
            pieces.append(self._best_path(matches[start:end]))
        return pieces

    def _matches(self, text: str, word_ends: NDArray[np.int64]) -> list[list[tuple[int, int, float]]]:
        """The pieces that start at each character and end in its word: (length, number, score)."""
        table = self._table
        longest = min(LONGEST_PIECE, len(text))
        hashes = _prefix_hashes(_code_points(text), longest)
        left = word_ends - np.arange(len(text))
        inside = np.arange(1, longest + 1)[:, None] <= left[None, :]
        rows, starts = np.nonzero(inside)
        wanted = hashes[rows, starts]
        places = np.minimum(np.searchsorted(table.keys, wanted), len(table.keys) - 1)
        hit = np.flatnonzero(table.keys[places] == wanted)
        places = places[hit]
        found: list[list[tuple[int, int, float]]] = [[] for _ in range(len(text))]
        for start, row, number, score in zip(
            starts[hit].tolist(), rows[hit].tolist(), table.numbers[places].tolist(),
            table.scores[places].tolist(), strict=True,
        ):  # fmt: skip
            found[start].append((row + 1, number, score))
        return found

    def _best_path(self, matches: Sequence[Sequence[tuple[int, int, float]]]) -> list[int]:
        """Viterbi over one word; `matches[i]` are the pieces that start at its character i."""
        best = [0.0] + [float("-inf")] * len(matches)
        back = [(0, self._unknown)] * (len(matches) + 1)
        for start, pieces in enumerate(matches):
            so_far = best[start]
            for length, number, score in ((1, self._unknown, self._unknown_score), *pieces):
                if so_far + score > best[start + length]:
                    best[start + length] = so_far + score
                    back[start + length] = (start, number)
        path = []
        at = len(matches)
        while at > 0:
            at, number = back[at]
            path.append(number)
        return path[::-1]

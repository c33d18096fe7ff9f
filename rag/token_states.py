"""The states of each sentence's pieces, kept beside the index so that a reader need not run the encoder again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.errors import IndexDamagedError

Floats = NDArray[np.float32]
_FILE = "states.npz"


class Quantised(NamedTuple):
    """States of one sentence in 8 bits: values (pieces, width) times scales (pieces, 1)."""

    values: NDArray[np.int8]
    scales: Floats


def quantise(states: Floats) -> Quantised:
    """States (pieces, width) in 8 bits with one scale a piece, a quarter of their size."""
    scales = np.maximum(np.abs(states).max(axis=1, keepdims=True, initial=0.0), 1e-9) / 127.0
    return Quantised(np.rint(states / scales).astype(np.int8), scales.astype(np.float32))


def save_states(folder: Path, states: Sequence[Quantised]) -> None:
    """Writes the states of all sentences, in the order of the index; nothing where there are none."""
    if not states:
        return
    ends = np.cumsum([len(own.values) for own in states])
    np.savez(
        folder / _FILE,
        values=np.concatenate([own.values for own in states]),
        scales=np.concatenate([own.scales for own in states]),
        starts=np.concatenate([[0], ends]).astype(np.int64),
    )


class TokenStates:
    """States read from a build folder.

    Args:
        folder: the build folder.
        sentences: how many sentences the index holds.

    Raises:
        IndexDamagedError: if the file is there but can't be read, or holds another number of sentences.
    """

    def __init__(self, folder: Path, sentences: int) -> None:
        try:
            with np.load(folder / _FILE) as held:
                self._values, self._scales, self._starts = held["values"], held["scales"], held["starts"]
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise IndexDamagedError(f"{folder / _FILE} is damaged: {str(error) or type(error).__name__}.") from None
        if len(self._starts) != sentences + 1:
            found = len(self._starts) - 1
            raise IndexDamagedError(f"{folder / _FILE} is damaged: {found} of {sentences} sentences.")

    @staticmethod
    def are_in(folder: Path) -> bool:
        """Whether the build in `folder` holds states; only some embedders give them."""
        return (folder / _FILE).exists()

    def of(self, row: int) -> Floats:
        """The states of sentence `row`, shape (pieces, width)."""
        values, scales = self.quantised(row)
        states: Floats = values * scales
        return states

    def quantised(self, row: int) -> Quantised:
        """The same in 8 bits, as they are kept."""
        span = slice(self._starts[row], self._starts[row + 1])
        return Quantised(self._values[span], self._scales[span])

    def of_all(self, rows: Sequence[int]) -> Floats:
        """The states of the sentences `rows`, one behind the other."""
        return np.concatenate([self.of(row) for row in rows])

    def pieces(self, rows: Sequence[int]) -> int:
        """How many pieces the sentences `rows` have together."""
        return int(sum(self._starts[row + 1] - self._starts[row] for row in rows))

    def __len__(self) -> int:
        """How many sentences."""
        return len(self._starts) - 1

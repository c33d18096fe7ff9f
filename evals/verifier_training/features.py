"""What the frozen lower half makes of each distinct text: computed once, however many pairs the text is
in."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]
from numpy.typing import NDArray

from evals.verifier_training import encoder as model
from evals.verifier_training.bases import Vocabulary
from evals.verifier_training.encoder import Base
from rag.verifier.packing import likeness

LONGEST_TEXT = 128
_STEP = 8
_BATCH_PIECES = 2048


class Features:
    """Texts to the lower half's states, kept as bfloat16 in blocks.

    Args:
        base: the encoder.
        vocabulary: its tokenizer and marks.
        lower: how many layers the lower half has.
    """

    def __init__(self, base: Base, vocabulary: Vocabulary, lower: int) -> None:
        self._base = base
        self._vocabulary = vocabulary
        self._tensors = model.lower_tensors(base, lower)
        self._sizes = model.Sizes(0, lower, base.encoder.heads, base.encoder.epsilon)
        self._states: dict[str, torch.Tensor] = {}
        self._means: dict[str, NDArray[np.float32]] = {}

    def __getitem__(self, text: str) -> torch.Tensor:
        """States (pieces, width) of a text that was added, its begin and end marks included."""
        return self._states[text]

    def length(self, text: str) -> int:
        """Pieces of a text that was added, marks included."""
        return len(self._states[text])

    def likeness(self, claim: str, sentences: Sequence[str]) -> list[float]:
        """See `rag.verifier.packing.likeness`."""
        return likeness(self._mean(claim), np.stack([self._mean(sentence) for sentence in sentences]))

    def _mean(self, text: str) -> NDArray[np.float32]:
        if text not in self._means:
            self._means[text] = self._states[text].float().mean(dim=0).numpy()
        return self._means[text]

    def keep_only(self, texts: Collection[str]) -> None:
        """Forgets all other texts."""
        self._states = {text: state for text, state in self._states.items() if text in texts}

    def add(self, texts: Sequence[str]) -> None:
        """Computes the texts that aren't there yet; a text longer than `LONGEST_TEXT` pieces is cut."""
        new = [text for text in dict.fromkeys(texts) if text not in self._states]
        mark, end = self._vocabulary.begin, self._vocabulary.end
        cut = [[mark, *pieces[: LONGEST_TEXT - 2], end] for pieces in self._vocabulary.tokenizer.encode(new)]
        by_length: dict[int, list[int]] = {}
        for index, pieces in enumerate(cut):
            by_length.setdefault(-(-len(pieces) // _STEP) * _STEP, []).append(index)
        for length, group in by_length.items():
            size = _BATCH_PIECES // length
            for at in range(0, len(group), size):
                self._run([(new[index], cut[index]) for index in group[at : at + size]], length, size)

    def _run(self, texts: list[tuple[str, list[int]]], length: int, size: int) -> None:
        # Always `size` rows, so that there are few shapes.
        numbers = np.ones((size, length), np.int64)
        present = np.zeros((size, length), np.bool_)
        present[:, 0] = True
        for row, (_text, pieces) in enumerate(texts):
            numbers[row, : len(pieces)] = pieces
            present[row, : len(pieces)] = True
        with torch.autocast("cpu", dtype=torch.bfloat16):
            hidden = model.lower_forward(
                self._tensors, self._sizes, self._base, torch.from_numpy(numbers), torch.from_numpy(present)
            )
        block = hidden.to(torch.bfloat16)
        for row, (text, pieces) in enumerate(texts):
            self._states[text] = block[row, : len(pieces)].clone()

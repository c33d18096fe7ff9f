"""What a second encoder makes of the papers, for questions in English.

The default embedder knows a hundred languages. One that knows English alone takes other papers for near, and where
both agree a paper is meant more often than either tells. Its vectors of the papers are kept beside the index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.combining import load_combination
from rag.embedding import Embedder
from rag.errors import IndexDamagedError
from rag.models import Profile

Floats = NDArray[np.float32]
_FILE = "second.npy"
_FEWEST = 8
"""Papers below which none can stand out."""


class SecondOpinion:
    """Says how far papers stand out for a question.

    Args:
        papers: their vectors by the second encoder, shape (papers, dimension).
        encoder: gives that encoder, when a question first needs it.
    """

    def __init__(self, papers: Floats, encoder: Callable[[], Embedder]) -> None:
        self._papers = papers
        self._weights = load_combination().treating
        # Papers are read a few at a time, each time for the same question.
        self._embed = lru_cache(1)(lambda question: encoder().embed_query(question))

    def weigh(self, question: str, papers: Sequence[int], first: Sequence[float]) -> list[float]:
        """The probabilities that `papers` (places in the profile) are meant, given those of a first opinion."""
        apart = self.stands_out(question)
        if apart is None:
            return list(first)
        return [self._weights.probability(own, float(apart[paper])) for own, paper in zip(first, papers, strict=True)]

    def stands_out(self, question: str) -> Floats | None:
        """Each paper's cosine with `question` in spreads from the mean, shape (papers,); None where there are few."""
        if len(self._papers) < _FEWEST:
            return None
        cosines = self._papers @ self._embed(question)
        apart: Floats = (cosines - cosines.mean()) / (float(cosines.std()) or 1.0)
        return apart


def embed_papers(profile: Profile, encoder: Embedder) -> Floats:
    """The vectors of all papers of `profile`, each of its title and abstract."""
    return encoder.embed_passages([f"{paper.title}. {paper.abstract}" for paper in profile.papers])


def save_opinion(folder: Path, papers: Floats) -> None:
    """Writes the vectors of `embed_papers` into a build's folder."""
    np.save(folder / _FILE, papers)


def open_opinion(folder: Path, papers: int, encoder: Callable[[], Embedder]) -> SecondOpinion:
    """The opinion that a build's folder holds.

    Args:
        folder: of the build.
        papers: how many papers its index holds.
        encoder: the one that embedded them.

    Raises:
        IndexDamagedError: the vectors can't be read, or are of another number of papers.
    """
    try:
        vectors: Floats = np.load(folder / _FILE)
    except (OSError, ValueError, EOFError) as error:
        raise IndexDamagedError(f"{folder / _FILE} is damaged: {error}.") from None
    if len(vectors) != papers:
        raise IndexDamagedError(f"{folder / _FILE} is damaged: {len(vectors)} of {papers} papers.")
    return SecondOpinion(vectors, encoder)

"""From a question's words to ranked papers and sentences: dense and lexical search over one profile, fused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.embedding import ContextualEmbedder, Embedder
from rag.fusion import Scores, best, fuse, scale
from rag.index import ProfileIndex
from rag.lexical import BM25
from rag.models import Passage, Profile

_NEAREST_SENTENCES = 200


@dataclass(frozen=True)
class Found:
    """What a search found; all arrays are aligned with `profile.papers` or with `sentences`.

    `states` are those of the question's pieces, where the embedder gives them.
    """

    query: str
    papers: Scores
    paper_cosines: Scores
    sentences: Scores
    cosines: Scores
    known: float
    states: NDArray[np.float32] | None = None


class Retriever:
    """Searches the papers and sentences of one profile.

    Args:
        profile: its papers give the order of paper scores.
        index: its passages in Chroma.
        embedder: the one that the index was built with.
    """

    def __init__(self, profile: Profile, index: ProfileIndex, embedder: Embedder) -> None:
        self._index = index
        self._embedder = embedder
        self.sentences: tuple[Passage, ...] = index.sentences.passages
        place = {paper.id: row for row, paper in enumerate(profile.papers)}
        self.paper_of = np.array([place[passage.paper_id] for passage in self.sentences], np.int64)
        self.papers = len(place)
        self._row_of_paper = _rows_of_papers(index.papers.passages, place)
        self._paper_words = BM25([index.papers.passages[row].in_context for row in self._row_of_paper])
        self._sentence_words = BM25([passage.in_context for passage in self.sentences])

    def search(self, query: str) -> Found:
        """Scores every paper and every sentence for `query`.

        Papers are ranked by their whole abstract; all of them take part, since the fusion scales cosines over
        the collection. Sentences beyond the nearest in meaning get the least cosine that was seen.
        """
        vector, states = self._encode(query)
        all_papers = self._index.papers.similarities(vector, len(self._index.papers))
        paper_cosines = all_papers[self._row_of_paper]
        cosines = _filled(self._index.sentences.similarities(vector, _NEAREST_SENTENCES))
        known = self._paper_words.known(query)
        return Found(
            query=query,
            papers=fuse(paper_cosines, self._paper_words.scores(query), known),
            paper_cosines=paper_cosines,
            sentences=fuse(cosines, self._sentence_words.scores(query), known),
            cosines=cosines,
            known=known,
            states=states,
        )

    def rows_of(self, paper: int) -> list[int]:
        """Rows of the sentences of the paper at place `paper`."""
        first, last = np.searchsorted(self.paper_of, [paper, paper + 1])
        return list(range(int(first), int(last)))

    def is_word(self, text: str) -> bool:
        """Whether `text` is a common word; False where the embedder can't tell."""
        return isinstance(self._embedder, ContextualEmbedder) and self._embedder.is_word(text)

    def states_of(self, title: str, text: str) -> NDArray[np.float32] | None:
        """The states of a sentence as one of the paper `title`, (pieces, dimension); None where there are none."""
        if not isinstance(self._embedder, ContextualEmbedder):
            return None
        in_front = self._embedder.count_pieces([f"{title}."])[0]
        return self._embedder.encode_passages([f"{title}. {text}"])[1][0][in_front:]

    def _encode(self, query: str) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        if isinstance(self._embedder, ContextualEmbedder):
            return self._embedder.encode_query(query)
        return self._embedder.embed_query(query), None

    def strengths(self, found: Found) -> Scores:
        """What sentences are ranked by, 0..2: their own score and their paper's."""
        joined: Scores = found.sentences + scale(found.papers)[self.paper_of]
        return joined

    def best_sentences(self, found: Found, limit: int, papers: NDArray[np.bool_] | None = None) -> list[int]:
        """Rows of the best sentences by their own score and their paper's, best first.

        Args:
            found: a search.
            limit: how many at most.
            papers: which papers may take part, shape (papers,); None for all.
        """
        if not len(self.sentences):
            return []
        joined = self.strengths(found)
        if papers is not None:
            joined = np.where(papers[self.paper_of], joined, -np.inf).astype(np.float32)
        return [row for row in best(joined, limit) if np.isfinite(joined[row])]


def _rows_of_papers(passages: tuple[Passage, ...], place: dict[str, int]) -> NDArray[np.int64]:
    """For each paper the row of its abstract, or of its record where it has none."""
    rows = np.zeros(len(place), np.int64)
    for row, passage in enumerate(passages):
        if passage.kind == "record":
            rows[place[passage.paper_id]] = row
    for row, passage in enumerate(passages):
        if passage.kind == "abstract":
            rows[place[passage.paper_id]] = row
    return rows


def _filled(cosines: Scores) -> Scores:
    seen = cosines[~np.isnan(cosines)]
    least = seen.min() if seen.size else 0.0
    return np.where(np.isnan(cosines), least, cosines).astype(np.float32)

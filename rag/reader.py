"""Does this sentence answer this question, is this the paper that is looked for? The probability, for each of a few.

With the default embedder a small network reads question and text together (`JointReader`): two encoder
layers over the states that the embedder left of both, in the manner of late joint encoding (MacAvaney et al.,
"Efficient Document Re-Ranking for Transformers by Precomputing Term Representations", SIGIR 2020), with each
piece told how well the other text matches it. Other embedders get a formula over the search's own scores
(`ScoreReader`), which is weaker.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rag.embedders.runner import session_options
from rag.embedding import ContextualEmbedder, Embedder
from rag.fusion import scale
from rag.retrieval import Found, Retriever
from rag.second_opinion import SecondOpinion, open_opinion
from rag.token_states import TokenStates

Floats = NDArray[np.float32]
_MATCHES = 3
_BEHIND_BEST = 4
"""Which search feature says how far a sentence is behind the best one."""
_NO_RIVAL = -5.0
_WIDEST_LEAD = 4.0
_PREFIX = 3
"""Pieces in front of a question: the begin mark and 'query', ':'."""
_LONGEST_TEXT = 320
"""Pieces of a paper that are read."""
Head = Literal["head", "paper"]
"""The first word of a head's weights: the one for sentences, or the one for papers."""


class Reader(Protocol):
    """Judges sentences against a question."""

    def preselect(self, found: Found, rows: Sequence[int], limit: int) -> list[int]:
        """The most promising `limit` of the sentences `rows`, which are best first by the search."""

    def matches(self, found: Found, rows: Sequence[int]) -> Floats:
        """How well each piece of the question is matched in each of `rows`, shape (rows, pieces), at most 1."""

    def score(self, found: Found, rows: Sequence[int]) -> list[float]:
        """The probability that each of the sentences `rows` answers the question that `found` was searched for."""

    def score_instead(self, found: Found, row: int, text: str) -> tuple[float, float] | None:
        """The probability that sentence `row` answers, and that `text` does in its place; None if unknown."""

    def score_papers(self, found: Found, papers: Sequence[int]) -> list[float]:
        """The probability that each of `papers` (places in the profile) treats what `found` was searched for."""

    @property
    def second(self) -> SecondOpinion | None:
        """Who may be asked besides which paper is meant, where the question is in English."""


class ScoreReader:
    """Judges by how far a sentence stands out in the search.

    Args:
        retriever: whose sentences are judged.
    """

    second = None

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def preselect(self, found: Found, rows: Sequence[int], limit: int) -> list[int]:  # noqa: ARG002
        """See `Reader`; the search's order stays."""
        return list(rows[:limit])

    def matches(self, found: Found, rows: Sequence[int]) -> Floats:
        """See `Reader`; without states there is one piece, the whole question, and its cosine."""
        return found.cosines[np.asarray(rows, np.int64)][:, None]

    def score(self, found: Found, rows: Sequence[int]) -> list[float]:
        """See `Reader`."""
        features = search_features(self._retriever, found, rows)
        weights = _weights()
        logits = _scaled(features, "head") @ weights["head_score_weights"]
        return _probabilities(logits + weights["head_score_bias"][0])

    def score_instead(self, found: Found, row: int, text: str) -> tuple[float, float] | None:  # noqa: ARG002
        """See `Reader`; the search knows nothing of a text that it didn't find."""
        return None

    def score_papers(self, found: Found, papers: Sequence[int]) -> list[float]:
        """See `Reader`."""
        weights = _weights()
        logits = _scaled(paper_features(self._retriever, found, papers), "paper") @ weights["paper_score_weights"]
        return _probabilities(logits + weights["paper_score_bias"][0])


class JointReader:
    """Reads question and text together.

    Args:
        retriever: whose sentences are judged; its embedder gives the question's states.
        states: the sentences' states.
        second: another opinion on papers, which is kept for who asks; None to do without.
    """

    def __init__(self, retriever: Retriever, states: TokenStates, second: SecondOpinion | None = None) -> None:
        self._retriever = retriever
        self._states = states
        self.second = second
        self._apart: dict[int, Floats] = {}

    def preselect(self, found: Found, rows: Sequence[int], limit: int) -> list[int]:
        """See `Reader`; ordered by the search and by how well each piece of the question is matched, alike.

        The second is the sum of best matches of Khattab and Zaharia, "ColBERT" (SIGIR 2020), over states that
        were not trained for it; it finds sentences in another language than the question's.
        """
        if len(rows) <= limit or found.states is None:
            return list(rows[:limit])
        matched = self.matches(found, rows).mean(axis=1)
        joined = self._retriever.strengths(found)
        order = np.argsort(-(scale(joined[list(rows)]) + scale(matched)), kind="stable")
        return [rows[place] for place in order[:limit]]

    def matches(self, found: Found, rows: Sequence[int]) -> Floats:
        """See `Reader`; the pieces that every question has (marks and prefix) are left out."""
        assert found.states is not None
        weights = _weights()
        own = found.states[_PREFIX:-1] if len(found.states) > _PREFIX + 1 else found.states
        question = _unit(own - weights["question_mean"])
        of_mean = question @ weights["sentence_mean"][:, None]
        return np.stack([self._match(question, of_mean, row) for row in rows])

    def _match(self, question: Floats, of_mean: Floats, row: int) -> Floats:
        """The best cosine of each of the question's pieces with those of sentence `row`, taken from their mean.

        Scales, mean and lengths are applied to the products, which are fewer numbers than the states: an answer
        matches 60 sentences and more, and this takes a third of the time off.
        """
        values, scales = self._states.quantised(row)
        products = (question @ values.astype(np.float32).T) * scales[:, 0] - of_mean
        greatest: Floats = (products / self._distances(row)).max(axis=1)
        return greatest

    def _distances(self, row: int) -> Floats:
        """How far the pieces of sentence `row` are from their mean, (pieces,); reckoned once."""
        if row not in self._apart:
            self._apart[row] = _lengths(self._states.of(row) - _weights()["sentence_mean"])[:, 0]
        return self._apart[row]

    def score(self, found: Found, rows: Sequence[int]) -> list[float]:
        """See `Reader`."""
        if not rows or found.states is None:
            return []
        features = search_features(self._retriever, found, rows)
        logits = _judge(found.states, [self._states.of(row) for row in rows], features, "head")
        return _probabilities(_calibrated(logits, features[:, _BEHIND_BEST]))

    def score_instead(self, found: Found, row: int, text: str) -> tuple[float, float] | None:
        """See `Reader`; the text is given the place of the sentence in the search."""
        states = self._retriever.states_of(self._retriever.sentences[row].title, text)
        if states is None or found.states is None:
            return None
        features = search_features(self._retriever, found, [row, row])
        both = _probabilities(_judge(found.states, [self._states.of(row), states], features, "head"))
        return both[0], both[1]

    def score_papers(self, found: Found, papers: Sequence[int]) -> list[float]:
        """See `Reader`; a paper is read as its sentences one behind the other."""
        if not papers or found.states is None:
            return []
        features = paper_features(self._retriever, found, papers)
        texts = [self._states.of_all(self._retriever.rows_of(paper))[:_LONGEST_TEXT] for paper in papers]
        own, constant = _weights()["paper_calibration"]
        return _probabilities(own * _judge(found.states, texts, features, "paper") + constant)


def open_reader(retriever: Retriever, embedder: Embedder, folder: Path) -> Reader:
    """The reader for an index: one that reads both texts where the build in `folder` holds states.

    Raises:
        IndexDamagedError: the states can't be read.
    """
    if isinstance(embedder, ContextualEmbedder) and TokenStates.are_in(folder):
        second = open_opinion(folder, retriever.papers, embedder.second)
        return JointReader(retriever, TokenStates(folder, len(retriever.sentences)), second)
    return ScoreReader(retriever)


def search_features(retriever: Retriever, found: Found, rows: Sequence[int]) -> Floats:
    """How each sentence fared in the search, shape (rows, 6).

    In order: its cosine, the same in spreads from the mean, its fused score, its paper's, how far it is behind
    the best sentence, and how much of the question the collection's words cover.
    """
    chosen = np.asarray(rows, np.int64)
    papers = retriever.paper_of[chosen]
    joined = retriever.strengths(found)
    spread = float(found.cosines.std()) or 1.0
    return np.stack(
        [
            found.cosines[chosen],
            (found.cosines[chosen] - found.cosines.mean()) / spread,
            found.sentences[chosen],
            found.papers[papers],
            joined[chosen] - joined.max(),
            np.full(len(chosen), found.known),
        ],
        axis=1,
    ).astype(np.float32)


def paper_features(retriever: Retriever, found: Found, papers: Sequence[int]) -> Floats:
    """How each paper fared in the search, shape (papers, 6).

    In order: its cosine, the same in spreads from the mean, the fused score of its best sentence, its own, how
    far it is behind the best paper, and how much of the question the collection's words cover.
    """
    chosen = np.asarray(papers, np.int64)
    spread = float(found.paper_cosines.std()) or 1.0
    best = [found.sentences[retriever.rows_of(paper)].max(initial=0.0) for paper in papers]
    return np.stack(
        [
            found.paper_cosines[chosen],
            (found.paper_cosines[chosen] - found.paper_cosines.mean()) / spread,
            np.array(best),
            found.papers[chosen],
            found.papers[chosen] - found.papers.max(),
            np.full(len(chosen), found.known),
        ],
        axis=1,
    ).astype(np.float32)


def _judge(question: Floats, texts: Sequence[Floats], features: Floats, head: Head) -> Floats:
    """The network's logit for each text, with its search features, shape (texts,)."""
    weights = _weights()
    asked = len(question)
    inputs: list[Floats] = []
    for text, feature in zip(texts, _scaled(features, head), strict=True):
        pieces, best = _join(question, text)
        states = _run_layers(pieces, best, asked)
        inputs.append(np.concatenate([states[0], states.mean(axis=0), feature, _summary(best[:asked, 0])]))
    hidden = _gelu(_product(np.stack(inputs), weights[f"{head}_in"]) + weights[f"{head}_in_bias"])
    logits: Floats = hidden @ weights[f"{head}_out"][0] + weights[f"{head}_out_bias"][0]
    return logits


def _scaled(features: Floats, head: Head) -> Floats:
    weights = _weights()
    scaled: Floats = (features - weights[f"{head}_feature_mean"]) / weights[f"{head}_feature_spread"]
    return scaled


def _join(question: Floats, text: Floats) -> tuple[Floats, Floats]:
    """The pieces of both, one behind the other, and each piece's three best matches in the other, (pieces, 3)."""
    weights = _weights()
    likeness = _product(_unit(question - weights["question_mean"]), _unit(text - weights["sentence_mean"]))
    of_question, of_text = weights["segments"]
    pieces = np.concatenate([question + of_question, text + of_text])
    return pieces, np.concatenate([_best(likeness), _best(likeness.T)])


def _best(likeness: Floats) -> Floats:
    """The greatest values of each row, greatest first, (rows, 3); missing ones are -0.5."""
    missing = _MATCHES - likeness.shape[1]
    if missing > 0:
        likeness = np.pad(likeness, ((0, 0), (0, missing)), constant_values=-0.5)
    top: Floats = -np.sort(-likeness, axis=1)[:, :_MATCHES]
    return np.maximum(top, -0.5)


def _summary(best: Floats) -> Floats:
    """How well the question's pieces are matched: on the whole, the worst two, and how many there are."""
    worst = np.sort(best)[:2]
    worst = np.pad(worst, (0, 2 - len(worst)), constant_values=2.0)
    return np.array([best.mean() * 6 - 2, worst[0] * 4 - 1, worst[1] * 4 - 1, len(best) / 20], np.float32)


def _run_layers(pieces: Floats, best: Floats, asked: int) -> Floats:
    """What the layers make of the first `asked` of the pieces that `_join` gave, shape (asked, width)."""
    inputs = {"tokens": pieces[None], "matches": (best * 4 - 2)[None], "asked": np.array([asked], np.int64)}
    states: Floats = _session().run(["states"], inputs)[0][0]
    return states


@cache
def _session():  # type: ignore[no-untyped-def]  # noqa: ANN202 - onnxruntime has no types
    import onnxruntime

    graph = files("rag").joinpath("reader_model", "layers.onnx").read_bytes()
    return onnxruntime.InferenceSession(graph, session_options(), providers=["CPUExecutionProvider"])


@cache
def _weights() -> dict[str, Floats]:
    with files("rag").joinpath("reader_model", "weights.npz").open("rb") as stream, np.load(stream) as held:
        return {name: held[name] for name in held.files}


def _unit(rows: Floats) -> Floats:
    unit: Floats = rows / _lengths(rows)
    return unit


def _lengths(rows: Floats) -> Floats:
    """The length of each row, (rows, 1), never 0."""
    lengths: Floats = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return lengths


def _product(rows: Floats, others: Floats) -> Floats:
    """Each of `rows` times each of `others`, (rows, others).

    Not `@`, which shares products of this size out to threads: where other work runs, waiting for them takes up
    to a hundred times as long as the product.
    """
    products: Floats = np.einsum("rw,ow->ro", rows, others)
    return products


def _gelu(values: Floats) -> Floats:
    """The tanh form of GELU (Hendrycks and Gimpel, 2016), within 0.001 of the exact one."""
    activated: Floats = 0.5 * values * (1 + np.tanh(0.7978845608 * (values + 0.044715 * values**3)))
    return activated


def _calibrated(logits: Floats, behind: Floats) -> Floats:
    """Logits adjusted for the search's order and for how far each sentence stands out from its rivals."""
    own, order, lead, constant = _weights()["head_calibration"]
    strength = logits + behind
    rivals = np.array([np.delete(strength, place).max(initial=_NO_RIVAL) for place in range(len(strength))])
    margins = np.clip(strength - rivals, -_WIDEST_LEAD, _WIDEST_LEAD)
    adjusted: Floats = own * logits + order * behind + lead * margins + constant
    return adjusted


def _probabilities(logits: Floats) -> list[float]:
    return [float(p) for p in 1 / (1 + np.exp(-logits))]

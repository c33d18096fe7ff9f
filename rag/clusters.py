"""Topics of a profile, found without being told any: papers grouped by their embeddings, named by their words.

The groups are what average-linkage clustering of the papers' vectors gives; how many there are is chosen by the mean
silhouette (Rousseeuw, "Silhouettes", 1987). The names are the words and pairs of words that many papers of a group
have and few others do. Nobody has looked at either, and whoever shows them should say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.index import ProfileIndex
from rag.lexical import STOP_WORDS, tokenize
from rag.models import Paper

MOST_TOPICS = 8
MOST_PAPERS = 1500
"""Of a larger profile no topics are made: the distances of all pairs would take too long."""
_TERMS = 3
_WORD = re.compile(r"[^\W_][\w'’-]*[^\W_]")


class Topic(NamedTuple):
    """A group of papers that are like each other."""

    terms: tuple[str, ...]
    """What its papers have in common in their words, most telling first; none where nothing tells it apart."""
    papers: tuple[str, ...]
    """Ids, in the profile's order."""


def find_topics(papers: Sequence[Paper], vectors: NDArray[np.float32]) -> tuple[Topic, ...]:
    """The topics, largest first; none where there are too few papers, or too many, to group.

    Args:
        papers: of the profile.
        vectors: one of unit length for each paper, shape (n, d).
    """
    if not 4 <= len(papers) <= MOST_PAPERS:
        return ()
    groups = _groups(vectors)
    words = [_words(paper) for paper in papers]
    topics = [Topic(_telling(rows, words), tuple(papers[row].id for row in rows)) for rows in groups]
    return tuple(sorted(topics, key=lambda topic: (-len(topic.papers), topic.terms)))


def paper_vectors(papers: Sequence[Paper], index: ProfileIndex) -> NDArray[np.float32]:
    """A vector of unit length for each paper: its abstract's, and the mean of its sentences', halfway between."""
    place = {paper.id: row for row, paper in enumerate(papers)}
    whole = index.papers.vectors()
    vectors = np.zeros((len(papers), whole.shape[1]), np.float32)
    for passage, vector in zip(index.papers.passages, whole, strict=True):
        row = place[passage.paper_id]
        if passage.kind == "abstract" or not vectors[row].any():
            vectors[row] = vector
    sentences = index.sentences.vectors()
    of = np.array([place[passage.paper_id] for passage in index.sentences.passages], np.int64)
    for row in np.unique(of):
        mean = sentences[of == row].mean(axis=0)
        vectors[row] += mean / max(float(np.linalg.norm(mean)), 1e-9)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return unit


# --- groups ---


def _groups(vectors: NDArray[np.float32]) -> list[list[int]]:
    # Embeddings of one field all point one way; what they have in common tells no two papers apart.
    apart = vectors - vectors.mean(axis=0)
    apart /= np.maximum(np.linalg.norm(apart, axis=1, keepdims=True), 1e-9)
    distances = np.clip(1.0 - apart @ apart.T, 0.0, 2.0).astype(np.float64)
    best: tuple[float, list[list[int]]] = (-1.0, [list(range(len(vectors)))])
    most = min(MOST_TOPICS, len(vectors) // 2)
    for groups in _merged(distances, most):
        if len(groups) >= 2:
            best = max(best, (_silhouette(distances, groups), groups), key=lambda one: one[0])
    return best[1]


def _merged(distances: NDArray[np.float64], most: int) -> Iterable[list[list[int]]]:
    """Groupings into `most` groups and fewer, the two groups nearest on average being joined each time."""
    groups = [[row] for row in range(len(distances))]
    between = distances.copy()
    np.fill_diagonal(between, np.inf)
    while len(groups) > 1:
        if len(groups) <= most:
            yield [sorted(group) for group in groups]
        at = int(np.argmin(between))
        one, other = sorted(divmod(at, len(between)))
        sizes = len(groups[one]), len(groups[other])
        joined = (sizes[0] * between[one] + sizes[1] * between[other]) / sum(sizes)
        between[one], between[:, one] = joined, joined
        between[one, one] = np.inf
        between = np.delete(np.delete(between, other, axis=0), other, axis=1)
        groups[one] += groups.pop(other)


def _silhouette(distances: NDArray[np.float64], groups: Sequence[Sequence[int]]) -> float:
    """How much nearer papers are to their own group than to the next, -1 to 1; a paper by itself counts 0."""
    to_group = np.stack([distances[:, group].mean(axis=1) for group in groups], axis=1)
    total = 0.0
    for number, group in enumerate(groups):
        if len(group) == 1:
            continue
        inside = to_group[group, number] * len(group) / (len(group) - 1)
        outside = np.delete(to_group[group], number, axis=1).min(axis=1)
        total += float(((outside - inside) / np.maximum(np.maximum(outside, inside), 1e-9)).sum())
    return total / len(distances)


# --- names ---

# Words that papers of any field are written with; they tell no topic.
_WRITTEN = """
    achieve achieved analysis analyze apply applied application applications approach approaches article based
    best better case challenge challenges compare compared comparison comprehensive consider data demonstrate
    design develop developed different effect effective efficient enable evaluate evaluation existing experiment
    experiments explore feature features find finding findings framework general high improve improvement
    include including introduce investigate key large latest learn level limited low major make many method
    methods model models multiple new novel number optimal outperform paper papers perform performance possible
    practical practice present presented problem problems process propose proposed provide recent related report
    require research result results review role scale science several show significant significantly specific
    standard state strong studies study system systems task tasks technique techniques time total toward towards
    understand understanding use used user using various well wide work works
"""


def _words(paper: Paper) -> dict[str, str]:
    """The paper's telling words, and pairs of them that stand side by side: stem -> first spelling.

    Telling is what stands in the title, or twice in the text: what a paper is about it says more than once.
    """
    spelled: dict[str, str] = {}
    times: Counter[str] = Counter()
    for part, weight in ((paper.title, 2), (paper.abstract, 1)):
        for clause in re.split(r"[.,;:()!?]\s|\s[-–]+\s", part):
            words = [(_stem(word), word) for word in _WORD.findall(clause)]
            terms = [pair for pair in words if pair[0]]
            terms += [(f"{a} {b}", f"{one} {other}") for (a, one), (b, other) in pairwise(words) if a and b]
            for stem, word in terms:
                times[stem] += weight
                spelled.setdefault(stem, word)
    return {stem: word for stem, word in spelled.items() if times[stem] >= 2}


@cache
def _stem(word: str) -> str:
    """'' for words that say nothing by themselves."""
    if len(word) < 3 or word.lower() in STOP_WORDS or word[0].isdigit():
        return ""
    stem = "+".join(tokenize(word))
    return "" if stem in _said_everywhere() else stem


@cache
def _said_everywhere() -> frozenset[str]:
    return frozenset("+".join(tokenize(word)) for word in _WRITTEN.split())


def _telling(rows: Sequence[int], words: Sequence[dict[str, str]]) -> tuple[str, ...]:
    """The terms that most papers of the group have and fewest others do; no word stands in two of them."""
    everywhere = Counter(term for one in words for term in one)
    here = Counter(term for row in rows for term in words[row])
    size, others = len(rows), max(len(words) - len(rows), 1)

    def worth(term: str) -> float:
        share = here[term] / size
        elsewhere = (everywhere[term] - here[term]) / others
        return (share - elsewhere) * (1.2 if " " in term else 1.0)

    chosen: list[str] = []
    for term in sorted(here, key=lambda term: (-worth(term), term)):
        parts = set(term.split())
        if worth(term) > 0 and not any(parts & set(held.split()) for held in chosen):
            chosen.append(term)
        if len(chosen) == _TERMS:
            break
    return tuple(_spelling(term, rows, words) for term in chosen)


def _spelling(term: str, rows: Sequence[int], words: Sequence[dict[str, str]]) -> str:
    """How the group's papers write it most; in small letters where some do."""
    spellings = Counter(words[row][term] for row in rows if term in words[row])
    small = [one for one in spellings if one == one.lower()]
    return max(small or spellings, key=lambda one: (spellings[one], one))

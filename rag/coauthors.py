"""Who is named beside whom in the printed author lists, as a table and as a graph with places to draw it at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.models import Profile
from rag.records import coauthor_papers

MOST_DRAWN = 60
_STEPS = 300


class Person(NamedTuple):
    """Somebody whom the lists name beside the profile's own person."""

    name: str
    papers: tuple[str, ...]
    """Ids of the papers whose printed lists name them, in the profile's order."""


class Node(NamedTuple):
    """A person's place in a drawing, both coordinates 0 to 1."""

    name: str
    x: float
    y: float
    papers: int


class Graph(NamedTuple):
    """People who are named together."""

    nodes: tuple[Node, ...]
    links: tuple[tuple[int, int, int], ...]
    """Places of two nodes, and in how many lists both are named."""


def coauthors(profile: Profile) -> tuple[Person, ...]:
    """Everyone but the profile's own person, most papers first, then by name."""
    return tuple(Person(name, papers) for name, papers in coauthor_papers(profile, profile.person))


def draw(people: Sequence[Person]) -> Graph:
    """The graph of the first `MOST_DRAWN` people; the same people are always drawn in the same way."""
    drawn = people[:MOST_DRAWN]
    on: dict[str, list[int]] = {}
    for number, person in enumerate(drawn):
        for paper in person.papers:
            on.setdefault(paper, []).append(number)
    together = Counter(pair for numbers in on.values() for pair in combinations(numbers, 2))
    links = tuple((one, other, count) for (one, other), count in sorted(together.items()))
    places = _places(len(drawn), links)
    nodes = (
        Node(person.name, round(float(x), 4), round(float(y), 4), len(person.papers))
        for person, (x, y) in zip(drawn, places, strict=True)
    )
    return Graph(tuple(nodes), links)


def _places(count: int, links: Sequence[tuple[int, int, int]]) -> NDArray[np.float64]:
    """Fruchterman and Reingold's forces (1991), with a pull to the middle that keeps islands in sight."""
    if count == 0:
        return np.zeros((0, 2))
    angles = np.arange(count) * 2.399963  # the golden angle: neighbours in the list start far apart
    radii = np.sqrt((np.arange(count) + 0.5) / count) / 2
    places = 0.5 + np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    natural = 1.1 / np.sqrt(count)
    ends = np.array([(one, other) for one, other, _ in links], np.int64).reshape(-1, 2)
    for step in range(_STEPS):
        away = places[:, None] - places[None, :]
        distance = np.maximum(np.linalg.norm(away, axis=2), 1e-3)
        force = (away * (natural**2 / distance**2)[:, :, None]).sum(axis=1)
        along = places[ends[:, 0]] - places[ends[:, 1]]
        pull = along * (np.linalg.norm(along, axis=1, keepdims=True) / natural)
        np.add.at(force, ends[:, 0], -pull)
        np.add.at(force, ends[:, 1], pull)
        force += (0.5 - places) * 1.2
        length = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        places += force / length * np.minimum(length, 0.06 * (1 - step / _STEPS) + 0.001)
    least, most = places.min(axis=0), places.max(axis=0)
    scaled: NDArray[np.float64] = (places - least) / np.maximum(most - least, 1e-9) if count > 1 else places * 0 + 0.5
    return scaled

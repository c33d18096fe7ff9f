"""Topics and co-authors: what is grouped, what it is called, and where it is drawn."""

from __future__ import annotations

import numpy as np

from rag.clusters import find_topics
from rag.coauthors import MOST_DRAWN, coauthors, draw
from rag.models import Paper, Profile


def paper(number: int, title: str, *authors: str, abstract: str = "") -> Paper:
    return Paper(id=f"p{number}", title=title, authors=authors, authors_cut=False, abstract=abstract)


def vectors(*groups: int) -> np.ndarray:
    """Papers of `groups`, those of one group near to each other and far from the rest."""
    noise = np.random.default_rng(0).normal(0, 0.05, (len(groups), 8))
    rows = np.eye(8)[list(groups)] + 1.0 + noise
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_papers_near_to_each_other_are_one_topic_named_by_what_they_share() -> None:
    papers = [
        paper(0, "Solar wind at night"),
        paper(1, "Butter production"),
        paper(2, "The solar wind again"),
        paper(3, "Better butter"),
        paper(4, "Solar wind models"),
    ]
    solar, butter = find_topics(papers, vectors(0, 1, 0, 1, 0))
    assert solar.papers == ("p0", "p2", "p4") and butter.papers == ("p1", "p3")
    assert solar.terms[0] == "solar wind"
    assert butter.terms[0].lower() == "butter"


def test_every_paper_is_in_exactly_one_topic() -> None:
    papers = [paper(number, f"Title {number}") for number in range(40)]
    topics = find_topics(papers, vectors(*(number % 5 for number in range(40))))
    assert sorted(one for topic in topics for one in topic.papers) == sorted(one.id for one in papers)
    assert len(topics) == 5


def test_too_few_papers_make_no_topic() -> None:
    assert find_topics([paper(0, "One"), paper(1, "Two")], vectors(0, 1)) == ()


def profile(*papers: Paper) -> Profile:
    return Profile(name="x", person="Ada Own", papers=papers, source="x", fingerprint="0")


def test_spellings_of_one_person_are_counted_together_and_the_owner_not_at_all() -> None:
    people = coauthors(profile(paper(0, "A", "A. Own", "Bea Two"), paper(1, "B", "B. Two", "Cy Three")))
    assert [(one.name, one.papers) for one in people] == [("Bea Two", ("p0", "p1")), ("Cy Three", ("p1",))]


def test_people_on_one_list_are_linked_and_drawn_nearer_than_strangers() -> None:
    held = profile(paper(0, "A", "Bea Two", "Cy Three"), paper(1, "B", "Di Four", "Ed Five"))
    graph = draw(coauthors(held))
    place = {node.name: np.array([node.x, node.y]) for node in graph.nodes}
    assert {frozenset((graph.nodes[one].name, graph.nodes[other].name)) for one, other, _ in graph.links} == {
        frozenset(("Bea Two", "Cy Three")),
        frozenset(("Di Four", "Ed Five")),
    }
    together = np.linalg.norm(place["Bea Two"] - place["Cy Three"])
    assert together < np.linalg.norm(place["Bea Two"] - place["Di Four"])
    assert draw(coauthors(held)) == graph
    assert all(0 <= value <= 1 for node in graph.nodes for value in (node.x, node.y))


def test_a_crowd_is_drawn_in_part_and_nobody_alone_is_lost() -> None:
    names = [f"Name {one}{other}son" for one in "ABCDEFGHIJ" for other in "abcdefghij"]
    crowd = profile(*(paper(number, "T", name) for number, name in enumerate(names)))
    assert len(draw(coauthors(crowd)).nodes) == MOST_DRAWN
    assert len(draw(coauthors(profile(paper(0, "A", "Bea Two")))).nodes) == 1
    assert draw(()).nodes == ()

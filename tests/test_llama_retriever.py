"""LlamaIndex gets the same sentences as the product, each with its paper and its place."""

from __future__ import annotations

import pytest

from ingest.build import build_index
from ingest.sources import read_profile, shipped_profile_path
from rag.index import open_index
from rag.models import Profile
from rag.retrieval import Retriever
from rag.store import ProfileStore
from tests.fakes.embedder import HashEmbedder


@pytest.fixture(scope="module")
def profile() -> Profile:
    path = shipped_profile_path()
    assert path is not None
    return read_profile(path)


@pytest.fixture(scope="module")
def retriever(profile: Profile, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    store = ProfileStore(tmp_path_factory.mktemp("llama"), profile.name)
    build = build_index(profile, store, HashEmbedder())
    index = open_index(store.index_folder(build), build.rows, None, build.prefix)
    return Retriever(profile, index, HashEmbedder())


def test_nodes_are_sentences_with_paper_and_span(profile: Profile, retriever: Retriever) -> None:
    from rag.llama_retriever import PassageRetriever

    nodes = PassageRetriever(retriever, limit=4).retrieve("agents competed against each other")
    assert len(nodes) == 4
    assert nodes[0].text.startswith("For a final evaluation, the agents of the participants")
    for node in nodes:
        place = node.metadata
        paper = profile.paper(place["paper_id"])
        assert place["title"] == paper.title
        assert paper.abstract[place["start"] : place["end"]] == node.text


def test_order_and_scores_are_the_products(retriever: Retriever) -> None:
    from rag.llama_retriever import PassageRetriever

    query = "binding sites of proteins"
    nodes = PassageRetriever(retriever, limit=30).retrieve(query)
    rows = retriever.best_sentences(retriever.search(query), 30)
    assert [node.node_id for node in nodes] == [retriever.sentences[row].id for row in rows]
    scores = [node.score for node in nodes if node.score is not None]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= min(scores) <= max(scores) <= 1


def test_it_plugs_into_llama_index(retriever: Retriever) -> None:
    from llama_index.core.postprocessor import SimilarityPostprocessor
    from llama_index.core.retrievers import BaseRetriever

    from rag.llama_retriever import PassageRetriever

    plugged: BaseRetriever = PassageRetriever(retriever, limit=30)
    nodes = plugged.retrieve("supercomputer")
    best = nodes[0].score or 0.0
    assert SimilarityPostprocessor(similarity_cutoff=best).postprocess_nodes(nodes)[0] == nodes[0]
    assert SimilarityPostprocessor(similarity_cutoff=1.1).postprocess_nodes(nodes) == []

"""Writing passages as LlamaIndex nodes through its ingestion pipeline into a Chroma collection.

LlamaIndex is imported here alone on the writing side; importing it costs more than answering a question, so
nothing that answers reaches this module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore
from numpy.typing import NDArray
from pydantic import PrivateAttr

from rag.embedding import ContextualEmbedder, Embedder
from rag.models import Passage
from rag.token_states import Quantised, quantise

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

_BATCH = 64


class LlamaEmbedding(BaseEmbedding):  # type: ignore[misc]
    """Our embedder in LlamaIndex's shape.

    Args:
        embedder: gives the vectors.
        states: where the piece states of passages are added, in order, if the embedder gives them.
    """

    _embedder: Embedder = PrivateAttr()
    _states: list[NDArray[np.float32]] = PrivateAttr()

    def __init__(self, embedder: Embedder, states: list[NDArray[np.float32]]) -> None:
        super().__init__(model_name=embedder.identity, embed_batch_size=_BATCH)
        self._embedder = embedder
        self._states = states

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._embedder.embed_query(query).tolist()
        return vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        if not isinstance(self._embedder, ContextualEmbedder):
            vectors = self._embedder.embed_passages(texts)
        else:
            vectors, states = self._embedder.encode_passages(texts)
            self._states.extend(states)
        rows: list[list[float]] = vectors.tolist()
        return rows


def to_node(passage: Passage, metadata: Mapping[str, str | int]) -> TextNode:
    """The passage as a node: its text, its neighbours, and the title in front of what is embedded."""
    shown = [] if passage.kind == "record" else ["title"]
    node = TextNode(
        id_=passage.id,
        text=passage.text,
        metadata=dict(metadata),
        excluded_embed_metadata_keys=[key for key in metadata if key not in shown],
        metadata_template="{value}",
        metadata_separator="",
        text_template="{metadata_str}. {content}" if shown else "{content}",
    )
    for relationship, neighbour in (
        (NodeRelationship.SOURCE, passage.paper_id),
        (NodeRelationship.PREVIOUS, passage.previous_id),
        (NodeRelationship.NEXT, passage.next_id),
    ):
        if neighbour:
            node.relationships[relationship] = RelatedNodeInfo(node_id=neighbour)
    return node


def write_nodes(
    collection: Collection,
    rows: Sequence[tuple[Passage, Mapping[str, str | int]]],
    embedder: Embedder,
    report: Callable[[int], None],
) -> list[Quantised]:
    """Embeds the passages and adds them to `collection`.

    Args:
        collection: where they go.
        rows: each passage with its metadata.
        embedder: gives the vectors.
        report: is told how many are done.

    Returns:
        Each sentence's piece states, those of the title in front left out; empty for other passages and where
        the embedder gives none.
    """
    states: list[NDArray[np.float32]] = []
    kept: list[Quantised] = []
    pipeline = IngestionPipeline(
        transformations=[LlamaEmbedding(embedder, states)],
        vector_store=ChromaVectorStore(chroma_collection=collection),
        disable_cache=True,
    )
    report(0)
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        pipeline.run(nodes=[to_node(passage, metadata) for passage, metadata in batch])
        if isinstance(embedder, ContextualEmbedder):
            kept += _without_titles([passage for passage, _ in batch], states, embedder)
        states.clear()
        report(start + len(batch))
    return kept


def _without_titles(
    passages: Sequence[Passage], states: Sequence[NDArray[np.float32]], embedder: ContextualEmbedder
) -> list[Quantised]:
    """The states of sentences, in 8 bits, those of the title in front left out; other passages have none."""
    if any(passage.kind != "sentence" for passage in passages):
        return []
    in_front = embedder.count_pieces([f"{passage.title}." for passage in passages])
    return [quantise(own[pieces:]) for own, pieces in zip(states, in_front, strict=True)]

"""The product's retrieval as a LlamaIndex retriever, so that query engines and agents can be built on it.

Importing LlamaIndex costs more than answering a question, so nothing of the product imports this module.
"""

from __future__ import annotations

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.retrieval import Retriever


class PassageRetriever(BaseRetriever):  # type: ignore[misc]
    """Gives the best sentences for a query as nodes, best first.

    A node's id is the passage's. Its metadata hold `paper_id`, `title`, and `start` and `end`, the sentence's
    place in the paper's abstract. Scores are between 0 and 1 and order the nodes of one query; across queries
    they mean nothing.

    Args:
        retriever: over one profile's index, for example from `ui.compose.open_retriever`.
        limit: how many sentences at most.
    """

    def __init__(self, retriever: Retriever, limit: int = 10) -> None:
        super().__init__()
        self._retriever = retriever
        self._limit = limit

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._retriever.search(query_bundle.query_str)
        strengths = self._retriever.strengths(found)
        return [
            NodeWithScore(node=self._node(row), score=float(strengths[row]) / 2)
            for row in self._retriever.best_sentences(found, self._limit)
        ]

    def _node(self, row: int) -> TextNode:
        passage = self._retriever.sentences[row]
        place = {
            "paper_id": passage.paper_id,
            "title": passage.title,
            "start": passage.start,
            "end": passage.end,
        }
        return TextNode(id_=passage.id, text=passage.text, metadata=place)

"""A paper's text as passages that can be found and cited."""

from __future__ import annotations

import hashlib

from rag.models import Paper, Passage
from rag.sentences import Span, split_sentences

CHUNKING = "sentences+abstract+record/1"


def paper_passages(paper: Paper) -> tuple[Passage, ...]:
    """The passages of one paper: each sentence of its abstract, the abstract as a whole, and its record.

    The abstract as a whole ranks papers; the record (authors, date, category) lets a search by name find one.
    """
    spans = split_sentences(paper.abstract)
    return (*_sentences(paper, spans), *_abstract(paper), _record(paper))


def _sentences(paper: Paper, spans: list[Span]) -> list[Passage]:
    ids = [_id(paper, "sentence", f"{span.start} {span.text}") for span in spans]
    return [
        Passage(
            id=ids[i],
            paper_id=paper.id,
            kind="sentence",
            title=paper.title,
            text=span.text,
            start=span.start,
            end=span.end,
            previous_id=ids[i - 1] if i > 0 else None,
            next_id=ids[i + 1] if i + 1 < len(ids) else None,
        )
        for i, span in enumerate(spans)
    ]


def _abstract(paper: Paper) -> list[Passage]:
    if not paper.abstract:
        return []
    return [
        Passage(
            id=_id(paper, "abstract", paper.abstract),
            paper_id=paper.id,
            kind="abstract",
            title=paper.title,
            text=paper.abstract,
            start=0,
            end=len(paper.abstract),
        )
    ]


def _record(paper: Paper) -> Passage:
    text = paper.record_line
    passage_id = _id(paper, "record", text)
    return Passage(id=passage_id, paper_id=paper.id, kind="record", title=paper.title, text=text, start=0, end=0)


def _id(paper: Paper, kind: str, content: str) -> str:
    digest = hashlib.sha256(f"{paper.id}\n{kind}\n{content}".encode()).hexdigest()
    return f"{kind}-{digest[:16]}"

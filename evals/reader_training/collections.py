"""The fit questions and the papers that they are about, as profiles of the size that the product meets.

A paper's text comes from a public collection in the data folder; the
questions of `evals/fit` name the paper by its title and the evidence by its words.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from ingest.bibtex import read_bibtex
from ingest.page import unique_id
from rag.errors import InputError
from rag.models import Language, Paper, Passage, Profile, Record
from rag.names import slug

FIT: Final = Path(__file__).resolve().parent.parent / "fit"
HELD_OUT: Final = ("arxiv", "bamos", "inv-chips", "inv-medicine", "inv-optics", "inv-soft")
"""Sources that nothing is trained on: what is calibrated, weighed and measured is, on them."""
PAPERS_A_PROFILE: Final = 40
SHORTEST_PART: Final = 3
"""Words that a piece of the named evidence must have to count as evidence itself."""
_BAMOS_PAPERS: Final = 39
_ATOM: Final = {"a": "http://www.w3.org/2005/Atom"}


class Question(Record):
    """A question to fit on; `evals/fit/README.md` describes the columns."""

    id: str
    source: str
    title: str | None
    question: str
    language: Language
    asked: str
    answerable: bool
    sentence: str | None
    also: tuple[str, ...] = ()
    why_not: str | None


class Topic(Record):
    """A topic, as a phrase and inside a question, with the titles of all papers of its source that treat it."""

    id: str
    source: str
    topic: str
    question: str
    language: Language
    papers: tuple[str, ...]


Row = TypeVar("Row", bound=Record)


def read_questions(folder: Path = FIT) -> list[Question]:
    """All questions of the files `questions*.jsonl`, in the order of the files' names.

    Raises:
        InputError: there is none, or a row is not a question; file and line are named.
    """
    questions = _records(folder, "questions*.jsonl", Question)
    if not questions:
        raise InputError(f"{folder} has no questions.", "Name the folder that holds questions*.jsonl.")
    return questions


def read_topics(folder: Path = FIT) -> list[Topic]:
    """All topics of the files `topics*.jsonl`, in the order of the files' names; there may be none.

    Raises:
        InputError: a row is not a topic; file and line are named.
    """
    return _records(folder, "topics*.jsonl", Topic)


def _records(folder: Path, pattern: str, kind: type[Row]) -> list[Row]:
    records = []
    for path in sorted(folder.glob(pattern)):
        for number, row in _rows(path):
            try:
                records.append(kind.model_validate(row))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                raise InputError(f"{path}, line {number}: {where}: {first['msg']}.", "Mend that row.") from None
    return records


def read_profiles(data: Path, questions: Sequence[Question]) -> list[Profile]:
    """The papers of every source that `questions` come from, cut into profiles of at most 40 papers.

    Of SciFact, CACM and Cranfield only the papers that a question names are taken, the others whole. A source
    whose papers were written for fitting has them in `evals/fit/papers-NAME.jsonl`.

    Args:
        data: folder with `scifact/`, `cacm/`, `cranfield/` and `profiles/`.
        questions: what will be asked.

    Returns:
        Profiles whose `source` is the questions' source, sources in the order of their names.

    Raises:
        InputError: a file is missing or can't be read, or a question's source is not known.
    """
    named: dict[str, set[str]] = {question.source: set() for question in questions}
    for question in questions:
        if question.title is not None:
            named[question.source].add(key(question.title))
    return [
        profile for source in sorted(named) for profile in _as_profiles(source, _papers_of(source, data, named[source]))
    ]


def key(text: str) -> str:
    """Letters and digits alone, by which titles and sentences are compared."""
    return slug(text, separator=" ")


def evidence_rows(question: Question, sentences: Sequence[Passage]) -> list[int]:
    """Rows of the sentences that answer `question`, none where it can't be answered.

    Sentences are cut at other places than where the question was written, now and then; a sentence counts
    when it holds the named one or one of `also`, or is itself a part of the named one.
    """
    if not question.answerable or question.sentence is None:
        return []
    named, others = key(question.sentence), [key(other) for other in question.also]
    title = key(question.title or "")
    return [
        row
        for row, sentence in enumerate(sentences)
        if key(sentence.title) == title and _is_evidence(key(sentence.text), named, others)
    ]


def _is_evidence(text: str, named: str, others: Iterable[str]) -> bool:
    is_part = len(text.split()) >= SHORTEST_PART and text in named
    return is_part or named in text or any(other in text for other in others)


def _papers_of(source: str, data: Path, named: set[str]) -> list[Paper]:
    readers: Mapping[str, Callable[[], Iterable[Paper]]] = {
        "scifact": lambda: _collection(data / "scifact" / "corpus.jsonl", named),
        "cacm": lambda: _collection(data / "cacm" / "corpus.jsonl", named),
        "cranfield": lambda: _collection(data / "cranfield" / "corpus.jsonl", named),
        # The other half of this bibliography is left to the cases that measure.
        "bamos": lambda: _bibliography(data, "bib_bamos.bib")[-_BAMOS_PAPERS:],
        "scanl": lambda: _bibliography(data, "bib_scanl_lab.bib"),
        "kwiat": lambda: _bibliography(data, "bib_kwiatlab.bib"),
        "arxiv": lambda: _feed(data / "profiles"),
        "s2": lambda: _author(data / "profiles" / "s2_Author.json"),
    }
    written = FIT / f"papers-{source}.jsonl"
    if source not in readers and not written.exists():
        raise InputError(
            f"The source {source!r} is not known.", f"Known are {', '.join(readers)} and those with a {written.name}."
        )
    return list(readers[source]()) if source in readers else _written(written)


def _written(path: Path) -> list[Paper]:
    return _to_papers((row["title"], row["abstract"]) for row in _objects(path))


def _as_profiles(source: str, papers: Sequence[Paper]) -> Iterator[Profile]:
    for start in range(0, len(papers), PAPERS_A_PROFILE):
        name = f"{source}-{start // PAPERS_A_PROFILE}"
        yield Profile(
            name=name,
            person="The Author",
            papers=tuple(papers[start : start + PAPERS_A_PROFILE]),
            source=source,
            fingerprint=name,
        )


def _collection(path: Path, named: set[str]) -> list[Paper]:
    found: dict[str, tuple[str, str]] = {}
    for row in _objects(path):
        text = row.get("abstract", row.get("text", ""))
        if key(row["title"]) in named:
            whole = " ".join(text) if isinstance(text, list) else text
            found.setdefault(key(row["title"]), (row["title"], whole))
    return _to_papers(found.values())


def _bibliography(data: Path, name: str) -> list[Paper]:
    path = data / "profiles" / name
    return [paper for paper in read_bibtex(_text(path), path.name) if paper.abstract]


def _feed(folder: Path) -> list[Paper]:
    """The papers of the one answer of arXiv's search that is kept in `folder`."""
    paths = sorted(folder.glob("arxiv_atom_q_*.xml"))
    if not paths:
        raise InputError(f"{folder} has no arxiv_atom_q_*.xml.", "Check the path given with --data.")
    entries = ElementTree.fromstring(_text(paths[0])).findall("a:entry", _ATOM)
    return _to_papers(
        (entry.findtext("a:title", "", _ATOM), entry.findtext("a:summary", "", _ATOM)) for entry in entries
    )


def _author(path: Path) -> list[Paper]:
    papers = json.loads(_text(path))["papers"]
    return _to_papers((paper["title"], paper["abstract"]) for paper in papers if paper.get("abstract"))


def _to_papers(texts: Iterable[tuple[str, str]]) -> list[Paper]:
    seen: dict[str, int] = {}
    papers = []
    for title, abstract in texts:
        plain = _on_one_line(title)
        papers.append(
            Paper(
                id=unique_id(plain, seen),
                title=plain,
                authors=(),
                authors_cut=False,
                abstract=_on_one_line(abstract),
            )
        )
    return papers


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    return (row for _, row in _rows(path))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not splitlines(): a text may hold U+2028 and its kin.
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError:
                raise InputError(f"{path}, line {number} is not JSON.", "Mend that row.") from None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}).", "Check the path given with --data.") from error

"""The abstracts that corruptions are made from, with those of SciFact's dev claims and a share for testing
left out."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evals.verifier_training.sources import read_rows, sentences_of

SHORTEST_WORDS = 6
TEST_SHARE = 0.06
_BIB_FIELD = re.compile(r"^\s*(title|abstract)\s*=\s*[{\"](.*?)[}\"],?\s*$", re.IGNORECASE | re.MULTILINE | re.DOTALL)
_HEADINGS = re.compile(
    r"^(BACKGROUND|OBJECTIVES?|METHODS?|RESULTS?|FINDINGS|CONCLUSIONS?|INTERPRETATION|DESIGN|SETTING|PURPOSE|AIMS?|"
    r"CONTEXT|INTRODUCTION|IMPORTANCE|RATIONALE|METHODOLOGY/PRINCIPAL FINDINGS|CONCLUSIONS?/SIGNIFICANCE)"
    r"(?: AND [A-Z]+)?[:.]? (?=[A-Z])"
)


@dataclass(frozen=True)
class Abstract:
    """A paper's title and the sentences of its abstract."""

    title: str
    sentences: tuple[str, ...]

    @property
    def is_test(self) -> bool:
        """Whether the paper is kept for measuring: a fixed share, by the title's hash."""
        first = hashlib.sha256(self.title.encode()).digest()[0]
        return first < 256 * TEST_SHARE


def all_abstracts(data: Path) -> list[Abstract]:
    """Every abstract of the folder `data` that may be used, each once."""
    found: dict[str, Abstract] = {}
    for title, sentences in (*_scifact(data / "scifact"), *_collections(data), *_profiles(data / "profiles")):
        clean = tuple(_clean(sentence) for sentence in sentences)
        whole = tuple(sentence for sentence in clean if len(sentence.split()) >= SHORTEST_WORDS)
        if len(whole) >= 3 and title:
            found.setdefault(title.lower(), Abstract(_clean(title), whole))
    return list(found.values())


def _clean(sentence: str) -> str:
    plain = re.sub(r"\s+", " ", sentence).strip()
    plain = re.sub(r"\s+([.,;:)])", r"\1", plain).replace("( ", "(")
    return _HEADINGS.sub("", plain)


def _scifact(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    dev = {str(number) for row in read_rows(folder / "claims_dev.jsonl") for number in row["cited_doc_ids"]}
    dev |= {number for row in read_rows(folder / "claims_dev.jsonl") for number in row["evidence"]}
    for row in read_rows(folder / "corpus.jsonl"):
        if str(row["doc_id"]) not in dev:
            yield row["title"], tuple(row["abstract"])


def _collections(data: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in ("cacm", "cranfield"):
        for row in read_rows(data / name / "corpus.jsonl"):
            title, text = row["title"], row["text"]
            sentences = list(sentences_of(re.sub(r" \. (?=\w)", ". ", text)))
            if name == "cranfield":
                sentences = [part.strip() + "." for part in re.split(r"\s\.(?:\s|$)", text) if part.strip()][1:]
                sentences = [part[0].upper() + part[1:] for part in sentences]
                title = title.rstrip(" .")
            yield title, tuple(sentences)


def _profiles(folder: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted(folder.glob("*.bib")):
        for entry in path.read_text(encoding="utf-8").split("\n@"):
            fields = {name.lower(): value for name, value in _BIB_FIELD.findall(entry)}
            if "abstract" in fields:
                yield (
                    fields.get("title", "").replace("{", "").replace("}", ""),
                    sentences_of(fields["abstract"]),
                )
    for row in json.loads((folder / "s2_Author.json").read_text(encoding="utf-8")).get("papers", ()):
        if row.get("abstract"):
            yield row["title"], sentences_of(row["abstract"])

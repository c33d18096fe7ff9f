"""Reads a public test collection: documents, queries and judgements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError

BINARY_OR_GRADED = "score"
CLEVERDON = "cleverdon_code"
_CLEVERDON_GAINS = {1: 4, 2: 3, 3: 2, 4: 1}


@dataclass(frozen=True)
class Collection:
    """A test collection, in the order of its files.

    `documents` and `queries` map ids to text, queries without judgements left out; `gains` maps query id to
    document id to a gain of at least 1, also of documents outside the corpus, which count as missed.
    """

    documents: dict[str, str]
    queries: dict[str, str]
    gains: dict[str, dict[str, int]]


def read_collection(corpus: Path, queries: Path, qrels: Path) -> Collection:
    """Read three files.

    Args:
        corpus: JSON lines `{"_id" or "doc_id", "title", "text" or "abstract"}`; the text may be a list of
            sentences.
        queries: JSON lines `{"_id" or "id", "text" or "claim"}`.
        qrels: tab-separated, with a header "query-id corpus-id score", where a score of 0 or less means not
            relevant; or with "cleverdon_code" as third column (Cranfield): codes 1 (best) to 4 are gains 4 to
            1, and -1, which is outside Cleverdon's scale, is dropped.

    Raises:
        InputError: names file and line.
    """
    documents: dict[str, str] = {}
    for place, row in _rows(corpus):
        key = _field(row, ("_id", "doc_id"), place)
        if key in documents:
            raise _bad(place, f"has the id {key!r} a second time")
        documents[key] = document_text(_optional(row, "title"), _sentences(row, place))
    gains = _read_judgements(qrels)
    asked = {_field(row, ("_id", "id"), place): _field(row, ("text", "claim"), place) for place, row in _rows(queries)}
    judged = {key: text for key, text in asked.items() if gains.get(key)}
    if not documents:
        raise InputError(f"{corpus} has no documents.", "Name a file with one JSON object a line.")
    if not any(document in documents for key in judged for document in gains[key]):
        raise InputError(
            f"{qrels} judges none of the documents in {corpus} for a query in {queries}.",
            "Check that the three files belong together.",
        )
    return Collection(documents, judged, {key: gains[key] for key in judged})


def document_text(title: str, text: str) -> str:
    """Title and text as one; the title isn't repeated where the text starts with it (Cranfield)."""
    title, text = title.strip(), text.strip()
    if not text:
        return title
    if not title or text.casefold().startswith(title.casefold()):
        return text
    return f"{title}{'' if title[-1] in '.?!:' else '.'} {text}"


def _read_judgements(path: Path) -> dict[str, dict[str, int]]:
    gains: dict[str, dict[str, int]] = {}
    kind = ""
    for number, line in enumerate(_lines(path), 1):
        place = f"{path}, line {number},"
        cells = line.rstrip("\r").split("\t")
        if number == 1:
            kind = _kind(cells, place)
        elif line.strip():
            if len(cells) != 3:
                raise _bad(place, f"has {len(cells)} columns, not 3")
            query, document, value = cells
            gain = _gain(value, kind, place)
            if gain > 0:
                gains.setdefault(query, {})[document] = gain
    return gains


def _kind(cells: list[str], place: str) -> str:
    if cells[:2] != ["query-id", "corpus-id"] or cells[2:] not in ([BINARY_OR_GRADED], [CLEVERDON]):
        raise _bad(place, 'is not the header "query-id corpus-id score" (tabs between)')
    return cells[2]


def _gain(value: str, kind: str, place: str) -> int:
    try:
        code = int(value)
    except ValueError:
        raise _bad(place, f"has the score {value!r}, which is no whole number") from None
    if kind == BINARY_OR_GRADED:
        return code
    if code != -1 and code not in _CLEVERDON_GAINS:
        raise _bad(place, f"has the code {code}, which is not 1 to 4 or -1")
    return _CLEVERDON_GAINS.get(code, 0)


def _lines(path: Path) -> list[str]:
    try:
        # Not splitlines(): a text may hold U+2028 and its kin.
        return path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise InputError(f"{path} can't be read ({error.strerror}).", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text.", "Convert it to UTF-8.") from error


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            place = f"{path}, line {number},"
            try:
                row = json.loads(line)
            except ValueError:
                raise _bad(place, "is not JSON") from None
            if not isinstance(row, dict):
                raise _bad(place, "is not a JSON object")
            yield place, row


def _field(row: dict[str, Any], names: tuple[str, ...], place: str) -> str:
    for name in names:
        value = row.get(name)
        if isinstance(value, (str, int)) and str(value).strip():
            return str(value)
    raise _bad(place, f"lacks {' or '.join(map(repr, names))}")


def _optional(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _sentences(row: dict[str, Any], place: str) -> str:
    value = row.get("text", row.get("abstract", ""))
    if isinstance(value, list) and all(isinstance(sentence, str) for sentence in value):
        return " ".join(sentence.strip() for sentence in value)
    if value is None or isinstance(value, str):
        return value or ""
    raise _bad(place, "has a text that is neither a string nor a list of strings")


def _bad(place: str, what: str) -> InputError:
    return InputError(f"{place} {what}.", "Mend that row; `profile-chat bench retrieval --help` shows the formats.")

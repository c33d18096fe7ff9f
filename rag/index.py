"""The Chroma collection of one profile: opening it, searching it, reading its passages.

Chroma is imported here alone. A built index is never written again: a changed profile gets a new collection
in a new folder, so an open reader can neither see half a build nor go stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from rag.errors import (
    IndexDamagedError,
    ProfileChatError,
    SettingError,
    StorageError,
    UnreachableError,
)
from rag.models import Passage

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

Level = Literal["papers", "sentences"]
LEVELS: tuple[Level, ...] = get_args(Level)
_PAGE = 5_000
# Text embeddings of a few thousand rows reach recall 1 with these; measured against exact search.
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}


def level_of(passage: Passage) -> Level:
    """Which collection a passage belongs to: sentences are cited, whole abstracts and records rank papers."""
    return "sentences" if passage.kind == "sentence" else "papers"


class PassageIndex:
    """One collection of a profile's passages in Chroma, open for reading.

    Args:
        collection: an open collection whose vectors have unit length.
        expected: how many rows the build wrote; checked against the store.
        place: folder or address, for messages.

    Raises:
        IndexDamagedError: if rows are missing or can't be read.
    """

    def __init__(self, collection: Collection, expected: int, place: str) -> None:
        self._collection = collection
        self._place = place
        self.passages = self._read_passages()
        if len(self.passages) != expected:
            raise IndexDamagedError(f"The index in {place} holds {len(self.passages)} of {expected} passages.")
        self._rows = {passage.id: row for row, passage in enumerate(self.passages)}

    def __len__(self) -> int:
        return len(self.passages)

    def similarities(self, vector: NDArray[np.float32], limit: int) -> NDArray[np.float32]:
        """Cosine of `vector` with each passage, in the order of `passages`.

        Args:
            vector: shape (d,), unit length.
            limit: how many nearest passages to ask Chroma for.

        Returns:
            Shape (n,); NaN for passages beyond the `limit` nearest.
        """
        if not self.passages:  # as of a bibliography without abstracts; Chroma refuses to look for 0 rows
            return np.zeros(0, np.float32)
        found: dict[str, Any] = self._guarded(
            lambda: self._collection.query(
                query_embeddings=[vector.tolist()], n_results=min(limit, len(self)), include=["distances"]
            )
        )
        scores = np.full(len(self), np.nan, dtype=np.float32)
        for passage_id, distance in zip(found["ids"][0], found["distances"][0], strict=True):
            scores[self._rows[passage_id]] = 1.0 - distance
        return scores

    def vectors(self) -> NDArray[np.float32]:
        """The vectors of the passages, in the order of `passages`; shape (n, d), (0, 0) without passages."""
        held: dict[str, Any] = {}
        for offset in range(0, len(self), _PAGE):
            page: dict[str, Any] = self._guarded(
                lambda offset=offset: self._collection.get(include=["embeddings"], limit=_PAGE, offset=offset)
            )
            held.update(zip(page["ids"], page["embeddings"], strict=True))
        if not held:
            return np.zeros((0, 0), np.float32)
        return np.asarray([held[passage.id] for passage in self.passages], np.float32)

    def _read_passages(self) -> tuple[Passage, ...]:
        rows: list[tuple[int, Passage]] = []
        for offset in range(0, self._guarded(self._collection.count), _PAGE):
            page: dict[str, Any] = self._guarded(
                lambda offset=offset: self._collection.get(
                    include=["documents", "metadatas"], limit=_PAGE, offset=offset
                )
            )
            rows.extend(map(_to_passage, page["ids"], page["documents"], page["metadatas"]))
        return tuple(passage for _, passage in sorted(rows, key=lambda row: row[0]))

    def _guarded(self, call: Any) -> Any:
        """Runs a Chroma call; anything that it raises means that the store can't be read or reached."""
        try:
            return call()
        except Exception as error:
            raise _damaged(self._place, error) from error


def metadata_of(passage: Passage, row: int) -> dict[str, str | int]:
    """What is stored beside a passage's text; `row` keeps the order of the profile."""
    return {
        "row": row,
        "paper_id": passage.paper_id,
        "kind": passage.kind,
        "title": passage.title,
        "start": passage.start,
        "end": passage.end,
        "previous_id": passage.previous_id or "",
        "next_id": passage.next_id or "",
    }


class ProfileIndex(NamedTuple):
    """Both collections of a profile."""

    papers: PassageIndex
    sentences: PassageIndex


def load_chroma() -> None:
    """Imports Chroma ahead of its use: half of a cold start, for a caller that has something to wait for."""
    import chromadb  # noqa: F401


def open_index(folder: Path, rows: Mapping[Level, int], server: str | None, prefix: str) -> ProfileIndex:
    """Opens what was built into `folder`, or on the Chroma server at `server` under names with `prefix`.

    Raises:
        IndexDamagedError: if a collection is missing, incomplete or can't be read.
        UnreachableError: if the server doesn't answer.
    """
    if server is None and not (folder / "chroma.sqlite3").is_file():
        raise IndexDamagedError(f"The index folder {folder} is damaged: chroma.sqlite3 is missing.")
    place = server or str(folder)

    def open_level(level: Level) -> PassageIndex:
        try:
            collection = client.get_collection(_name(prefix, level), embedding_function=None)
        except BaseException as error:  # Chroma's Rust side panics outside of Exception
            raise _damaged(place, error) from error
        return PassageIndex(collection, rows[level], place)

    try:
        client = _client(folder, server)
    except UnreachableError:
        raise
    except BaseException as error:
        raise _damaged(place, error) from error
    return ProfileIndex(open_level("papers"), open_level("sentences"))


def create_collections(folder: Path, server: str | None, prefix: str) -> dict[Level, Collection]:
    """New, empty collections in the new folder `folder`, or on the Chroma server at `server`.

    Raises:
        StorageError: if the folder can't be written.
        UnreachableError: if the server doesn't answer.
    """
    try:
        folder.mkdir(parents=True)
        client = _client(folder, server)
        return {
            level: client.create_collection(
                _name(prefix, level),
                embedding_function=None,
                configuration={"hnsw": _HNSW},  # type: ignore[arg-type]
            )
            for level in LEVELS
        }
    except ProfileChatError:
        raise
    except Exception as error:
        if server and _is_silent(error):
            raise _unreachable(server, error) from error
        raise _unwritable(server or str(folder), error) from error


def chroma_failure(error: BaseException, folder: Path, server: str | None) -> ProfileChatError | None:
    """What an error while rows were written means to the user; None if it isn't Chroma's."""
    from chromadb.errors import ChromaError

    if server and _is_silent(error):
        return _unreachable(server, error)
    if isinstance(error, ChromaError) or type(error).__name__ == "PanicException":
        return _unwritable(server or str(folder), error)
    return None


def delete_collections(server: str, prefix: str) -> None:
    """Removes the collections with `prefix` from the Chroma server, if they are there."""
    client = _server_client(server)
    held = {collection.name for collection in client.list_collections()}
    for level in LEVELS:
        if _name(prefix, level) in held:
            client.delete_collection(_name(prefix, level))


def _name(prefix: str, level: Level) -> str:
    return f"{prefix}-{level}"


def _damaged(place: str, error: BaseException) -> BaseException:
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return error
    if _is_silent(error):
        return _unreachable(place, error)
    return IndexDamagedError(f"The index in {place} is damaged: {_first_line(error)}.")


def _client(folder: Path, server: str | None) -> ClientAPI:
    return _server_client(server) if server else _persistent_client(folder)


def _to_passage(passage_id: str, document: str, metadata: dict[str, Any]) -> tuple[int, Passage]:
    passage = Passage.model_construct(
        id=passage_id,
        paper_id=metadata["paper_id"],
        kind=metadata["kind"],
        title=metadata["title"],
        text=document,
        start=metadata["start"],
        end=metadata["end"],
        previous_id=metadata["previous_id"] or None,
        next_id=metadata["next_id"] or None,
    )
    return metadata["row"], passage


def _persistent_client(folder: Path) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def _server_client(url: str) -> ClientAPI:
    import chromadb
    from chromadb.config import Settings

    address = urlsplit(url if "//" in url else f"http://{url}")
    if not address.hostname:
        raise SettingError(f"PROFILE_CHAT_CHROMA_URL is not an address: {url}.", "Use http://host:8000.")
    try:
        return chromadb.HttpClient(
            host=address.hostname,
            port=address.port or (443 if address.scheme == "https" else 8000),
            ssl=address.scheme == "https",
            settings=Settings(anonymized_telemetry=False),
        )
    except Exception as error:
        raise _unreachable(url, error) from error


def _is_silent(error: BaseException) -> bool:
    """Whether a server gave no answer, as against one that says what is wrong."""
    import httpx

    return isinstance(error, httpx.TransportError)


def _unreachable(url: str, error: BaseException) -> UnreachableError:
    return UnreachableError(
        f"The Chroma server at {url} does not answer: {_first_line(error)}.",
        "Start it with `chroma run`, or remove PROFILE_CHAT_CHROMA_URL to use the embedded store.",
    )


def _unwritable(place: str, error: BaseException) -> StorageError:
    return StorageError(
        f"The index can't be written to {place}: {_first_line(error)}.",
        "Free some space, mend the permissions, or set PROFILE_CHAT_HOME to another folder.",
    )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")

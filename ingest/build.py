"""From a profile to its index: idempotent, one writer at a time, swapped in whole."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.passages import CHUNKING, paper_passages
from rag.embedding import ContextualEmbedder
from rag.errors import StorageError
from rag.index import (
    LEVELS,
    Level,
    chroma_failure,
    create_collections,
    delete_collections,
    level_of,
    metadata_of,
)
from rag.models import Passage, Profile
from rag.second_opinion import embed_papers, save_opinion
from rag.store import FORMAT_VERSION, Build, ProfileStore
from rag.token_states import Quantised, save_states

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

    from rag.embedding import Embedder

Progress = Callable[[int, int], None]


def index_fingerprint(profile: Profile, embedder_identity: str, server: str | None = None) -> str:
    """Identifies an index by all that it is made from: input, owner, embedder, chunking, format and place."""
    parts = (
        profile.fingerprint, profile.person, embedder_identity, CHUNKING, str(FORMAT_VERSION), server or "embedded",
    )  # fmt: skip
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_current(store: ProfileStore, fingerprint: str) -> bool:
    """Whether the build in use was made from exactly what `fingerprint` names."""
    build = store.current()
    return build is not None and build.fingerprint == fingerprint


def build_index(
    profile: Profile,
    store: ProfileStore,
    embedder: Embedder,
    *,
    server: str | None = None,
    progress: Progress | None = None,
    rebuild: bool = False,
) -> Build:
    """Builds the index of `profile` beside the one in use and puts it in use once it is whole.

    A process that finds another one building waits for it and takes its result.

    Args:
        profile: what to index.
        store: where builds of this profile are kept.
        embedder: gives the vectors.
        server: address of a Chroma server; None for a store in a folder.
        progress: called with (passages embedded, passages in all).
        rebuild: build even if an equal build is in use.

    Raises:
        StorageError: if the folder can't be written or the disk is full; the build in use stays.
    """
    fingerprint = index_fingerprint(profile, embedder.identity, server)
    with _writing(store):
        current = store.current()
        if current and current.fingerprint == fingerprint and not rebuild:
            return current
        folder = store.folder / f"{fingerprint[:12]}-{uuid.uuid4().hex[:6]}"
        passages = [passage for paper in profile.papers for passage in paper_passages(paper)]
        shelves = {level: [p for p in passages if level_of(p) == level] for level in LEVELS}
        build = Build(
            fingerprint=fingerprint,
            source=profile.fingerprint,
            folder=folder.name,
            rows={level: len(held) for level, held in shelves.items()},
            embedder=embedder.identity,
            server=server,
            prefix=f"{profile.name[:30].strip('_')}-{folder.name}" if server else "profile",
        )
        try:
            collections = create_collections(store.index_folder(build), server, build.prefix)
            states = _fill(collections, shelves, embedder, progress)
            save_states(folder, states)
            if isinstance(embedder, ContextualEmbedder):
                save_opinion(folder, embed_papers(profile, embedder.second()))
            store.save_profile(folder, profile)
            store.make_current(build)
        except BaseException as error:  # Chroma's Rust side panics outside of Exception
            if store.current() != build:
                _remove(folder, build.prefix, server)
            if isinstance(error, OSError):
                raise _cannot_write(store.folder, error) from None
            failure = chroma_failure(error, store.folder, server)
            if failure is None:
                raise
            raise failure from error
        _remove_all_but(store, build, current)
    return build


@contextmanager
def _writing(store: ProfileStore) -> Iterator[None]:
    """Holds the profile's build lock, since two writers corrupt an embedded store without a word."""
    from filelock import FileLock  # only a process that builds pays for it

    lock = FileLock(store.lock)
    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError as error:
        raise _cannot_write(store.folder, error) from None
    try:
        yield
    finally:
        lock.release()


def _cannot_write(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{folder} can't be written: {error.strerror or error}.",
        "Free some space, mend the permissions, or set PROFILE_CHAT_HOME to another folder.",
    )


def _fill(
    collections: Mapping[Level, Collection],
    shelves: Mapping[Level, Sequence[Passage]],
    embedder: Embedder,
    progress: Progress | None,
) -> list[Quantised]:
    """Writes the passages through LlamaIndex: nodes, ingestion pipeline, Chroma vector store.

    Returns:
        The piece states of each sentence, empty where the embedder gives none.
    """
    states: list[Quantised] = []
    from ingest.llama import write_nodes

    total = sum(map(len, shelves.values()))
    before = 0
    for level, passages in shelves.items():

        def report(done: int, before: int = before) -> None:
            if progress:
                progress(before + done, total)

        rows = [(passage, metadata_of(passage, row)) for row, passage in enumerate(passages)]
        written = write_nodes(collections[level], rows, embedder, report)
        states += written
        before += len(passages)
    return states


def _remove_all_but(store: ProfileStore, build: Build, before: Build | None) -> None:
    """Removes builds but for `build`, in use now, and the one before, which an open reader may still hold."""
    kept = {build.folder, before.folder if before else build.folder}
    for folder in store.folder.iterdir():
        if folder.is_dir() and folder.name not in kept:
            _remove(folder, build.prefix.replace(build.folder, folder.name), build.server)


def _remove(folder: Path, prefix: str, server: str | None) -> None:
    """Removes a build; what can't be removed stays, since nothing in use depends on it."""
    if server:
        with suppress(Exception):
            delete_collections(server, prefix)
    shutil.rmtree(folder, ignore_errors=True)

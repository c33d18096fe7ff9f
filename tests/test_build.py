"""An index is built whole or not at all, in real Chroma stores; whoever reads goes on reading."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ingest.build import build_index
from ingest.passages import paper_passages
from ingest.sources import read_profile
from rag.errors import IndexDamagedError, StorageError, UnreachableError
from rag.index import ProfileIndex, open_index
from rag.models import Profile
from rag.settings import load_settings
from rag.store import Build, ProfileStore, stored_names
from tests.fakes.embedder import HashEmbedder
from ui.compose import LiveChat, open_chat

PAGE = """\
Ada Lovelace

CS
h-index2

CSSep 5, 2024Code
Notes on the Analytical Engine

Ada Lovelace, Charles Babbage et al.

The engine weaves algebraic patterns, e.g. those of Bernoulli. It has no pretensions to originate anything. \
It follows 50\\% of our analysis.

LGJul 1
Punched cards for looms

Joseph Jacquard, Ada Lovelace

A loom reads cards. Each card lifts threads.
"""
SPINDLE = """
CVMay 3, 2025
A spindle for zebrafish wool

Ada Lovelace

Zebrafish wool is spun on a spindle of glass.
"""


def profile_of(folder: Path, text: str = PAGE) -> Profile:
    path = folder / "page.txt"
    path.write_text(text, encoding="utf-8")
    return read_profile(path)


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return profile_of(tmp_path)


@pytest.fixture
def changed(tmp_path: Path) -> Profile:
    return profile_of(tmp_path, PAGE + SPINDLE)


@pytest.fixture
def store(fresh_home: Path) -> ProfileStore:
    return ProfileStore(fresh_home, "ada_lovelace")


def opened(store: ProfileStore, build: Build) -> ProfileIndex:
    return open_index(store.index_folder(build), build.rows, build.server, build.prefix)


def held_titles(store: ProfileStore) -> set[str]:
    """Titles as a reader that starts now finds them, in the record and in the index alike."""
    build = store.current()
    assert build is not None
    titles = {paper.title for paper in store.profile(build).papers}
    index = opened(store, build)
    assert {passage.title for passage in index.papers.passages} == titles
    return titles


def builds_of(store: ProfileStore) -> list[str]:
    return sorted(folder.name for folder in store.folder.iterdir() if folder.is_dir())


ENGINE, LOOM = "Notes on the Analytical Engine", "Punched cards for looms"
WOOL = "A spindle for zebrafish wool"


# --- what is in the store -------------------------------------------------------------------------------


def test_rows_are_in_chroma_as_they_stand_in_the_profile(profile: Profile, store: ProfileStore) -> None:
    build = build_index(profile, store, HashEmbedder())
    index = opened(store, build)
    assert build.rows == {"papers": 4, "sentences": 5}
    assert [passage.text for passage in index.sentences.passages] == [
        "The engine weaves algebraic patterns, e.g. those of Bernoulli.",
        "It has no pretensions to originate anything.",
        "It follows 50% of our analysis.",
        "A loom reads cards.",
        "Each card lifts threads.",
    ]
    assert [(passage.kind, passage.title) for passage in index.papers.passages] == [
        ("abstract", ENGINE),
        ("record", ENGINE),
        ("abstract", LOOM),
        ("record", LOOM),
    ]
    assert index.papers.passages[1].text == (f"{ENGINE}. Ada Lovelace, Charles Babbage et al.. Sep 5, 2024. CS")
    assert [len(index.papers), len(index.sentences)] == [4, 5]


def test_every_sentence_is_a_verbatim_span_that_knows_its_neighbours(profile: Profile, store: ProfileStore) -> None:
    index = opened(store, build_index(profile, store, HashEmbedder()))
    by_id = {passage.id: passage for passage in index.sentences.passages}
    assert len(by_id) == 5
    for passage in by_id.values():
        abstract = profile.paper(passage.paper_id).abstract
        assert abstract[passage.start : passage.end] == passage.text
        assert passage.title == profile.paper(passage.paper_id).title
    first, second, third, fourth, fifth = by_id.values()
    assert [one.previous_id for one in by_id.values()] == [None, first.id, second.id, None, fourth.id]
    assert [one.next_id for one in by_id.values()] == [second.id, third.id, None, fifth.id, None]
    whole = [passage for passage in index.papers.passages if passage.kind == "abstract"]
    assert [(one.start, one.end) for one in whole] == [(0, len(paper.abstract)) for paper in profile.papers]


def test_the_rows_are_llamaindex_nodes_in_a_chroma_collection(profile: Profile, store: ProfileStore) -> None:
    """Another program that knows LlamaIndex finds nodes with text, metadata and neighbours."""
    import chromadb
    from llama_index.core.schema import NodeRelationship
    from llama_index.core.vector_stores.utils import metadata_dict_to_node

    build = build_index(profile, store, HashEmbedder())
    client = chromadb.PersistentClient(str(store.index_folder(build)), settings=_quiet())
    collection = client.get_collection(f"{build.prefix}-sentences", embedding_function=None)
    rows: Any = collection.get(include=["documents", "metadatas", "embeddings"])
    at = rows["documents"].index("It has no pretensions to originate anything.")
    stored = rows["metadatas"][at]
    assert (stored["row"], stored["kind"]) == (1, "sentence")
    assert stored["paper_id"] == "notes-on-the-analytical-engine"
    assert (stored["start"], stored["end"]) == (63, 107)
    node = metadata_dict_to_node(stored)
    assert node.relationships[NodeRelationship.PREVIOUS].node_id == stored["previous_id"]
    assert node.relationships[NodeRelationship.NEXT].node_id == stored["next_id"]
    assert node.relationships[NodeRelationship.SOURCE].node_id == stored["paper_id"]
    vector = HashEmbedder().embed_query(f"{ENGINE}. It has no pretensions to originate anything.")
    assert rows["embeddings"][at] == pytest.approx(vector, abs=1e-6), "embedded behind its title"


def test_similarities_are_cosines_in_row_order(profile: Profile, store: ProfileStore) -> None:
    embedder = HashEmbedder()
    index = opened(store, build_index(profile, store, embedder)).sentences
    question = embedder.embed_query("cards that lift threads of a loom")
    exact = [question @ embedder.embed_query(passage.in_context) for passage in index.passages]
    assert index.similarities(question, 5) == pytest.approx(exact, abs=1e-5)
    nearest = index.similarities(question, 2)
    assert np.count_nonzero(~np.isnan(nearest)) == 2
    assert set(np.flatnonzero(~np.isnan(nearest))) == set(np.argsort(exact)[-2:])


def test_a_paper_without_abstract_is_found_by_its_record(tmp_path: Path, store: ProfileStore) -> None:
    profile = profile_of(tmp_path, "Ada Lovelace\n\nCSSep 5, 2024\nNotes\n\nAda Lovelace\n\n" + LOOM_BLOCK)
    build = build_index(profile, store, HashEmbedder())
    assert build.rows == {"papers": 3, "sentences": 2}
    assert opened(store, build).papers.passages[0].text == "Notes. Ada Lovelace. Sep 5, 2024. CS"


LOOM_BLOCK = PAGE[PAGE.index("LGJul 1") :]


def test_the_shipped_profile_with_the_real_embedder(home: Path) -> None:
    chat = open_chat(load_settings())
    build = ProfileStore(home, "stefan_kesselheim").current()
    assert build is not None
    assert build.rows == {"papers": 38, "sentences": 134}
    assert chat.profile.person == "Stefan Kesselheim"
    answer = chat.ask("How were the agents of the participants finally evaluated?")
    assert "competed against each other" in answer.answer
    assert answer.citations[0].paper_id.startswith("hearts-gym")


# --- building once, and again ---------------------------------------------------------------------------


def test_an_unchanged_profile_is_not_embedded_again(profile: Profile, store: ProfileStore) -> None:
    embedder = HashEmbedder()
    first = build_index(profile, store, embedder)
    calls, passages = embedder.calls, len(embedder.passages)
    assert (calls, passages) == (2, 9)
    assert build_index(profile, store, embedder) == first
    assert (embedder.calls, len(embedder.passages)) == (calls, passages)
    again = build_index(profile, store, embedder, rebuild=True)
    assert (embedder.calls, len(embedder.passages)) == (2 * calls, 2 * passages)
    assert again.folder != first.folder and again.fingerprint == first.fingerprint


@pytest.mark.parametrize("what", ["page", "embedder"])
def test_a_change_is_built_beside_the_old_and_swapped_whole(
    profile: Profile, changed: Profile, store: ProfileStore, what: str
) -> None:
    old = build_index(profile, store, HashEmbedder())
    reader = opened(store, old)
    seen: list[tuple[int, int, Build | None]] = []
    new = build_index(
        changed if what == "page" else profile,
        store,
        HashEmbedder("hash/1" if what == "page" else "hash/2"),
        progress=lambda done, total: seen.append((done, total, store.current())),
    )
    assert all(build == old for *_, build in seen), "until it is whole, the old build is the one in use"
    assert store.current() == new != old
    assert held_titles(store) == ({ENGINE, LOOM, WOOL} if what == "page" else {ENGINE, LOOM})
    assert seen[0][0] == 0 and seen[-1][0] == seen[-1][1] == sum(new.rows.values())
    vector = HashEmbedder().embed_query("loom")
    assert not np.isnan(reader.sentences.similarities(vector, 5)).any(), "an open reader goes on"


def test_only_the_build_in_use_and_the_one_before_are_kept(profile: Profile, store: ProfileStore) -> None:
    builds = [build_index(profile, store, HashEmbedder(f"hash/{number}")) for number in range(3)]
    assert builds_of(store) == sorted(build.folder for build in builds[1:])


def test_profiles_do_not_touch_each_other(tmp_path: Path, profile: Profile, fresh_home: Path) -> None:
    """Not even those of people whose names have no Latin letter."""
    people = [
        profile,
        *(profile_of(tmp_path, PAGE.replace("Ada Lovelace", name, 1)) for name in ("李明", "Анна")),
    ]
    assert len({one.name for one in people}) == 3
    for one in people:
        for identity in ("hash/1", "hash/2"):
            build_index(one, ProfileStore(fresh_home, one.name), HashEmbedder(identity))
    assert stored_names(fresh_home) == tuple(sorted(one.name for one in people))
    assert [held_titles(ProfileStore(fresh_home, one.name)) for one in people] == [{ENGINE, LOOM}] * 3


# --- dying half-way -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [RuntimeError("out of memory"), UnreachableError("Gone.", "Wait."), KeyboardInterrupt()]
)
def test_an_embedder_that_dies_leaves_the_old_index_in_use(
    profile: Profile, changed: Profile, store: ProfileStore, failure: BaseException
) -> None:
    old = build_index(profile, store, HashEmbedder())
    with pytest.raises(type(failure)):
        build_index(changed, store, HashEmbedder(fails_at=2, failure=failure))
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}
    assert builds_of(store) == [old.folder], "what was begun is gone"
    build_index(changed, store, HashEmbedder())
    assert held_titles(store) == {ENGINE, LOOM, WOOL}


BUILDER = """
import sys, time
from pathlib import Path
from ingest.build import build_index
from ingest.sources import read_profile
from rag.index import open_index
from rag.store import ProfileStore
from tests.fakes.embedder import HashEmbedder

home, page, log, seconds = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4])

class Slow(HashEmbedder):
    def embed_passages(self, texts, progress=None):
        with log.open("a") as stream:
            stream.write(f"{len(texts)}\\n")
        if self.calls == 1:  # half of it is written
            time.sleep(seconds)
        return super().embed_passages(texts, progress)

profile = read_profile(page)
store = ProfileStore(home, profile.name)
import ingest.llama, chromadb  # so that processes meet at the lock, not in their imports
print("ready", flush=True)
sys.stdin.readline()
build = build_index(profile, store, Slow())
index = open_index(store.index_folder(build), build.rows, None, build.prefix)
print(build.folder, len(index.papers), len(index.sentences), sep="\\t", flush=True)
"""


@pytest.fixture
def builder(fresh_home: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts processes that build tmp_path/page.txt once they are told to go."""
    started: list[subprocess.Popen[str]] = []

    def start(seconds: float = 0.0) -> subprocess.Popen[str]:
        arguments = [str(fresh_home), str(tmp_path / "page.txt"), str(tmp_path / "log"), str(seconds)]
        process = subprocess.Popen(
            [sys.executable, "-c", BUILDER, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdout and process.stdin
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


def wait_for_lines(log: Path, number: int) -> None:
    deadline = time.monotonic() + 60
    while not (log.exists() and len(log.read_text().splitlines()) >= number):
        assert time.monotonic() < deadline, "the builder never came that far"
        time.sleep(0.02)


def test_a_builder_that_is_killed_leaves_the_old_index_in_use(
    profile: Profile, store: ProfileStore, tmp_path: Path, builder: Callable[..., subprocess.Popen[str]]
) -> None:
    old = build_index(profile, store, HashEmbedder())
    changed = profile_of(tmp_path, PAGE + SPINDLE)
    process = builder(seconds=60)
    go(process)
    wait_for_lines(tmp_path / "log", 2)
    assert len(builds_of(store)) == 2, "it was half-way"
    process.kill()
    assert process.wait() in {-getattr(signal, "SIGKILL", 9), 1}
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}
    new = build_index(changed, store, HashEmbedder())
    assert held_titles(store) == {ENGINE, LOOM, WOOL}, "its lock died with it"
    assert builds_of(store) == sorted([old.folder, new.folder]), "what it left behind is gone"


def test_of_two_processes_that_start_at_once_one_builds_and_both_answer(
    profile: Profile, store: ProfileStore, tmp_path: Path, builder: Callable[..., subprocess.Popen[str]]
) -> None:
    """And a chat that was open before goes on with the new index."""
    build_index(profile, store, HashEmbedder())
    build = store.current()
    assert build is not None
    chat = LiveChat(store, profile, build, HashEmbedder, None)
    assert {paper.title for paper in chat.profile.papers} == {ENGINE, LOOM}
    profile_of(tmp_path, PAGE + SPINDLE)
    processes = [builder(seconds=0.5), builder(seconds=0.5)]
    for process in processes:
        go(process)
    outputs = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert outputs[0] == outputs[1] != ""
    assert outputs[0].split("\t")[1:] == ["6", "6\n"]
    assert (tmp_path / "log").read_text().split() == ["6", "6"], "each passage was embedded once"
    assert {paper.title for paper in chat.profile.papers} == {ENGINE, LOOM, WOOL}
    answer = chat.ask("What is A spindle for zebrafish wool about?")
    assert [citation.title for citation in answer.citations] == [WOOL]
    assert "spun on a spindle of glass" in answer.answer


# --- damage ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Build]:
    """A home with one build, copied by each test, since Chroma remembers folders within a process."""
    home = tmp_path_factory.mktemp("whole")
    store = ProfileStore(home, "ada_lovelace")
    return home, build_index(profile_of(home), store, HashEmbedder())


@pytest.fixture
def copied(whole: tuple[Path, Build], tmp_path: Path) -> tuple[ProfileStore, Build]:
    home, build = whole
    shutil.copytree(home, tmp_path / "copy")
    return ProfileStore(tmp_path / "copy", "ada_lovelace"), build


def test_a_copied_folder_is_as_good_as_the_first(copied: tuple[ProfileStore, Build]) -> None:
    store, _ = copied
    assert held_titles(store) == {ENGINE, LOOM}


def _truncate(database: Path) -> None:
    database.write_bytes(database.read_bytes()[:5000])


def _empty(database: Path) -> None:
    database.write_bytes(b"")


def _scribble(database: Path) -> None:
    database.write_bytes(b"no database at all\n" * 300)


@pytest.mark.parametrize("damage", [Path.unlink, _truncate, _empty, _scribble])
def test_a_damaged_database_is_said_with_its_folder_and_the_mend(
    copied: tuple[ProfileStore, Build], damage: Callable[[Path], None]
) -> None:
    store, build = copied
    folder = store.index_folder(build)
    damage(folder / "chroma.sqlite3")
    with pytest.raises(IndexDamagedError) as found:
        opened(store, build)
    assert str(folder) in found.value.message
    assert found.value.mend == "Run `profile-chat ingest --rebuild` to build it again."
    assert "\n" not in str(found.value)
    assert found.value.exit_status == 2


def test_a_folder_that_is_gone_is_said(copied: tuple[ProfileStore, Build]) -> None:
    store, build = copied
    shutil.rmtree(store.index_folder(build))
    with pytest.raises(IndexDamagedError, match=r"chroma\.sqlite3 is missing.*ingest --rebuild"):
        opened(store, build)


@pytest.mark.parametrize(("level", "held"), [("papers", "3 of 4"), ("sentences", "4 of 5")])
def test_a_missing_row_is_said(copied: tuple[ProfileStore, Build], level: str, held: str) -> None:
    import chromadb

    store, build = copied
    client = chromadb.PersistentClient(str(store.index_folder(build)), settings=_quiet())
    collection = client.get_collection(f"{build.prefix}-{level}", embedding_function=None)
    collection.delete(ids=[collection.get(limit=1)["ids"][0]])
    with pytest.raises(IndexDamagedError, match=f"holds {held} passages.*ingest --rebuild") as found:
        opened(store, build)
    assert str(store.index_folder(build)) in found.value.message


def test_a_missing_collection_is_said(copied: tuple[ProfileStore, Build]) -> None:
    import chromadb

    store, build = copied
    client = chromadb.PersistentClient(str(store.index_folder(build)), settings=_quiet())
    client.delete_collection(f"{build.prefix}-sentences")
    with pytest.raises(IndexDamagedError, match=r"is damaged: .*ingest --rebuild"):
        opened(store, build)


@pytest.mark.parametrize("content", [b"", b"{}", b"garbage", b"\xff\xfe", None])
def test_a_damaged_record_of_the_profile_is_said(copied: tuple[ProfileStore, Build], content: bytes | None) -> None:
    store, build = copied
    record = store.folder / build.folder / "profile.json"
    if content is None:
        record.unlink()
    else:
        record.write_bytes(content)
    with pytest.raises(IndexDamagedError) as found:
        store.profile(build)
    assert str(found.value) == (
        f"{record} is missing or damaged. Run `profile-chat ingest --rebuild` to build it again."
    )


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"format": 99}'])
def test_a_damaged_pointer_means_building_anew(copied: tuple[ProfileStore, Build], content: bytes) -> None:
    store, build = copied
    profile = store.profile(build)
    (store.folder / "current.json").write_bytes(content)
    assert store.current() is None
    build_index(profile, store, HashEmbedder())
    assert held_titles(store) == {ENGINE, LOOM}


# --- full disk, read-only folder ------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
@pytest.mark.parametrize("room", [0, 100_000, 200_000, 250_000])
def test_a_full_disk_is_said_and_the_old_index_stays(profile: Profile, store: ProfileStore, room: int) -> None:
    """The disk is full at the first byte, while collections are made, and while rows are written."""
    import resource

    old = build_index(profile, store, HashEmbedder())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(StorageError) as found:
            build_index(profile, store, HashEmbedder("hash/2"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(store.folder) in found.value.message
    assert found.value.mend.startswith("Free some space")
    assert "\n" not in str(found.value)
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}
    assert builds_of(store) == [old.folder], "nothing half-built takes up the room"


def test_a_disk_that_fills_at_the_last_write_leaves_the_old_index_in_use(
    profile: Profile, store: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build_index(profile, store, HashEmbedder())
    make = tempfile.mkstemp

    def full(*arguments: Any, **options: Any) -> Any:
        if "current.json" in str(options.get("prefix")):
            raise OSError(28, "No space left on device")
        return make(*arguments, **options)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(StorageError, match=r"current\.json can't be written: No space left on device\. Free"):
        build_index(profile, store, HashEmbedder("hash/2"))
    monkeypatch.undo()
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}
    assert builds_of(store) == [old.folder]


def test_a_folder_that_cannot_be_written_is_said(
    profile: Profile, store: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = build_index(profile, store, HashEmbedder())
    embedder = HashEmbedder("hash/2")
    make = Path.mkdir

    def read_only(path: Path, *arguments: Any, **options: Any) -> None:
        if store.folder in path.parents:
            raise PermissionError(13, "Permission denied", str(path))
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(StorageError, match=r"can't be written.*Permission denied.*PROFILE_CHAT_HOME"):
        build_index(profile, store, embedder)
    assert embedder.calls == 0, "nothing is embedded that can't be kept"
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}


def test_a_home_that_is_a_file_is_said(profile: Profile, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file.* can't be written.*PROFILE_CHAT_HOME"):
        build_index(profile, ProfileStore(tmp_path / "file", "ada_lovelace"), HashEmbedder())
    assert (tmp_path / "file").read_text() == ""


# --- a Chroma server ------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real Chroma server on this machine."""
    command = Path(sys.executable).with_name("chroma" + (".exe" if os.name == "nt" else ""))
    port, folder = free_port(), tmp_path_factory.mktemp("server")
    process = subprocess.Popen(
        [str(command), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, "the Chroma server didn't start"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.kill()
        process.wait()


def test_a_chroma_server_is_as_good_as_a_folder(
    profile: Profile, changed: Profile, store: ProfileStore, server: tuple[str, subprocess.Popen[bytes]]
) -> None:
    import chromadb

    url, process = server
    embedder = HashEmbedder()
    build = build_index(profile, store, embedder, server=url)
    assert (build.server, held_titles(store)) == (url, {ENGINE, LOOM})
    calls = embedder.calls
    assert build_index(profile, store, embedder, server=url) == build
    assert embedder.calls == calls
    assert not list(store.folder.rglob("chroma.sqlite3")), "nothing of it is kept in the folder"

    with pytest.raises(RuntimeError):
        build_index(changed, store, HashEmbedder(fails_at=2), server=url)
    assert held_titles(store) == {ENGINE, LOOM}
    build_index(changed, store, embedder, server=url)
    assert held_titles(store) == {ENGINE, LOOM, WOOL}
    last = build_index(profile, store, HashEmbedder("hash/2"), server=url)
    host, _, port = url.removeprefix("http://").partition(":")
    held = chromadb.HttpClient(host=host, port=int(port), settings=_quiet()).list_collections()
    assert len(held) == 4, "the build in use and the one before, two collections each"

    chat = LiveChat(store, profile, last, lambda: HashEmbedder("hash/2"), url)
    assert chat.ask("What is Punched cards for looms about?").citations[0].title == LOOM
    reader = opened(store, last).sentences
    process.kill()
    process.wait()
    for asked in (lambda: reader.similarities(embedder.embed_query("loom"), 3), lambda: opened(store, last)):
        with pytest.raises(UnreachableError) as silent:
            asked()
        assert url in silent.value.message and "chroma run" in silent.value.mend


def test_a_server_that_is_down_is_said_and_the_old_index_stays(profile: Profile, store: ProfileStore) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    old = build_index(profile, store, HashEmbedder())
    with pytest.raises(UnreachableError) as silent:
        build_index(profile, store, HashEmbedder(), server=url)
    assert silent.value.exit_status == 3
    assert str(silent.value).startswith(f"The Chroma server at {url} does not answer: ")
    assert "\n" not in str(silent.value)
    assert store.current() == old
    assert held_titles(store) == {ENGINE, LOOM}


def _quiet() -> Any:
    from chromadb.config import Settings

    return Settings(anonymized_telemetry=False)


def test_passages_of_a_paper_have_stable_and_different_ids(profile: Profile) -> None:
    ids = [passage.id for paper in profile.papers for passage in paper_passages(paper)]
    assert len(set(ids)) == len(ids) == 9
    assert ids == [passage.id for paper in profile.papers for passage in paper_passages(paper)]

"""Where the parts are put together: settings -> a profile, its index, and a chat over both."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from ingest.build import build_index, index_fingerprint, is_current
from ingest.sources import read_profile, shipped_profile_path, source_fingerprint
from rag.clusters import Topic, find_topics, paper_vectors
from rag.embedding import (
    OPENAI_PREFIX,
    Embedder,
    default_embedder,
    load_embedder,
    load_in_background,
)
from rag.errors import InputError
from rag.index import ProfileIndex, load_chroma, open_index
from rag.models import Answer, Explained, Language, Profile, Turn
from rag.pipeline import ProfileChat
from rag.reader import open_reader
from rag.retrieval import Retriever
from rag.settings import Settings
from rag.store import Build, ProfileStore, find_by_source, stored_names
from ui.language_model import open_writer

if TYPE_CHECKING:
    from rag.llm.writer import Writer
    from rag.verifier.reports import CheckReport
    from rag.verifier.verifier import Verifier

Progress = Callable[[int, int], None]


class Chosen(NamedTuple):
    """Which profile is meant: a file to read, or the name of one that is stored."""

    path: Path | None
    name: str | None


def choose_profile(settings: Settings) -> Chosen:
    """The profile that the settings name; the one that ships where they name none.

    Raises:
        InputError: if there is neither a file nor a stored profile of that name.
    """
    wanted = settings.profile
    if wanted is None:
        return Chosen(shipped_profile_path(), None)
    if Path(wanted).exists() or Path(wanted).suffix or "/" in wanted or "\\" in wanted:
        return Chosen(Path(wanted), None)
    shipped = shipped_profile_path(wanted)
    if shipped:
        return Chosen(shipped, None)
    if wanted in stored_names(settings.home):
        return Chosen(None, wanted)
    known = ", ".join(dict.fromkeys(("stefan_kesselheim", *stored_names(settings.home))))
    raise InputError(f"There is no profile {wanted!r}.", f"Give a file, or one of: {known}.")


def load_profile(settings: Settings, owner: str | None = None) -> Profile:
    """The records of the chosen profile, read from its file or from the store."""
    chosen = choose_profile(settings)
    if chosen.path is not None:
        return read_profile(chosen.path, owner)
    assert chosen.name is not None
    store = ProfileStore(settings.home, chosen.name)
    return store.profile(_build_in_use(store, chosen.name))


def earlier_profile(settings: Settings) -> Profile | None:
    """The chosen profile as the build before the current one had it; None where none is kept that differs."""
    now = load_profile(settings)
    return ProfileStore(settings.home, now.name).earlier(now)


def _build_in_use(store: ProfileStore, name: str) -> Build:
    build = store.current()
    if build is None:
        raise InputError(f"The profile {name} has no index.", "Run `profile-chat ingest FILE`.")
    return build


def embedder_name(settings: Settings) -> str:
    """The embedder that the settings name, 'auto' resolved."""
    return default_embedder() if settings.embedder == "auto" else settings.embedder


def load_chosen_embedder(settings: Settings) -> Embedder:
    """The embedder that the settings name."""
    return load_embedder(embedder_name(settings), settings.home / "models", **_endpoint(settings))


def ingest(
    settings: Settings,
    path: Path | None,
    owner: str | None,
    progress: Progress | None = None,
    *,
    rebuild: bool = False,
) -> tuple[Profile, Build]:
    """Reads a profile and builds its index.

    Args:
        settings: which embedder and store; which profile where `path` is None.
        path: a file to read.
        owner: whose profile a bibliography is.
        progress: called with (passages embedded, passages in all).
        rebuild: build the index even if it is up to date.

    Raises:
        ProfileChatError: if the file, the model or the store can't be used; what was stored before stays.
    """
    profile = read_profile(path, owner) if path else load_profile(settings, owner)
    store = ProfileStore(settings.home, profile.name)
    build = build_index(
        profile,
        store,
        load_chosen_embedder(settings),
        server=settings.chroma_url,
        progress=progress,
        rebuild=rebuild,
    )
    return profile, build


def open_in_folder(profile: Profile, embedder: Embedder, home: Path, progress: Progress | None) -> ProfileChat:
    """A chat over `profile` with its index in the folder `home`, for benchmarks."""
    store = ProfileStore(home, profile.name)
    build = build_index(profile, store, embedder, progress=progress)
    index = open_index(store.index_folder(build), build.rows, None, build.prefix)
    return _chat(profile, index, embedder, store.build_folder(build))


def _chat(
    profile: Profile, index: ProfileIndex, embedder: Embedder, folder: Path, writer: Writer | None = None
) -> ProfileChat:
    retriever = Retriever(profile, index, embedder)
    return ProfileChat(profile, retriever, open_reader(retriever, embedder, folder), writer=writer)


def open_chat(settings: Settings, progress: Progress | None = None, *, rebuild: bool = False) -> LiveChat:
    """A chat over the chosen profile; its index is built first where it is missing or out of date.

    Args:
        settings: which profile, embedder, store.
        progress: called with (passages embedded, passages in all) while an index is built.
        rebuild: build the index even if it is up to date.

    Raises:
        ProfileChatError: if the profile, the model or the store can't be used.
    """
    # The embedder loads while the profile and the index are opened: together they cost as much as the longer.
    waiting = load_in_background(embedder_name(settings), settings.home / "models", **_endpoint(settings))
    store, profile, build = _ready(settings, waiting.result, progress, rebuild)
    verifier = cache(lambda: open_verifier(settings))
    writer = open_writer(settings, verifier)
    if writer is not None:
        Thread(target=writer.load, daemon=True).start()
    return LiveChat(store, profile, build, waiting.result, settings.chroma_url, verifier, writer)


def open_retriever(settings: Settings, progress: Progress | None = None) -> Retriever:
    """Retrieval alone over the chosen profile, for programs that make answers of their own; see `open_chat`."""
    waiting = load_in_background(embedder_name(settings), settings.home / "models", **_endpoint(settings))
    store, profile, build = _ready(settings, waiting.result, progress, rebuild=False)
    index = open_index(store.index_folder(build), build.rows, settings.chroma_url, build.prefix)
    return Retriever(profile, index, waiting.result())


def open_verifier(settings: Settings) -> Verifier:
    """The verifier; with another embedder than e5 it compares words, and its `without_model` says so."""
    from rag.verifier.verifier import Verifier

    name = embedder_name(settings)
    if name != "e5":
        return Verifier.by_words(f"The embedder is {name}; the verifier's model reads with e5.")
    return Verifier.open(settings.home / "models")


def _by_words() -> Verifier:
    from rag.verifier.verifier import Verifier

    return Verifier.by_words("No model was chosen.")


class _Endpoint(TypedDict):
    api_key: str | None
    base_url: str | None
    timeout: float


def _endpoint(settings: Settings) -> _Endpoint:
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else None
    return {"api_key": key, "base_url": settings.openai_base_url, "timeout": settings.timeout}


def _ready(
    settings: Settings, embedder: Callable[[], Embedder], progress: Progress | None, rebuild: bool
) -> tuple[ProfileStore, Profile, Build]:
    chosen = choose_profile(settings)
    if chosen.path is None:
        assert chosen.name is not None
        store = ProfileStore(settings.home, chosen.name)
        _build_in_use(store, chosen.name)
    else:
        name = find_by_source(settings.home, source_fingerprint(chosen.path))
        if name is None:
            profile = read_profile(chosen.path)
            store = ProfileStore(settings.home, profile.name)
            return (
                store,
                profile,
                build_index(profile, store, embedder(), server=settings.chroma_url, progress=progress, rebuild=rebuild),
            )
        store = ProfileStore(settings.home, name)
    build = store.current()
    assert build is not None
    profile = store.profile(build)
    load_chroma()  # needed in any case, and the embedder is still being loaded
    identity = _identity(settings, build, embedder)
    if rebuild or not is_current(store, index_fingerprint(profile, identity, settings.chroma_url)):
        if chosen.path is not None:
            profile = read_profile(chosen.path, _chosen_owner(profile))
        build = build_index(profile, store, embedder(), server=settings.chroma_url, progress=progress, rebuild=rebuild)
    return store, profile, build


def _chosen_owner(profile: Profile) -> str | None:
    """Whom the user named as the owner of a bibliography, None where nobody was named."""
    guessed = any(finding.code == "owner_guessed" for finding in profile.findings)
    return None if guessed else profile.person


def _identity(settings: Settings, build: Build, embedder: Callable[[], Embedder]) -> str:
    """The embedder's identity. An endpoint is asked for its own only when the index isn't its."""
    name = embedder_name(settings)
    if name.startswith(OPENAI_PREFIX) and name.removeprefix(OPENAI_PREFIX) in build.embedder:
        return build.embedder
    return embedder().identity


class LiveChat:
    """A chat that goes on with the new index once another process has put one in use.

    Args:
        store: the profile's builds.
        profile: the records of `build`.
        build: the build to open.
        embedder: gives the embedder, waiting for it if need be.
        server: address of a Chroma server, None for the store in a folder.
        verifier: opens the verifier, once a text is to be checked; None compares words.
        writer: words answers with a language model; None quotes.
    """

    def __init__(
        self,
        store: ProfileStore,
        profile: Profile,
        build: Build,
        embedder: Callable[[], Embedder],
        server: str | None,
        verifier: Callable[[], Verifier] | None = None,
        writer: Writer | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._server = server
        self._open_verifier = verifier or _by_words
        self._writer = writer
        self._verifier: Verifier | None = None
        self._opening = Lock()
        stamp = store.stamp()
        self._stamp = stamp if store.current() == build else -1  # else another build came in between
        self._chat = self._open(profile, build)

    @property
    def profile(self) -> Profile:
        """The records as the current build has them."""
        return self._current().profile

    @property
    def model(self) -> str | None:
        """The language model that words answers, '?' until its server is asked for its name; None without one."""
        return (self._writer.model.name or "?") if self._writer else None

    @property
    def sends_to(self) -> str | None:
        """Where questions and passages are sent; None where they stay on this machine."""
        return f"{self.model} at {self._writer.model.settings.address}" if self._writer else None

    def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """See `ProfileChat.ask`."""
        return self._current().ask(question, history)

    def stream(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Explained, None]:
        """See `ProfileChat.stream`."""
        return self._current().stream(question, history)

    def explain(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """See `ProfileChat.explain`."""
        return self._current().explain(question, history)

    def quote(self, question: str, history: Sequence[Turn] = ()) -> Explained:
        """See `ProfileChat.quote`."""
        return self._current().quote(question, history)

    def examples(self, language: Language = "en") -> tuple[str, ...]:
        """See `ProfileChat.examples`."""
        return self._current().examples(language)

    def topics(self) -> tuple[Topic, ...]:
        """The papers grouped by likeness; see `rag.clusters`."""
        self._current()
        return find_topics(self.profile.papers, paper_vectors(self.profile.papers, self._index))

    def check(self, text: str) -> CheckReport:
        """Every sentence of `text` against the profile; see `Verifier.check_text`."""
        with self._opening:
            if self._verifier is None:
                self._verifier = self._open_verifier()
        return self._verifier.check_text(text, self.profile)

    def _current(self) -> ProfileChat:
        stamp = self._store.stamp()
        build = self._store.current() if stamp != self._stamp else None
        if build:
            self._chat = self._open(self._store.profile(build), build)
            self._stamp = stamp
        return self._chat

    def _open(self, profile: Profile, build: Build) -> ProfileChat:
        self._index = open_index(self._store.index_folder(build), build.rows, self._server, build.prefix)
        return _chat(profile, self._index, self._embedder(), self._store.build_folder(build), self._writer)

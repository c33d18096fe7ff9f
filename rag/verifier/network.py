"""Runs the verifier's network: (claim, sentences) to probabilities of supported, contradicted, not said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedders.runner import session_options
from rag.errors import DamagedModelError, ProfileChatError
from rag.verifier.packing import choose, likeness, worth
from rag.verifier.reader import Floats, Reader

LONGEST = 160
"""Pieces of claim and sentences together."""
MOST = 3
"""Sentences that a claim is read with."""
_BATCH_PIECES = 2048
_MODEL = "verifier.onnx"
_FACTS = "verifier.json"


class Network:
    """The network, ready to run.

    Args:
        models_dir: see `rag.verifier.reader.Reader`.
        content: another upper half than the one that ships, to compare with.

    Raises:
        SettingError, DamagedModelError, StorageError: a part is missing or isn't what it should be.
    """

    def __init__(self, models_dir: Path, content: bytes | None = None) -> None:
        import onnxruntime

        content = model_bytes() if content is None else content
        self._reader = Reader(models_dir)
        self._session = onnxruntime.InferenceSession(content, session_options(), providers=["CPUExecutionProvider"])

    def judge(self, pairs: Sequence[tuple[str, Sequence[str]]]) -> Floats:
        """Probabilities (n, 3): supported, contradicted, not said.

        Args:
            pairs: a claim and the sentences of its passages, in order; a claim without sentences is not said.
        """
        texts = list(dict.fromkeys(text for claim, sentences in pairs for text in (claim, *sentences)))
        states = dict(zip(texts, self._reader.read(texts), strict=True))
        joined = [_join(claim, sentences, states) if sentences else None for claim, sentences in pairs]
        found = np.zeros((len(pairs), 3), np.float32)
        found[:, 2] = 1.0
        order = sorted(
            (index for index, one in enumerate(joined) if one is not None),
            key=lambda index: -len(joined[index][0]),  # type: ignore[index]
        )
        at = 0
        while at < len(order):
            longest = len(joined[order[at]][0])  # type: ignore[index]
            group = order[at : at + max(1, _BATCH_PIECES // longest)]
            found[group] = _softmax(self._run([one for index in group if (one := joined[index]) is not None]))
            at += len(group)
        return found

    def forget(self) -> None:
        """Drops the remembered sentences; for measuring."""
        self._reader.forget()

    def likeness(self, claim: str, sentences: Sequence[str]) -> list[float]:
        """See `packing.likeness`."""
        if not sentences:
            return []
        own, *others = self._reader.read([claim, *sentences])
        return _likeness(own, others)

    def _run(self, batch: Sequence[tuple[Floats, NDArray[np.int64], int]]) -> Floats:
        lengths = np.array([len(states) for states, _places, _claim in batch], np.int32)
        longest, width = int(lengths.max()), batch[0][0].shape[1]
        hidden = np.zeros((len(batch), longest, width), np.float32)
        places = np.zeros((len(batch), longest), np.int64)
        for row, (states, own, _claim) in enumerate(batch):
            hidden[row, : len(states)] = states
            places[row, : len(states)] = own
        claims = np.array([claim for _states, _places, claim in batch], np.int32)
        inputs = {"hidden": hidden, "places": places, "lengths": lengths, "claims": claims}
        (logits,) = self._session.run(None, inputs)
        return np.asarray(logits, np.float32)


def model_bytes() -> bytes:
    """The file that ships, its hash checked.

    Raises:
        DamagedModelError: it is missing or isn't what it should be.
    """
    folder = files("rag.verifier") / "data"
    mend = "Install profile-chat again (pip install --force-reinstall profile-chat)."
    try:
        content = (folder / _MODEL).read_bytes()
        facts = json.loads((folder / _FACTS).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedModelError(f"The verifier's model can't be read ({error}).", mend) from error
    found = hashlib.sha256(content).hexdigest()
    if found != facts.get("sha256"):
        raise DamagedModelError(f"The verifier's model has sha256 {found[:8]}…, not what its card says.", mend)
    return content


def open_network(models_dir: Path) -> tuple[Network | None, str]:
    """The network and "", or None and why there is none: the verifier then compares words instead."""
    try:
        return Network(models_dir), ""
    except ProfileChatError as error:
        return None, str(error)


def _likeness(claim: Floats, sentences: Sequence[Floats]) -> list[float]:
    return likeness(claim.mean(axis=0), np.stack([states.mean(axis=0) for states in sentences]))


def _join(claim: str, sentences: Sequence[str], states: dict[str, Floats]) -> tuple[Floats, NDArray[np.int64], int]:
    """States and places side by side, the claim's first; sentences without their end marks."""
    own = states[claim]
    lengths = [len(states[sentence]) - 1 for sentence in sentences]
    worths = worth(claim, sentences, _likeness(own, [states[sentence] for sentence in sentences]))
    chosen = choose(worths, lengths, LONGEST - len(own), MOST)
    parts = [own, *(states[sentences[index]][:-1] for index in chosen)]
    places = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return np.concatenate(parts)[:LONGEST], places[:LONGEST], len(own)


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares

"""Writes what `rag/reader.py` reads: `layers.onnx` (8-bit) and `weights.npz`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evals.reader_training.batches import Scaling
from evals.reader_training.calibration import Formula
from evals.reader_training.examples import HEADS, Level
from rag.embedders.graph import Dense, Layer, build_joint, layer_from
from rag.errors import StorageError

GRAPH, WEIGHTS = "layers.onnx", "weights.npz"
_LAYER: Final = "layer"
_TOLD: Final = ("match_in", "match_out")
"""What is made of a piece's matches; the graph holds it, in front of the layers."""

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Fitted:
    """What is fitted beside the network for each level: its Platt scaling, and the formula that stands in for
    it where the embedder gives no states."""

    platt: Mapping[Level, Formula]
    from_scores: Mapping[Level, Formula]


def weights_of(arrays: Arrays, scaling: Scaling, fitted: Fitted) -> dict[str, NDArray[np.float32]]:
    """What `weights.npz` holds.

    Args:
        arrays: see `network.first_tensors`; what the graph holds is left out.
        scaling: the features' means and spreads; the formula's inputs are scaled by them too.
        fitted: calibration and fallback.
    """
    in_graph = (_LAYER, *_TOLD)
    weights: dict[str, ArrayLike] = {name: array for name, array in arrays.items() if not name.startswith(in_graph)}
    for level, head in HEADS.items():
        weights |= {
            f"{head}_feature_mean": scaling.features[level].mean,
            f"{head}_feature_spread": scaling.features[level].spread,
            f"{head}_calibration": [*fitted.platt[level].weights, fitted.platt[level].bias],
            f"{head}_score_weights": fitted.from_scores[level].weights,
            f"{head}_score_bias": [fitted.from_scores[level].bias],
        }
    return {name: np.asarray(values, np.float32) for name, values in weights.items()}


def layers_of(arrays: Arrays) -> tuple[Layer, ...]:
    """The encoder layers among `arrays`, lowest first."""
    count = len({name.split(".")[0] for name in arrays if name.startswith(_LAYER)})
    return tuple(layer_from(arrays, f"{_LAYER}{number}") for number in range(count))


def told_of(arrays: Arrays) -> tuple[Dense, Dense]:
    """The two layers among `arrays` that turn a piece's matches into what is added to its state."""
    first, second = (Dense(arrays[name], arrays[f"{name}_bias"]) for name in _TOLD)
    return first, second


def write_reader(
    folder: Path, arrays: Arrays, heads: int, epsilon: float, scaling: Scaling, fitted: Fitted
) -> dict[str, str]:
    """Writes both files to `folder`, which is made where it is missing.

    Returns:
        Each file's sha256.

    Raises:
        StorageError: the folder can't be written.
    """
    graph = build_joint(len(scaling.question_mean), heads, epsilon, layers_of(arrays), told_of(arrays))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / GRAPH).write_bytes(graph)
        with (folder / WEIGHTS).open("wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **weights_of(arrays, scaling, fitted))
    except OSError as error:
        raise StorageError(
            f"{folder} can't be written ({error.strerror}).", "Name another folder with --out."
        ) from error
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (GRAPH, WEIGHTS)}

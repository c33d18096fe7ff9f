"""Trained tensors to the ONNX file that the product runs, with its hash beside it."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedders.graph import dense_from, layer_from
from rag.verifier.graph import Head, build_upper

HEADS, EPSILON = 12, 1e-12

Arrays = Mapping[str, NDArray[np.float32]]


def to_graph(arrays: Arrays, first: int, last: int, *, exact: bool = False) -> bytes:
    """The upper half as a serialised model.

    Args:
        arrays: see `encoder.upper_tensors`.
        first: number of its lowest layer.
        last: one past its highest.
        exact: keep float32, to compare the 8-bit file with.
    """
    layers = [layer_from(arrays, f"layer{number}") for number in range(first, last)]
    head = Head(
        arrays["marks"], float(arrays["sharpness"][0]), dense_from(arrays, "compare"), dense_from(arrays, "head")
    )
    return build_upper(layers, head, HEADS, EPSILON, exact=exact)


def write_model(content: bytes, folder: Path, facts: Mapping[str, object]) -> str:
    """Writes `verifier.onnx` and `verifier.json` to `folder`; the file's sha256."""
    found = hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "verifier.onnx").write_bytes(content)
    text = json.dumps({"sha256": found, "bytes": len(content), **facts}, indent=1)
    (folder / "verifier.json").write_text(text + "\n", encoding="utf-8")
    return found


def mean_of(several: Sequence[Arrays]) -> dict[str, NDArray[np.float32]]:
    """Mean of the weights of one run's stages: Wortsman et al., "Model soups" (ICML 2022)."""
    names = several[0]
    return {name: np.mean([arrays[name] for arrays in several], axis=0).astype(np.float32) for name in names}


def main() -> None:
    """Writes the 8-bit file with its facts, and if asked the float32 one."""
    parser = argparse.ArgumentParser(prog="python -m evals.verifier_training.export")
    parser.add_argument("weights", type=Path, nargs="+", help="what training wrote; several are averaged")
    parser.add_argument("--out", type=Path, default=Path("rag/verifier/data"))
    parser.add_argument("--exact", type=Path, help="where to write the float32 file")
    options = parser.parse_args()
    arrays = mean_of([dict(np.load(path)) for path in options.weights])
    layers = sorted({int(name[5:].split(".")[0]) for name in arrays if name.startswith("layer")})
    first, last = layers[0], layers[-1] + 1
    found = write_model(to_graph(arrays, first, last), options.out, {"layers": [first, last]})
    sys.stdout.write(f"{found}\n")
    if options.exact:
        options.exact.write_bytes(to_graph(arrays, first, last, exact=True))


if __name__ == "__main__":
    main()

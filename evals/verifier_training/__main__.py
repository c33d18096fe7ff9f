"""`python -m evals.verifier_training --data DIR --minutes N --out weights.npz`; see `README.md`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch  # type: ignore[import-not-found, unused-ignore]

from evals.verifier_training import encoder as model
from evals.verifier_training.bases import e5_base
from evals.verifier_training.features import Features
from evals.verifier_training.mixture import Mixture, all_sets
from evals.verifier_training.train import train

LOWER, LAST = 6, 10
"""Layers 0 to 5 of multilingual-e5-small read a sentence alone, 6 to 9 claim and sentences; 10 and 11 are
left out."""


def main() -> None:
    """Trains and writes the upper half's tensors."""
    parser = argparse.ArgumentParser(prog="python -m evals.verifier_training")
    parser.add_argument("--data", type=Path, required=True, help="folder with nli/, scifact/, cacm/ …")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--start", type=Path, help="go on from these weights")
    parser.add_argument("--mixed-from", type=float, default=0.0, help="where in the mixture to begin, 0 to 1")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    base, vocabulary = e5_base()
    features = Features(base, vocabulary, LOWER)
    tensors = model.upper_tensors(base, LOWER, LAST, options.seed)
    if options.start:
        tensors = {name: torch.from_numpy(array) for name, array in np.load(options.start).items()}
    sizes = model.Sizes(LOWER, LAST, base.encoder.heads, base.encoder.epsilon)
    mixture = Mixture(all_sets(options.data, options.seed), options.seed)

    def save() -> None:
        np.savez(options.out, allow_pickle=False, **model.to_arrays(tensors))

    steps, pairs = train(
        tensors, sizes, features, mixture, minutes=options.minutes, rate=options.rate, seed=options.seed,
        after_chunk=save, mixed_from=options.mixed_from,
    )  # fmt: skip
    save()
    sys.stdout.write(f"{steps} steps, {pairs} pairs, written to {options.out}\n")


if __name__ == "__main__":
    main()

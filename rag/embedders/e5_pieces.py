"""The tokenizer, word table and positions of multilingual-e5-small in a folder of derived files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.embedders.cache import Cache, npy
from rag.embedders.e5_weights import BLOCK, BLOCK_BYTES, WeightsFile
from rag.embedders.files import stamp
from rag.embedders.pieces import PieceTable, PieceTokenizer


class PieceFiles(NamedTuple):
    """What is read back: tokenizer, numbers of the begin and end marks, and the word table's 4-bit rows."""

    tokenizer: PieceTokenizer
    begin: int
    end: int
    words: NDArray[np.uint8]


def open_pieces(cache: Cache, weights: Path) -> PieceFiles:
    """The pieces that `pieces_to_keep` wrote to `cache`; the word table stays in the file `weights`."""
    facts = cache.facts
    table = PieceTable(*(np.load(cache.path(f"{part}.npy"), "r") for part in ("keys", "numbers", "scores")))
    replacements = json.loads(cache.path("replacements.json").read_text("utf-8"))
    tokenizer = PieceTokenizer(
        table,
        facts["unknown"],
        facts["lowest"],
        {int(point): text for point, text in replacements.items()},
    )
    words = np.memmap(weights, np.uint8, "r", facts["words_offset"], tuple(facts["words_shape"]))
    return PieceFiles(tokenizer, facts["begin"], facts["end"], words)


def pieces_to_keep(
    weights: WeightsFile, path: Path, longest: int | None = None
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Files and facts for `rag.embedders.cache.write_cache`.

    Args:
        weights: the weights file.
        path: where it is.
        longest: how many positions are kept; None for all.
    """
    # Imported here, since only the first start builds.
    from rag.embedders.e5_encoder import piece_texts
    from rag.embedders.pieces import build_table

    shape, pieces = weights.shape, weights.pieces
    table = build_table(piece_texts(pieces), pieces.scores)
    types = weights.floats("emb.type").reshape(-1, shape.width)
    positions = weights.floats("emb.pos").reshape(shape.positions, shape.width)[:longest] + types[0]
    replacements = {point: "".join(map(chr, to)) for point, to in pieces.replacements.items()}
    files = {
        "keys.npy": npy(table.keys),
        "numbers.npy": npy(table.numbers),
        "scores.npy": npy(table.scores),
        "positions.npy": npy(positions),
        "replacements.json": json.dumps(replacements).encode(),
    }
    facts = {
        "weights": stamp(path),
        "words_offset": weights.offset("emb.word"),
        "words_shape": [shape.vocabulary, shape.width // BLOCK, BLOCK_BYTES],
        "begin": pieces.begin,
        "end": pieces.end,
        "unknown": pieces.unknown,
        "lowest": float(pieces.scores.min()),
    }
    return files, facts

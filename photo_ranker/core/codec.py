"""Numbers as bytes: arrays in records are little-endian float16; JSON has them as base64."""

from __future__ import annotations

from collections.abc import Sequence
from io import FileIO
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from photo_ranker.core.terminal import command
from photo_ranker.errors import MetadataError

__all__ = ["decode_array", "decode_rows", "decode_unit_rows", "encode_array", "mapped", "unit_rows"]

Floats = NDArray[np.float32]

_BLOCK = 1024
"""Embeddings decoded at once: few enough to stay in the processor's cache."""


def encode_array(values: NDArray[np.floating[Any]]) -> bytes:
    """One array as little-endian float16."""
    return values.astype("<f2").tobytes()


def decode_array(stored: bytes) -> Floats:
    """The array that :func:`encode_array` wrote, as float32."""
    return np.frombuffer(stored, "<f2").astype(np.float32)


def decode_unit_rows(*networks: Sequence[bytes]) -> Floats:
    """Embeddings as the rows of a matrix, each of unit length; those of several networks are concatenated per face."""
    count = len(networks[0])
    if not count:
        return np.zeros((0, 0), np.float32)
    widths = [_width(network) for network in networks]
    rows = np.empty((count, sum(widths)), np.float32)
    for start in range(0, count, _BLOCK):
        block, end = slice(start, start + _BLOCK), 0
        for network, width in zip(networks, widths, strict=True):
            end += width
            # Written into place: concatenating the halves first and then converting them takes a third longer.
            rows[block, end - width : end] = _matrix(network[block])
        _make_unit(rows[block])
    return rows


def decode_rows(stored: Sequence[bytes]) -> NDArray[np.float16]:
    """Many embeddings of one length as the rows of a matrix, as they are stored."""
    _width(stored)
    return _matrix(stored)


def unit_rows(stored: NDArray[np.float16]) -> Floats:
    """Stored embeddings, each of unit length."""
    rows = stored.astype(np.float32)
    _make_unit(rows)
    return rows


def mapped(file: FileIO, dtype: DTypeLike, shape: tuple[int, ...], offset: int = 0) -> NDArray[Any]:
    """An array over a part of a file, which is read only where it is used."""
    # A plain array over the map, since numpy.memmap costs microseconds at every slice.
    return np.memmap(file, dtype, "r", offset, shape).view(np.ndarray)


def _width(stored: Sequence[bytes]) -> int:
    """How many numbers each embedding has."""
    if len(lengths := set(map(len, stored))) != 1 or 0 in lengths or min(lengths) % 2:
        raise MetadataError(
            "the stored identities of faces are damaged: they are not of one length",
            f"{command('index', 'DIR')} measures the photos of a damaged metadata file anew",
        )
    return lengths.pop() // 2


def _matrix(stored: Sequence[bytes]) -> NDArray[np.float16]:
    return np.frombuffer(b"".join(stored), "<f2").reshape(len(stored), -1)


def _make_unit(rows: Floats) -> None:
    # Rounding to float16 leaves lengths within 1e-3 of 1, but a dot product is a cosine only at length 1.
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12)[:, None]

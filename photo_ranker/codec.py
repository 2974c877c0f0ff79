"""Numbers as bytes: arrays in records are little-endian float16; JSON has them as base64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photo_ranker.errors import MetadataError
from photo_ranker.terminal import command

__all__ = ["decode_array", "decode_rows", "decode_unit_rows", "encode_array", "unit_rows"]

Floats = NDArray[np.float32]

_BLOCK = 1024
"""Rows turned into float32 at once: they stay in the processor's cache."""


def encode_array(values: NDArray[np.floating[Any]]) -> bytes:
    """One array as little-endian float16."""
    return values.astype("<f2").tobytes()


def decode_array(stored: bytes) -> Floats:
    """The array that :func:`encode_array` wrote, as float32."""
    return np.frombuffer(stored, "<f2").astype(np.float32)


def decode_unit_rows(*networks: Sequence[bytes]) -> Floats:
    """Many embeddings as the unit rows of a matrix; what several networks say of a face stands side by side."""
    if not networks[0]:
        return np.zeros((0, 0), np.float32)
    return unit_rows(*map(decode_rows, networks))


def decode_rows(stored: Sequence[bytes]) -> NDArray[np.float16]:
    """Many embeddings of one length as the rows of a matrix, as they are stored."""
    if len(lengths := set(map(len, stored))) != 1 or 0 in lengths or lengths.pop() % 2:
        raise MetadataError(
            "the stored identities of faces are damaged: they are not of one length",
            f"{command('index', 'DIR')} measures the photos of a damaged metadata file anew",
        )
    return np.frombuffer(b"".join(stored), "<f2").reshape(len(stored), -1)


def unit_rows(*stored: NDArray[np.float16]) -> Floats:
    """Stored embeddings, side by side and each of unit length."""
    rows = np.empty((len(stored[0]), sum(part.shape[1] for part in stored)), np.float32)
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        part = np.concatenate([one[block] for one in stored], axis=1, out=rows[block])
        # Half precision leaves lengths within 1e-3 of 1; cosines are wanted exact.
        part /= np.maximum(np.sqrt(np.einsum("ij,ij->i", part, part)), 1e-12)[:, None]
    return rows

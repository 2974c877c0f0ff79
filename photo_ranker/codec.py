"""Numbers as text: arrays in the metadata file are base64 of little-endian float16."""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_array", "decode_rows", "decode_unit_rows", "encode_array", "unit_rows"]

Floats = NDArray[np.float32]


def encode_array(values: NDArray[np.floating[Any]]) -> str:
    """One array as base64 of little-endian float16."""
    return b64encode(values.astype("<f2").tobytes()).decode("ascii")


def decode_array(text: str) -> Floats:
    """The array that :func:`encode_array` wrote, as float32."""
    return np.frombuffer(a2b_base64(text), "<f2").astype(np.float32)


def decode_unit_rows(texts: Sequence[str]) -> Floats:
    """Many embeddings of one length as the rows of a matrix, each of unit length."""
    if not texts:
        return np.zeros((0, 0), np.float32)
    return unit_rows(decode_rows(texts))


def decode_rows(texts: Sequence[str]) -> NDArray[np.float16]:
    """Many embeddings of one length as the rows of a matrix, as they are stored."""
    return np.frombuffer(b"".join(map(a2b_base64, texts)), "<f2").reshape(len(texts), -1)


def unit_rows(stored: NDArray[np.float16]) -> Floats:
    """Stored embeddings, each of unit length."""
    rows = stored.astype(np.float32)
    # Half precision leaves lengths within 1e-3 of 1; cosines are wanted exact.
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12)[:, None]
    return rows

"""Numbers as text: arrays in the metadata file are base64 of little-endian float16."""

from __future__ import annotations

from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_array", "decode_unit_rows", "encode_array"]

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
    raw = b"".join(map(a2b_base64, texts))
    rows = np.frombuffer(raw, "<f2").reshape(len(texts), -1).astype(np.float32)
    # Half precision leaves lengths within 1e-3 of 1; cosines are wanted exact.
    rows /= np.maximum(np.sqrt(np.einsum("ij,ij->i", rows, rows)), 1e-12)[:, None]
    return rows

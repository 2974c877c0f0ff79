"""Describes how a face looks by two numbers: small convolutional networks on the mesh network's inner map.

The mesh network has learnt how lips, lids and cheeks move; its last map of 8 x 8 holds more of that than its outputs.
The first says how much raters would prefer the face, the second whether something stands before it. The weights are
in :data:`WEIGHTS`, made by ``python -m bench.fit_look DATA`` and ``python -m bench.fit_hidden DATA``. New weights need
a new file name, which is part of the key of stored results.
"""

from __future__ import annotations

import hashlib
import struct
from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

from photo_ranker.errors import ModelUnavailable

__all__ = ["CHANNELS", "LAYERS", "PREPARED_SHA256", "SIDE", "WEIGHTS", "LookNetwork", "windows", "with_inner_map"]

WEIGHTS = ("look-2.npz", "hidden-1.npz")
"""Files in this package, one for each number."""
LAYERS = ("points", "middle", "wide", "last")
"""A 1 x 1 convolution, two of 3 x 3 that halve the map, and a dense layer; each array holds several networks."""

Floats = NDArray[np.float32]


class LookNetwork:
    """The networks behind all numbers."""

    def __init__(self) -> None:
        self._networks = [_Networks(name) for name in WEIGHTS]

    def numbers(self, inner: Floats) -> Floats:
        """The numbers for the map of one face, of shape side x side x channels."""
        return np.concatenate([networks.number(inner) for networks in self._networks])


class _Networks:
    """Several networks of the same shape, fitted from different starts; their results are averaged."""

    def __init__(self, name: str) -> None:
        with files("photo_ranker.models").joinpath(name).open("rb") as file, np.load(file) as stored:
            self._weights = {name: stored[name].astype(np.float32) for name in stored.files}

    def number(self, inner: Floats) -> Floats:
        side, _, channels = inner.shape
        seen = np.maximum(self._layer("points", inner.reshape(1, side * side, channels)), 0)
        for name in LAYERS[1:3]:
            seen = np.maximum(self._layer(name, windows(seen.reshape(len(seen), side, side, -1))), 0)
            side //= 2
        return cast("Floats", self._layer("last", seen.reshape(len(seen), 1, -1))[:, 0].mean(axis=0))

    def _layer(self, name: str, seen: Floats) -> Floats:
        return cast("Floats", seen @ self._weights[name] + self._weights[f"{name}_start"][:, None])


def windows(maps: Floats) -> Floats:
    """Every second 3 x 3 window of each map as a row, padded with 0 at the far edges."""
    count, rows, columns, channels = maps.shape
    around = np.zeros((count, rows + 1, columns + 1, channels), np.float32)
    around[:, :rows, :columns] = maps
    shifted = [
        around[:, down : down + rows : 2, across : across + columns : 2] for down in range(3) for across in range(3)
    ]
    return np.concatenate(shifted, axis=-1).reshape(count, -1, 9 * channels)


# Makes the inner map of the mesh network an output of its model, which as published only gives points.
#
# A LiteRT model is a FlatBuffer: tables whose fields point to vectors by offsets. A longer list of outputs is
# appended, and the offset is changed to point to it; all other bytes stay the same.


SIDE, CHANNELS = 8, 128
"""Shape of the map: side x side x channels."""
_TENSOR = 408
"""The last activation of 8 x 8 x 128 in ``face_landmarks_detector.tflite``: fine enough for lips and lids."""

PREPARED_SHA256 = "5df8ee56dda7ffdce355a913374dbef6d2ed6f4dd87bded068b8b370c3667847"
"""SHA-256 of the changed model; another version of the file would have its maps elsewhere."""

_SUBGRAPHS, _OUTPUTS = 2, 2
"""Field numbers in the tables ``Model`` and ``SubGraph`` of LiteRT's schema."""


def with_inner_map(content: bytes) -> bytes:
    """The model with its inner map as the last output."""
    prepared = _with_output(content, _TENSOR)
    if hashlib.sha256(prepared).hexdigest() != PREPARED_SHA256:
        raise ModelUnavailable("the face mesh network is not the one that is known", "fetch its file anew")
    return prepared


def _with_output(content: bytes, tensor: int) -> bytes:
    model = bytearray(content)
    model += bytes(-len(model) % 4)
    graphs = _target(model, _field(model, _target(model, 0), _SUBGRAPHS))
    outputs = _field(model, _target(model, graphs + 4), _OUTPUTS)
    old = _target(model, outputs)
    tensors = struct.unpack_from(f"<{_number(model, old)}i", model, old + 4)
    struct.pack_into("<I", model, outputs, len(model) - outputs)
    return bytes(model + struct.pack(f"<I{len(tensors) + 1}i", len(tensors) + 1, *tensors, tensor))


def _field(model: bytearray, table: int, number: int) -> int:
    """The offset of a field of a table: the table begins with the distance back to its list of fields."""
    places: int = table - struct.unpack_from("<i", model, table)[0]
    place: int = struct.unpack_from("<H", model, places + 4 + 2 * number)[0]
    return table + place


def _target(model: bytearray, offset: int) -> int:
    """Where an offset points to; offsets count from their own place."""
    return offset + _number(model, offset)


def _number(model: bytearray, place: int) -> int:
    found: int = struct.unpack_from("<I", model, place)[0]
    return found

"""Describes how a face looks by a few numbers: a small convolutional network on the mesh network's inner map.

The mesh network has learnt how lips, lids and cheeks move; its last map of 8 x 8 holds more of that than its outputs.
The weights are in :data:`WEIGHTS`, made by ``python -m bench.fit_look DATA``. New weights need a new file name, which
is part of the key of stored results.
"""

from __future__ import annotations

from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAYERS", "WEIGHTS", "LookNetwork", "windows"]

WEIGHTS = "look-2.npz"
"""File in this package."""
LAYERS = ("points", "middle", "wide", "last")
"""A 1 x 1 convolution, two of 3 x 3 that halve the map, and a dense layer; each array holds several networks."""

Floats = NDArray[np.float32]


class LookNetwork:
    """Several networks of the same shape, fitted from different starts; their results are averaged."""

    def __init__(self) -> None:
        with files("photo_ranker.models").joinpath(WEIGHTS).open("rb") as file, np.load(file) as stored:
            self._weights = {name: stored[name].astype(np.float32) for name in stored.files}

    def numbers(self, inner: Floats) -> Floats:
        """The result for the map of one face, of shape side x side x channels."""
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

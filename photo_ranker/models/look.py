"""How a face looks, in a few numbers: a small convolutional network over the inner map of the mesh network.

The mesh network has learnt what lips, lids and cheeks do; its last map of 8 x 8 knows more of it than the points and
expressions that come out. The weights lie in :data:`WEIGHTS`; ``python -m bench.fit_look DATA`` makes them anew.
New ones measure otherwise: give their file a new name, which is part of the key.
"""

from __future__ import annotations

from importlib.resources import files
from typing import cast

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAYERS", "WEIGHTS", "LookNetwork", "windows"]

WEIGHTS = "look-2.npz"
LAYERS = ("points", "middle", "wide", "last")
"""1 x 1, twice 3 x 3 that halve the map, and a plain one; each several times over, as there are several networks."""

Floats = NDArray[np.float32]


class LookNetwork:
    """Several networks of one shape, fitted from different starts; what they say is averaged."""

    def __init__(self) -> None:
        with files("photo_ranker.models").joinpath(WEIGHTS).open("rb") as file, np.load(file) as stored:
            self._weights = {name: stored[name].astype(np.float32) for name in stored.files}

    def numbers(self, inner: Floats) -> Floats:
        """What they say of the map of one face, side x side x channels."""
        side, _, channels = inner.shape
        seen = np.maximum(self._layer("points", inner.reshape(1, side * side, channels)), 0)
        for name in LAYERS[1:3]:
            seen = np.maximum(self._layer(name, windows(seen.reshape(len(seen), side, side, -1))), 0)
            side //= 2
        return cast("Floats", self._layer("last", seen.reshape(len(seen), 1, -1))[:, 0].mean(axis=0))

    def _layer(self, name: str, seen: Floats) -> Floats:
        return cast("Floats", seen @ self._weights[name] + self._weights[f"{name}_start"][:, None])


def windows(maps: Floats) -> Floats:
    """Every second window of 3 x 3 of each map as a row, the last ones filled up with 0."""
    count, rows, columns, channels = maps.shape
    around = np.zeros((count, rows + 1, columns + 1, channels), np.float32)
    around[:, :rows, :columns] = maps
    shifted = [
        around[:, down : down + rows : 2, across : across + columns : 2] for down in range(3) for across in range(3)
    ]
    return np.concatenate(shifted, axis=-1).reshape(count, -1, 9 * channels)

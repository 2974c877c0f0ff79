"""Trains a small convolutional network, by plain backpropagation, to value the photo that raters prefer higher."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photo_ranker.models.mesh import MAP_CHANNELS, layers, windows

__all__ = ["VIEWS", "Batch", "Floats", "Weights", "said", "trained"]

Floats = NDArray[np.float32]
Weights = dict[str, Floats]

VIEWS = 2
"""Maps of a face as it is: directly and in a mirror. All others are of the face made smaller."""
WIDTH = 64
EPOCHS, SHEETS_A_STEP = 50, 24
SMALLER = 0.35
"""Share of the faces that are made smaller, so that a network does not take being far away for looking worse."""
RATE, DECAY, DROPPED = 2e-3, 1e-3, 0.5
_NUMBERS = {
    "points": (MAP_CHANNELS, WIDTH),
    "middle": (9 * WIDTH, WIDTH),
    "wide": (9 * WIDTH, WIDTH),
    "last": (4 * WIDTH, 1),
}
"""How many numbers go into each layer, and how many come out."""


@dataclass(frozen=True)
class Batch:
    """Photos of one sheet or of several, and which of them are preferred to which."""

    photos: NDArray[np.int64]
    better: NDArray[np.int64]
    """Numbers in ``photos``."""
    worse: NDArray[np.int64]
    weight: NDArray[np.float64]

    @classmethod
    def of(cls, batches: Sequence[Batch]) -> Batch:
        """Several in one."""
        starts = np.cumsum([0, *(len(batch.photos) for batch in batches)])
        return cls(
            np.concatenate([batch.photos for batch in batches]),
            np.concatenate([batch.better + start for batch, start in zip(batches, starts, strict=False)]),
            np.concatenate([batch.worse + start for batch, start in zip(batches, starts, strict=False)]),
            np.concatenate([batch.weight for batch in batches]),
        )


def trained(maps: Floats, sheets: Sequence[Batch], seed: int, epochs: int = EPOCHS) -> Weights:
    """Weights by pairwise logistic loss; ``maps`` holds several maps of each face, the first :data:`VIEWS` as it is."""
    chance = np.random.default_rng(seed)
    weights = _initial_weights(layers(maps.shape[-2]), chance)
    rule = _Adam(weights, epochs * (len(sheets) // SHEETS_A_STEP))
    for _ in range(epochs):
        order = chance.permutation(len(sheets))
        for start in range(0, len(order) - SHEETS_A_STEP + 1, SHEETS_A_STEP):
            batch = Batch.of([sheets[number] for number in order[start : start + SHEETS_A_STEP]])
            passed = _Pass(weights, _drawn(maps, batch.photos, chance), chance)
            rule.step(weights, passed.slopes(weights, _slopes_of_loss(passed.found, batch)))
    return weights


def _drawn(maps: Floats, photos: NDArray[np.int64], chance: np.random.Generator) -> Floats:
    """One map of each photo, drawn at random."""
    views = chance.integers(0, VIEWS, len(photos))
    if maps.shape[1] > VIEWS:
        smaller = chance.integers(VIEWS, maps.shape[1], len(photos))
        views = np.where(chance.random(len(photos)) < SMALLER, smaller, views)
    return maps[photos, views]


def said(networks: Sequence[Weights], maps: Floats) -> Floats:
    """What the networks say of each face as it is, on average."""
    return np.asarray(np.mean([_judged(net, maps[:, view]) for net in networks for view in range(VIEWS)], axis=0))


def _judged(weights: Weights, maps: Floats) -> Floats:
    return np.concatenate([_Pass(weights, maps[start : start + 256]).found for start in range(0, len(maps), 256)])


def _initial_weights(names: Sequence[str], chance: np.random.Generator) -> Weights:
    weights: Weights = {}
    for name in names:
        many, out = _NUMBERS[name]
        weights[name] = chance.normal(0, np.sqrt(2 / many) * (0.3 if out == 1 else 1), (many, out)).astype(np.float32)
        weights[f"{name}_start"] = np.zeros(out, np.float32)
    return weights


def _slopes_of_loss(found: Floats, batch: Batch) -> Floats:
    margin = found[batch.better] - found[batch.worse]
    each = batch.weight / (1 + np.exp(margin)) / batch.weight.sum()
    slopes = np.zeros(len(found), np.float32)
    np.add.at(slopes, batch.better, -each)
    np.add.at(slopes, batch.worse, each)
    return slopes


class _Pass:
    """One forward pass through the network, which keeps what backpropagation needs."""

    def __init__(self, weights: Weights, maps: Floats, chance: np.random.Generator | None = None) -> None:
        self._seen: list[Floats] = []
        self._open: list[Floats] = []
        """Factors of each layer's result on its way to the next: 0 where it is not above 0 or was dropped."""
        self._side, seen = maps.shape[-2], maps.reshape(len(maps), -1, MAP_CHANNELS)
        self._layers = layers(self._side)[:-1]
        for number, name in enumerate(self._layers):
            if number:
                side = self._side >> (number - 1)
                seen = windows(seen.reshape(len(maps), side, side, -1))
            self._seen.append(seen)
            result = seen @ weights[name] + weights[f"{name}_start"]
            factors = (result > 0).astype(np.float32)
            if chance is not None:
                factors *= (chance.random(result.shape, dtype=np.float32) >= DROPPED) / np.float32(1 - DROPPED)
            self._open.append(factors)
            seen = result * factors
        self._seen.append(seen.reshape(len(maps), -1))
        self.found: Floats = (self._seen[-1] @ weights["last"] + weights["last_start"])[:, 0]

    def slopes(self, weights: Weights, of_found: Floats) -> Weights:
        """The gradient of the loss by each weight, from its gradient by ``found``."""
        back: Floats = of_found[:, None]
        slopes = {"last": self._seen[-1].T @ back, "last_start": back.sum(axis=0)}
        back = (back @ weights["last"].T).reshape(self._open[-1].shape)
        for number, name in reversed(list(enumerate(self._layers))):
            back = back * self._open[number]
            seen = self._seen[number]
            slopes[name] = seen.reshape(-1, seen.shape[-1]).T @ back.reshape(-1, back.shape[-1])
            slopes[f"{name}_start"] = back.sum(axis=(0, 1))
            if number:
                back = _from_windows(back @ weights[name].T, self._side >> (number - 1))
        return slopes


def _from_windows(rows: Floats, side: int) -> Floats:
    """The backward pass of :func:`photo_ranker.models.mesh.windows`: every place gets the sum over its windows."""
    count, _, numbers = rows.shape
    half, channels = side // 2, numbers // 9
    around = np.zeros((count, side + 1, side + 1, channels), np.float32)
    parts = rows.reshape(count, half, half, 9, channels)
    for place in range(9):
        down, across = divmod(place, 3)
        around[:, down : down + side : 2, across : across + side : 2] += parts[..., place, :]
    return around[:, :side, :side].reshape(count, side * side, channels)


class _Adam:
    """Adam with weight decay and a rate that falls along a cosine."""

    def __init__(self, weights: Weights, steps: int) -> None:
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}
        self._steps, self._done = steps, 0

    def step(self, weights: Weights, slopes: Weights) -> None:
        """Change the weights in place."""
        self._done += 1
        rate = RATE * 0.5 * (1 + np.cos(np.pi * self._done / self._steps))
        for name, slope in slopes.items():
            self._mean[name] = 0.9 * self._mean[name] + 0.1 * slope
            self._square[name] = 0.999 * self._square[name] + 0.001 * slope**2
            mean = self._mean[name] / (1 - 0.9**self._done)
            size = np.sqrt(self._square[name] / (1 - 0.999**self._done)) + 1e-8
            weights[name] -= (rate * (mean / size + DECAY * weights[name])).astype(np.float32)

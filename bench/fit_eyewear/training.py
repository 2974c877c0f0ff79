"""Trains the network of photo_ranker/quality/eyewear.py on drawn strips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from numpy.typing import NDArray

from photo_ranker.quality.eyewear import PLANES, STRIP

__all__ = ["trained"]

Weights = dict[str, Any]
_DEPTHS = (8, 16, 24)
_INNER = 24
_EPOCHS = 7
_BATCH = 128
_RATE = 2e-3
_DECAY = 0.01
_DROPPED = 0.3
"""Share of the filters' results that is dropped at random, so that no single spot decides."""
_DOUBT = 0.02
"""Label smoothing: labels are this far from certain."""


def trained(planes: NDArray[np.float16], dark: NDArray[np.float32]) -> Mapping[str, NDArray[np.float16]]:
    """The weights that tell dark strips from bare ones, by their planes."""
    order = np.random.default_rng(0)
    key, weights = jax.random.PRNGKey(100), _initial_weights(jax.random.PRNGKey(0))
    batches = len(planes) // _BATCH
    rule = optax.adamw(optax.cosine_decay_schedule(_RATE, batches * _EPOCHS), weight_decay=_DECAY)
    state = rule.init(weights)

    def step(weights: Weights, state: Any, seen: Any, wanted: Any, key: Any) -> tuple[Weights, Any, Any]:
        lost, slope = jax.value_and_grad(_loss)(weights, seen, wanted, key)
        change, state = rule.update(slope, state, weights)
        return optax.apply_updates(weights, change), state, lost

    compiled = jax.jit(step)
    for epoch in range(_EPOCHS):
        total, shuffled = 0.0, order.permutation(len(planes))
        for batch in np.split(shuffled[: batches * _BATCH], batches):
            key, drop = jax.random.split(key)
            weights, state, lost = compiled(weights, state, planes[batch].astype(np.float32), dark[batch], drop)
            total += float(lost)
        print(f"# epoch {epoch + 1} of {_EPOCHS}: loss {total / batches:.3f}", flush=True)
    return {name: np.asarray(value, np.float16) for name, value in weights.items()}


def _initial_weights(key: Any) -> Weights:
    weights: Weights = {}
    depth = PLANES
    for number, wider in enumerate(_DEPTHS):
        key, part = jax.random.split(key)
        weights[f"filters{number}"] = jax.random.normal(part, (3, 3, depth, wider)) * np.sqrt(2 / (9 * depth))
        weights[f"filters{number}_start"] = jnp.zeros(wider)
        depth = wider
    found = STRIP[0] * STRIP[1] * depth // 4 ** len(_DEPTHS)
    inner, outer = jax.random.split(key)
    weights["inner"] = jax.random.normal(inner, (found, _INNER)) * np.sqrt(2 / found)
    weights["outer"] = jax.random.normal(outer, (_INNER, 1)) * 0.1
    return weights | {"inner_start": jnp.zeros(_INNER), "outer_start": jnp.zeros(1)}


def _loss(weights: Weights, seen: Any, wanted: Any, key: Any) -> Any:
    for number in range(len(_DEPTHS)):
        filters = weights[f"filters{number}"]
        seen = jax.lax.conv_general_dilated(seen, filters, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        seen = jax.nn.relu(seen + weights[f"filters{number}_start"])
        count, rows, columns, depth = seen.shape
        seen = seen.reshape(count, rows // 2, 2, columns // 2, 2, depth).max((2, 4))
    seen = seen.reshape(len(seen), -1)
    seen = seen * jax.random.bernoulli(key, 1 - _DROPPED, seen.shape) / (1 - _DROPPED)
    inner = jax.nn.relu(seen @ weights["inner"] + weights["inner_start"])
    odds = (inner @ weights["outer"] + weights["outer_start"])[:, 0]
    return optax.sigmoid_binary_cross_entropy(odds, wanted * (1 - 2 * _DOUBT) + _DOUBT).mean()

"""Brothers and sisters over the years: is each found without the other?

Real ones are private, so they are made: the photos of two people who look alike are moved towards each other, and each
quarter of a person's photos gets a change of its own, as years bring it. Nothing in the package is fitted on these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.albums import labelled_album
from bench.figures import Figure
from bench.random_albums import made_album
from photo_ranker.codec import Floats
from photo_ranker.person_finder import find_person
from photo_ranker.settings import Settings

__all__ = ["Making", "measure", "pairs_of", "sibling_albums"]

SECTION = "siblings"
SETTINGS = Settings()
PAIRS, OTHERS = 60, 500
LEAST_PHOTOS = 6
YEARS = 4
FLOOR, FLOOR_OF_WORST = 0.95, 0.85
PLAIN_STEP = 1e-9

_Rows = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Making:
    """How two people become siblings."""

    pull: float = 0.2
    """How much of the mean face of the other, of unit length, is added to each photo."""
    change: float = 0.5
    """Length of what is added to all photos of a quarter."""
    seed: int = 0


USUAL = Making()
OTHER_MAKINGS = (Making(seed=1), Making(pull=0.25), Making(change=0.6))
"""Printed beside, without a floor."""


def measure(data: Path) -> Iterator[Figure]:
    """Precision and recall by one reference, of everyone in every pair."""
    lfw = labelled_album(data / "faces_lfw")
    names = [lfw.people[int(lfw.album.owners[face])] for face in lfw.central.tolist()]
    rows = lfw.album.embeddings[lfw.central]
    of_person = {name: rows[[one == name for one in names]] for name in lfw.first}
    yield from _figures(of_person, USUAL, "siblings")
    for making in OTHER_MAKINGS:
        name = f"seed {making.seed}, pull {making.pull}, change {making.change}"
        yield from _figures(of_person, making, name, has_floor=False)


def pairs_of(rows: _Rows, count: int = PAIRS, least: int = LEAST_PHOTOS) -> list[tuple[str, str]]:
    """The people with enough photos who look most alike, nobody twice."""
    names = [name for name, faces in rows.items() if len(faces) >= least]
    means = np.stack([rows[name].mean(axis=0) for name in names])
    alike = means @ means.T
    np.fill_diagonal(alike, -1.0)
    pairs: list[tuple[str, str]] = []
    while len(pairs) < min(count, len(names) // 2):
        one, two = divmod(int(alike.argmax()), len(names))
        alike[[one, two]] = alike[:, [one, two]] = -1.0
        pairs.append((names[one], names[two]))
    return pairs


def sibling_albums(
    rows: _Rows, making: Making, pairs: list[tuple[str, str]]
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """For each pair the photos of both and those of the others of their album, one of each person."""
    for number, (one, two) in enumerate(pairs):
        rng = np.random.default_rng([making.seed, number])
        first = _grown(rows[one], rows[two], making, rng)
        second = _grown(rows[two], rows[one], making, rng)
        strangers = [name for name in rows if name not in {one, two}]
        chosen = rng.choice(len(strangers), min(OTHERS, len(strangers)), replace=False)
        yield first, second, np.stack([rows[strangers[place]][0] for place in chosen])


def _grown(rows: Floats, other: Floats, making: Making, rng: np.random.Generator) -> Floats:
    moved = _unit(rows + making.pull * _unit(other.mean(axis=0)))
    years = _unit(rng.normal(size=(YEARS, rows.shape[1])))
    return _unit(moved + making.change * years[np.arange(len(rows)) * YEARS // len(rows)])


def _unit(rows: NDArray[np.floating[Any]]) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, PLAIN_STEP), np.float32)


def _figures(rows: _Rows, making: Making, name: str, *, has_floor: bool = True) -> Iterator[Figure]:
    precisions, recalls = [], []
    for first, second, others in sibling_albums(rows, making, pairs_of(rows)):
        for mine, sibling in ((first, second), (second, first)):
            precision, recall = _asked(mine, np.concatenate([sibling, others]))
            precisions.append(precision)
            recalls.append(recall)
    note = f"{len(precisions)} people by one reference, beside {OTHERS} others"
    for what, values in (("precision", precisions), ("recall", recalls)):
        floor, worst = (FLOOR, FLOOR_OF_WORST) if has_floor else (None, None)
        error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        yield Figure(SECTION, f"{name}, {what}", float(np.mean(values)), error, floor, note=note)
        yield Figure(SECTION, f"{name}, {what} of the worst person", min(values), None, worst)


def _asked(mine: Floats, others: Floats) -> tuple[float, float]:
    """Precision and recall by the first photo, which is in the album and is not judged."""
    album = made_album(np.concatenate([mine, others]))
    found = [match.face for match in find_person(album, [album.embeddings[0]], settings=SETTINGS).sure]
    right = sum(0 < face < len(mine) for face in found)
    wrong = sum(face >= len(mine) for face in found)
    return right / (right + wrong) if right + wrong else 1.0, right / (len(mine) - 1)

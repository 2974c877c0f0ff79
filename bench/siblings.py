"""Brothers and sisters over the years: is each found without the other?

Photos of real ones are private, so these are made: the embeddings of two people who look alike are moved towards each
other, and each quarter of a person's photos gets a change of its own, as the years bring. Nothing in the package is
fitted on these.
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
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder import find_person
from photo_ranker.settings import Settings

__all__ = ["Making", "SiblingAlbum", "measure", "pairs_of", "sibling_albums"]

SECTION = "siblings"
SETTINGS = Settings()
PAIRS, OTHERS = 60, 500
LEAST_PHOTOS = 6
YEARS = 4
FLOOR, FLOOR_OF_WORST = 0.95, 0.85

FAMILY_PHOTOS, FAMILY_YEARS = 40, 8
FAMILY_PULL, FAMILY_CHANGE = 0.8, 0.5
"""Two in an album of their family: on average two photos of one have a cosine of 0.67, and one photo of each 0.49."""
FAMILY_TOGETHER = (0.3, 0.1)
"""Shares of their photos that show both."""

_Rows = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class SiblingAlbum:
    """The photos of two people who look alike, and one of each of the others."""

    first: Floats
    second: Floats
    others: Floats
    names: tuple[str, ...]
    """Names of the two, then of the others."""


@dataclass(frozen=True, slots=True)
class Making:
    """How two people become siblings."""

    pull: float = 0.2
    """How much of the other's mean face, at unit length, is added to each photo."""
    change: float = 0.5
    """Length of what is added to all photos of a quarter."""
    seed: int = 0


USUAL = Making()
OTHER_MAKINGS = (Making(seed=1), Making(pull=0.25), Making(change=0.6))
"""Printed as well, without a floor."""


def measure(data: Path) -> Iterator[Figure]:
    """Precision and recall by one reference, of everyone in every pair."""
    lfw = labelled_album(data / "faces_lfw")
    names = [lfw.people[int(lfw.album.owners[face])] for face in lfw.central.tolist()]
    rows = lfw.album.embeddings[lfw.central]
    of_person = {name: rows[[one == name for one in names]] for name in lfw.first}
    yield from _figures(of_person, USUAL, "siblings")
    seen = lfw.album.clarity[lfw.central]
    clarity = {name: seen[[one == name for one in names]] for name in lfw.first}
    yield from _figures(of_person, USUAL, "as plain as their photos", clarity=clarity, has_floor=False)
    for making in OTHER_MAKINGS:
        name = f"seed {making.seed}, pull {making.pull}, change {making.change}"
        yield from _figures(of_person, making, name, has_floor=False)
    for share in FAMILY_TOGETHER:
        yield from _family_figures(of_person, share)


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


def sibling_albums(rows: _Rows, making: Making, pairs: list[tuple[str, str]]) -> Iterator[SiblingAlbum]:
    """The album of each pair."""
    for number, (one, two) in enumerate(pairs):
        rng = np.random.default_rng([making.seed, number])
        first = _grown(rows[one], rows[two], making, rng)
        second = _grown(rows[two], rows[one], making, rng)
        strangers = [name for name in rows if name not in {one, two}]
        chosen = rng.choice(len(strangers), min(OTHERS, len(strangers)), replace=False)
        others = [strangers[place] for place in chosen]
        yield SiblingAlbum(first, second, np.stack([rows[name][0] for name in others]), (one, two, *others))


def _grown(rows: Floats, other: Floats, making: Making, rng: np.random.Generator) -> Floats:
    moved = _unit(rows + making.pull * _unit(other.mean(axis=0)))
    years = _unit(rng.normal(size=(YEARS, rows.shape[1])))
    return _unit(moved + making.change * years[np.arange(len(rows)) * YEARS // len(rows)])


def _unit(rows: NDArray[np.floating[Any]]) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _figures(
    rows: _Rows, making: Making, name: str, *, clarity: _Rows | None = None, has_floor: bool = True
) -> Iterator[Figure]:
    precisions, recalls = [], []
    for made in sibling_albums(rows, making, pairs_of(rows)):
        one, two, *others = made.names
        for mine, sibling, names in ((made.first, made.second, (one, two)), (made.second, made.first, (two, one))):
            plain = None
            if clarity is not None:
                plain = np.concatenate([*(clarity[who] for who in names), [clarity[who][0] for who in others]])
            precision, recall = _asked(mine, np.concatenate([sibling, made.others]), clarity=plain)
            precisions.append(precision)
            recalls.append(recall)
    note = f"{len(precisions)} people by one reference, beside {OTHERS} others"
    for what, values in (("precision", precisions), ("recall", recalls)):
        floor, worst = (FLOOR, FLOOR_OF_WORST) if has_floor else (None, None)
        error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        yield Figure(SECTION, f"{name}, {what}", float(np.mean(values)), error, floor, note=note)
        yield Figure(SECTION, f"{name}, {what} of the worst person", min(values), None, worst)


def _family_figures(rows: _Rows, share: float) -> Iterator[Figure]:
    """Precision and recall where both are in many photos, in some together, and change slowly over the years."""
    asked = []
    pairs = pairs_of(rows, least=FAMILY_PHOTOS)
    for number, (one, two) in enumerate(pairs):
        rng = np.random.default_rng(number)
        both = _unit(_unit(rows[one].mean(axis=0)) + _unit(rows[two].mean(axis=0)))
        first, second = (_aged(rows[name][:FAMILY_PHOTOS], both, rng) for name in (one, two))
        others = [faces[0] for name, faces in rows.items() if name not in {one, two}][:OTHERS]
        count = int(share * FAMILY_PHOTOS)
        together = rng.permutation(FAMILY_PHOTOS)[:count], rng.permutation(FAMILY_PHOTOS)[:count]
        for mine, sibling, (here, there) in ((first, second, together), (second, first, together[::-1])):
            photos = np.arange(2 * FAMILY_PHOTOS + len(others))
            photos[FAMILY_PHOTOS + there] = here
            asked.append(_asked(mine, np.concatenate([sibling, np.stack(others)]), photos))
    note = f"{len(asked)} people with {FAMILY_PHOTOS} photos each over {FAMILY_YEARS} years"
    for what, values in zip(("precision", "recall"), zip(*asked, strict=True), strict=True):
        error = float(np.std(values, ddof=1) / np.sqrt(len(values)))
        name = f"a family, {share:.0%} of the photos show both, {what}"
        yield Figure(SECTION, name, float(np.mean(values)), error, None, note=note)
        yield Figure(SECTION, f"{name} of the worst person", min(values), None, None)


def _aged(rows: Floats, both: Floats, rng: np.random.Generator) -> Floats:
    """Faces moved towards what both have in common, and along a random walk over the years."""
    walk = np.cumsum(rng.normal(size=(FAMILY_YEARS, rows.shape[1])), axis=0) * FAMILY_CHANGE / np.sqrt(rows.shape[1])
    walk -= walk.mean(axis=0)
    return _unit(_unit(rows + FAMILY_PULL * both) + walk[np.arange(len(rows)) * FAMILY_YEARS // len(rows)])


def _asked(
    mine: Floats, others: Floats, photos: NDArray[np.int64] | None = None, clarity: Floats | None = None
) -> tuple[float, float]:
    """Precision and recall by the first face, in the album but not judged; one face per photo, or by ``photos``."""
    album = made_album(np.concatenate([mine, others]), photos, clarity)
    sure = find_person(album, [album.embeddings[0]], settings=SETTINGS).sure
    found = [int(album.faces[match.face].id.removeprefix("f")) for match in sure]
    right = sum(0 < face < len(mine) for face in found)
    wrong = sum(face >= len(mine) for face in found)
    return right / (right + wrong) if right + wrong else 1.0, right / (len(mine) - 1)

"""How far a search carries over the years of a life, with one dated reference and with three.

There is no labelled album of twenty years, so the years are made from LFW: of what a person's photos have in common,
one part lasts and the rest is replaced little by little, 7% each year. Every person has a brother or sister of the same
age in the album, who shares some of both parts. Nothing in the package is fitted on the people who are judged here:
those whose names stand at odd places among all who have enough photos.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.albums import labelled_album
from bench.figures import Figure
from bench.random_albums import made_album
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder import find_person
from photo_ranker.person_finder.years import UNDATED, Dated
from photo_ranker.settings import Settings

__all__ = ["Ageing", "Life", "lives", "measure"]

SECTION = "years"
SETTINGS = Settings()
PEOPLE, OTHERS, LEAST_PHOTOS = 40, 500, 6
FIRST, SPAN = 1990, 20
FAR = 8.0
"""From so many years on, a photo is far from its nearest reference."""
ONE, THREE = (4.0,), (2.0, 9.0, 16.0)
"""When the references were taken, in years after the first."""

_Rows = Mapping[str, Floats]
Years = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ageing:
    """How people change."""

    lasting: float = 0.2
    """The part that never changes of the mean cosine of two photos of one person, 0.65."""
    kept: float = 0.93
    """How much of the rest is kept from one year to the next."""
    shared: float = 0.2
    """How much of what changes a brother or sister shares, and how much of the other's mean face is added."""
    each_year: int = 3
    """Photos of a person per year."""
    seed: int = 0

    def __str__(self) -> str:
        """As the figures name it."""
        return f"lasting {self.lasting}, shared {self.shared}, {self.each_year} a year"


USUAL = Ageing()
OTHER_AGEINGS = (Ageing(lasting=0.3, seed=1), Ageing(shared=0.35), Ageing(each_year=1))
_SAME = 0.65


@dataclass(frozen=True, slots=True)
class Life:
    """An album of one person, a brother or sister, and others."""

    rows: Floats
    years: Years
    """When each photo was taken, in years since the first."""
    mine: NDArray[np.bool_]


def measure(data: Path) -> Iterator[Figure]:
    """Precision and recall by dated references and by the same ones without their dates."""
    lfw = labelled_album(data / "faces_lfw")
    names = [lfw.people[int(lfw.album.owners[face])] for face in lfw.central.tolist()]
    rows = lfw.album.embeddings[lfw.central]
    of_person = {name: rows[[one == name for one in names]] for name in lfw.first}
    for ageing in (USUAL, *OTHER_AGEINGS):
        for taken in (ONE, THREE):
            yield from _figures(list(lives(of_person, ageing)), taken, str(ageing))


def lives(rows: _Rows, ageing: Ageing) -> Iterator[Life]:
    """An album for each of the judged people."""
    often = sorted(name for name, faces in rows.items() if len(faces) >= LEAST_PHOTOS)
    judged, others = often[1::2], [name for name in sorted(rows) if name not in set(often[1::2])]
    residuals = np.concatenate([rows[name] - rows[name].mean(axis=0) for name in judged])
    means = {name: _unit(rows[name].mean(axis=0)) for name in judged}
    for number, name in enumerate(judged[:PEOPLE]):
        rng = np.random.default_rng([ageing.seed, number])
        sibling = max((one for one in judged if one != name), key=lambda one: float(means[one] @ means[name]))
        common = _changes(ageing, rng, rows[name].shape[1])
        parts = [
            _grown(means[one], means[other], residuals, common, ageing, rng)
            for one, other in ((name, sibling), (sibling, name))
        ]
        chosen = rng.choice(len(others), min(OTHERS, len(others)), replace=False)
        parts.append((np.stack([rows[others[place]][0] for place in chosen]), rng.uniform(0, SPAN, len(chosen))))
        counts = [len(years) for _, years in parts]
        yield Life(
            np.concatenate([found for found, _ in parts]),
            np.concatenate([years for _, years in parts]),
            np.arange(sum(counts)) < counts[0],
        )


def _grown(
    mean: Floats, other: Floats, residuals: Floats, common: Floats, ageing: Ageing, rng: np.random.Generator
) -> tuple[Floats, Years]:
    """Photos of a person and when they were taken."""
    own = _changes(ageing, rng, len(mean))
    changes = (1 - ageing.shared) ** 0.5 * own + ageing.shared**0.5 * common
    years = rng.uniform(0, SPAN, SPAN * ageing.each_year)
    whole = years.astype(np.int64)
    part = (years - whole)[:, None]
    age = (1 - part) * changes[whole] + part * changes[whole + 1]
    lasting = ageing.lasting**0.5 * _unit(mean + ageing.shared * other)
    return _unit(lasting + age + residuals[rng.integers(0, len(residuals), len(years))]), years


def _changes(ageing: Ageing, rng: np.random.Generator, dimensions: int) -> Floats:
    """What changes, for each year."""
    steps = _unit(rng.normal(size=(SPAN + 1, dimensions)))
    found = [steps[0]]
    for step in steps[1:]:
        found.append(ageing.kept * found[-1] + (1 - ageing.kept**2) ** 0.5 * step)
    return np.asarray((_SAME - ageing.lasting) ** 0.5 * np.stack(found), np.float32)


def _unit(rows: NDArray[np.floating[Any]]) -> Floats:
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), np.float32)


def _figures(found: list[Life], taken: tuple[float, ...], name: str) -> Iterator[Figure]:
    many = "1 reference" if len(taken) == 1 else f"{len(taken)} references"
    for dates in ("without dates", "dated"):
        scores = np.array([_asked(life, taken, is_dated=dates == "dated") for life in found])
        for what, column in zip(("precision", "recall", f"recall {FAR:g} years away and more"), scores.T, strict=True):
            known = column[~np.isnan(column)]
            if not len(known):
                continue
            error = float(known.std(ddof=1) / len(known) ** 0.5)
            note = f"{len(known)} people, worst {known.min():.3f}"
            yield Figure(SECTION, f"{name}, {many} {dates}: {what}", float(known.mean()), error, note=note)


def _asked(life: Life, taken: tuple[float, ...], *, is_dated: bool) -> tuple[float, float, float]:
    """Precision, recall, and recall far from the references, which are photos of the person that are not judged."""
    mine = np.flatnonzero(life.mine)
    shown = [int(mine[np.abs(life.years[mine] - year).argmin()]) for year in taken]
    album = _dated(made_album(life.rows), life.years if is_dated else None)
    dated = Dated(tuple(FIRST + float(life.years[face]) for face in shown)) if is_dated else UNDATED
    rows = [album.embeddings[face] for face in shown]
    sure = {match.face for match in find_person(album, rows, settings=SETTINGS, dated=dated).sure} - set(shown)
    asked = [face for face in mine.tolist() if face not in shown]
    away = np.abs(life.years[asked][:, None] - life.years[shown]).min(axis=1)
    hits = np.isin(asked, list(sure))
    far = hits[away >= FAR]
    return (
        float(hits.sum() / len(sure)) if sure else 1.0,
        float(hits.mean()),
        float(far.mean()) if len(far) else np.nan,
    )


def _dated(album: Album, years: Years | None) -> Album:
    if years is None:
        return album
    times = [f"{FIRST + int(year)}-{1 + int(year % 1 * 12):02}-15T12:00:00" for year in years.tolist()]
    return Album(
        (
            AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, taken_at=taken_at))
            for photo, taken_at in zip(album.photos, times, strict=True)
        ),
        album.engine,
    )

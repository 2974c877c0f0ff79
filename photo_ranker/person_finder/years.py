"""A person over the years: dates exclude photos from before the birth, and carry a search from year to year.

A face changes little from one year to the next and much over twenty. So faces found near a reference in time show how
the person looked then, and help to recognise the person in the years next to these, outward from the references.
Only groups of faces of the same years are judged: brothers and sisters of one age are too alike to judge single faces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import PurePath

import msgspec
import numpy as np
from numpy.typing import NDArray

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats
from photo_ranker.person_finder.looks import Crowd, Numbers, best_of_each_photo

__all__ = [
    "LIKE",
    "UNDATED",
    "Dated",
    "before_birth",
    "carried",
    "groups",
    "spans_years",
    "year_of",
    "year_of_file",
    "years_of_faces",
]

Flags = NDArray[np.bool_]
Years = NDArray[np.float64]

_LEAST_SPAN = 2.0
"""Least years from the first photo to the last. In an album of one event everybody looks the same throughout."""
_NEAR = 2.5
"""Years to both sides in which faces are compared."""
LIKE = 0.42
"""Least mean cosine of a group to the person in the years around it."""
_DROP = 0.06
"""How much less similar a group may be to the person than the faces of each are to each other."""
_ONE_PERSON = 0.55
"""Mean cosine from which the faces of a few years are a group."""
_LEAST_GROUP = 2
_SAME_SHOT = 0.8
"""Cosines are capped here: a burst says little about a person."""
_MIRROR = 0.7
"""Faces of one photo with a larger cosine may be one person."""
_MOST_KNOWN, _MOST_CANDIDATES = 24, 150
"""Most faces of the person, and most candidates, that are compared in each year: more would only take time."""
_ROUNDS = 4

_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d{3})")
"""A date in a file name: IMG_20090612_101530, 2009-06-12, Screenshot_2009.06.12."""


class Dated(msgspec.Struct, frozen=True):
    """What a question says about time; ``None`` where it is not known."""

    references: tuple[float | None, ...] = ()
    """The year of each reference, with its fraction."""
    born: int | None = None
    """The year in which the person was born."""


UNDATED = Dated()
"""Nothing is known about time."""


def year_of(taken_at: str | None) -> float | None:
    """The year of a stored time, with its fraction; None for an impossible time."""
    if taken_at is None:
        return None
    try:
        when = datetime.fromisoformat(taken_at[:19])
    except ValueError:
        return None
    return when.year + (when.timetuple().tm_yday - 1) / 366


def year_of_file(taken_at: str | None, name: str) -> float | None:
    """The year of a photo by its stored time, else by a date in its file name."""
    known = year_of(taken_at)
    found = None if known is not None else _IN_NAME.search(PurePath(name).name)
    return known if found is None else year_of(f"{found[1]}-{found[3]}-{found[4]}") or float(found[1])


def years_of_faces(album: Album) -> Years:
    """For each face the year of its photo, NaN where it is not known."""
    found: Years = album.years[album.owners] if len(album.years) else album.years
    return found


def before_birth(years: Years, born: int) -> Flags:
    """Which photos are older than a person; a photo without a date is not."""
    return ~np.isnan(years) & (years < born)


def spans_years(years: Years) -> bool:
    """Whether an album covers more than one stage of a person's life."""
    dated = years[~np.isnan(years)]
    return len(dated) > 0 and float(np.ptp(dated)) >= _LEAST_SPAN


def carried(
    crowd: Crowd, years: Years, references: Floats, dates: Sequence[float | None], sure: Numbers, same_mean: float
) -> Numbers:
    """The faces that a search over the years adds to those that are ``sure``.

    ``years`` are those of the faces, NaN where they are not known. ``same_mean`` is how alike two photos of one person
    usually are.
    """
    known = np.array([np.nan if date is None else date for date in dates], np.float64)
    if np.isnan(known).all() or not spans_years(years[crowd.usable]):
        return np.zeros(0, np.int64)
    taken = np.zeros(int(crowd.owners.max()) + 1, np.bool_)
    taken[crowd.owners[sure]] = True
    candidates = _Candidates(crowd, years, np.flatnonzero(crowd.usable & ~np.isnan(years) & ~taken[crowd.owners]))
    # The references and their dates come first; they belong to no photo of the album.
    rows, when = np.concatenate([references, crowd.rows[sure]]), np.concatenate([known, years[sure]])
    found: list[int] = []
    for _ in range(_ROUNDS):
        before = len(found)
        for year in _outward(years[crowd.usable], known):
            person = _nearest_in_time(rows, when, year)
            for group in _groups_like(crowd, candidates.near(person, year, taken), person, same_mean):
                found += group.tolist()
                rows, when = np.concatenate([rows, crowd.rows[group]]), np.concatenate([when, years[group]])
                taken[crowd.owners[group]] = True
        if len(found) == before:
            break
    return np.array(found, np.int64)


class _Candidates:
    """The faces that are not known to be the person, in order of time: those of a few years are adjacent."""

    def __init__(self, crowd: Crowd, years: Years, faces: Numbers) -> None:
        self._faces = faces[np.argsort(years[faces], kind="stable")]
        self._years, self._rows, self._owners = years[self._faces], crowd.rows[self._faces], crowd.owners[self._faces]

    def near(self, person: Floats, year: float, taken: Flags) -> Numbers:
        """The faces around a year that are most like the person then, of photos where the person was not found yet."""
        if not len(person):
            return self._faces[:0]
        first, last = np.searchsorted(self._years, [year - _NEAR, year + _NEAR])
        likeness = self._rows[first:last] @ person.mean(axis=0)
        likeness[taken[self._owners[first:last]]] = -1.0
        close = np.flatnonzero(likeness >= LIKE - 0.1)
        close = close[np.argsort(-likeness[close], kind="stable")][:_MOST_CANDIDATES]
        return np.sort(self._faces[first + close])


def _nearest_in_time(rows: Floats, when: Years, year: float) -> Floats:
    """Faces of the person around a year, nearest first."""
    distance = np.abs(when - year)
    near = np.flatnonzero(distance <= _NEAR)
    return rows[near[np.argsort(distance[near], kind="stable")][:_MOST_KNOWN]]


def _outward(dated: Years, known: Years) -> list[float]:
    """The years of an album, those nearest to a reference first."""
    years = np.arange(np.floor(np.nanmin(dated)), np.ceil(np.nanmax(dated)) + 1)
    distance = np.nanmin(np.abs(years[:, None] - known), axis=1)
    ordered: list[float] = years[np.argsort(distance, kind="stable")].tolist()
    return ordered


def _groups_like(crowd: Crowd, candidates: Numbers, person: Floats, same_mean: float) -> Iterator[Numbers]:
    """Groups of faces of the same years, about as similar to the person as the faces of each are to each other."""
    if not len(candidates):
        return
    within = _within(person, same_mean)
    for group in groups(crowd.rows[candidates], crowd.pictures[candidates]):
        faces = candidates[group]
        rows = crowd.rows[faces]
        across = np.minimum(rows @ person.T, _SAME_SHOT)
        likeness = float(across.mean())
        if likeness >= max(LIKE, min(_within(rows, same_mean), within) - _DROP):
            yield faces[best_of_each_photo(across.mean(axis=1), crowd.owners[faces])]


def _within(rows: Floats, alone: float) -> float:
    """The mean cosine of faces to each other; ``alone`` where there is one face only."""
    count = len(rows)
    if count < _LEAST_GROUP:
        return alone
    likeness = np.minimum(rows @ rows.T, _SAME_SHOT)
    return float((likeness.sum() - np.trace(likeness)) / (count * (count - 1)))


def groups(rows: Floats, pictures: Numbers) -> Iterator[Numbers]:
    """Faces merged, nearest first, while their mean cosine is that of one person; single faces are not a group."""
    count = len(rows)
    likeness = np.minimum(rows @ rows.T, _SAME_SHOT)
    # Two faces of one picture are two people, unless it is a mirror or a collage.
    likeness[(pictures[:, None] == pictures) & (likeness < _MIRROR)] = 0.0
    np.fill_diagonal(likeness, -1.0)
    sizes, label = np.ones(count, np.float32), np.arange(count)
    while count and likeness.max() >= _ONE_PERSON:
        one, two = divmod(int(likeness.argmax()), count)
        mean = (likeness[one] * sizes[one] + likeness[two] * sizes[two]) / (sizes[one] + sizes[two])
        mean[(likeness[one] < -0.5) | (likeness[two] < -0.5)] = -1.0
        likeness[one], likeness[:, one] = mean, mean
        likeness[two], likeness[:, two] = -1.0, -1.0
        sizes[one] += sizes[two]
        label[label == two] = one
    for number in np.flatnonzero(np.bincount(label, minlength=count) >= _LEAST_GROUP).tolist():
        yield np.flatnonzero(label == number)

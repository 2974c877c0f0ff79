"""Which photos of an album a page shows, and in which order: marks, quality, people, faces, time, words in names.

One filter for all pages: photos, the best of a person, events, and exports from them. First what a client asks, then
the test that it is turned into, and the timeline of the photos that pass.
"""

from __future__ import annotations

import os
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from statistics import fmean
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from photo_ranker.questions import Filters, is_in_time
from photo_ranker.ranker import FaceSignals, signals_of, signals_of_photos
from photo_ranker.settings import Settings
from photo_ranker.web.guests import is_liked
from photo_ranker.web.marks import Mark, Marks
from photo_ranker.web.open_albums import CachedPeople, OpenAlbum, is_pending
from photo_ranker.web.schemas import Many, PersonId, PhotoId, Strict

__all__ = ["SHOWN", "GridQuery", "PhotoChoice", "PhotoFilter", "PhotoQuery", "Sort", "Timeline", "Unit", "timeline"]

Sort = Literal["best", "time", "name", "sharpness", "expression", "eyes", "faces", "stars"]

Half = Literal["good", "bad"]


class PhotoFilter(Strict):
    """What a photo must be to be shown; the default shows all."""

    show: Literal["all", "picks", "unrejected", "rejects", "starred", "favourites"] = "all"
    sharpness: Annotated[Half | None, Field(description="mean of its faces; without faces of the picture")] = None
    expression: Annotated[Half | None, Field(description="mean of its faces")] = None
    eyes: Annotated[Half | None, Field(description="good: nobody blinks")] = None
    min_faces: Annotated[int, Field(ge=0, le=100_000)] = 0
    max_faces: Annotated[int | None, Field(ge=0, le=100_000)] = None
    with_people: Annotated[list[PersonId], Field(max_length=20, description="all of them are in it")] = Field(
        default=[]
    )
    since: Annotated[str | None, Field(max_length=32, description="2024-06-01 or 2024-06-01T15:00")] = None
    until: Annotated[str | None, Field(max_length=32, description="likewise")] = None
    words: Annotated[str, Field(max_length=200, description="all in the names of the file and of who is in it")] = ""
    sort: Annotated[Sort | None, Field(description="null: the usual order of the page")] = None


class PhotoQuery(PhotoFilter):
    """A part of the photos that pass a filter."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 120


class GridQuery(PhotoQuery):
    """A part of the photos, perhaps as stacks."""

    stacked: Annotated[bool, Field(description="bursts and copies as one photo each, the best frame on top")] = False
    opened: Annotated[
        list[PhotoId], Field(max_length=Many, description="photos whose stacks are shown frame by frame")
    ] = Field(default=[])


SHOWN: dict[str, Callable[[Mark], bool]] = {
    "all": lambda _: True,
    "picks": lambda mark: mark.flag == "pick",
    "unrejected": lambda mark: mark.flag != "reject",
    "rejects": lambda mark: mark.flag == "reject",
    "starred": lambda mark: mark.stars > 0,
}

MIDDLE = 0.5
"""A signal from this value up is good."""


class Quality(NamedTuple):
    """What is known about each photo of an album, by its number; NaN = not known."""

    sharpness: NDArray[np.float64]
    expression: NDArray[np.float64]
    eyes: NDArray[np.float64]
    """Of the person whose eyes are least open."""
    faces: NDArray[np.float64]


class PhotoChoice(msgspec.Struct, frozen=True):
    """A filter applied to one album. Photos are given by number."""

    asked: PhotoFilter
    album: OpenAlbum
    everyone: CachedPeople
    marks: Marks
    settings: Settings
    favourites: Mapping[str, int] = msgspec.field(default_factory=dict)
    """Key of a photo -> how many guests like it."""

    @property
    def key(self) -> tuple[Any, ...] | None:
        """A value that changes whenever different photos may pass; None = all photos pass."""
        if self.asked.model_copy(update={"sort": None}) == PhotoFilter():
            return None
        needs_people = bool(self.asked.with_people or self.asked.words) or self._asks_for_quality
        return (
            self.asked.model_dump_json(exclude={"sort"}),
            self.everyone.version if needs_people else None,
            self.marks.version if self.asked.show in SHOWN and self.asked.show != "all" else None,
            frozenset(self.favourites) if self.asked.show == "favourites" else None,
        )

    def chosen(self, numbers: Iterable[int]) -> list[int]:
        """The photos among these that pass, in the requested order."""
        passes = self.test()
        return self.sorted([number for number in numbers if passes(number)])

    def test(self) -> Callable[[int], bool]:
        """A function that says whether the photo with a number passes."""
        asked, photos = self.asked, self.album.album.photos
        tests: list[Callable[[int], bool]] = []
        if asked.show == "favourites":
            tests.append(lambda number: is_liked(photos[number], self.favourites))
        elif asked.show != "all":
            tests.append(lambda number: SHOWN[asked.show](self.marks.of(photos[number])))
        if asked.since or asked.until:
            period = Filters(since=asked.since or None, until=asked.until or None)
            tests.append(lambda number: is_in_time(photos[number].record.taken_at, period))
        if self._asks_for_quality:
            allowed = self._allowed_by_quality()
            tests.append(lambda number: bool(allowed[number]))
        for person in asked.with_people:
            there = frozenset(self.everyone.people.photos(self.everyone.heir(person)))
            tests.append(there.__contains__)
        if words := asked.words.casefold().split():
            names = self._names()
            tests.append(lambda number: all(word in names[number] for word in words))
        return lambda number: all(passes(number) for passes in tests)

    def sorted(self, numbers: list[int]) -> list[int]:
        """The photos in the requested order; those about which nothing is known come last."""
        photos, sort = self.album.album.photos, self.asked.sort
        if sort is None or sort == "best":
            return numbers
        if sort == "name":
            return sorted(numbers)
        by_time = sorted(numbers, key=lambda number: (photos[number].record.taken_at or "9999", number))
        if sort == "time":
            return by_time
        if sort == "stars":
            return sorted(by_time, key=lambda number: _rank_of(self.marks.of(photos[number])))
        values = np.nan_to_num(getattr(self.quality(), str(sort)), nan=-1.0)
        return sorted(by_time, key=lambda number: -values[number])

    def quality(self) -> Quality:
        """Signals of all photos, computed once."""
        false = self.everyone.people.table.false_faces
        return self.album.remembered(
            ("quality", self.settings.signals, self.settings.match, false),
            lambda: _quality(self.album, self.settings, false),
        )

    @property
    def _asks_for_quality(self) -> bool:
        asked = self.asked
        return bool(asked.sharpness or asked.expression or asked.eyes) or self._asks_for_faces

    @property
    def _asks_for_faces(self) -> bool:
        return bool(self.asked.min_faces) or self.asked.max_faces is not None

    def _allowed_by_quality(self) -> NDArray[np.bool_]:
        asked, quality = self.asked, self.quality()
        allowed = np.ones(len(quality.faces), np.bool_)
        if self._asks_for_faces:  # NaN is neither few nor many
            most = np.inf if asked.max_faces is None else asked.max_faces
            allowed &= (quality.faces >= asked.min_faces) & (quality.faces <= most)
        for values, half in (
            (quality.sharpness, asked.sharpness),
            (quality.expression, asked.expression),
            (quality.eyes, asked.eyes),
        ):
            if half:
                allowed &= values >= MIDDLE if half == "good" else values < MIDDLE  # NaN is neither
        return allowed

    def _names(self) -> list[str]:
        """For each photo its name within the album and the names of the people in it."""
        return self.album.remembered(("names", self.everyone.version), self._read_names)

    def _read_names(self) -> list[str]:
        owners, folder = self.everyone.owners(), self.album.entry.folder
        return [
            " ".join(
                [
                    os.path.relpath(photo.path, folder),
                    *(owners[face.id].name or "" for face in photo.record.faces if face.id in owners),
                ]
            ).casefold()
            for photo in self.album.album.photos
        ]


def _rank_of(mark: Mark) -> tuple[int, int]:
    return -mark.stars, {"pick": 0, None: 1, "reject": 2}[mark.flag]


def _quality(album: OpenAlbum, settings: Settings, false_faces: frozenset[str]) -> Quality:
    records = [photo.record for photo in album.album.photos]
    readable = [number for number, one in enumerate(records) if not is_pending(one) and one.unreadable is None]
    faces = {
        number: [face for face in records[number].faces_by(album.album.engine) if face.id not in false_faces]
        for number in readable
    }
    judged = [
        (number, face) for number, group in faces.items() for face in group if face.size_px >= settings.match.min_face
    ]
    signals: dict[int, list[FaceSignals]] = {number: [] for number in readable}
    found = signals_of([(face, records[number]) for number, face in judged], settings)
    for (number, _), one in zip(judged, found, strict=True):
        signals[number].append(one)
    bare = [number for number in readable if not faces[number]]
    pictures = dict(zip(bare, signals_of_photos([records[number] for number in bare], settings), strict=True))
    rows = np.full((len(records), len(Quality._fields)), np.nan)
    for number in readable:
        eyes = [one.eyes_open for one in signals[number] if one.eyes_open is not None]
        sharpness = pictures[number].sharpness if number in pictures else _mean(signals[number], "sharpness")
        rows[number] = sharpness, _mean(signals[number], "expression"), min(eyes, default=None), len(faces[number])
    return Quality(*rows.T)


def _mean(signals: list[FaceSignals], name: str) -> float | None:
    known = [value for one in signals if (value := getattr(one, name)) is not None]
    return fmean(known) if known else None


Unit = Literal["year", "month", "day", "hour", "minute"]


class TimePart(BaseModel):
    """A part of a timeline: ``since`` and ``until`` are a filter for its photos."""

    since: str
    until: str
    photos: int


class Timeline(BaseModel):
    """How many photos were taken when."""

    unit: Unit
    undated: int
    parts: list[TimePart]


_UNITS: tuple[tuple[Unit, int], ...] = (("minute", 16), ("hour", 13), ("day", 10), ("month", 7), ("year", 4))
"""Units with the length of their ISO times, the finest first."""


def timeline(times: Iterable[str | None], most: int = 60) -> Timeline:
    """How many photos were taken when, in the finest unit that gives no more than ``most`` parts."""
    all_times = list(times)
    dated = [taken_at for taken_at in all_times if taken_at]
    found = {unit: Counter(taken_at[:length] for taken_at in dated) for unit, length in _UNITS}
    unit: Unit = next((unit for unit, parts in found.items() if len(parts) <= most), "year")
    parts = [TimePart(since=_begin(key), until=_end(key), photos=count) for key, count in sorted(found[unit].items())]
    return Timeline(unit=unit, undated=len(all_times) - len(dated), parts=parts)


def _begin(key: str) -> str:
    return key + {4: "-01-01", 7: "-01"}.get(len(key), "")


def _end(key: str) -> str:
    """The last day of a year or month; a day or an hour as an end is inclusive already."""
    if len(key) == 4:
        return f"{key}-12-31"
    if len(key) == 7:
        year, month = map(int, key.split("-"))
        return f"{key}-{monthrange(year, month)[1]:02}"
    return key

"""What we write about a photo, in the terms of XMP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from photo_ranker.core.orientation import Area, stored_area, swaps_sides
from photo_ranker.records import Box, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["Facts", "NamedFace", "facts_of", "stars"]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 forbids, even escaped."""


class NamedFace(msgspec.Struct, frozen=True):
    """A person's name and where the face is."""

    name: str
    """The person's name."""
    stored: Area
    """In the stored picture, before EXIF turns it."""
    upright: Area
    """In the upright picture, which some programs use instead."""


class Facts(msgspec.Struct, frozen=True):
    """Everything that we write about one photo."""

    rating: int | None = None
    """1 to 5 stars."""
    label: str | None = None
    """A word such as "Select", as Lightroom has them."""
    keywords: tuple[str, ...] = ()
    """Words of the user, for all exported photos."""
    people: tuple[str, ...] = ()
    """Names of people in the photo."""
    faces: tuple[NamedFace, ...] = ()
    """Those of named people, for regions."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the stored picture, px."""
    is_turned: bool = False
    """Whether the stored picture is turned by a quarter."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self.rating is None and self.label is None and not (self.keywords or self.people)


def facts_of(
    record: PhotoRecord,
    names: Mapping[str, str],
    *,
    rating: int | None = None,
    label: str | None = None,
    keywords: Iterable[str] = (),
) -> Facts:
    """The facts of a photo; ``names`` maps ids of faces to confirmed names."""
    is_turned = swaps_sides(record.orientation)
    named = [(name, face) for face in record.faces if (name := _one_line(names.get(face.id, "")))]
    return Facts(
        rating=rating,
        label=_one_line(label or "") or None,
        keywords=tuple(dict.fromkeys(filter(None, map(_one_line, keywords)))),
        people=tuple(dict.fromkeys(name for name, _ in named)),
        # In a film a face moves, so it gets no region.
        faces=tuple(_named(name, face.box, record) for name, face in named if face.at_seconds is None),
        size=(record.height, record.width) if is_turned else (record.width, record.height),
        is_turned=is_turned,
    )


def stars(score: float, settings: Settings) -> int:
    """Stars of a score, 1 to 5."""
    return 1 + sum(score >= step for step in settings.weights.stars)


def _one_line(text: str) -> str:
    return " ".join(_FORBIDDEN.sub("", text).split())


def _named(name: str, box: Box, record: PhotoRecord) -> NamedFace:
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(box[0] + box[2], record.width), min(box[1] + box[3], record.height)
    x, y = left / record.width, top / record.height
    upright = (x, y, max(0.0, right - left) / record.width, max(0.0, bottom - top) / record.height)
    return NamedFace(name, _rounded(stored_area(upright, record.orientation)), _rounded(upright))


def _rounded(area: Area) -> Area:
    # A millionth of a side is less than a pixel of any camera.
    x, y, w, h = (round(value, 6) + 0.0 for value in area)
    return x, y, w, h

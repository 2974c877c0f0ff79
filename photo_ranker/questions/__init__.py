"""One question to an album: which photos are asked for, how their times are compared, and their ranking.

Only the filters are in this file: they are light, and every adapter imports them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, get_args

import msgspec

from photo_ranker.errors import UserError
from photo_ranker.settings import Kind, Settings

if TYPE_CHECKING:
    from photo_ranker.ranker import RankedPhoto

__all__ = [
    "Filters",
    "check_threshold",
    "check_top",
    "check_year",
    "date_or_time",
    "is_in_time",
    "is_number_between",
    "keep",
]

_YEARS = 1800, 2200

_DATE_OR_TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d(:\d\d(:\d\d(\.\d{1,6})?)?)?)?", re.ASCII)
"""How records write times: of all that ISO 8601 allows, only these compare as text."""


class Filters(msgspec.Struct, frozen=True):
    """What a photo must be to be listed; the default keeps all."""

    kind: Kind | None = None
    """Photos of the person alone, or with others."""
    only: bool = False
    """Nobody else is in the photo, not even a passer-by."""
    since: str | None = None
    """ISO date or time; a photo without a time is left out."""
    until: str | None = None
    """ISO date or time, inclusive: a day counts to its end."""
    min_score: float = 0.0
    """Least score, 0 to 1."""
    together: tuple[Collection[int], ...] = ()
    """For each other wanted person, the numbers of the photos that show them."""

    def __post_init__(self) -> None:
        """Refuse filters that no photo can pass."""
        if self.kind not in {None, *get_args(Kind)}:
            raise UserError(f"kind: '{self.kind}' is no kind of photo", f"it is one of {', '.join(get_args(Kind))}")
        if not is_number_between(self.min_score, 0, 1):
            raise UserError(f"min_score: '{self.min_score}' is not a number from 0 to 1", "0 = all photos")
        for name, value in (("since", self.since), ("until", self.until)):
            if value is None:
                continue
            time = date_or_time(value)
            if time is None:
                raise UserError(
                    f"{name}: {value!r} is not a date like 2024-06-01 or 2024-06-01T15:00", "None = any time"
                )
            msgspec.structs.force_setattr(self, name, time)


def check_top(top: object) -> None:
    """Refuse what is not a number of photos."""
    if isinstance(top, bool) or not isinstance(top, int) or top < 0:
        raise UserError(f"top: '{top}' is not a whole number from 0 up", "0 = all photos")


def check_threshold(threshold: object) -> None:
    """Refuse what is not a threshold."""
    if threshold is not None and not is_number_between(threshold, -1, 1):
        raise UserError(f"threshold: '{threshold}' is not a number from -1 to 1", "None = set from the album")


def check_year(year: object) -> None:
    """Refuse what cannot be the year of a photo or of a birth."""
    if isinstance(year, bool) or not isinstance(year, int) or not _YEARS[0] <= year <= _YEARS[1]:
        raise UserError(f"'{year}' is not a year", f"give one from {_YEARS[0]} to {_YEARS[1]}, like 2009")


def is_number_between(value: object, low: float, high: float) -> bool:
    """Whether it is a number at all, and in this range."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high


def date_or_time(text: object) -> str | None:
    """A date or a time of a camera's clock as records write it, with T before the time; None if it is neither."""
    if not isinstance(text, str):
        return None
    time = text.strip().replace(" ", "T")
    try:
        datetime.fromisoformat(time)
    except ValueError:
        return None
    return time if _DATE_OR_TIME.fullmatch(time) else None


def keep(ranked: Iterable[RankedPhoto], filters: Filters, settings: Settings) -> list[RankedPhoto]:
    """The photos that pass every filter, in the same order."""
    return [item for item in ranked if _passes(item, filters, settings)]


def _passes(item: RankedPhoto, filters: Filters, settings: Settings) -> bool:
    return (
        (filters.kind is None or item.kind == filters.kind)
        and item.score >= filters.min_score
        and not (filters.only and _has_company(item, settings))
        and all(item.match.photo in photos for photos in filters.together)
        and is_in_time(item.photo.record.taken_at, filters)
    )


def _has_company(item: RankedPhoto, settings: Settings) -> bool:
    return any(
        face.id != item.face.id
        and face.engine == item.face.engine
        and face.detection >= settings.signals.sure_detection
        for face in item.photo.record.faces
    )


def is_in_time(taken_at: str | None, filters: Filters) -> bool:
    """Whether a time lies within ``since`` and ``until``; an unknown one does not."""
    if filters.since is None and filters.until is None:
        return True
    if taken_at is None:
        return False
    # ISO wall clocks compare as text; "2024-06-01" as an end includes every time of that day.
    late_enough = filters.since is None or taken_at >= filters.since
    return late_enough and (filters.until is None or taken_at[: len(filters.until)] <= filters.until)

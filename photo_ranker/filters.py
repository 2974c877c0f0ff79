"""Which of the person's photos are asked for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from photo_ranker.ranker import Kind, RankedPhoto
from photo_ranker.settings import Settings

__all__ = ["Filters", "keep"]


class Filters(msgspec.Struct, frozen=True):
    """What a photo must be to be listed; the default keeps all."""

    kind: Kind | None = None
    only: bool = False
    """Nobody else is in the photo, not even a passer-by."""
    since: str | None = None
    """ISO date or time; a photo without a time is left out."""
    until: str | None = None
    """ISO date or time, inclusive: a day counts to its end."""
    min_score: float = 0.0
    together: tuple[Collection[int], ...] = ()
    """Numbers of the photos that each other wanted person is in."""


def keep(ranked: Iterable[RankedPhoto], filters: Filters, settings: Settings) -> list[RankedPhoto]:
    """Those that pass every filter, in the same order."""
    return [item for item in ranked if _passes(item, filters, settings)]


def _passes(item: RankedPhoto, filters: Filters, settings: Settings) -> bool:
    return (
        (filters.kind is None or item.kind == filters.kind)
        and item.score >= filters.min_score
        and not (filters.only and _has_company(item, settings))
        and all(item.match.photo in photos for photos in filters.together)
        and _in_time(item.photo.record.taken_at, filters)
    )


def _has_company(item: RankedPhoto, settings: Settings) -> bool:
    return any(
        face.id != item.face.id and face.engine == item.face.engine and face.detection >= settings.sure_detection
        for face in item.photo.record.faces
    )


def _in_time(taken_at: str | None, filters: Filters) -> bool:
    if filters.since is None and filters.until is None:
        return True
    if taken_at is None:
        return False
    # ISO wall clocks compare as text; "2024-06-01" as an end includes every time of that day.
    late_enough = filters.since is None or taken_at >= filters.since
    return late_enough and (filters.until is None or taken_at[: len(filters.until)] <= filters.until)

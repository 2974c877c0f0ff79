"""Puts photos into a folder of their own, with all files that belong to them; no other file is ever replaced."""

from __future__ import annotations

import math
import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.names import legal_name
from photo_ranker.exporters.albums.carrying import Carried, carry, check
from photo_ranker.exporters.albums.planning import Plan, Step, Wanted, Way, archive_names, plan_album
from photo_ranker.questions.selection import seconds_taken
from photo_ranker.records import PhotoRecord
from photo_ranker.settings import Settings

__all__ = [
    "Carried",
    "Context",
    "Plan",
    "Step",
    "Wanted",
    "Way",
    "archive_names",
    "by_event",
    "carry",
    "check",
    "into_folders",
    "plan_album",
    "with_context",
]

# Which other photos join those of a person, and which folders they go into. Pure arithmetic on records.


Context = Literal["near", "all"]
"""Which photos without faces come along."""


def into_folders(
    wanted: list[Wanted],
    photos: list[AlbumPhoto],
    album: Album,
    settings: Settings,
    *,
    per_event: bool = False,
    context: Context | None = None,
) -> list[Wanted]:
    """The ``wanted`` files of these ``photos``, with those of the context, in folders of people and events.

    Events come from the whole album, so a stretch without photos of this person is not a pause.
    """
    if context:
        chosen = {photo.path for photo in photos}
        more = [photo for photo in with_context(photos, album, settings, context) if photo.path not in chosen]
        person = wanted[0].person if wanted else None
        wanted = wanted + [
            Wanted(photo.path, photo.record.companions, person=person, picture=photo.record.stamp.hash)
            for photo in more
        ]
    events = by_event(album.photos, settings) if per_event else {}
    folders = [
        [item.person or ""] * bool(item.person) + [events.get(item.path, "undated")] * per_event for item in wanted
    ]
    return [
        msgspec.structs.replace(item, folder=" ".join(map(legal_name, parts)))
        for item, parts in zip(wanted, folders, strict=True)
    ]


def with_context(
    chosen: Sequence[AlbumPhoto], album: Album, settings: Settings, context: Context = "near"
) -> list[AlbumPhoto]:
    """Photos without faces that belong to the chosen ones (the place, the cake), by time, undated ones last.

    ``near`` takes those from around the time of a chosen photo. If one of the two has no time, their places in the
    order of the files in their folder decide. ``all`` takes every photo without faces.
    """
    is_near = _nearness(chosen, album, settings) if context == "near" else lambda _: True
    found = [
        (math.inf if seconds is None else seconds, number)
        for number, photo in enumerate(album.photos)
        if _shows_nobody(photo.record, album.engine)
        for seconds in [seconds_taken(photo.record)]
        if is_near(number)
    ]
    by_time = sorted(found, key=lambda pair: (pair[0], album.photos[pair[1]].path))
    return [album.photos[number] for _, number in by_time]


def _shows_nobody(record: PhotoRecord, engine: str) -> bool:
    """Whether a photo was measured and no face was found."""
    return record.unreadable is None and bool(record.stamp.hash) and not record.faces_by(engine)


def _nearness(chosen: Sequence[AlbumPhoto], album: Album, settings: Settings) -> Callable[[int], bool]:
    """A function that tells whether the photo of a number is near a chosen one."""
    paths = {photo.path for photo in chosen}
    times = sorted(seconds for photo in chosen if (seconds := seconds_taken(photo.record)) is not None)
    folders = [photo.path.rpartition(os.sep)[0] for photo in album.photos]
    seconds_of = [seconds_taken(photo.record) for photo in album.photos]
    is_chosen = [photo.path in paths for photo in album.photos]
    reach = settings.moments.context_files

    def is_near(number: int) -> bool:
        seconds = seconds_of[number]
        if seconds is not None and _is_close(seconds, times, settings.moments.context_seconds):
            return True
        around = range(max(0, number - reach), min(len(folders), number + reach + 1))
        return any(
            is_chosen[other] and folders[other] == folders[number] and (seconds is None or seconds_of[other] is None)
            for other in around
        )

    return is_near


def _is_close(seconds: float, times: Sequence[float], most: float) -> bool:
    # The times are sorted, so only the two neighbours can be near enough.
    at = bisect_left(times, seconds)
    return any(abs(time - seconds) <= most for time in times[max(0, at - 1) : at + 1])


def by_event(photos: Iterable[AlbumPhoto], settings: Settings) -> dict[str, str]:
    """Path -> name of its event, which is the time of the event's first photo. A long pause begins a new event."""
    timed = [(seconds, photo) for photo in photos if (seconds := seconds_taken(photo.record)) is not None]
    names: dict[str, str] = {}
    last, name = float("-inf"), ""
    for seconds, photo in sorted(timed, key=lambda pair: (pair[0], pair[1].path)):
        if seconds - last > settings.event.moment_gap:
            # 2024-06-01T15:04:05 becomes 2024-06-01 15.04, since Windows allows no colons in names.
            name = (photo.record.taken_at or "")[:16].replace("T", " ").replace(":", ".")
        last = seconds
        names[photo.path] = name
    return names

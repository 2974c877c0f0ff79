"""Puts photos into a folder of their own, with all files that belong to them; no other file is ever replaced."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.names import legal_name
from photo_ranker.exporters.albums.carrying import Carried, carry, check
from photo_ranker.exporters.albums.planning import Plan, Step, Wanted, Way, archive_names, plan_album
from photo_ranker.questions.selection import seconds_taken
from photo_ranker.settings import Settings

__all__ = [
    "Carried",
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


def into_folders(
    wanted: list[Wanted],
    photos: list[AlbumPhoto],
    album: Album,
    settings: Settings,
    *,
    per_event: bool = False,
    context: bool = False,
) -> list[Wanted]:
    """The ``wanted`` files of these ``photos``, with those of the context, in folders of people and events."""
    if context:
        chosen = {photo.path for photo in photos}
        more = [photo for photo in with_context(photos, album, settings) if photo.path not in chosen]
        person = wanted[0].person if wanted else None
        wanted = wanted + [Wanted(photo.path, photo.record.companions, person=person) for photo in more]
        photos = photos + more
    events = by_event(photos, settings) if per_event else {}
    folders = [
        [item.person or ""] * bool(item.person) + [events.get(item.path, "undated")] * per_event for item in wanted
    ]
    return [
        msgspec.structs.replace(item, folder=" ".join(map(legal_name, parts)))
        for item, parts in zip(wanted, folders, strict=True)
    ]


def with_context(chosen: Sequence[AlbumPhoto], album: Album, settings: Settings) -> list[AlbumPhoto]:
    """Photos without faces that were taken around the chosen ones (the place, the cake), by time."""
    moments = sorted(seconds for photo in chosen if (seconds := seconds_taken(photo.record)) is not None)
    found: list[tuple[float, AlbumPhoto]] = []
    for photo in album.photos:
        seconds = seconds_taken(photo.record)
        if seconds is None or photo.record.unreadable is not None or photo.record.faces_by(album.engine):
            continue
        # The times are sorted, so only the two neighbours can be near enough.
        at = bisect_left(moments, seconds)
        if any(
            abs(moment - seconds) <= settings.moments.context_seconds for moment in moments[max(0, at - 1) : at + 1]
        ):
            found.append((seconds, photo))
    return [photo for _, photo in sorted(found, key=lambda pair: (pair[0], pair[1].path))]


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

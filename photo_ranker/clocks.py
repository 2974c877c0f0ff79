"""Times of films beside those of photos: most films count in UTC, photos in the camera's own time. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.records import PhotoRecord

__all__ = ["in_camera_time", "zone_of"]

NEAR = timedelta(days=2)
"""A photo so near in time was probably taken in the same place."""


def zone_of(text: str) -> tzinfo:
    """The time zone of a name such as Europe/Lisbon, or of an offset such as +02:00."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        if text[:1] in {"+", "-"}:
            offset = datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo
            assert offset is not None
            return offset
        return ZoneInfo(text)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise UserError(f"there is no time zone {text}", "give one like Europe/Lisbon or +02:00") from error


def in_camera_time(album: Album, zone: tzinfo | None = None) -> Album:
    """The album with the times of its films as the cameras beside them would tell them.

    Without a ``zone`` it is that of the photo nearest in time that tells its own, else that of this computer.
    """
    if not any(map(_is_utc, album.photos)):
        return album
    offset_at: Callable[[datetime], timedelta] = _nearest(album) if zone is None else lambda moment: _of(moment, zone)
    photos = (
        AlbumPhoto(photo.path, _moved(photo.record, offset_at)) if _is_utc(photo) else photo for photo in album.photos
    )
    return Album(photos, album.engine)


def _is_utc(photo: AlbumPhoto) -> bool:
    return photo.record.is_video and photo.record.taken_at is not None and photo.record.utc_offset == "+00:00"


def _moved(record: PhotoRecord, offset_at: Callable[[datetime], timedelta]) -> PhotoRecord:
    moment = _utc(record)
    offset = offset_at(moment)
    minutes = round(offset.total_seconds() / 60)
    told = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    local = (moment + offset).replace(tzinfo=None)
    return msgspec.structs.replace(record, taken_at=local.isoformat(), utc_offset=told)


def _nearest(album: Album) -> Callable[[datetime], timedelta]:
    known = sorted(
        (_utc(photo.record), _offset(photo.record))
        for photo in album.photos
        if photo.record.taken_at and photo.record.utc_offset and not photo.record.is_video
    )
    moments = [moment for moment, _ in known]

    def offset_at(moment: datetime) -> timedelta:
        at = bisect_left(moments, moment)
        beside = known[max(0, at - 1) : at + 1]
        best = min(beside, key=lambda pair: abs(pair[0] - moment), default=None)
        return best[1] if best is not None and abs(best[0] - moment) <= NEAR else _of(moment, None)

    return offset_at


def _of(moment: datetime, zone: tzinfo | None) -> timedelta:
    """The offset that a zone has at a moment; None is the computer's own."""
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _utc(record: PhotoRecord) -> datetime:
    assert record.taken_at is not None
    return datetime.fromisoformat(record.taken_at).replace(tzinfo=UTC) - _offset(record)


def _offset(record: PhotoRecord) -> timedelta:
    offset = zone_of(record.utc_offset or "+00:00").utcoffset(None)
    assert offset is not None
    return offset

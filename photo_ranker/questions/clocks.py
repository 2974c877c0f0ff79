"""Makes times comparable: those of cameras with wrong clocks, and of films, most of which store UTC.

Corrected times are never stored: records hold what the files say.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.records import PhotoRecord

__all__ = ["Correction", "corrected", "correction_of", "in_camera_time", "without_photos", "zone_of"]

NEAR = timedelta(days=2)
"""A photo this near in time was probably taken in the same time zone."""

SHOWN_CAMERAS = 12
"""Most cameras listed in an error."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
"""Letter of a unit -> argument of ``timedelta``."""
_DELTA = re.compile(r"[+-](?=\d)(\d{1,5}d)?(\d{1,6}h)?(\d{1,8}m)?(\d{1,9}s)?")
"""A sign, then numbers with units, at least one; the digits are limited so that no sum overflows."""


class Correction(msgspec.Struct, frozen=True):
    """The correction of a camera's clock."""

    camera: str
    """The name of the camera, or a part of it."""
    delta: timedelta
    """Added to every time of the camera."""


def correction_of(text: str) -> Correction:
    """Parse a correction such as CAMERA=+1h30m; units are d, h, m and s, in this order."""
    camera, _, change = text.rpartition("=")
    camera, change = _unquoted(camera.strip()), change.strip()
    if not camera or not _DELTA.fullmatch(change):
        raise UserError(f"'{text}' is not a camera and a time", "write it like 'EOS R5=+1h' or 'Pixel 7=-1d2h30m15s'")
    parts = {_UNITS[unit]: int(number) for number, unit in re.findall(r"(\d+)([dhms])", change)}
    delta = timedelta(**parts)
    return Correction(camera, -delta if change.startswith("-") else delta)


def corrected(album: Album, corrections: Sequence[Correction], *, is_part: bool = False) -> Album:
    """The album with corrected times of some cameras; with ``is_part`` a camera may have no photo here."""
    if not corrections:
        return album
    deltas = _by_camera(corrections, {photo.record.camera for photo in album.photos if photo.record.camera}, is_part)
    return Album((_at_right_time(photo, deltas) for photo in album.photos), album.engine)


def without_photos(album: Album, corrections: Sequence[Correction]) -> list[str]:
    """The cameras to be corrected that took none of these photos."""
    cameras = {photo.record.camera for photo in album.photos if photo.record.camera}
    return [correction.camera for correction in corrections if not _called(correction.camera, cameras)]


def _unquoted(name: str) -> str:
    return name[1:-1].strip() if len(name) > 1 and name[0] == name[-1] and name[0] in "'\"" else name


def _by_camera(corrections: Sequence[Correction], cameras: Collection[str], is_part: bool) -> dict[str, timedelta]:
    deltas: dict[str, timedelta] = {}
    for correction in corrections:
        found = _called(correction.camera, cameras)
        if len(found) > 1:
            raise UserError(f"{correction.camera} may be {_listed(found)}", "give more of the camera's name")
        if not found and not is_part:
            advice = f"the cameras are: {_listed(cameras)}" if cameras else "no photo here says which camera took it"
            raise UserError(f"no photo here was taken with a camera called {correction.camera}", advice)
        for camera in found:
            if camera in deltas:
                raise UserError(f"the clock of {camera} is corrected twice", "add the two corrections up")
            deltas[camera] = correction.delta
    return deltas


def _called(name: str, cameras: Collection[str]) -> list[str]:
    """The camera of exactly this name, else all whose names contain it; case does not matter."""
    wanted = name.casefold()
    exact = [camera for camera in cameras if camera.casefold() == wanted]
    return exact or [camera for camera in cameras if wanted in camera.casefold()]


def _listed(cameras: Collection[str]) -> str:
    names = sorted(cameras)
    more = f" and {len(names) - SHOWN_CAMERAS} more" if len(names) > SHOWN_CAMERAS else ""
    return ", ".join(names[:SHOWN_CAMERAS]) + more


def _at_right_time(photo: AlbumPhoto, deltas: Mapping[str, timedelta]) -> AlbumPhoto:
    record = photo.record
    delta = deltas.get(record.camera or "")
    if record.taken_at is None or delta is None:
        return photo
    # Corrections are whole seconds, so the fraction stays as the camera wrote it.
    seconds, dot, fraction = record.taken_at.partition(".")
    try:
        moved = (datetime.fromisoformat(seconds) + delta).isoformat()
    except OverflowError as error:
        raise UserError(f"{photo.path} would get a date that no calendar has", "check the sign of --clock") from error
    return AlbumPhoto(photo.path, msgspec.structs.replace(record, taken_at=f"{moved}{dot}{fraction}"))


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
    """The album with the times of its films in the local time of the cameras beside them.

    Without a ``zone`` the offset of the nearest photo that has one is used, else that of this computer.
    """
    if not album.has_films or not any(map(_is_utc, album.photos)):
        return album
    offset_at: Callable[[datetime], timedelta] = (
        _nearest(album) if zone is None else lambda time: _offset_in(time, zone)
    )
    photos = (
        AlbumPhoto(photo.path, _moved(photo.record, offset_at)) if _is_utc(photo) else photo for photo in album.photos
    )
    return Album(photos, album.engine)


def _is_utc(photo: AlbumPhoto) -> bool:
    return photo.record.is_video and photo.record.taken_at is not None and photo.record.utc_offset == "+00:00"


def _moved(record: PhotoRecord, offset_at: Callable[[datetime], timedelta]) -> PhotoRecord:
    time = _utc(record)
    assert time is not None
    try:
        offset = offset_at(time)
        local = (time + offset).replace(tzinfo=None)
    except OverflowError:
        return record  # a clock at the end of the calendar, which was never set
    minutes = round(offset.total_seconds() / 60)
    utc_offset = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return msgspec.structs.replace(record, taken_at=local.isoformat(), utc_offset=utc_offset)


def _nearest(album: Album) -> Callable[[datetime], timedelta]:
    # Photos whose offset from UTC is known, by time.
    known = sorted(
        (time, _offset(photo.record))
        for photo in album.photos
        if photo.record.taken_at and photo.record.utc_offset and not photo.record.is_video
        if (time := _utc(photo.record)) is not None
    )
    times = [time for time, _ in known]

    def offset_at(time: datetime) -> timedelta:
        at = bisect_left(times, time)
        beside = known[max(0, at - 1) : at + 1]
        best = min(beside, key=lambda pair: abs(pair[0] - time), default=None)
        return best[1] if best is not None and abs(best[0] - time) <= NEAR else _offset_in(time, None)

    return offset_at


def _offset_in(time: datetime, zone: tzinfo | None) -> timedelta:
    """The offset of a zone at a time; None is the computer's own zone."""
    offset = time.astimezone(zone).utcoffset()
    assert offset is not None
    return offset


def _utc(record: PhotoRecord) -> datetime | None:
    """When a photo was taken, in UTC; None if that is outside the calendar, as with a clock set to the year 1."""
    assert record.taken_at is not None
    try:
        return datetime.fromisoformat(record.taken_at).replace(tzinfo=UTC) - _offset(record)
    except OverflowError:
        return None


def _offset(record: PhotoRecord) -> timedelta:
    offset = zone_of(record.utc_offset or "+00:00").utcoffset(None)
    assert offset is not None
    return offset

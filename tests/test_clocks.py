from __future__ import annotations

import time

import msgspec
import pytest

from builders import a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.clocks import in_camera_time, zone_of
from photo_ranker.errors import UserError


def photo(name: str, taken_at: str | None, offset: str | None, form: str = "jpeg") -> AlbumPhoto:
    record = a_record(taken_at=taken_at, utc_offset=offset)
    return AlbumPhoto(name, msgspec.structs.replace(record, format=form))


FILM = photo("a.mp4", "2024-06-01T22:30:00", "+00:00", "mp4")


def told(album: Album) -> list[tuple[str | None, str | None]]:
    return [(each.record.taken_at, each.record.utc_offset) for each in album.photos]


def test_a_zone_by_name_or_offset() -> None:
    for zone in ("Europe/Berlin", "+02:00"):
        assert told(in_camera_time(Album([FILM]), zone_of(zone))) == [("2024-06-02T00:30:00", "+02:00")]
    assert told(in_camera_time(Album([FILM]), zone_of("-03:30"))) == [("2024-06-01T19:00:00", "-03:30")]


def test_the_photo_nearest_in_time_tells_the_zone() -> None:
    photos = [photo("b.jpg", "2024-06-02T01:00:00", "+03:00"), photo("c.jpg", "2024-05-01T01:00:00", "-05:00")]
    assert told(in_camera_time(Album([FILM, *photos])))[0] == ("2024-06-02T01:30:00", "+03:00")


def test_the_computers_own_zone_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        album = Album([FILM, photo("c.jpg", "2023-05-01T01:00:00", "+09:00")])
        assert told(in_camera_time(album))[0] == ("2024-06-01T18:30:00", "-04:00")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_photos_and_films_with_their_own_clock_stay() -> None:
    album = Album(
        [
            photo("a.jpg", "2024-06-01T22:30:00", "+00:00"),
            photo("b.mov", "2024-06-01T22:30:00", "+05:00", "mov"),
            photo("c.avi", "2024-06-01T22:30:00", None, "avi"),
        ]
    )
    assert in_camera_time(album, zone_of("+02:00")) is album


def test_no_such_zone() -> None:
    for text in ("Middle/Earth", "+2", "", "../etc"):
        with pytest.raises(UserError, match="no time zone"):
            zone_of(text)

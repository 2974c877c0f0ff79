from __future__ import annotations

import time
from datetime import timedelta

import msgspec
import pytest

from builders import a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.errors import UserError
from photo_ranker.questions.clocks import Correction, corrected, correction_of, in_camera_time, zone_of


def photo(
    name: str, taken_at: str | None, offset: str | None, form: str = "jpeg", camera: str | None = None
) -> AlbumPhoto:
    record = a_record(taken_at=taken_at, utc_offset=offset, camera=camera)
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


@pytest.mark.parametrize(
    ("text", "camera", "delta"),
    [
        ("EOS R5=+1h", "EOS R5", timedelta(hours=1)),
        ('"EOS R5"=-1d2h30m15s', "EOS R5", -timedelta(days=1, hours=2, minutes=30, seconds=15)),
        ("'Pixel 7' = +90s", "Pixel 7", timedelta(seconds=90)),
        ("Brand=X1=-5m", "Brand=X1", -timedelta(minutes=5)),
        ("X=+16436d", "X", timedelta(days=16436)),
    ],
)
def test_a_correction_is_a_camera_and_a_time(text: str, camera: str, delta: timedelta) -> None:
    assert correction_of(text) == Correction(camera, delta)


@pytest.mark.parametrize(
    "text", ["", "X", "X=", "X=1h", "=+1h", "X=+1", "X=+h", "X=+1h2d", "X=+1.5h", "X=+1w", '""=+1h']
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="is not a camera and a time") as raised:
        correction_of(text)
    assert "EOS R5=+1h" in raised.value.advice


@pytest.fixture
def party() -> Album:
    """Photos of three cameras and one that says nothing."""
    return Album(
        [
            photo("a.jpg", "2024-12-31T23:30:00.250", "+01:00", camera="Canon EOS R5"),
            photo("b.jpg", "2024-06-01T12:00:00", None, camera="Canon EOS R50"),
            photo("c.jpg", None, None, camera="Google Pixel 7"),
            photo("d.jpg", "2024-06-01T12:00:00", None),
        ]
    )


def test_the_clock_of_one_camera_is_moved(party: Album) -> None:
    before = told(party)
    moved = corrected(party, [correction_of("canon eos r5=+1h"), correction_of("Pixel=-1d")])
    assert told(moved) == [("2025-01-01T00:30:00.250", "+01:00"), *before[1:]]
    assert told(party) == before, "nothing that is stored changes"
    assert told(corrected(party, [correction_of("R50=-1d2h30m")]))[1] == ("2024-05-31T09:30:00", None)
    assert corrected(party, []) is party


def test_a_camera_that_is_not_there_or_not_clear_is_said(party: Album) -> None:
    with pytest.raises(UserError, match="no photo here was taken with a camera called Nikon") as raised:
        corrected(party, [correction_of("Nikon=+1h")])
    assert raised.value.advice == "the cameras are: Canon EOS R5, Canon EOS R50, Google Pixel 7"
    with pytest.raises(UserError, match="Canon may be Canon EOS R5, Canon EOS R50"):
        corrected(party, [correction_of("Canon=+1h")])
    with pytest.raises(UserError, match="the clock of Canon EOS R50 is corrected twice"):
        corrected(party, [correction_of("R50=+1h"), correction_of("EOS R50=+1h")])
    with pytest.raises(UserError, match="outside of all calendars"):
        corrected(Album([photo("z.jpg", "9999-12-31T23:00:00", None, camera="X")]), [correction_of("X=+1h")])
    with pytest.raises(UserError) as raised:
        corrected(Album(party.photos[3:]), [correction_of("Nikon=+1h")])
    assert raised.value.advice == "no photo here says which camera took it"
    assert told(corrected(party, [correction_of("Nikon=+1h")], is_part=True)) == told(party)


def test_a_corrected_camera_tells_films_their_zone() -> None:
    late = photo("b.jpg", "2024-06-09T01:00:00", "+03:00", camera="X1")
    album = corrected(Album([FILM, late]), [correction_of("X1=-7d")])
    assert told(in_camera_time(album))[0] == ("2024-06-02T01:30:00", "+03:00")

from __future__ import annotations

import time
from collections.abc import Iterator
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
    with pytest.raises(UserError, match="no calendar has"):
        corrected(Album([photo("z.jpg", "9999-12-31T23:00:00", None, camera="X")]), [correction_of("X=+1h")])
    with pytest.raises(UserError) as raised:
        corrected(Album(party.photos[3:]), [correction_of("Nikon=+1h")])
    assert raised.value.advice == "no photo here says which camera took it"
    assert told(corrected(party, [correction_of("Nikon=+1h")], is_part=True)) == told(party)


def test_a_corrected_camera_tells_films_their_zone() -> None:
    late = photo("b.jpg", "2024-06-09T01:00:00", "+03:00", camera="X1")
    album = corrected(Album([FILM, late]), [correction_of("X1=-7d")])
    assert told(in_camera_time(album))[0] == ("2024-06-02T01:30:00", "+03:00")


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize(
    ("taken_at", "offset"),
    [
        ("2024-06-04T01:30:00", "+03:00"),  # two days later to the second, in UTC
        ("2024-06-04T01:30:01", "-04:00"),
        ("2024-05-31T01:30:00", "+03:00"),
        ("2024-05-31T01:29:59", "-04:00"),
    ],
)
def test_a_photo_tells_the_zone_of_two_days(taken_at: str, offset: str) -> None:
    album = Album([FILM, photo("b.jpg", taken_at, "+03:00")])
    assert told(in_camera_time(album))[0][1] == offset


def test_of_photos_around_a_film_the_nearest_tells_its_zone() -> None:
    """Times are compared in UTC: the clocks of the first and the last are as far from the film's."""
    photos = [
        photo("a.jpg", "2024-06-01T12:00:00", "-09:00"),  # 21:00 in UTC
        photo("b.jpg", "2024-06-02T07:00:00", "+09:00"),  # 22:00
        photo("c.jpg", "2024-06-02T00:31:00", "+01:00"),  # 23:31
    ]
    assert told(in_camera_time(Album([FILM, *photos])))[0][1] == "+09:00"
    assert told(in_camera_time(Album([FILM, photos[0], photos[2]])))[0][1] == "+01:00"


def test_films_and_photos_without_an_offset_tell_no_zone() -> None:
    guides = [
        photo("a.mov", "2024-06-01T22:30:00", "+05:00", "mov"),
        photo("b.jpg", "2024-06-01T22:30:00", None),
        photo("c.jpg", None, "+07:00"),
        photo("d.jpg", "2024-06-01T20:00:00", "+02:00"),
    ]
    assert told(in_camera_time(Album([FILM, *guides])))[0][1] == "+02:00"


def test_no_offset_is_plus_zero_and_minutes_stay() -> None:
    assert told(in_camera_time(Album([FILM]), zone_of("+00:00")))[0] == ("2024-06-01T22:30:00", "+00:00")
    assert told(in_camera_time(Album([FILM]), zone_of("+05:45")))[0] == ("2024-06-02T04:15:00", "+05:45")
    assert told(in_camera_time(Album([FILM]), zone_of("-00:30")))[0] == ("2024-06-01T22:00:00", "-00:30")


@pytest.mark.parametrize("name", ["'", "'X\"", "X'", "'X"])
def test_a_single_quote_is_part_of_a_name(name: str) -> None:
    assert correction_of(f"{name}=+1h").camera == name


@pytest.mark.parametrize("count", [12, 13, 15])
def test_twelve_cameras_are_listed_and_the_rest_counted(count: int) -> None:
    cameras = [f"Camera {number:02}" for number in range(count)]
    album = Album([photo(name, None, None, camera=name) for name in cameras])
    more = f" and {count - 12} more" if count > 12 else ""
    with pytest.raises(UserError) as raised:
        corrected(album, [correction_of("Nikon=+1h")])
    assert raised.value.advice == f"the cameras are: {', '.join(cameras[:12])}{more}"


def test_a_part_of_two_names_is_not_clear_even_where_cameras_may_be_missing(party: Album) -> None:
    with pytest.raises(UserError, match="may be"):
        corrected(party, [correction_of("Canon=+1h")], is_part=True)


def test_corrections_are_held_by_the_largest_units() -> None:
    assert correction_of("X=+1d2h3m4s").delta == timedelta(days=1, hours=2, minutes=3, seconds=4)


@pytest.mark.parametrize(("taken_at", "offset"), [("0001-01-01T00:00:00", "+02:00"), ("9999-12-31T23:00:00", "-05:00")])
def test_a_photo_beyond_the_calendar_tells_films_no_zone(taken_at: str, offset: str) -> None:
    photos = [photo("a.jpg", taken_at, offset), photo("b.jpg", "2024-06-02T01:00:00", "+03:00")]
    assert told(in_camera_time(Album([FILM, *photos])))[0] == ("2024-06-02T01:30:00", "+03:00")


def test_a_film_at_the_end_of_the_calendar_keeps_its_time() -> None:
    album = Album([photo("a.mp4", "9999-12-31T23:30:00", "+00:00", "mp4")])
    assert told(in_camera_time(album, zone_of("+02:00"))) == [("9999-12-31T23:30:00", "+00:00")]

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto


def an_album() -> Album:
    one = a_face("f1", (0.0, 0.0, 50.0, 60.0), embedding=an_embedding(1))
    two = a_face("f2", (9.0, 9.0, 80.0, 70.0), embedding=an_embedding(2))
    unmeasured = a_face("f3")
    foreign = a_face("f4", embedding=an_embedding(4), engine="otherface")
    records = [a_record(), a_record(one, unmeasured, foreign, two), a_record(unreadable="broken"), a_record(one)]
    return Album(AlbumPhoto(f"album/{number}.jpg", record) for number, record in enumerate(records))


def test_faces_are_those_of_one_engine_that_have_an_identity() -> None:
    album = an_album()
    assert [face.id for face in album.faces] == ["f1", "f2", "f1"]
    assert album.owners.tolist() == [1, 1, 3]
    assert album.sizes.tolist() == [50.0, 70.0, 50.0]
    assert np.linalg.norm(album.embeddings, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_nobody_counts_twice_where_two_engines_have_looked() -> None:
    photos = an_album().photos
    assert [face.id for face in photos[1].record.faces] == ["f1", "f3", "f2"]
    (foreign,) = Album([AlbumPhoto("a.jpg", a_record(a_face("f4", engine="otherface"), a_face()))], "otherface").photos
    assert [face.id for face in foreign.record.faces] == ["f4"]


def test_the_faces_of_a_film_are_in_one_picture_only_at_one_time() -> None:
    assert an_album().frames is None
    faces = [a_face(f"f{at}", embedding=an_embedding(1), at_seconds=at // 10 * 1.0) for at in (20, 10, 21)]
    film = msgspec.structs.replace(a_record(*faces), format="mp4")
    photo = a_record(*(a_face(name, embedding=an_embedding(1)) for name in ("fa", "fb")))
    frames = Album([AlbumPhoto("a.mp4", film), AlbumPhoto("b.jpg", photo), AlbumPhoto("c.mp4", film)]).frames
    assert frames is not None
    first, second, third, one, other, *again = frames.tolist()
    one_picture = [first == third, one == other, again[0] == again[2]]
    assert one_picture == [True, True, True]
    assert len({first, second, one, *again}) == 5


def test_photos_keep_their_names() -> None:
    assert [photo.name for photo in an_album().photos] == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("IMG_20190504_123456.jpg", "2019-05-04T12:34:56"),
        ("20190504_123456(1).jpg", "2019-05-04T12:34:56"),
        ("VID_20190504_123456789.mp4", "2019-05-04T12:34:56"),
        ("Screenshot_20190504-123456_Maps.png", "2019-05-04T12:34:56"),
        ("Screenshot 2019-05-04 at 12.34.56.png", "2019-05-04T12:34:56"),
        ("2019-05-04 12.34.56-2.jpg", "2019-05-04T12:34:56"),
        ("Screenshot 2019-05-04 at 12.34.56 PM.png", None),  # may be noon or midnight
        ("IMG-20190504-WA0003.jpg", None),  # no time, and the date is that of the message
        ("signal-2019-05-04-123456.jpg", None),
        ("PXL_20190504_123456789.jpg", None),  # in UTC
        ("IMG_20191304_123456.jpg", None),
        ("IMG_20190504_993456.jpg", None),
        ("20190504_1234567890123.jpg", None),
    ],
)
def test_the_name_that_a_camera_gave_says_when(name: str, taken: str | None) -> None:
    silent, dated = Album(
        [AlbumPhoto(name, a_record()), AlbumPhoto(name, a_record(taken_at="2001-02-03T04:05:06"))]
    ).photos
    assert (silent.record.taken_at, dated.record.taken_at) == (taken, "2001-02-03T04:05:06")


@pytest.mark.parametrize("told", ["yesterday", "01.06.2024", "0000-00-00T00:00:00", "2024-02-30T10:00:00"])
def test_a_time_that_is_none_counts_as_unknown(told: str) -> None:
    for name in ("a.jpg", "IMG_20191304_123456.jpg"):
        (photo,) = Album([AlbumPhoto(name, a_record(taken_at=told))]).photos
        assert photo.record.taken_at is None
    (photo,) = Album([AlbumPhoto("IMG_20190504_123456.jpg", a_record(taken_at=told))]).photos
    assert photo.record.taken_at == "2019-05-04T12:34:56"


def test_an_empty_album() -> None:
    album = Album([])
    assert (len(album.faces), album.owners.shape, album.sizes.shape, len(album.embeddings)) == (0, (0,), (0,), 0)


def test_two_networks_on_one_face_count_by_the_lengths_of_what_they_say() -> None:
    one, other = (
        a_face(name, embedding=an_embedding(seed), second_embedding=an_embedding(second, 144))
        for name, seed, second in (("f1", 1, 5), ("f2", 2, 5))
    )
    half = a_face("f3", embedding=an_embedding(3))
    photos = [AlbumPhoto("a.jpg", a_record(one, half, other))]
    duo, alone = Album(photos, "duo"), Album(photos, "sface")
    assert [face.id for face in duo.faces] == ["f1", "f2"], "one face waits for the second network"
    assert [face.id for face in alone.faces] == ["f1", "f3", "f2"]
    assert duo.embeddings.shape == (2, 272)
    first = float(alone.embeddings[0] @ alone.embeddings[2])
    assert float(duo.embeddings[0] @ duo.embeddings[1]) == pytest.approx((first + 1.0) / 2, abs=1e-3)
    assert len(duo.photos[0].record.faces) == 3, "they are the faces of sface"

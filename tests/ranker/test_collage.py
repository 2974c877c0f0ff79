from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows, encode_array
from photo_ranker.ranker import line_up
from photo_ranker.ranker.collage import collages, shown_twice
from photo_ranker.records import Face, Match
from photo_ranker.settings import Settings

ANNA, BEN = 1, 2


def face(name: str, person: int, left: float, **facts: Any) -> Face:
    return a_face(name, facts.pop("box", (left, 50.0, 180.0, 220.0)), embedding=an_embedding(person), **facts)


def sister(name: str, left: float) -> Face:
    """Somebody whose cosine to Anna is 0.5."""
    anna, ben = decode_unit_rows([an_embedding(ANNA), an_embedding(BEN)])
    aside = ben - (ben @ anna) * anna
    row = 0.5 * anna + 0.75**0.5 * aside / (aside @ aside) ** 0.5
    return a_face(name, (left, 50.0, 180.0, 220.0), embedding=encode_array(row))


PHOTOS = {
    "collage": (face("f1", ANNA, 100), face("f2", ANNA, 600)),
    "alone": (face("f3", ANNA, 100),),
    "with ben": (face("f4", ANNA, 100), face("f5", BEN, 600)),
    "with her sister": (face("f6", ANNA, 100), sister("f7", 600)),
    "one face found twice": (face("f8", ANNA, 100), face("f9", ANNA, 130)),
    "a picture on the wall": (face("fa", ANNA, 100), face("fb", ANNA, 900, box=(900.0, 50.0, 60.0, 70.0))),
    "tiny faces": (face("fc", ANNA, 0, box=(0, 0, 30, 30)), face("fd", ANNA, 0, box=(90, 0, 30, 30))),
}
ALBUM = Album(AlbumPhoto(name, a_record(*faces, hash=name)) for name, faces in PHOTOS.items())
MATCHES = [Match(number, int((ALBUM.owners < number).sum()), 0.9, 0.9, None) for number in range(len(PHOTOS))]


def test_only_collages_show_the_person_twice() -> None:
    assert [ALBUM.photos[number].path for number in shown_twice(ALBUM, MATCHES)] == ["collage"]
    assert shown_twice(ALBUM, []) == frozenset()
    assert shown_twice(ALBUM, MATCHES[1:2]) == frozenset()


def test_a_collage_comes_behind_plain_photos_and_says_why() -> None:
    settings = Settings()
    lineup = line_up(ALBUM, MATCHES[:3], settings)
    ranked = lineup.explained(lineup.order(settings.weights), settings.weights)
    assert ranked[-1].path == "collage"
    assert ranked[-1].against[0] == "shown twice"
    plain = lineup.ranked(Settings(penalty_collage=0.0).weights)
    (was,) = (item.score for item in plain if item.path == "collage")
    assert ranked[-1].score == pytest.approx(0.8 * was, abs=1e-4)
    (penalty,) = (item for item in ranked[-1].penalties if item.name == "collage")
    assert penalty.factor == pytest.approx(0.8)


def at(cosine: float, aside: int = 100) -> bytes:
    """A direction of this cosine to that of :func:`at` 1; two that go aside elsewhere have the product."""
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return encode_array(row)


def beside(
    cosine: float = 1.0,
    box: tuple[float, float, float, float] = (600.0, 50.0, 180.0, 220.0),
    own: tuple[float, float, float, float] = (100.0, 50.0, 180.0, 220.0),
) -> bool:
    """Whether the person is shown twice by a face in this box that is so like the own one."""
    faces = [a_face("f1", own, embedding=at(1.0)), a_face("f2", box, embedding=at(cosine))]
    album = Album([AlbumPhoto("a.jpg", a_record(*faces))])
    found = {shown_twice(album, [Match(0, number, 0.9, 0.9, None)]) for number in (0, 1)}
    assert len(found) == 1, "whichever face is the person's"
    return found == {frozenset({0})}


def test_who_is_shown_twice_is_as_like_as_no_sister() -> None:
    assert beside(0.56)
    assert not beside(0.54)


def test_a_second_face_is_large_enough_to_be_recognised() -> None:
    assert beside(box=(600.0, 50.0, 40.0, 90.0))
    assert not beside(box=(600.0, 50.0, 39.9, 90.0))
    small = (100.0, 50.0, 40.0, 50.0)
    assert beside(own=small, box=(600.0, 50.0, 40.0, 50.0))


def test_a_second_face_is_about_as_high() -> None:
    assert beside(box=(600.0, 50.0, 180.0, 549.0))
    assert not beside(box=(600.0, 50.0, 180.0, 550.0))


def test_two_boxes_of_one_face_overlap() -> None:
    """Boxes that share a tenth of the area that both cover; in width: 180 px each, 32.7 of them in common."""
    assert beside(box=(248.0, 50.0, 180.0, 220.0))
    assert not beside(box=(246.0, 50.0, 180.0, 220.0))


def strip(*persons: tuple[float, int], size: float = 100.0, **facts: Any) -> AlbumPhoto:
    """A picture with these faces in a row: each with its cosine to the first direction, and where the rest goes."""
    faces = [
        a_face(f"f{place}", (200.0 * place, 50.0, size, 120.0), embedding=at(*person))
        for place, person in enumerate(persons)
    ]
    return AlbumPhoto("a.jpg", a_record(*faces, **facts))


def is_collage(*photos: AlbumPhoto) -> list[int]:
    return sorted(collages(Album(photos)))


SAME, OTHER = (1.0, 100), (0.0, 101)


def test_pictures_that_repeat_people_are_collages() -> None:
    assert is_collage(strip(SAME, SAME, SAME)) == [0]
    assert is_collage(strip(SAME, SAME, OTHER, OTHER)) == [0]
    assert is_collage(strip(SAME, SAME, OTHER)) == [], "one pair may be twins"
    assert is_collage(strip(SAME, SAME)) == []
    assert is_collage(strip(SAME), strip(SAME, SAME, SAME), strip(SAME)) == [1]


def test_pairs_of_a_collage_are_as_like_as_photos_of_one_person() -> None:
    assert is_collage(strip(SAME, (0.71, 100), (0.71, 101))) == [0]
    assert is_collage(strip(SAME, (0.69, 100), (0.69, 101))) == []


def test_small_faces_and_films_make_no_collage() -> None:
    assert is_collage(strip(SAME, SAME, SAME, size=40.0)) == [0]
    assert is_collage(strip(SAME, SAME, SAME, size=39.9)) == []
    film = strip(SAME, SAME, SAME)
    record = msgspec.structs.replace(film.record, format="mp4")
    assert is_collage(AlbumPhoto("a.mp4", record)) == []

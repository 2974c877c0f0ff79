from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record, an_embedding, some_expressions
from photo_ranker.album import ALIKE, Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows, encode_array, unit_rows
from photo_ranker.ranker import line_up
from photo_ranker.ranker.company import are_alike, are_together, collages, shown_twice
from photo_ranker.records import Face, Match, MeshFigures
from photo_ranker.settings import Settings

JAW, SMILE, DOWN = 25, (44, 45), (11, 12)


def both(one: Face, other: Face) -> bool:
    return bool(are_together([one, other], np.array([0]), np.array([1]))[0])


def two_heads(
    apart: float, yaws: tuple[float | None, float | None], heights: tuple[float, float] = (100.0, 100.0)
) -> bool:
    """Whether two faces are together whose middles are this far from each other, in heights of a face."""
    meshes = [None if yaw is None else MeshFigures(1.0, yaw, 0.0, 0.0, some_expressions()) for yaw in yaws]
    left, right = (
        a_face(
            f"f{place}", (500.0 + place * apart * sum(heights) / 2 - 40.0, 300.0 - height / 2, 80.0, height), mesh=mesh
        )
        for place, (height, mesh) in enumerate(zip(heights, meshes, strict=True))
    )
    assert both(left, right) is both(right, left), "whoever is asked"
    return both(left, right)


@pytest.mark.parametrize(
    ("apart", "yaws", "together"),
    [
        (0.94, (25.0, 0.0), True),
        (0.94, (0.0, -25.0), True),
        (0.94, (24.0, -24.0), False),
        (0.95, (25.0, 0.0), False),
        (0.96, (25.0, 0.0), False),
        (0.96, (25.0, -25.0), True),
        (1.99, (25.0, -25.0), True),
        (2.0, (25.0, -25.0), False),
        (1.99, (25.0, -24.0), False),
        (0.94, (-40.0, 40.0), False),
        (0.94, (None, -40.0), False),
        (0.94, (40.0, None), False),
    ],
)
def test_the_limits_of_being_together(apart: float, yaws: tuple[float, float], together: bool) -> None:
    assert two_heads(apart, yaws) is together


def test_faces_at_different_distances_are_not_together() -> None:
    assert two_heads(0.5, (40.0, -40.0), (60.0, 100.0))
    assert two_heads(0.5, (40.0, -40.0), (100.0, 60.0))
    assert not two_heads(0.5, (40.0, -40.0), (59.0, 100.0))


def test_what_is_apart_are_the_middles_of_the_faces() -> None:
    """A wide box and a narrow one: their left sides are 2.1 heights from each other, their middles 1.9."""
    towards, away = (MeshFigures(1.0, yaw, 0.0, 0.0, some_expressions()) for yaw in (30.0, -30.0))
    wide = a_face("f1", (500.0, 300.0, 120.0, 100.0), mesh=towards)
    assert both(wide, a_face("f2", (710.0, 300.0, 80.0, 100.0), mesh=away))
    assert not both(wide, a_face("f2", (730.0, 300.0, 80.0, 100.0), mesh=away))
    high, low = a_face("f1", (500.0, 300.0, 80.0, 120.0), mesh=towards), (580.0, 470.0, 80.0, 80.0)
    assert both(high, a_face("f2", low, mesh=away)), "1.7 heights lower, by the middles 1.5"
    assert not both(high, a_face("f2", (580.0, 520.0, 80.0, 80.0), mesh=away)), "2.0 heights lower"


def test_only_faces_of_one_moment_of_a_film_are_together() -> None:
    towards, away = (MeshFigures(1.0, yaw, 0.0, 0.0, some_expressions()) for yaw in (30.0, -30.0))
    left = a_face("f1", (500.0, 300.0, 80.0, 100.0), mesh=towards, at_seconds=1.2)
    assert both(left, a_face("f2", (590.0, 300.0, 80.0, 100.0), mesh=away, at_seconds=1.2))
    assert not both(left, a_face("f2", (590.0, 300.0, 80.0, 100.0), mesh=away, at_seconds=6.0))


def test_company_is_found_among_several() -> None:
    ahead = MeshFigures(1.0, 0.0, 0.0, 0.0, some_expressions())
    far, near = (a_face(name, (left, 300.0, 80.0, 100.0), mesh=ahead) for name, left in (("f2", 3000.0), ("f3", 580.0)))
    person = a_face("f1", (500.0, 300.0, 80.0, 100.0), mesh=MeshFigures(1.0, 30.0, 0.0, 0.0, some_expressions()))
    assert are_together([far, person, near], np.array([1, 1]), np.array([0, 2])).tolist() == [False, True]
    assert are_together([person], np.array([], np.int64), np.array([], np.int64)).tolist() == []


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
    "two scenes of a film": (face("fe", ANNA, 100, at_seconds=1.0), face("ff", ANNA, 600, at_seconds=9.0)),
    "a mirror in a film": (face("fg", ANNA, 100, at_seconds=1.0), face("fh", ANNA, 600, at_seconds=1.0)),
    "tiny faces": (face("fc", ANNA, 0, box=(0, 0, 30, 30)), face("fd", ANNA, 0, box=(90, 0, 30, 30))),
}
ALBUM = Album(AlbumPhoto(name, a_record(*faces, hash=name)) for name, faces in PHOTOS.items())
MATCHES = [Match(number, int((ALBUM.owners < number).sum()), 0.9, 0.9, None) for number in range(len(PHOTOS))]


def test_only_collages_show_the_person_twice() -> None:
    assert [ALBUM.photos[number].path for number in sorted(shown_twice(ALBUM, MATCHES))] == [
        "collage",
        "a mirror in a film",
    ]
    assert shown_twice(ALBUM, []) == frozenset()
    assert shown_twice(ALBUM, MATCHES[1:2]) == frozenset()


def test_a_collage_comes_behind_plain_photos_and_says_why() -> None:
    settings = Settings()
    lineup = line_up(ALBUM, MATCHES[:3], settings)
    ranked = lineup.explained(lineup.order(settings.weights), settings.weights)
    assert ranked[-1].path == "collage"
    assert ranked[-1].against[0] == "shown more than once"
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
    assert not beside(own=(100.0, 50.0, 110.0, 220.0), box=(190.0, 50.0, 110.0, 220.0)), "just a tenth"


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
    assert is_collage(strip(OTHER), strip(SAME, SAME, SAME), strip(OTHER)) == [1]
    assert is_collage(strip(SAME), strip(SAME, OTHER, (0.0, 102)), strip(SAME)) == []


def test_pairs_of_a_collage_are_as_like_as_photos_of_one_person() -> None:
    assert is_collage(strip(SAME, (0.71, 100), (0.56, 101))) == [0]
    assert is_collage(strip(SAME, (0.71, 100), (0.54, 101))) == [], "two sisters"
    assert is_collage(strip(SAME, (0.69, 100), (0.69, 101))) == []


def test_small_faces_and_films_make_no_collage() -> None:
    assert is_collage(strip(SAME, SAME, SAME, size=40.0)) == [0]
    assert is_collage(strip(SAME, SAME, SAME, size=39.9)) == []
    film = strip(SAME, SAME, SAME)
    record = msgspec.structs.replace(film.record, format="mp4")
    assert is_collage(AlbumPhoto("a.mp4", record)) == []


def test_pairs_are_judged_alike_however_many_there_are() -> None:
    """Each face with the one beside it, in blocks and all at once."""
    generator = np.random.default_rng(0)
    rows = unit_rows(generator.normal(size=(40, 4)).astype(np.float16))
    own, others = np.sort(generator.integers(0, 40, 700)), generator.integers(0, 40, 700)
    expected = np.einsum("ij,ij->i", rows[own], rows[others]) >= ALIKE
    assert are_alike(rows.__getitem__, own, others).tolist() == expected.tolist()
    assert 0 < expected.sum() < 700
    assert len(are_alike(rows.__getitem__, own[:0], others[:0])) == 0

from __future__ import annotations

from typing import Any

import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows, encode_array
from photo_ranker.ranker import line_up
from photo_ranker.ranker.collage import shown_twice
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

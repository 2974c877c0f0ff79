from __future__ import annotations

from typing import Any

import msgspec
import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.errors import UserError
from photo_ranker.questions.answer import Question, Ranking, answer
from photo_ranker.questions.copies import content_of, one_of_each
from photo_ranker.settings import Settings


def photo(path: str, content: str, rest: str = "ff", **facts: Any) -> AlbumPhoto:
    """A photo of Anna; files of one content have the same faces."""
    face = a_face(f"f{content}", embedding=an_embedding(1), clarity=12.0)
    return AlbumPhoto(path, a_record(face, hash=content, rest=rest, **facts))


PHOTOS = (
    photo("album/IMG_1 (1).jpg", "a"),
    photo("album/IMG_1.jpg", "a"),
    photo("album/Copy of IMG_1.jpg", "a"),
    photo("album/IMG_2.jpg", "b"),
    photo("album/rated.jpg", "b", rest="00"),
    photo("album/longer.jpg", "b", size=11),
    photo("album/old.jpg", "b", rest=""),
    photo("album/older.jpg", "b", rest=""),
)


def asked(**asks: Any) -> Ranking:
    anna = list(decode_unit_rows([an_embedding(1)]))
    return answer(Album(PHOTOS), Question(references=anna, threshold=0.4, **asks), Settings())


def test_files_with_identical_bytes_are_one_result() -> None:
    ranking = asked(top=0)
    found = {item.path: [copy.path for copy in item.copies] for item in ranking.results}
    assert found.pop("album/IMG_1.jpg") == ["album/IMG_1 (1).jpg", "album/Copy of IMG_1.jpg"]
    assert set(found) == {photo.path for photo in PHOTOS[3:]}, "another rest or size, or one that is not known"
    assert not any(found.values())
    assert (ranking.counts.photos, ranking.counts.matched, ranking.counts.copies) == (8, 6, 2)


def test_copies_take_no_places_among_the_first() -> None:
    assert len({content_of(item.photo.record) or item.path for item in asked(top=5).results}) == 5


def test_all_lists_every_file() -> None:
    ranking = asked(top=0, copies="all")
    assert {item.path for item in ranking.results} == {photo.path for photo in PHOTOS}
    assert not any(item.copies for item in ranking.results)
    assert (ranking.counts.matched, ranking.counts.copies) == (8, 0)


def test_what_is_neither_one_nor_all_is_refused() -> None:
    with pytest.raises(UserError, match="neither one nor all"):
        asked(copies="some")


def test_unreadable_files_are_no_copies() -> None:
    broken = msgspec.structs.replace(PHOTOS[0].record, unreadable="cut off in the middle")
    photos = [AlbumPhoto("a.jpg", broken), AlbumPhoto("b.jpg", broken), *PHOTOS[:2]]
    assert [photo.path for photo in one_of_each(photos)] == ["a.jpg", "b.jpg", "album/IMG_1.jpg"]

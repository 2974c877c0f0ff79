"""One question to a small album: who is counted, what is listed, and what is left for later."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.errors import UserError
from photo_ranker.person_finder import Finding, Told
from photo_ranker.questions import Filters
from photo_ranker.questions.answer import Found, Question, Ranking, answer, arrange, search
from photo_ranker.ranker.scorer import COLUMNS
from photo_ranker.records import Face, Match, PhotoRecord, PictureFigures
from photo_ranker.settings import Settings

SETTINGS = Settings()
ANNA, BEN = 0, 1


def like(person: int, cosine: float = 1.0, beside: int = 100) -> Floats:
    """A direction of this cosine to the person's; ``beside`` is what the rest of it points to."""
    row = np.zeros(128, np.float32)
    row[person], row[beside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


def shows(name: str, *people: Floats, **facts: Any) -> AlbumPhoto:
    """A photo with these faces from left to right."""
    faces: list[Face] = [
        a_face(f"{name}{place}", (400.0 * place, 20.0, 100.0, 120.0), embedding=encode_array(row), clarity=12.0)
        for place, row in enumerate(people)
    ]
    return AlbumPhoto(f"album/{name}.jpg", a_record(*faces, hash=name, **facts))


SURE, DOUBTFUL, BOTH, BEN_ALONE = "sure", "doubtful", "both", "ben"
ALBUM = Album(
    [
        shows(SURE, like(ANNA, 0.9, 50)),
        shows(DOUBTFUL, like(ANNA, 0.57, 51)),
        shows(BOTH, like(ANNA, 0.8, 52), like(BEN, 0.8, 53)),
        shows(BEN_ALONE, like(BEN, 0.9, 54)),
        shows("landscape"),
        AlbumPhoto("album/broken.jpg", msgspec.structs.replace(a_record(), unreadable="cut off")),
        AlbumPhoto("album/gone.jpg", msgspec.structs.replace(a_record(), unreadable="empty")),
    ]
)


def ask(album: Album = ALBUM, **asks: Any) -> Ranking:
    return answer(album, Question(references=[like(ANNA)], threshold=0.6, **asks), SETTINGS)


def names(ranking: Ranking) -> list[str]:
    return [item.path.removeprefix("album/").removesuffix(".jpg") for item in ranking.results]


def test_the_sure_matches_are_listed_and_the_doubtful_ones_on_request() -> None:
    assert set(names(ask())) == {SURE, BOTH}
    assert set(names(ask(doubtful=True))) == {SURE, BOTH, DOUBTFUL}
    assert names(ask(doubtful=True))[-1] == DOUBTFUL


def test_the_counts_are_of_the_whole_album() -> None:
    counts = ask(filters=Filters(min_score=1.0), top=1).counts
    assert (counts.photos, counts.matched, counts.doubtful) == (7, 2, 1)
    assert (counts.no_face, counts.unreadable, counts.copies) == (1, 2, 0)


def test_files_that_could_not_be_measured_are_listed_with_the_reason() -> None:
    assert [(item.path, item.reason) for item in ask().unreadable] == [
        ("album/broken.jpg", "cut off"),
        ("album/gone.jpg", "empty"),
    ]


def test_together_needs_a_sure_match_of_the_other_person() -> None:
    assert names(ask(together_with=[[like(BEN)]])) == [BOTH]
    hardly = Album([shows("a", like(ANNA, 0.9, 50), like(BEN, 0.57, 51))])
    assert names(ask(hardly, together_with=[[like(BEN)]])) == []


def test_a_user_sees_twenty_photos_unless_another_number_is_asked_for() -> None:
    many = Album([shows(f"{number:02}", like(ANNA, 0.9, 20 + number)) for number in range(23)])
    assert [len(names(ask(many, **top))) for top in ({}, {"top": 22}, {"top": 1}, {"top": 0})] == [20, 22, 1, 23]


def test_one_of_each_moment_only_on_request() -> None:
    def shot(name: str, second: int) -> AlbumPhoto:
        picture = PictureFigures(phash="0" * 16)
        return shows(name, like(ANNA, 0.9, 20 + second), taken_at=f"2024-06-01T15:00:0{second}", picture=picture)

    burst = Album([shot("a", 0), shot("b", 1), shot("c", 2)])
    assert len(names(ask(burst))) == 3
    (only,) = ask(burst, distinct=True).results
    assert {only.path, *(photo.path for photo in only.alternates)} == {f"album/{name}.jpg" for name in "abc"}
    assert ask(burst, distinct=True).counts.matched == 3


def test_the_threshold_is_rounded_as_it_is_printed() -> None:
    finding = Finding((), 0.423456, "sface")
    assert arrange(ALBUM, Found(finding), Question([like(ANNA)]), SETTINGS).threshold == 0.4235


def test_reasons_compare_with_the_photos_that_pass_the_filters_or_with_columns() -> None:
    def sized(name: str, side: float, taken_at: str) -> AlbumPhoto:
        face = a_face(
            name, (10.0, 10.0, side, side), embedding=encode_array(like(ANNA, 0.9, int(side) // 10)), clarity=12.0
        )
        return AlbumPhoto(name, a_record(face, hash=name, taken_at=taken_at))

    sizes = {"c": (900, 2024), "b": (1200, 2024), "a": (500, 2024), "d": (400, 2023)}
    album = Album(sized(name, side, f"{year}-01-01") for name, (side, year) in sizes.items())
    question = Question([like(ANNA)], threshold=0.6, filters=Filters(since="2024-01-01"))
    found = search(album, question, SETTINGS)
    best = arrange(album, found, question, SETTINGS).results[0]
    assert best.path == "b"
    assert "largest of 3" in best.reasons
    alone = arrange(album, found, question, SETTINGS, among=np.full((len(COLUMNS), 4), np.nan))
    assert not any("largest" in reason for reason in alone.results[0].reasons)


def test_copies_are_counted_beside_the_matches() -> None:
    def copy(name: str) -> AlbumPhoto:
        return AlbumPhoto(name, shows("a", like(ANNA, 0.9, 50), rest="ff").record)

    ranking = ask(Album([copy("a.jpg"), copy("a (1).jpg"), copy("a (2).jpg"), shows("b", like(ANNA, 0.8, 51))]))
    assert (ranking.counts.matched, ranking.counts.copies) == (2, 2)
    every = ask(Album([copy("a.jpg"), copy("a (1).jpg")]), copies="all")
    assert (every.counts.matched, every.counts.copies) == (2, 0)


def test_a_decision_of_the_user_counts_for_the_others_too() -> None:
    told = (Told(frozenset({"ben0"}), frozenset({"both1"})),)
    assert names(ask(together_with=[[like(BEN)]], told=told)) == []


def test_a_match_without_a_measured_picture_is_listed_too() -> None:
    bare = Album([AlbumPhoto("a", PhotoRecord(a_record().stamp, 0, 0, faces=ALBUM.photos[0].record.faces))])
    finding = Finding((Match(0, 0, 0.9, 0.9, None),), 0.6, "sface")
    (only,) = arrange(bare, Found(finding), Question([like(ANNA)]), SETTINGS).results
    assert only.path == "a"


@pytest.mark.parametrize(("asks", "word"), [({"top": -1}, "top"), ({"threshold": 1.01}, "threshold")])
def test_a_question_that_means_nothing_is_refused(asks: dict[str, Any], word: str) -> None:
    with pytest.raises(UserError, match=word):
        Question([like(ANNA)], **asks)

"""Faces that are none: as measured, and as a user has said."""

from __future__ import annotations

import copy

import msgspec

from builders import a_face, a_record
from people.crowds import a_crowd, an_album
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.people import corrections
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import constraints_of, undo
from photo_ranker.people.merge_books import merge_books
from photo_ranker.people.recount import recount
from photo_ranker.people.told import false_faces, search_album, table_of
from photo_ranker.records import Face, FaceFigures
from photo_ranker.settings import Settings

SETTINGS = Settings()


def a_wedding() -> Album:
    """Faces a0 to a3 of one person and b0 to b3 of another, one a photo."""
    rows, who = a_crowd(2, 4)
    return an_album([[(f"{'ab'[person]}{number % 4}", rows[number])] for number, person in enumerate(who)])


def with_wallpaper(album: Album) -> Album:
    """In each photo a piece of wallpaper that the detector took for a face, always the same."""
    row = a_crowd(3, 1, seed=5)[0][2]
    return Album(
        AlbumPhoto(
            photo.path,
            msgspec.structs.replace(photo.record, faces=(*photo.record.faces, wallpaper(f"w{number}", row))),
        )
        for number, photo in enumerate(album.photos)
    )


def wallpaper(name: str, row: object) -> Face:
    figures = FaceFigures(sharpness=2.0)
    box = (500.0, 20.0, 120.0, 120.0)
    return a_face(name, box, detection=0.7, clarity=5.0, embedding=encode_array(row), figures=figures)  # type: ignore[arg-type]


def counted(album: Album, book: Book | None = None) -> Book:
    book = book or Book()
    recount(book, table_of(album, book, SETTINGS))
    return book


def groups(book: Book) -> list[list[str]]:
    return sorted(sorted(person.faces) for person in book.present() if person.faces)


ANNA, BEN = [f"a{n}" for n in range(4)], [f"b{n}" for n in range(4)]


def test_wallpaper_makes_no_person() -> None:
    album = with_wallpaper(a_wedding())
    assert groups(counted(album)) == [ANNA, BEN]
    table = table_of(album, Book(), SETTINGS)
    assert [face.id for face in table.album.faces] == [*ANNA, *BEN]
    assert list(table.false_places) == [f"w{n}" for n in range(8)]
    assert table.photos("w3") == [3]
    assert table.face("w3").detection == 0.7


def test_what_an_older_count_took_for_a_person_is_nobody_now() -> None:
    album = with_wallpaper(a_wedding())
    book = Book()
    book.add_person([f"w{n}" for n in range(8)])
    assert groups(counted(album, book)) == [ANNA, BEN]


def test_photos_without_the_false_faces_keep_their_numbers() -> None:
    album = with_wallpaper(a_wedding())
    true = album.without(false_faces(album, Book(), SETTINGS))
    assert [len(photo.record.faces) for photo in true.photos] == [1] * 8
    assert true.owners.tolist() == list(range(8))
    assert album.without(frozenset()) is album


def test_a_face_that_was_said_to_be_none_stays_out() -> None:
    album, book = a_wedding(), counted(a_wedding())
    corrections.say_false(book, ["a0", "b1"])
    assert groups(book) == [ANNA[1:], ["b0", "b2", "b3"]], "at once"
    assert groups(counted(album, book)) == [ANNA[1:], ["b0", "b2", "b3"]], "and in every count"


def test_it_can_be_undone() -> None:
    album, book = a_wedding(), counted(a_wedding())
    decision = corrections.say_false(book, ["a0"])
    undo(book, decision.id)
    assert groups(book) == [ANNA, BEN]
    assert groups(counted(album, book)) == [ANNA, BEN]


def test_it_holds_while_an_older_word_is_undone() -> None:
    book = counted(a_wedding())
    anna, ben = book.owners()["a0"], book.owners()["b0"]
    moved = corrections.move(book, ["a0"], ben)
    corrections.say_false(book, ["a0"])
    assert undo(book, moved.id)[1] == ["a0"], "held by the newer word"
    assert "a0" not in anna.faces


def test_a_user_knows_better_than_what_was_measured() -> None:
    album, book = with_wallpaper(a_wedding()), Book()
    corrections.say_true(book, ["w0"])
    assert "w0" not in false_faces(album, book, SETTINGS)
    counted(album, book)
    corrections.move(book, ["w1"], book.owners()["a0"])
    assert "w1" not in false_faces(album, book, SETTINGS), "who is somebody is a face"
    assert groups(counted(album, book))[0] == [*ANNA, "w1"]


def test_the_newer_word_holds() -> None:
    book = counted(a_wedding())
    named = corrections.give_name(book, book.owners()["a0"], "Anna")
    corrections.say_false(book, ["a0"])
    said = constraints_of(book)
    assert said.false_faces == {"a0"}
    assert [(item.decision, item.faces) for item in said.overruled] == [(named.id, ("a0",))]
    corrections.move(book, ["a0"], book.find("Anna"))
    said = constraints_of(book)
    assert said.false_faces == frozenset()
    assert said.pinned["a0"] == book.find("Anna").id


def test_a_face_that_is_none_ties_no_two_people() -> None:
    book = counted(a_wedding())
    corrections.say_same(book, "a0", "b0")
    corrections.say_false(book, ["a0"])
    assert all("a0" not in faces for faces in constraints_of(book).together)


def test_faces_without_an_embedding_are_left_out_too() -> None:
    row = a_crowd(1, 1)[0][0]
    bare = msgspec.structs.replace(wallpaper("bare", row), embedding=None)
    album = Album([AlbumPhoto("x.jpg", a_record(bare))])
    assert album.without(false_faces(album, Book(), SETTINGS)).photos[0].record.faces == ()


def test_a_search_leaves_out_what_would_count_beside_a_person() -> None:
    row = a_crowd(1, 1)[0][0]
    unsure = wallpaper("unsure", row)
    sure = msgspec.structs.replace(wallpaper("sure", row), detection=0.76, clarity=3.0, box=(0.0, 0.0, 300.0, 300.0))
    said = a_face("said")
    album, book = Album([AlbumPhoto("x.jpg", a_record(unsure, sure, said))]), Book()
    corrections.say_false(book, ["said"])
    assert false_faces(album, book, SETTINGS) == {"unsure", "sure", "said"}
    left = search_album(album, book, SETTINGS)
    assert [face.id for face in left.photos[0].record.faces] == ["unsure"], "it may be a hard photo of somebody"


def test_a_word_of_the_other_book_holds_when_two_are_merged() -> None:
    book = counted(a_wedding())
    lesser, greater = copy.deepcopy(book), copy.deepcopy(book)
    corrections.say_false(lesser, ["a0"])
    corrections.give_name(greater, greater.owners()["b0"], "Ben")
    merged = merge_books(lesser, greater).book
    counted(a_wedding(), merged)
    assert groups(merged) == [ANNA[1:], BEN]
    assert merged.find("Ben").faces

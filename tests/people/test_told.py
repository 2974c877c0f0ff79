"""What a user has said of people counts in every search, at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from builders import a_face, a_record
from people.crowds import unit
from person_finder.strangers import Person, face_of, strangers
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats
from photo_ranker.people.book import Book
from photo_ranker.people.constraints import undo
from photo_ranker.people.corrections import deny, draw, give_name, merge, say_different, say_false, say_true, set_born
from photo_ranker.people.store import PEOPLE_NAME, drawn_of, edit_book
from photo_ranker.people.told import false_faces, told_by
from photo_ranker.person_finder import Finding, Told, find_person
from photo_ranker.records import Drawings, DrawnFace
from photo_ranker.settings import Settings

SETTINGS = Settings()


def an_album(**people: list[Floats]) -> Album:
    """One photo for each face; the id of a face is the person's name and a number."""
    import msgspec

    photos = []
    for name, rows in {**people, "other": strangers(60)}.items():
        for number, row in enumerate(rows):
            face = msgspec.structs.replace(face_of(row), id=f"{name}{number}")
            photos.append(AlbumPhoto(f"album/{name}{number}.jpg", a_record(face)))
    return Album(photos)


def a_book(**people: int) -> Book:
    book = Book()
    for name, count in people.items():
        book.add_person([f"{name}{number}" for number in range(count)])
    return book


def sure(album: Album, finding: Finding) -> set[str]:
    return {album.faces[match.face].id for match in finding.sure}


def asked(album: Album, book: Book, reference: Floats) -> set[str]:
    return sure(album, find_person(album, [reference], settings=SETTINGS, told=told_by(book)))


@pytest.fixture
def anna() -> Person:
    return Person(1)


def a_look_of(person: Person) -> list[Floats]:
    """Photos that nobody would take for the person: as a small child, say."""
    del person
    return Person(50).photos(4)


def test_a_person_who_was_named_is_found_in_every_look(anna: Person) -> None:
    album = an_album(anna=anna.photos(5), child=a_look_of(anna))
    book = a_book(anna=5, child=4)
    first, second = book.people
    assert asked(album, book, anna.photo()) == {f"anna{number}" for number in range(5)}
    merge(book, first, [second])
    assert asked(album, book, anna.photo()) == {f"anna{n}" for n in range(5)} | {f"child{n}" for n in range(4)}


def test_more_photos_like_a_look_that_was_told_are_found(anna: Person) -> None:
    child = Person(50)
    album = an_album(anna=anna.photos(5), child=child.photos(6))
    book = a_book(anna=5, child=3)
    merge(book, book.people[0], [book.people[1]])
    assert asked(album, book, anna.photo()) >= {f"child{number}" for number in range(6)}


def test_another_person_who_was_named_is_not_found(anna: Person) -> None:
    sister = Person(2, like=anna, cosine=0.5)
    album = an_album(anna=anna.photos(4), sister=sister.photos(2))
    book, reference = a_book(anna=4, sister=2), anna.photo()
    assert "sister0" in asked(album, book, reference)
    give_name(book, book.people[0], "Anna")
    give_name(book, book.people[1], "Berta")
    assert asked(album, book, reference) == {f"anna{number}" for number in range(4)}


def test_a_face_that_is_not_the_person_is_not_found(anna: Person) -> None:
    album, book = an_album(anna=anna.photos(6)), a_book(anna=6)
    deny(book, ["anna5"], book.people[0])
    assert asked(album, book, anna.photo()) == {f"anna{number}" for number in range(5)}


def test_two_faces_that_are_two_people_are_never_found_together(anna: Person) -> None:
    album, book = an_album(anna=anna.photos(6)), a_book(anna=6)
    say_different(book, "anna0", "anna5")
    found = asked(album, book, album.embeddings[0])
    assert "anna0" in found
    assert "anna5" not in found


def test_words_about_somebody_else_change_nothing(anna: Person) -> None:
    album = an_album(anna=anna.photos(5), child=a_look_of(anna), ben=Person(3).photos(5))
    book, reference = a_book(ben=5, child=4), anna.photo()
    before = asked(album, Book(), reference)
    merge(book, book.people[0], [book.people[1]])
    give_name(book, book.people[0], "Ben")
    assert asked(album, book, reference) == before


def test_a_book_without_words_says_nothing() -> None:
    assert told_by(a_book(anna=5)) == ()


def test_a_tiny_face_that_was_given_to_a_person_is_found(anna: Person) -> None:
    import msgspec

    tiny = msgspec.structs.replace(face_of(unit(np.ones(128)), size=9.0), id="anna3")
    album = an_album(anna=anna.photos(3))
    album = Album([*album.photos, AlbumPhoto("album/tiny.jpg", a_record(tiny))])
    book = a_book(anna=4)
    assert "anna3" not in asked(album, book, anna.photo())
    give_name(book, book.people[0], "Anna")
    assert "anna3" in asked(album, book, anna.photo())


def test_what_a_book_says_of_each_person() -> None:
    book = a_book(anna=3, ben=2, carl=2)
    anna, ben, _ = book.people
    assert told_by(book) == ()
    give_name(book, ben, "Ben")
    set_born(book, anna, 1990)
    deny(book, ["carl0"], anna)
    hers = Told(frozenset(anna.faces), frozenset({"ben0", "ben1", "carl0"}), born=1990)
    his = Told(frozenset(ben.faces), frozenset(anna.faces))
    apart = [
        Told(frozenset(one), frozenset(other), is_confirmed=False)
        for one, other in ((["carl0"], anna.faces), (anna.faces, ["carl0"]))
    ]
    assert set(told_by(book)) == {hers, his, *apart}


def test_a_single_face_says_nothing_unless_it_is_told_from_others() -> None:
    book = a_book(anna=1, ben=2)
    give_name(book, book.people[0], "Anna")
    assert told_by(book) == ()
    set_born(book, book.people[0], 1990)
    assert told_by(book) == (Told(frozenset({"anna0"}), frozenset(), born=1990),)
    other = a_book(anna=1, ben=2)
    give_name(other, other.people[0], "Anna")
    say_different(other, "anna0", "ben0")
    assert Told(frozenset({"anna0"}), frozenset({"ben0"})) in told_by(other)


def test_whose_name_is_known_is_nobody_else_though_only_counted() -> None:
    """A name confirms the faces that were seen; the others of the person are no face of a second one either."""
    book = a_book(anna=2, ben=3)
    give_name(book, book.people[0], "Anna")
    give_name(book, book.people[1], "Ben", seen=["ben0"])
    (hers,) = (one for one in told_by(book) if "anna0" in one.faces)
    assert hers.others == {"ben0", "ben1", "ben2"}


@pytest.mark.parametrize(
    ("detection", "least", "is_false"),
    [(0.84, 0.0, True), (0.85, 0.0, False), (0.76, 0.76, True), (0.75, 0.76, False)],
)
def test_false_faces_by_their_figures(detection: float, least: float, is_false: bool) -> None:
    settings = Settings(false_face=-40.0)
    face = a_face("f", detection=detection, clarity=6.0)
    album = Album([AlbumPhoto("a.jpg", a_record(face))])
    assert false_faces(album, Book(), settings, least) == (frozenset({"f"}) if is_false else frozenset())
    book = Book()
    say_true(book, ["f"])
    assert false_faces(album, book, settings, least) == frozenset()
    say_false(book, ["f"])
    assert false_faces(album, book, SETTINGS, least) == {"f"}


def test_faces_that_were_drawn_are_known_by_their_picture(tmp_path: Path) -> None:
    """One that was taken back is told too, unless the same face was drawn again."""
    faces = [DrawnFace(f"f{n}", picture, (float(n), 2.0, 30.0, 40.0)) for n, picture in enumerate(["aa", "aa", "bb"])]
    with edit_book(tmp_path, print) as book:
        for face in faces:
            draw(book, face, "a.jpg")
    assert drawn_of([str(tmp_path)]) == {"aa": Drawings(tuple(faces[:2])), "bb": Drawings((faces[2],))}
    with edit_book(tmp_path, print) as book:
        undo(book, book.decisions[0].id)
        undo(book, book.decisions[2].id)
        draw(book, faces[2], "a.jpg")
    assert drawn_of([str(tmp_path)]) == {"aa": Drawings((faces[1],), ("f0",)), "bb": Drawings((faces[2],))}


def test_a_book_without_drawn_faces_and_a_damaged_one_tell_of_none(tmp_path: Path) -> None:
    with edit_book(tmp_path, print) as book:
        give_name(book, book.add_person(["f1"]), "Anna")
    assert drawn_of([str(tmp_path)]) == {}
    (tmp_path / PEOPLE_NAME).write_text('{"drawn": ')
    assert drawn_of([str(tmp_path)]) == {}


def test_a_year_of_birth_is_told_of_a_single_face_too() -> None:
    book = a_book(anna=1, ben=2)
    set_born(book, book.people[0], 1990)
    assert told_by(book) == (Told(frozenset({"anna0"}), frozenset(), born=1990),)

"""Whose decisions count in a search, and what they say of each face."""

from __future__ import annotations

import numpy as np
import pytest

from builders import a_face, a_record
from person_finder.strangers import Person, strangers
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.person_finder import Finding, find_person
from photo_ranker.person_finder.told import Meant, Told, meant
from photo_ranker.records import Match
from photo_ranker.settings import Settings


def like(cosine: float, aside: int) -> Floats:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


REFERENCE = like(1.0, 1)
COSINES = (0.99, 0.7, 0.6, 0.5, 0.4, 0.3)
ALBUM = Album(
    AlbumPhoto(f"{number}.jpg", a_record(a_face(f"f{number}", embedding=encode_array(like(cosine, 10 + number)))))
    for number, cosine in enumerate(COSINES)
)


def ids(*numbers: int) -> frozenset[str]:
    return frozenset(f"f{number}" for number in numbers)


def told(*faces: int, others: frozenset[str] = frozenset(), confirmed: bool = True, born: int | None = None) -> Told:
    return Told(ids(*faces), others, is_confirmed=confirmed, born=born)


def said(*decisions: Told, found: tuple[int, ...] = (), doubtful: tuple[int, ...] = ()) -> Meant | None:
    matches = [Match(number, number, 0.5, 0.5, None, number in doubtful) for number in (*found, *doubtful)]
    return meant(ALBUM, matches, [REFERENCE], decisions)


def numbers(flags: np.ndarray) -> list[int]:
    return np.flatnonzero(flags).tolist()


def test_who_shows_the_reference_itself_is_meant() -> None:
    known = said(told(0, 5))
    assert known is not None
    assert numbers(known.certain) == [0, 5]
    assert said(told(1, 2)) is None


@pytest.mark.parametrize(
    ("found", "is_meant"), [((1, 2), False), ((1, 2, 3), True), ((1, 2, 3, 4), True), ((0, 5), False)]
)
def test_who_was_mostly_found_is_meant(found: tuple[int, ...], is_meant: bool) -> None:
    assert (said(told(1, 2, 3, 4), found=found) is not None) is is_meant


def test_doubtful_matches_are_not_found() -> None:
    assert said(told(1, 2, 3), found=(1,), doubtful=(2, 3)) is None
    assert said(told(1, 2, 3), found=(1, 2), doubtful=(3,)) is not None


def test_faces_that_the_album_does_not_show_count_for_nothing() -> None:
    away = Told(ids(1) | {"away", "gone"}, frozenset())
    assert said(away, found=(1,)) is not None
    assert said(Told(frozenset({"away"}), frozenset()), found=(1,)) is None
    assert said() is None


def test_what_was_only_counted_is_not_certain() -> None:
    known = said(told(1, 2, confirmed=False, others=ids(4)), found=(1, 2))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([], [4])


def test_of_two_people_the_one_of_the_reference_is_meant() -> None:
    """Both were found, and they are two: the face of the reference decides, not the mean likeness."""
    mine, theirs = told(0, 5, others=ids(1)), told(1, others=ids(0, 5))
    for order in ((mine, theirs), (theirs, mine)):
        known = said(*order, found=(1,))
        assert known is not None
        assert (numbers(known.certain), numbers(known.excluded)) == ([0, 5], [1])


def test_of_two_people_who_were_found_the_nearer_one_is_meant() -> None:
    near, far = told(1, 3), told(2, 4, others=ids(1))
    for order in ((near, far), (far, near)):
        known = said(*order, found=(1, 2, 3, 4))
        assert known is not None
        assert (numbers(known.certain), numbers(known.excluded)) == ([1, 3], [])


def test_parts_of_one_person_count_together() -> None:
    known = said(told(1, others=ids(5)), told(2, born=1990), told(3, born=1980), found=(1, 2, 3))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded), known.born) == ([1, 2, 3], [5], 1990)


def test_a_face_that_is_certain_is_not_excluded() -> None:
    """One part says that the face is somebody else, another part that it is the person: of two parts the nearer."""
    known = said(told(1, confirmed=False), told(2, others=ids(1, 4)), found=(1, 2))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([], [])


def sure(finding: Finding) -> set[int]:
    return {match.photo for match in finding.sure}


def told_of(*faces: int, others: tuple[int, ...] = ()) -> Told:
    return Told(frozenset(f"f{number}" for number in faces), frozenset(f"f{number}" for number in others))


def named_album(*rows: Floats) -> Album:
    """One face a photo, each with an id of its own."""
    return Album(
        AlbumPhoto(f"{number}.jpg", a_record(a_face(f"f{number}", embedding=encode_array(row))))
        for number, row in enumerate(rows)
    )


def test_what_a_user_has_said_overrules_every_similarity() -> None:
    anna, ben = Person(1), Person(2)
    album = named_album(*anna.photos(4), *ben.photos(2), *strangers(40))
    told = [told_of(0, 1, 4, others=(2,))]
    found = find_person(album, anna.photos(1), settings=Settings(), told=told)
    assert {0, 1, 3, 4} <= sure(found)
    assert 2 not in {match.photo for match in found.matches}
    assert {match.similarity for match in found.matches if match.photo in {0, 1, 4}} == {1.0}
    assert 5 in sure(found), "the face that is certain shows how the person looks too"


def test_decisions_about_others_change_nothing() -> None:
    anna = Person(1)
    album, reference = named_album(*anna.photos(4), *strangers(40)), anna.photos(1)
    plain = find_person(album, reference, settings=Settings())
    assert find_person(album, reference, settings=Settings(), told=[told_of(10, 11)]) == plain

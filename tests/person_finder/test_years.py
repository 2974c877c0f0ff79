"""People over the years: who is older than a photo is not in it, and a search goes on from year to year."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from builders import a_face, a_record
from person_finder.strangers import Person, strangers
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.person_finder import Finding, Told, find_person
from photo_ranker.person_finder.looks import Crowd
from photo_ranker.person_finder.years import (
    LIKE,
    Dated,
    before_birth,
    carried,
    groups,
    spans_years,
    year_of,
    year_of_file,
    years_of_faces,
)
from photo_ranker.records import Face
from photo_ranker.settings import Settings

SETTINGS = Settings()
FIRST, EACH = 1990, 3

Grown = list[tuple[int, Floats]]


def unit(row: NDArray[np.floating]) -> Floats:
    return np.asarray(row / np.linalg.norm(row), np.float32)


def grown(person: Person, years: int, seed: int, lasting: float = 0.2, like: Person | None = None) -> Grown:
    """Photos of a person who changes from year to year: a cosine of 0.65 within a year, and 0.3 over twenty.

    ``like`` is a brother or sister, who shares some of what lasts.
    """
    rng = np.random.default_rng(seed)
    base = person.self if like is None else unit(person.self + 0.5 * like.self)
    age, found = unit(rng.normal(size=128)), []
    for year in range(years):
        age = 0.93 * age + np.sqrt(1 - 0.93**2) * unit(rng.normal(size=128))
        for _ in range(EACH):
            moment = unit(rng.normal(size=128))
            found.append((FIRST + year, unit(lasting**0.5 * base + (0.65 - lasting) ** 0.5 * age + 0.35**0.5 * moment)))
    return found


def dated_album(*photos: tuple[int | None, Floats]) -> Album:
    """One photo for each face, in the middle of its year."""
    return Album(
        AlbumPhoto(
            f"album/{number}.jpg",
            a_record(
                a_face(f"f{number}", embedding=encode_array(row)),
                taken_at=None if year is None else f"{year}-07-01T12:00:00",
            ),
        )
        for number, (year, row) in enumerate(photos)
    )


def crowd_of(count: int, years: int) -> list[tuple[int, Floats]]:
    return [(FIRST + number % years, row) for number, row in enumerate(strangers(count, 5))]


def found_of(finding: Finding) -> set[int]:
    return {match.photo for match in finding.sure}


@pytest.mark.parametrize(
    ("taken_at", "name", "year"),
    [
        ("2009-01-01T10:00:00", "IMG_20120612.jpg", 2009.0),
        ("2009-07-02T10:00:00.25", "a.jpg", 2009.5),
        (None, "IMG_20090612_101530.jpg", 2009.44),
        (None, "2009-06-12 party.jpg", 2009.44),
        (None, "PXL_20090612_101530123.jpg", 2009.44),
        (None, "a 12345678901.jpg", None),
        (None, "20091332.jpg", None),
        (None, "anna.jpg", None),
        ("0000:00:00", "anna.jpg", None),
    ],
)
def test_the_year_comes_from_the_photo_else_from_its_name(taken_at: str | None, name: str, year: float | None) -> None:
    assert year_of_file(taken_at, name) == (None if year is None else pytest.approx(year, abs=0.01))
    assert year_of(None) is None


def test_nobody_is_in_a_photo_from_before_the_birth() -> None:
    anna = Person(1)
    album = dated_album((2005, anna.photo()), (2010, anna.photo()), (None, anna.photo()), *crowd_of(40, 20))
    assert found_of(find_person(album, [anna.photo()], settings=SETTINGS)) == {0, 1, 2}
    late = find_person(album, [anna.photo()], settings=SETTINGS, dated=Dated(born=2009))
    assert found_of(late) == {1, 2}
    assert all(match.photo != 0 for match in late.matches)


def test_the_birth_that_the_book_knows_counts_as_soon_as_the_person_is_recognised() -> None:
    anna = Person(1)
    album = dated_album((2005, anna.photo()), *[(2010, anna.photo()) for _ in range(4)], *crowd_of(40, 20))
    told = (Told(frozenset({"f1", "f2"}), frozenset(), born=2009),)
    assert found_of(find_person(album, [anna.photo()], settings=SETTINGS, told=told)) == {1, 2, 3, 4}


@pytest.mark.parametrize("seed", range(3))
def test_a_search_goes_on_from_year_to_year(seed: int) -> None:
    anna = grown(Person(seed), 20, seed, lasting=0.0)
    album = dated_album(*anna, *crowd_of(200, 20))
    alone = found_of(find_person(album, [shown_in(anna, FIRST)], settings=SETTINGS))
    led = find_person(album, [shown_in(anna, FIRST)], settings=SETTINGS, dated=Dated((float(FIRST),)))
    assert len(alone) < 0.45 * len(anna)
    assert len(found_of(led)) >= 0.7 * len(anna)
    assert found_of(led) <= set(range(len(anna)))
    assert all(match.similarity >= led.threshold for match in led.sure)
    assert all(one.similarity >= other.similarity for one, other in pairwise(led.matches))


def shown_in(photos: Grown, year: int) -> Floats:
    """The look of a year, in a photo that is not in the album."""
    return unit(np.mean([row for taken, row in photos if taken == year], axis=0))


def test_a_search_does_not_go_on_to_a_look_alike() -> None:
    anna = grown(Person(0), 20, 0, lasting=0.0)
    album, look = dated_album(*anna, *crowd_of(200, 20)), shown_in(anna, FIRST + 19)
    like_look = set(np.flatnonzero(album.embeddings @ look >= LIKE).tolist())

    def led(*not_references: Floats) -> set[int]:
        dated = Dated((float(FIRST),))
        reference = [shown_in(anna, FIRST)]
        return found_of(find_person(album, reference, settings=SETTINGS, dated=dated, not_references=not_references))

    free, kept_off = led(), led(look)
    assert len(free & like_look) > 4
    assert len(kept_off) > len(free) / 2
    assert not kept_off & like_look


def test_a_reference_that_is_in_the_album_has_the_date_of_its_photo() -> None:
    anna = grown(Person(1), 20, 1, lasting=0.0)
    album = dated_album(*anna, *crowd_of(200, 20))
    found = find_person(album, [album.embeddings[0]], settings=SETTINGS)
    by_date = find_person(album, [album.embeddings[0]], settings=SETTINGS, dated=Dated((float(FIRST),)))
    assert len(found_of(found)) > 0.9 * len(anna)
    assert found == by_date


def test_an_album_of_one_day_and_one_without_dates_are_searched_as_ever() -> None:
    anna = grown(Person(3), 12, 3)
    for year in (2009, None):
        album = dated_album(*[(year, row) for _, row in anna], *[(year, row) for _, row in crowd_of(100, 12)])
        asked = [
            find_person(album, [anna[0][1]], settings=SETTINGS, dated=dated) for dated in (Dated(), Dated((2009.0,)))
        ]
        assert asked[0] == asked[1]


def test_a_threshold_that_the_user_fixes_is_kept() -> None:
    anna = grown(Person(3), 24, 3)
    album = dated_album(*anna, *crowd_of(100, 24))
    fixed = find_person(album, [anna[0][1]], settings=SETTINGS, threshold=0.6, dated=Dated((float(FIRST),)))
    assert fixed == find_person(album, [anna[0][1]], settings=SETTINGS, threshold=0.6)


@pytest.mark.parametrize("seed", range(3))
def test_a_sister_of_the_same_years_is_not_drawn_in(seed: int) -> None:
    anna = grown(Person(seed), 16, seed, lasting=0.4)
    ben = grown(Person(50 + seed), 16, 50 + seed, lasting=0.4, like=Person(seed))
    album = dated_album(*anna, *ben, *crowd_of(150, 16))
    led = find_person(album, [shown_in(anna, FIRST + 5)], settings=SETTINGS, dated=Dated((FIRST + 5.0,)))
    assert len(found_of(led)) > 0.9 * len(anna)
    assert found_of(led) <= set(range(len(anna)))


def test_two_people_of_one_photo_make_no_group() -> None:
    anna = Person(4)
    photos = np.stack(anna.photos(4))
    together, apart = np.array([0, 0, 1, 1]), np.arange(4)
    assert [group.tolist() for group in groups(photos, apart)] == [[0, 1, 2, 3]]
    assert all(len(set(together[group].tolist())) == len(group) for group in groups(photos, together))


def like(cosine: float, aside: int) -> Floats:
    row = np.zeros(128, np.float32)
    row[0], row[aside] = cosine, (1 - cosine * cosine) ** 0.5
    return row


def groups_of(*rows: Floats, owners: list[int] | None = None) -> list[list[int]]:
    return [group.tolist() for group in groups(np.stack(rows), np.array(owners or range(len(rows))))]


def test_a_group_is_as_alike_as_one_person() -> None:
    assert groups_of(like(1.0, 1), like(0.56, 2)) == [[0, 1]]
    assert groups_of(like(1.0, 1), like(0.54, 2)) == []
    assert groups_of(like(1.0, 1)) == []


def test_a_group_grows_by_its_mean_likeness() -> None:
    """The third is 0.6 and 0.48 from the two others: 0.54 on average; or 0.62 and 0.496: 0.558."""
    assert groups_of(like(1.0, 1), like(0.8, 2), like(0.6, 3)) == [[0, 1]]
    assert groups_of(like(1.0, 1), like(0.8, 2), like(0.62, 3)) == [[0, 1, 2]]


def test_a_burst_says_no_more_than_two_photos_of_a_year() -> None:
    """0.9 counts as 0.8: with a third at 0.31 and 0.72 the mean to the burst decides."""
    assert groups_of(like(1.0, 1), like(1.0, 1), like(0.56, 2)) == [[0, 1, 2]]


def test_faces_of_one_photo_are_a_group_only_if_they_may_be_a_mirror() -> None:
    assert groups_of(like(1.0, 1), like(0.69, 2), owners=[0, 0]) == []
    assert groups_of(like(1.0, 1), like(0.71, 2), owners=[0, 0]) == [[0, 1]]


def test_two_groups_of_one_album() -> None:
    other = np.roll(like(1.0, 1), 50), np.roll(like(0.9, 2), 50)
    assert groups_of(like(1.0, 1), other[0], like(0.9, 2), other[1]) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(
    ("years", "spans"),
    [([2000.0, 2002.0], True), ([2000.0, 2001.9], False), ([2000.0, np.nan], False), ([np.nan], False), ([], False)],
)
def test_an_album_spans_years_from_two_on(years: list[float], spans: bool) -> None:
    assert spans_years(np.array(years)) is spans


def test_the_year_of_birth_itself_is_not_before_it() -> None:
    years = np.array([2008.99, 2009.0, 2009.5, np.nan])
    assert before_birth(years, 2009).tolist() == [True, False, False, False]


def test_years_of_faces_are_counted_in_months() -> None:
    def faces_of(number: int) -> list[Face]:
        return [a_face(f"{number}{place}", embedding=encode_array(like(0.5, place + 1))) for place in range(2)]

    album = Album(
        AlbumPhoto(str(number), a_record(*faces_of(number), taken_at=taken_at))
        for number, taken_at in enumerate(("2009-01-31T10:00:00", "2009-07-01", None, "soon"))
    )
    assert years_of_faces(album).tolist()[:4] == [2009.0, 2009.0, 2009.5, 2009.5]
    assert np.isnan(years_of_faces(album)[4:]).all()
    assert years_of_faces(Album([])).tolist() == []


def test_the_last_day_of_a_year_is_just_before_the_next() -> None:
    assert year_of("2008-12-31T23:59:59") == pytest.approx(2009, abs=0.003)
    assert year_of("2009-12-31T23:59:59") < 2010  # type: ignore[operator]
    assert year_of("2009-02-30") is None


@pytest.mark.parametrize(
    ("name", "year"), [("IMG_20090231.jpg", 2009.0), ("a/20090612/b.jpg", None), ("2009-06.12.jpg", None)]
)
def test_a_date_in_a_name_is_a_date(name: str, year: float | None) -> None:
    assert year_of_file(None, name) == year


def added(*photos: tuple[float, float], since: float | None = 2000.0, sure: tuple[int, ...] = ()) -> list[int]:
    """The faces that a search from a reference adds: each of a year, with its cosine to the reference."""
    rows = np.stack([like(cosine, 10 + place) for place, (_, cosine) in enumerate(photos)])
    years = np.array([year for year, _ in photos])
    crowd = Crowd(rows, np.arange(len(rows)), np.ones(len(rows), np.bool_))
    return sorted(carried(crowd, years, np.stack([like(1.0, 1)]), [since], np.array(sure, np.int64), 0.6).tolist())


def test_who_is_added_is_near_in_time() -> None:
    far = (2010.0, 0.0)
    assert added((2002.5, 0.8), (2002.5, 0.8), far) == [0, 1]
    assert added((2005.4, 0.8), (2005.4, 0.8), (2003.0, 0.0), since=2000.5) == [0, 1], "2003 is near enough to both"
    assert added((2004.6, 0.8), (2004.6, 0.8), far) == []
    assert added((2000.0, 0.8), (2000.0, 0.8), far, since=None) == []
    assert added((2000.0, 0.8), (2000.0, 0.8)) == [], "an album of one event"


def test_a_single_face_leads_nowhere_and_photos_that_are_known_are_not_added() -> None:
    assert added((2000.0, 0.8), (2010.0, 0.0)) == []
    assert added((2000.0, 0.8), (2000.0, 0.8), (2010.0, 0.0), sure=(0,)) == []
    assert added((2000.0, 0.8), (2000.0, 0.8), (2000.0, 0.8), (2010.0, 0.0), sure=(0,)) == [1, 2]


def test_a_group_that_is_nearer_to_itself_than_to_the_person_is_not_added() -> None:
    """Two photos of a sister: as like each other as the person's own, and less like the person."""
    sister = like(0.55, 7)
    rows = np.stack([like(0.9, 3), like(0.9, 4), sister, sister])
    crowd, years = Crowd(rows, np.arange(4), np.ones(4, np.bool_)), np.array([2000.0, 2000.0, 2002.4, 2002.4])
    given = (np.stack([like(1.0, 1)]), [2000.0], np.array([0, 1]), 0.6)
    assert carried(crowd, years, *given).tolist() == []

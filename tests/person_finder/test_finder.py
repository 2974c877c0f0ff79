from __future__ import annotations

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record
from person_finder.strangers import Person, album_of, face_of, strangers
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import Floats, encode_array
from photo_ranker.person_finder import Finding, Meant, Told, find_person, meant
from photo_ranker.person_finder.populations import population_of
from photo_ranker.person_finder.years import Dated
from photo_ranker.records import Match
from photo_ranker.settings import Settings
from yardstick import multiple_of, processor_seconds

SETTINGS = Settings()


def photos_of(finding: Finding) -> list[int]:
    return sorted(match.photo for match in finding.sure)


@pytest.mark.parametrize("others", [0, 1, 4, 20, 100, 1000])
@pytest.mark.parametrize("shown", [1, 3, 10])
def test_the_person_and_nobody_else_is_found_in_albums_of_every_size(others: int, shown: int) -> None:
    anna = Person(1)
    album = album_of(*anna.photos(shown), *strangers(others))
    assert photos_of(find_person(album, anna.photos(1), settings=SETTINGS)) == list(range(shown))


@pytest.mark.parametrize("others", [1, 2, 5, 50, 1000])
def test_an_album_without_the_person_gives_nothing(others: int) -> None:
    album = album_of(*strangers(others))
    wrong = sum(bool(find_person(album, Person(seed).photos(1), settings=SETTINGS).sure) for seed in range(50))
    assert wrong <= 2


def test_one_line_for_all_albums_would_not_do() -> None:
    anna = Person(1)
    lines = [
        find_person(album_of(*anna.photos(1), *strangers(others)), anna.photos(1), settings=SETTINGS).threshold
        for others in (1, 10, 100, 2000)
    ]
    assert lines == sorted(lines)
    assert lines[-1] - lines[0] > 0.07


def test_most_similar_come_first() -> None:
    anna = Person(1)
    finding = find_person(album_of(*anna.photos(5), *strangers(50)), anna.photos(1), settings=SETTINGS)
    values = [match.similarity for match in finding.matches]
    assert values == sorted(values, reverse=True)
    assert finding.engine == "sface"


def test_cosine_is_the_plain_one_to_the_nearest_reference() -> None:
    anna = Person(1)
    references = anna.photos(3)
    album = album_of(*anna.photos(2), *strangers(20))
    for match in find_person(album, references, settings=SETTINGS).matches:
        wanted = max(float(album.embeddings[match.face] @ reference) for reference in references)
        assert match.cosine == pytest.approx(wanted, abs=1e-5)


def test_the_reference_itself_is_a_perfect_match() -> None:
    anna = Person(1)
    reference = anna.photo()
    album = album_of(reference, *anna.photos(9), *strangers(20))
    finding = find_person(album, [reference], settings=SETTINGS)
    assert finding.matches[0].photo == 0
    assert finding.matches[0].similarity == pytest.approx(1.0, abs=1e-3)
    assert photos_of(finding) == list(range(10))


def test_the_reference_in_the_album_confirms_nothing() -> None:
    anna = Person(1)
    reference, crowd = anna.photo(), strangers(60)
    without = find_person(album_of(*anna.photos(1), *crowd), [reference], settings=SETTINGS)
    beside = find_person(album_of(*Person(1).photos(2)[1:], *crowd, reference), [reference], settings=SETTINGS)
    assert beside.matches[1].similarity == pytest.approx(without.matches[0].similarity, abs=0.02)


def test_a_portrait_session_with_a_few_guests() -> None:
    anna, guests = Person(1), strangers(10)
    album = album_of(*anna.photos(190), *guests)
    assert photos_of(find_person(album, anna.photos(1), settings=SETTINGS)) == list(range(190))


def test_somebody_elses_portrait_session_gives_nothing() -> None:
    wrong = [find_person(album_of(*Person(1).photos(60)), [row], settings=SETTINGS).sure for row in strangers(40)]
    assert not any(wrong)


def test_copies_of_one_photo_are_all_found() -> None:
    anna, ben = Person(1), Person(2)
    album = album_of(*[anna.photo()] * 6, *[ben.photo()] * 6, *strangers(10))
    assert photos_of(find_person(album, anna.photos(1), settings=SETTINGS)) == list(range(6))


def test_photos_that_are_sure_help_to_find_the_hard_one() -> None:
    anna = Person(1)
    reference, seen = anna.photo(), anna.photos(8)
    # Far from the reference, no further than usual from the other photos.
    hard = np.mean(seen, axis=0) - 0.5 * reference
    hard /= np.linalg.norm(hard)
    crowd = strangers(300)
    alone = find_person(album_of(hard, *crowd), [reference], settings=SETTINGS)
    among = find_person(album_of(hard, *seen, *crowd), [reference], settings=SETTINGS)
    assert float(hard @ reference) < alone.threshold
    assert photos_of(alone) == []
    assert 0 in photos_of(among)


def test_a_sister_is_known_by_her_own_photos() -> None:
    wrong = 0
    for seed in range(20):
        anna = Person(seed)
        sister = Person(100 + seed, like=anna, cosine=0.35)
        album = album_of(*anna.photos(5), *sister.photos(5), *strangers(40))
        found = photos_of(find_person(album, anna.photos(1), settings=SETTINGS))
        assert found[:5] == [0, 1, 2, 3, 4]
        wrong += len(found) - 5
    # Of 100 photos of sisters.
    assert wrong <= 10


def test_two_people_of_one_photo_who_are_as_near_make_it_doubtful() -> None:
    anna = Person(1)
    crowd, reference = strangers(40), anna.photo()
    line = find_person(album_of(*crowd), [reference], settings=SETTINGS).threshold
    one, two = (Person(seed, like=anna, cosine=0.36).photo() for seed in (11, 12))
    one, two = (_at(row, reference, line + 0.02) for row in (one, two))
    alone = find_person(album_of(one, *crowd), [reference], settings=SETTINGS)
    both = find_person(album_of([face_of(one), face_of(two)], *crowd), [reference], settings=SETTINGS)
    assert photos_of(alone) == [0]
    assert [(match.photo, match.doubtful) for match in both.matches][:1] == [(0, True)]


def _at(row: np.ndarray, reference: np.ndarray, cosine: float) -> np.ndarray:
    """The row turned until it has this cosine with the reference."""
    beside = row - reference * float(row @ reference)
    beside /= np.linalg.norm(beside)
    turned: np.ndarray = (cosine * reference + np.sqrt(1 - cosine**2) * beside).astype(np.float32)
    return turned


def test_a_named_lookalike_is_left_out() -> None:
    anna = Person(1)
    sister = Person(2, like=anna, cosine=0.5)
    # Too few photos of her to be told apart without a word.
    album = album_of(*anna.photos(4), *sister.photos(2), *strangers(30))
    references, others = anna.photos(1), sister.photos(1)
    assert len(photos_of(find_person(album, references, settings=SETTINGS))) > 4
    finding = find_person(album, references, settings=SETTINGS, not_references=others)
    assert photos_of(finding) == [0, 1, 2, 3]


def test_looks_are_kept_apart() -> None:
    """As a child and grown up one person may be two for the model; a mean of both would be neither."""
    child, adult = Person(1), Person(2)
    album = album_of(*child.photos(4), *adult.photos(4), *strangers(200))
    references = [*child.photos(1), *adult.photos(6)]
    assert photos_of(find_person(album, references, settings=SETTINGS)) == list(range(8))
    assert photos_of(find_person(album, references[1:], settings=SETTINGS)) == [4, 5, 6, 7]


def test_once_in_a_photo_and_the_next_nearest_is_told() -> None:
    anna, ben = Person(1), Person(2)
    near, far, other = anna.photo(), anna.photo(), ben.photo()
    album = album_of([face_of(other), face_of(near), face_of(far)], *anna.photos(3), *strangers(30))
    matches = find_person(album, [near], settings=SETTINGS).matches
    assert [match.face for match in matches if match.photo == 0] == [1]
    first = next(match for match in matches if match.photo == 0)
    assert first.runner_up is not None
    assert first.runner_up > find_person(album, [near], settings=SETTINGS).threshold
    assert all(match.runner_up is None for match in matches if match.photo != 0)


def test_small_faces_are_never_matched() -> None:
    anna = Person(1)
    album = album_of([face_of(anna.photo(), size=11.0)], [face_of(anna.photo(), size=13.0)], *strangers(10))
    assert photos_of(find_person(album, anna.photos(1), settings=SETTINGS)) == [1]
    assert photos_of(find_person(album, anna.photos(1), settings=Settings(min_face=10))) == [0, 1]
    assert find_person(album, anna.photos(1), settings=Settings(min_face=2000)).matches == ()


def test_a_threshold_that_is_given_holds() -> None:
    anna = Person(1)
    album = album_of(*anna.photos(20), *strangers(100))
    finding = find_person(album, anna.photos(1), settings=Settings(doubt_margin=0.1), threshold=0.8)
    assert finding.threshold == 0.8
    assert all(match.doubtful == (match.similarity < 0.8) for match in finding.matches)
    assert any(match.doubtful for match in finding.matches)
    assert all(match.similarity >= 0.7 for match in finding.matches)


def test_every_photo_is_listed_below_every_threshold() -> None:
    album = album_of(*strangers(30))
    assert len(find_person(album, strangers(1), settings=SETTINGS, threshold=-2.0).sure) == 30


def test_who_wants_more_certainty_gets_a_higher_line() -> None:
    album = album_of(*strangers(100))
    lines = [
        find_person(album, Person(1).photos(1), settings=Settings(sure_certainty=value)).threshold
        for value in (0.1, 0.5, 0.9)
    ]
    assert lines[0] < lines[1] < lines[2]


def test_an_album_without_faces() -> None:
    finding = find_person(Album([]), Person(1).photos(1), settings=SETTINGS)
    assert finding.matches == ()
    assert 0.2 < finding.threshold < 0.5


def test_the_order_of_the_photos_does_not_matter() -> None:
    anna = Person(1)
    rows, reference = [*anna.photos(6), *strangers(60)], anna.photo()
    order = np.random.default_rng(0).permutation(len(rows))
    plain = find_person(album_of(*rows), [reference], settings=SETTINGS)
    mixed = find_person(album_of(*(rows[number] for number in order)), [reference], settings=SETTINGS)
    assert sorted(int(order[match.photo]) for match in mixed.sure) == photos_of(plain)
    assert mixed.threshold == pytest.approx(plain.threshold, abs=1e-4)


def test_an_engine_that_nobody_has_measured_sets_its_threshold_like_its_kind() -> None:
    anna = Person(1)
    rows, reference = [*anna.photos(6), *strangers(60)], anna.photo()
    albums = [album_of(*rows, engine=engine) for engine in ("otherface", "buffalo_l", "sface")]
    other, known, ours = (find_person(album, [reference], settings=SETTINGS) for album in albums)
    assert other.threshold == known.threshold < ours.threshold
    assert set(range(6)) <= set(photos_of(other))


def test_a_face_at_the_threshold_is_sure_and_one_at_the_margin_is_listed() -> None:
    album, reference = album_of(*Person(1).photos(3), *strangers(40)), Person(1).photos(4)[3]
    settings = Settings(doubt_margin=0.25)
    value = find_person(album, [reference], settings=settings, threshold=0.0).matches[2].similarity
    at_it = find_person(album, [reference], settings=settings, threshold=value)
    assert len(at_it.sure) == 3
    margin = find_person(album, [reference], settings=settings, threshold=value + 0.25)
    assert [match.similarity for match in margin.matches][2:] == [value]


@pytest.mark.parametrize(
    ("clarity", "share"),
    [(6.49, 0.0), (6.5, 1.0), (8.5, 0.5), (10.0, 0.125), (10.5, 0.0), (None, 0.0)],
)
def test_a_face_that_is_not_seen_plainly_may_resemble_the_person_less(clarity: float | None, share: float) -> None:
    """Strangers resemble her less there too, until nothing resembles anybody."""
    anna, crowd, leeway = Person(1), strangers(60), population_of("sface").leeway
    reference, seen = anna.photo(), anna.photos(6)
    hard = [_at(row, reference, cosine) for row, cosine in zip(strangers(2, 5000), (0.442, 0.6), strict=True)]

    def found(clarity: float | None) -> tuple[Match, Match, float]:
        faces = [msgspec.structs.replace(face_of(row), clarity=clarity) for row in hard]
        album = album_of(*([face] for face in faces), *seen, *crowd)
        finding = find_person(album, [reference], settings=Settings(doubt_margin=0.3))
        one, other = sorted(finding.matches, key=lambda match: match.photo)[:2]
        return one, other, finding.threshold

    below, above, threshold = found(10.5)
    assert threshold - leeway / 2 < below.similarity < threshold - leeway / 8
    assert above.similarity > threshold
    now, same, same_threshold = found(clarity)
    assert now.similarity == pytest.approx(below.similarity + share * leeway, abs=1e-6)
    assert now.doubtful == (share < 0.5)
    assert (same, same_threshold) == (above, threshold), "who is sure already gains nothing"


@pytest.mark.parametrize(("clarity", "asked"), [(None, 0.0), (10.5, 0.0), (12.0, 1.5), (14.0, 3.5), (20.0, 3.5)])
@pytest.mark.parametrize("photos", [0, 1, 6])
def test_the_plainer_a_face_the_more_it_must_resemble_several_photos(
    clarity: float | None, asked: float, photos: int
) -> None:
    """Their own person's resemble them the more; one photo alone says too little to ask that."""
    anna, crowd, demand = Person(1), strangers(60), population_of("sface").demand
    reference, seen = anna.photo(), anna.photos(photos)
    row = _at(strangers(1, 5000)[0], reference, 0.47)

    def found(clarity: float | None) -> Match:
        face = msgspec.structs.replace(face_of(row), clarity=clarity)
        finding = find_person(album_of([face], *seen, *crowd), [reference], settings=Settings(doubt_margin=0.3))
        return next(match for match in finding.matches if match.photo == 0)

    one, same = found(10.5), found(clarity)
    assert same.similarity == pytest.approx(one.similarity - asked * demand * (1 - 1 / (1 + photos)), abs=0.002)
    assert same.cosine == one.cosine


def test_a_neighbour_who_is_hardly_seen_does_not_take_the_place_of_the_person() -> None:
    anna, crowd, leeway = Person(1), strangers(60), population_of("sface").leeway
    reference, seen = anna.photo(), anna.photos(6)
    one, other = strangers(2, 5000)
    plain = msgspec.structs.replace(face_of(_at(one, reference, 0.52)), clarity=10.5)

    def found(clarity: float) -> tuple[Match, float]:
        hazy = msgspec.structs.replace(face_of(_at(other, reference, 0.54)), clarity=clarity)
        finding = find_person(album_of([hazy, plain], *seen, *crowd), [reference], settings=SETTINGS)
        return next(match for match in finding.matches if match.photo == 0), finding.threshold

    match, threshold = found(10.5)
    assert match.runner_up is not None
    assert threshold - leeway < match.runner_up < threshold < match.similarity < match.runner_up + leeway
    assert match.face == 1
    assert found(6.5) == (match, threshold)


@pytest.mark.parametrize(("clarity", "is_sure"), [(13.0, False), (None, False), (10.4, True)])
def test_who_is_plainly_somebody_else_is_not_the_person(clarity: float | None, is_sure: bool) -> None:
    """One other photo tells, if its face is seen plainly: else it may be a bad photo of the person."""
    anna, crowd = Person(1), strangers(60)
    reference, seen = anna.photo(), anna.photos(6)
    one, other = strangers(2, 5000)
    look_alike = _at(one, reference, 0.48)
    again = msgspec.structs.replace(face_of(_at(other, look_alike, 0.75)), clarity=clarity)
    settings = Settings(doubt_margin=0.3)
    alone = find_person(album_of(look_alike, *seen, *crowd), [reference], settings=settings)
    assert 0 in photos_of(alone)
    finding = find_person(album_of(look_alike, *seen, *crowd, [again]), [reference], settings=settings)
    assert (0 in photos_of(finding)) == is_sure
    assert set(range(1, 7)) <= set(photos_of(finding))


def test_a_face_that_is_nearer_to_somebody_else_has_no_leeway() -> None:
    anna, crowd = Person(1), strangers(60)
    reference, seen = anna.photo(), anna.photos(6)
    one, other = strangers(2, 5000)
    row = _at(one, reference, 0.442)
    hazy = msgspec.structs.replace(face_of(row), clarity=7.0)

    def is_sure(*more: np.ndarray) -> bool:
        return 0 in photos_of(find_person(album_of([hazy], *seen, *crowd, *more), [reference], settings=SETTINGS))

    assert is_sure()
    assert is_sure(_at(other, row, 0.45))
    assert not is_sure(_at(other, row, 0.55))


def test_the_smallest_face_that_is_matched() -> None:
    anna = Person(1)
    album = album_of([face_of(anna.photo(), size=12.0)], *anna.photos(2))
    assert len(find_person(album, anna.photos(1), settings=Settings(min_face=12)).sure) == 3


def test_a_small_face_beside_the_person_is_no_runner_up() -> None:
    anna, ben = Person(1), Person(2)
    album = album_of(
        [face_of(anna.photo()), face_of(ben.photo(), size=11.0)],
        [face_of(anna.photo()), face_of(ben.photo()), face_of(Person(3).photo())],
        *anna.photos(2),
    )
    matches = {match.photo: match for match in find_person(album, anna.photos(1), settings=SETTINGS).matches}
    assert matches[0].runner_up is None
    assert matches[1].runner_up is not None
    assert matches[2].runner_up is None


@pytest.mark.perf
def test_thirty_thousand_faces_take_few_passes_over_them() -> None:
    anna, rng = Person(1), np.random.default_rng(0)
    crowd = np.stack(strangers(500))
    one, two = rng.integers(0, 500, (2, 30_000))
    rows = crowd[one] + crowd[two]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    album, reference = album_of(*rows, *anna.photos(300)), anna.photo()
    assert len(album.embeddings) == len(album.sizes)
    assert len(find_person(album, [reference], settings=SETTINGS).sure) >= 295
    plain = processor_seconds(lambda: [np.argsort(album.embeddings @ reference) for _ in range(10)])
    search = processor_seconds(lambda: find_person(album, [reference], settings=SETTINGS))
    times = multiple_of(plain, search)
    print(f"finding one of 30,000 faces, times ten plain orders by similarity: {times:.2f}")
    assert times < 4.5


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


def test_decisions_hold_for_every_copy_of_a_photo() -> None:
    copied = Album([*ALBUM.photos, *(AlbumPhoto(f"copy of {photo.path}", photo.record) for photo in ALBUM.photos)])
    known = meant(copied, [], [REFERENCE], [told(0, 5, others=ids(1))])
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([0, 5, 6, 11], [1, 7])


def test_a_confirmed_photo_from_before_the_birth_is_somebody_elses() -> None:
    dated = Album(
        AlbumPhoto(photo.path, msgspec.structs.replace(photo.record, taken_at="2015-06-01T12:00:00"))
        for photo in ALBUM.photos
    )
    for born, found in ((2010, 6), (2020, 0)):
        finding = find_person(dated, [REFERENCE], settings=SETTINGS, told=[told(*range(6))], dated=Dated(born=born))
        assert len(finding.matches) == found


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
    known = said(told(1), told(2, others=ids(1, 4)), found=(1, 2))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([1], [])


def test_one_who_is_confirmed_is_meant_beside_a_confirmed_look_alike() -> None:
    known = said(told(1, others=ids(2)), told(2, others=ids(1)), found=(1,))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([1], [2])


def test_a_rejected_face_is_left_out_even_if_it_is_nearer_than_the_person() -> None:
    person, rejected = told(2, 3, others=ids(1)), told(1, others=ids(2, 3), confirmed=False)
    for order in ((person, rejected), (rejected, person)):
        known = said(*order, found=(1, 2, 3))
        assert known is not None
        assert (numbers(known.certain), numbers(known.excluded)) == ([2, 3], [1])


@pytest.mark.parametrize("found", [(1, 2), (1, 2, 3)])
def test_a_rejected_face_does_not_exclude_a_person_of_whom_as_much_was_found(found: tuple[int, ...]) -> None:
    person, rejected = told(2, 3, 4, 5, others=ids(1)), told(1, others=ids(2, 3, 4, 5), confirmed=False)
    assert said(person, rejected, found=found) is None


def test_a_rejected_face_excludes_the_person_who_was_not_found() -> None:
    known = said(told(2, 3, others=ids(1)), told(1, others=ids(2, 3), confirmed=False), found=(1,))
    assert known is not None
    assert (numbers(known.certain), numbers(known.excluded)) == ([], [2, 3])


def test_of_two_faces_that_are_two_people_the_nearer_is_meant() -> None:
    one, other = told(1, others=ids(2), confirmed=False), told(2, others=ids(1), confirmed=False)
    for order in ((one, other), (other, one)):
        known = said(*order, found=(1, 2))
        assert known is not None
        assert numbers(known.excluded) == [2]


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

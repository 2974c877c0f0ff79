"""The parts of an event's scores, each by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import a_face, a_record, some_expressions
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.people.best import look
from photo_ranker.people.book import Book
from photo_ranker.people.event import EventPhoto, score_event
from photo_ranker.people.faces import FaceTable
from photo_ranker.ranker import face_signals, photo_signals
from photo_ranker.records import Face, FaceFigures, MeshFigures, PhotoRecord, PictureFigures
from photo_ranker.settings import Settings

PICTURE = PictureFigures(sharpness=1.5, brightness=0.5, bright_end=0.6, phash="0" * 16)


def face(name: str, person: int, place: int = 0, **facts: Any) -> Face:
    """A face of a person; ``smile``, ``yaw``, ``blink``, ``sharpness`` and ``side`` are its figures."""
    shape = some_expressions(smile=facts.pop("smile", 0.3), blink=facts.pop("blink", 0.1))
    side = facts.pop("side", 300.0)
    row = np.zeros(128, np.float32)
    row[person] = 1.0
    return a_face(
        name,
        (300.0 + 900 * place, 600.0, side, 1.2 * side),
        embedding=encode_array(row),
        mesh=MeshFigures(1.0, facts.pop("yaw", 0.0), 0.0, 0.0, shape),
        figures=FaceFigures(sharpness=facts.pop("sharpness", 2.0), brightness=0.5, bright_end=0.7),
        **facts,
    )


def scored(
    *photos: tuple[Face, ...], settings: Settings | None = None, copies: Any = "one", **facts: Any
) -> list[EventPhoto]:
    """Of an event with a photo for each item, whose people are called Anna (0, the main one) and Ben (1)."""
    album = Album(
        AlbumPhoto(f"{place}.jpg", a_record(*faces, hash=f"{place}", picture=PICTURE, **facts))
        for place, faces in enumerate(photos)
    )
    return score_event(book_of(album), FaceTable(album, settings or Settings()), settings or Settings(), copies)


def book_of(album: Album) -> Book:
    book = Book()
    for person, name in enumerate(("Anna", "Ben", None)):
        known = book.add_person([one.id for one in album.faces if one.id.startswith("ab?"[person])])
        known.name = name
    book.people[0].category = "main"
    return book


def only(*faces: Face, settings: Settings | None = None) -> EventPhoto:
    (found,) = scored(faces, settings=settings)
    return found


def signals_of(one: Face) -> Any:
    return face_signals(one, a_record(one), Settings())


def test_the_final_score_is_the_weighted_mean_of_the_four() -> None:
    settings = Settings(event_technical=1.0, event_composition=2.0, event_expression=3.0, event_context=4.0)
    found = only(face("a1", 0, blink=0.5), settings=settings)
    parts = (found.technical, found.composition, found.expression, found.context)
    assert len(set(parts)) == 4
    known = [(part, weight) for part, weight in zip(parts, (1.0, 2.0, 3.0, 4.0), strict=True) if part is not None]
    mean = sum(part * weight for part, weight in known) / sum(weight for _, weight in known)
    assert found.final_score == pytest.approx(mean, abs=2e-4)


def four_digits(value: float) -> Any:
    """What the files of an event show of a value; the order of sums may differ."""
    return pytest.approx(round(value, 4), abs=1e-9)


def test_eyes_and_facing_count_double_and_a_smile_once() -> None:
    one = face("a1", 0, blink=0.5, yaw=20.0, smile=0.5)
    its = signals_of(one)
    assert only(one).expression == four_digits((2 * its.eyes_open + 2 * its.facing + its.smile) / 5)
    blind = face("a1", 0, yaw=20.0, smile=0.5, sharpness=0.5)
    its = signals_of(blind)
    assert its.eyes_open is None
    assert only(blind).expression == four_digits((2 * its.facing + its.smile) / 3)


def test_faces_count_twice_in_what_is_technical() -> None:
    one = face("a1", 0, sharpness=1.0)
    picture = photo_signals(PhotoRecord(a_record().stamp, 4000, 3000, picture=PICTURE), Settings())
    its = signals_of(one).sharpness
    assert only(one).technical == pytest.approx((picture.sharpness + picture.exposure + 2 * its) / 4, abs=1e-4)  # type: ignore[operator]
    assert only().technical == pytest.approx((picture.sharpness + picture.exposure) / 2, abs=1e-4)  # type: ignore[operator]


def test_people_count_by_what_they_are_to_the_event() -> None:
    settings = Settings(event_main=5.0, event_other=2.0, event_stranger=1.0)
    faces = face("a1", 0), face("b1", 1, 1), face("x1", 2, 2)
    found = only(*faces, settings=settings)
    assert [item.weight for item in found.faces] == [5.0, 2.0, 1.0]
    assert [item.person and item.person.name for item in found.faces] == ["Anna", "Ben", None]
    its = [signals_of(one) for one in faces]
    assert found.context == pytest.approx(min(1.0, (5 * look(its[0]) + 2 * look(its[1])) / 5), abs=1e-4)
    assert only(face("b1", 1), settings=settings).context == pytest.approx(2 * look(its[1]) / 5, abs=1e-4)


def test_a_weighted_mean_over_the_faces() -> None:
    settings = Settings(event_main=3.0, event_other=1.0)
    sharp, soft = face("a1", 0, sharpness=2.2), face("b1", 1, 1, sharpness=1.0)
    faces = (3 * signals_of(sharp).sharpness + signals_of(soft).sharpness) / 4
    picture = photo_signals(PhotoRecord(a_record().stamp, 4000, 3000, picture=PICTURE), Settings())
    wanted = (picture.sharpness + picture.exposure + 2 * faces) / 4  # type: ignore[operator]
    assert only(sharp, soft, settings=settings).technical == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("weight", [0.1, 1.0])
def test_one_face_alone_is_looked_at_whatever_its_weight(weight: float) -> None:
    found, usual = (only(face("b1", 1), settings=Settings(event_other=each)) for each in (weight, 3.0))
    assert found.expression is not None
    assert found.technical is not None
    assert (found.expression, found.technical) == pytest.approx((usual.expression, usual.technical), abs=1e-4)


@pytest.mark.parametrize(("side", "counted"), [(24.0, 1), (23.9, 0)])
def test_tiny_faces_are_no_faces_of_the_event(side: float, counted: int) -> None:
    assert len(only(face("a1", 0, side=side)).faces) == counted


def test_the_context_is_never_more_than_everyone_at_their_best() -> None:
    settings = Settings(event_main=1.0, event_other=9.0)
    found = only(face("a1", 0, blink=0.0), face("b1", 1, 1, blink=0.0), settings=settings)
    assert found.context == 1.0


def test_a_photo_of_nobody_comes_behind_photos_of_people_without_names() -> None:
    album = Album(
        AlbumPhoto(f"{place}.jpg", a_record(*faces, hash=f"{place}", picture=PICTURE))
        for place, faces in enumerate([(), (face("a1", 0, blink=0.3),), (face("b1", 1, smile=0.5),)])
    )
    book = Book()
    for known in ("a1", "b1"):
        book.add_person([known])
    found = score_event(book, FaceTable(album, Settings()), Settings())
    assert [photo.context for photo in found] == [None, None, 0.0]
    assert found[-1].path == "0.jpg"


@pytest.mark.parametrize(("rule", "fine", "broken"), [("facing", 32.5, 32.6)])
def test_a_rule_is_kept_at_its_limit(rule: str, fine: float, broken: float) -> None:
    settings = Settings(require_all_facing=True)
    assert only(face("a1", 0, yaw=fine), settings=settings).broken_rules == ()
    assert only(face("a1", 0, yaw=broken), settings=settings).broken_rules == (f"require_all_{rule}",)


@pytest.mark.parametrize(("weight", "broken"), [(0.5, ("require_all_facing",)), (0.0, ())])
def test_whoever_counts_at_the_event_may_break_a_rule(weight: float, broken: tuple[str, ...]) -> None:
    settings = Settings(require_all_facing=True, event_other=weight)
    assert only(face("a1", 0), face("b1", 1, 1, yaw=50.0), settings=settings).broken_rules == broken


def test_strangers_break_no_rule_and_no_rule_is_broken_unless_it_is_set() -> None:
    turned = face("a1", 0), face("x1", 7, 1, yaw=50.0, blink=0.9)
    strict = Settings(require_all_facing=True, require_all_eyes_open=True, event_stranger=1.0)
    album = Album([AlbumPhoto("a.jpg", a_record(*turned))])
    book = Book()
    book.add_person(["a1"]).name = "Anna"
    (found,) = score_event(book, FaceTable(album, strict), strict)
    assert found.broken_rules == ()
    loose = Settings(require_all_eyes_open=True)
    assert only(face("a1", 0, yaw=50.0), settings=loose).broken_rules == ()
    assert only(face("a1", 0, blink=0.9), settings=Settings(require_all_facing=True)).broken_rules == ()


@pytest.mark.parametrize(("pause", "moments"), [(0, 1), (1, 2)])
def test_a_pause_of_the_set_length_is_none(pause: int, moments: int) -> None:
    settings = Settings()
    gap = int(settings.event.moment_gap)
    times = [0, gap, 2 * gap + pause]
    album = Album(
        AlbumPhoto(
            f"{place}.jpg", a_record(taken_at=f"2024-06-01T{time // 3600:02}:{time // 60 % 60:02}:{time % 60:02}")
        )
        for place, time in enumerate(times)
    )
    found = score_event(Book(), FaceTable(album, settings), settings)
    assert max(photo.moment or 0 for photo in found) == moments
    assert min(photo.moment or 0 for photo in found) == 1


def test_copies_are_one_photo_unless_all_are_wanted() -> None:
    one = a_record(face("a1", 0), hash="aa", rest="ff", picture=PICTURE)
    album = Album(AlbumPhoto(name, one) for name in ("a (2).jpg", "a.jpg", "a (1).jpg"))
    table, settings = FaceTable(album, Settings()), Settings()
    (whole,) = score_event(book_of(album), table, settings)
    assert (whole.path, whole.copies) == ("a.jpg", ("a (1).jpg", "a (2).jpg"))
    every = score_event(book_of(album), table, settings, "all")
    assert [(photo.path, photo.copies) for photo in every] == [("a (1).jpg", ()), ("a (2).jpg", ()), ("a.jpg", ())]

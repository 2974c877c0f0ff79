from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from builders import a_face, a_ranked_photo, a_record, an_embedding, some_signals
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows, encode_array
from photo_ranker.errors import UserError
from photo_ranker.questions import selection
from photo_ranker.questions.answer import Question, Ranking, answer
from photo_ranker.questions.selection import (
    Norm,
    content_of,
    distinct,
    mark_close,
    moments,
    norm_of,
    one_of_each,
    spread,
)
from photo_ranker.ranker import RankedPhoto, expression
from photo_ranker.records import Face, MeshFigures, PhotoRecord, PictureFigures, overlap
from photo_ranker.settings import MomentSettings, Settings

SETTINGS = Settings().moments


def a_photo(path: str, second: int | None = None, phash: int = 0, **facts: Any) -> RankedPhoto:
    """A result taken in this second of an afternoon, with these bits as its perceptual hash."""
    taken_at = (
        None if second is None else f"2024-06-01T{15 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    )
    item = a_ranked_photo(path, taken_at=taken_at, **facts)
    return replace_picture(item, f"{phash:016x}")


def replace_picture(item: RankedPhoto, phash: str) -> RankedPhoto:
    record = msgspec.structs.replace(item.photo.record, picture=PictureFigures(phash=phash))
    return msgspec.structs.replace(item, photo=msgspec.structs.replace(item.photo, record=record))


class Shown(NamedTuple):
    """Whatever stands for a photo."""

    photo: AlbumPhoto


def is_same_moment(one: PhotoRecord, other: PhotoRecord, settings: MomentSettings) -> bool:
    return len(moments([Shown(AlbumPhoto("a.jpg", one)), Shown(AlbumPhoto("b.jpg", other))], settings)) == 1


def unusual(item: RankedPhoto, norm: Norm) -> float:
    (odd,) = selection.unusual([item], norm)
    return odd


def eyes_open_score(mesh: MeshFigures) -> float:
    return float(expression.eyes_open_score(expression.mesh_columns([mesh]))[0])


def paths(items: list[RankedPhoto]) -> list[str]:
    return [item.path for item in items]


FAR = 0xFFFFFFFF
"""32 bits that differ."""


def test_a_burst_is_one_moment_led_by_its_best() -> None:
    burst = [a_photo("best", 3, score=0.9), a_photo("mid", 2, score=0.8), a_photo("last", 1, score=0.7)]
    assert [paths(moment) for moment in moments(burst, SETTINGS)] == [["best", "mid", "last"]]


def test_near_duplicates_are_one_moment_whenever_they_were_taken() -> None:
    one, copy = a_photo("one", 0, 0b111), a_photo("copy", 7200, 0b110)
    assert is_same_moment(one.photo.record, copy.photo.record, SETTINGS)


def test_the_same_faces_later_are_another_moment() -> None:
    one, later = a_photo("one", 0), a_photo("later", 60, FAR)
    assert not is_same_moment(one.photo.record, later.photo.record, SETTINGS)


def test_seconds_apart_with_other_faces_and_another_picture_are_two_moments() -> None:
    one = a_photo("one", 0)
    turned = a_photo("turned", 2, FAR, face=a_face(box=(2000.0, 900.0, 100.0, 120.0)))
    assert not is_same_moment(one.photo.record, turned.photo.record, SETTINGS)


def test_without_a_time_pictures_must_look_alike() -> None:
    one, other = a_photo("one", None), a_photo("other", None, FAR)
    assert not is_same_moment(one.photo.record, other.photo.record, SETTINGS)
    assert is_same_moment(one.photo.record, a_photo("copy", None, 1).photo.record, SETTINGS)


MIRRORED = [1, 0, 2, 4, 3]


@pytest.mark.parametrize(("second", "is_one"), [(None, False), (5, True)])
def test_without_a_time_other_people_in_the_same_place_are_another_moment(second: int | None, is_one: bool) -> None:
    def portrait(path: str, seed: int, bits: int) -> PhotoRecord:
        box = (10.0 + seed, 10.0, 100.0, 120.0)  # not the very same place, or it would be an edit
        item = a_photo(path, second=second, phash=bits)
        return msgspec.structs.replace(item.photo.record, faces=(a_face(box=box, embedding=an_embedding(seed)),))

    bits = 2 ** (SETTINGS.duplicate_bits + 1) - 1
    assert is_same_moment(portrait("a.jpg", 1, 0), portrait("b.jpg", 1, bits), SETTINGS)
    assert is_same_moment(portrait("a.jpg", 1, 0), portrait("b.jpg", 2, bits), SETTINGS) is is_one


def an_edit(record: PhotoRecord, turn: complex, *, shift: complex = 0, mirror: bool = False) -> PhotoRecord:
    """The record of a frame that was scaled and turned by a complex factor, shifted, mirrored; without a time."""

    def moved(face: Face) -> Face:
        spots = np.array(face.points) @ np.array([1, 1j]) * turn + shift
        spots = 5000 - spots.conj()[MIRRORED] if mirror else spots
        size = face.box[2] * abs(turn)
        (x, y), points = (spots.mean().real, spots.mean().imag), [[spot.real, spot.imag] for spot in spots.tolist()]
        box = (x - size / 2, y - size / 2, size, size)
        return msgspec.structs.replace(face, box=box, points_text=msgspec.Raw(msgspec.json.encode(points)))

    faces = tuple(map(moved, record.faces))[:: -1 if mirror else 1]
    return msgspec.structs.replace(record, faces=faces, taken_at=None, picture=PictureFigures(phash=f"{FAR:016x}"))


def two_people(one: int = 1, other: int = 2, taken_at: str | None = "2024-06-01T15:00:00") -> PhotoRecord:
    """The record of a photo of two people, one higher than the other."""
    faces = (
        a_face("f1", (100.0, 200.0, 100.0, 120.0), embedding=an_embedding(one)),
        a_face("f2", (400.0, 150.0, 100.0, 120.0), embedding=an_embedding(other)),
    )
    return a_record(*faces, taken_at=taken_at, picture=PictureFigures(phash=f"{0:016x}"))


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("turn", [1, 0.5, 1j, 0.7 - 0.05j])
def test_edits_of_one_frame_are_one_moment(turn: complex, mirror: bool) -> None:
    """A crop, a screenshot, a copy that lies on its side, each mirrored too."""
    frame = two_people()
    assert is_same_moment(frame, an_edit(frame, turn, shift=300 + 900j, mirror=mirror), SETTINGS)
    alone = msgspec.structs.replace(frame, faces=frame.faces[:1])
    assert is_same_moment(alone, an_edit(alone, turn, shift=300 + 900j, mirror=mirror), SETTINGS)


def test_other_people_in_the_same_places_are_another_moment() -> None:
    frame, other = two_people(), an_edit(two_people(1, 3), 1.0)
    assert not is_same_moment(frame, other, SETTINGS)


def test_people_who_have_moved_are_another_moment() -> None:
    frame, later = two_people(), an_edit(two_people(), 1.0)
    nearer = an_edit(msgspec.structs.replace(later, faces=later.faces[1:]), 1.0, shift=-60 + 40j).faces
    assert not is_same_moment(frame, msgspec.structs.replace(later, faces=later.faces[:1] + nearer), SETTINGS)


def test_a_frame_that_was_taken_at_another_time_is_no_edit() -> None:
    frame = two_people()
    later = msgspec.structs.replace(an_edit(frame, 0.7), taken_at="2024-06-01T15:01:00")
    assert not is_same_moment(frame, later, SETTINGS)


def test_photos_of_other_numbers_of_faces_and_films_are_no_edits() -> None:
    frame = two_people(taken_at=None)
    edit = an_edit(frame, 0.7)
    assert not is_same_moment(frame, msgspec.structs.replace(edit, faces=edit.faces[:1]), SETTINGS)
    assert not is_same_moment(frame, msgspec.structs.replace(edit, format="mp4"), SETTINGS)


def test_a_long_series_does_not_chain_into_one_moment() -> None:
    series = [
        a_photo(f"{number:02}", number * 5, Random(number).getrandbits(64), score=1 - number / 100)
        for number in range(20)
    ]
    assert len(moments(series, SETTINGS)) >= 6


def test_nothing_measured_is_never_the_same_moment() -> None:
    assert not is_same_moment(a_record(), a_record(), SETTINGS)


def test_distinct_gives_the_best_of_each_moment_best_first() -> None:
    shown = [a_photo("a", 0, score=0.9), a_photo("a2", 1, score=0.8), a_photo("b", 5000, FAR, score=0.7)]
    assert paths(distinct(shown, 0, SETTINGS)) == ["a", "b"]


def test_a_choice_is_spread_over_the_event() -> None:
    """Ten good minutes and one slightly lesser photo hours later: it is among the three."""
    ceremony = [a_photo(f"c{number}", number * 60, FAR << number, score=0.90) for number in range(10)]
    party = a_photo("party", 4 * 3600, 1, score=0.85)
    assert "party" in paths(spread([*ceremony, party], 3, SETTINGS))
    assert "party" not in paths(spread([*ceremony, party], 3, Settings(spread=0.0).moments))


def test_a_clock_that_was_never_set_spoils_no_choice() -> None:
    """With its years as the length of the event, any two photos of the day would stand beside each other."""
    ceremony = [a_photo(f"c{number}", number * 60, FAR << number, score=0.90) for number in range(10)]
    party = a_photo("party", 4 * 3600, 1, score=0.85)
    unset = a_ranked_photo("unset", taken_at="2099-01-01T00:00:00", score=0.5)
    usual = paths(spread([*ceremony, party], 3, SETTINGS))
    assert paths(spread([*ceremony, party, unset], 3, SETTINGS)) == usual
    years = [a_ranked_photo(f"y{number}", taken_at=f"20{number:02}-01-01T00:00:00", score=0.9) for number in range(20)]
    assert len({item.path for item in spread(years, 4, SETTINGS)}) == 4


def test_spreading_never_invents_or_repeats() -> None:
    shown = [a_photo(str(number), None, FAR << number) for number in range(5)]
    chosen = paths(spread(shown, 10, SETTINGS))
    assert sorted(chosen) == ["0", "1", "2", "3", "4"]


def a_face_with(*, jaw: float = 0.0, blink: float = 0.0) -> Face:
    values = np.zeros(52, np.float32)
    values[25], values[[9, 10]] = jaw, blink
    return a_face(mesh=MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values)))


def test_of_a_moment_the_best_is_shown_with_its_alternates() -> None:
    shown = [a_photo("a", 0, score=0.9), a_photo("a2", 1, score=0.8), a_photo("b", 5000, FAR, score=0.7)]
    first, second = distinct(shown, 0, SETTINGS)
    assert [photo.path for photo in first.alternates] == ["a2"]
    assert second.alternates == ()


def test_frames_of_a_moment_are_compared_with_the_usual_face() -> None:
    """A mouth caught open gives way to the frame after it, but not for somebody who always looks so."""
    frames = [a_photo("open", 0, score=0.81, face=a_face_with(jaw=0.5)), a_photo("shut", 1, score=0.80)]
    usual = [
        a_photo(f"u{number}", 1000 * number, FAR << number, score=0.5, face=a_face_with()) for number in range(1, 6)
    ]
    assert paths(distinct([*frames, *usual], 0, SETTINGS))[0] == "shut"
    assert paths(distinct([*frames, *usual], 0, Settings(unusual=0.0).moments))[0] == "open"
    always = [msgspec.structs.replace(item, face=a_face_with(jaw=0.5)) for item in usual]
    assert paths(distinct([*frames, *always], 0, SETTINGS))[0] == "open"


def test_narrow_eyes_are_no_blink() -> None:
    frames = [a_photo("narrow", 0, score=0.81, face=a_face_with(blink=0.6)), a_photo("wide", 1, score=0.80)]
    usual = [
        a_photo(f"u{number}", 1000 * number, FAR << number, score=0.5, face=a_face_with(blink=0.6))
        for number in range(1, 6)
    ]
    assert paths(distinct([*frames, *usual], 0, SETTINGS))[0] == "narrow"
    wide = [msgspec.structs.replace(item, face=a_face_with()) for item in usual]
    assert paths(distinct([*frames, *wide], 0, SETTINGS))[0] == "wide"


def test_an_order_within_the_noise_is_said() -> None:
    shown = [
        a_photo("a", score=0.9), a_photo("b", score=0.89), a_photo("c", score=0.87), a_photo("d", score=0.8699),
        a_photo("e", score=0.8698, doubtful=True),
    ]  # fmt: skip
    assert [item.close_to for item in mark_close(shown, 0.02)] == [None, 1, None, 3, None]
    assert [item.close_to for item in mark_close(shown, 0.0)] == [None] * 5
    assert mark_close(shown[1:], 0.03, 2)[1].close_to == 2


ELSEWHERE = a_face(box=(2000.0, 900.0, 100.0, 120.0))


@pytest.mark.parametrize(
    ("bits", "seconds", "face", "is_one"),
    [
        (6, 7200, ELSEWHERE, True),  # a near-duplicate, whenever and whoever
        (7, 7200, a_face(), False),
        (18, 10, ELSEWHERE, True),  # a burst of pictures that look alike
        (19, 10, ELSEWHERE, False),
        (18, 11, ELSEWHERE, False),
        (64, 10, a_face(), True),  # a burst with the same faces
        (64, 11, a_face(), False),
        (18, None, a_face(), True),  # without times both must be the same
        (19, None, a_face(), False),
        (18, None, ELSEWHERE, False),
    ],
)
def test_the_limits_of_a_moment_belong_to_it(bits: int, seconds: int | None, face: Face, is_one: bool) -> None:
    one = a_photo("one", None if seconds is None else 0, face=a_face())
    other = a_photo("other", seconds, 2**bits - 1, face=face)
    assert is_same_moment(one.photo.record, other.photo.record, SETTINGS) is is_one


def test_faces_that_overlap_just_enough_are_in_the_same_place() -> None:
    moved = a_face(box=(130.0, 100.0, 100.0, 120.0))
    one, other = a_photo("one", 0, face=a_face(box=(100.0, 100.0, 100.0, 120.0))), a_photo("other", 1, FAR, face=moved)
    shared = overlap(one.face.box, moved.box)
    assert is_same_moment(one.photo.record, other.photo.record, Settings(same_place=shared).moments)
    assert not is_same_moment(one.photo.record, other.photo.record, Settings(same_place=shared + 0.01).moments)


def test_as_many_moments_as_are_asked_for_are_not_spread() -> None:
    """Both are shown, so the better one comes first, though the other is hours away from it."""
    shown = [a_photo("a", 0, score=0.9), a_photo("b", 60, FAR, score=0.89)]
    assert paths(distinct(shown, 2, Settings(spread=1.0).moments)) == ["a", "b"]
    three = [*shown, a_photo("c", 4 * 3600, FAR << 32, score=0.5)]
    assert paths(distinct(three, 2, Settings(spread=1.0).moments)) == ["a", "c"]
    assert paths(distinct(three, 1, Settings(spread=1.0).moments)) == ["a"]
    assert paths(distinct(three, 0, Settings(spread=1.0).moments)) == ["a", "b", "c"]


def test_photos_of_which_nothing_is_known_are_compared_with_nobody() -> None:
    """Thousands that wait to be measured must not be compared with one another."""
    leaders = selection._Leaders([a_record()] * 3, SETTINGS)
    for place in range(3):
        assert not np.any(leaders._near(a_record()))
        leaders.add(place)


def test_among_thousands_the_same_are_found_as_one_by_one() -> None:
    """Bursts across the borders of spans, copies hours later, photos without times or pictures."""
    random, found = Random(6), []
    hashes = [random.getrandbits(64) for _ in range(12)]
    for number in range(160):
        bits = random.choice(hashes)
        for _ in range(random.choice([0, 0, 2, 5, 12, 18])):
            bits ^= 1 << random.randrange(64)
        second = random.choice([None, random.randrange(600), random.randrange(600)])
        face = a_face() if random.random() < 0.7 else ELSEWHERE
        item = a_photo(f"{number:03}", second, bits, face=face)
        found.append(replace_picture(item, "") if random.random() < 0.1 else item)
    expected: list[list[RankedPhoto]] = []
    for item in found:
        record = item.photo.record
        mine = next((one for one in expected if is_same_moment(one[0].photo.record, record, SETTINGS)), None)
        if mine is None:
            expected.append([item])
        else:
            mine.append(item)
    assert [paths(one) for one in moments(found, SETTINGS)] == [paths(one) for one in expected]


def test_a_photo_without_a_time_is_compared_by_picture_and_faces() -> None:
    dated = a_photo("dated", 0)
    for bits, is_one in ((18, True), (19, False)):
        undated = a_photo("undated", None, 2**bits - 1)
        for pair in ([dated, undated], [undated, dated]):
            assert len(moments(pair, SETTINGS)) == 2 - is_one


def test_photos_without_a_picture_are_compared_by_time_and_faces() -> None:
    bare = msgspec.structs.replace(a_record(a_face()), taken_at="2024-06-01T15:00:05")
    for seconds, is_one in ((15, True), (16, False)):
        assert is_same_moment(bare, a_photo("other", seconds).photo.record, SETTINGS) is is_one


def test_more_faces_are_another_moment() -> None:
    two = a_record(a_face("f1"), ELSEWHERE, taken_at="2024-06-01T15:00:01")
    one = a_record(a_face("f1"), taken_at="2024-06-01T15:00:00")
    assert not is_same_moment(one, two, SETTINGS)
    assert is_same_moment(two, msgspec.structs.replace(two, faces=two.faces[::-1]), SETTINGS), "in any order"


def test_a_doubtful_photo_leads_no_moment_with_a_sure_one() -> None:
    shown = [a_photo("sure", 0, score=0.5), a_photo("doubtful", 1, score=0.9, doubtful=True)]
    (only,) = distinct(shown, 0, SETTINGS)
    assert only.path == "sure"


def test_a_choice_far_in_time_makes_up_for_as_much_as_the_setting_says() -> None:
    """The second is as near as can be: it loses 0.13 or 0.1, and the last, hours away, a seventh of it."""
    shown = [a_photo("a", 0, score=0.9), a_photo("b", 0, FAR, score=0.85), a_photo("c", 8 * 3600, 1, score=0.75)]
    assert paths(spread(shown, 2, Settings(spread=0.13).moments)) == ["a", "c"]
    assert paths(spread(shown, 2, Settings(spread=0.1).moments)) == ["a", "b"]


@pytest.mark.parametrize("hours", [(6, 5.98, 0), (0, 0.02, 6)])
def test_a_choice_is_spread_over_all_the_hours_between_the_first_and_the_last(hours: tuple[float, ...]) -> None:
    """Half of six hours is near: a minute away counts as the same time, and six hours away as another."""
    shown = [
        a_photo(name, round(hour * 3600), score=score)
        for name, hour, score in zip("abc", hours, (0.9, 0.83, 0.75), strict=True)
    ]
    assert paths(spread(shown, 2, Settings(spread=0.1).moments)) == ["a", "c"]


@pytest.mark.parametrize(("first", "chosen"), [(1, "early"), (0, "near")])
def test_a_clock_counts_up_to_three_hundred_lengths_from_the_others(first: int, chosen: str) -> None:
    """One of five photos may be far away; the others last ten seconds."""
    shown = [a_photo("best", 3011, score=0.9), a_photo("near", 3006, score=0.85), a_photo("early", first, score=0.75)]
    shown += [a_photo("x", 3001, score=0.1), a_photo("y", 3011, score=0.1)]
    assert paths(spread(shown, 2, Settings(spread=0.2).moments)) == ["best", chosen]


def test_a_second_apart_is_not_as_near_as_the_same_second() -> None:
    shown = [a_photo("a", 0, score=0.9), a_photo("same", 0, score=0.85), a_photo("next", 1, score=0.79)]
    assert paths(spread(shown, 2, Settings(spread=0.1).moments)) == ["a", "next"]
    shown[2] = a_photo("next", 1, score=0.78)
    assert paths(spread(shown, 2, Settings(spread=0.1).moments)) == ["a", "same"]


def test_photos_without_a_time_are_near_to_none() -> None:
    shown = [a_photo("a", 0, score=0.9), a_photo("undated", None, score=0.8), a_photo("b", 0, score=0.85)]
    assert paths(spread(shown, 3, Settings(spread=0.1).moments)) == ["a", "undated", "b"]


def test_equal_photos_are_chosen_in_the_order_given() -> None:
    shown = [a_photo(name, None, FAR, score=0.9) for name in "bac"]
    assert paths(spread(shown, 2, SETTINGS)) == ["b", "a"]


JAW, BLINK = 25, [9, 10]


def mesh(jaw: float = 0.0, blink: float = 0.0) -> MeshFigures:
    values = np.zeros(52, np.float32)
    values[JAW], values[BLINK] = jaw, blink
    return MeshFigures(1.0, 0.0, 0.0, 0.0, encode_array(values))


def shown(jaw: float = 0.0, blink: float = 0.0) -> RankedPhoto:
    return a_ranked_photo(face=a_face(mesh=mesh(jaw, blink)))


def without(item: RankedPhoto, signal: str) -> RankedPhoto:
    return msgspec.structs.replace(item, signals=some_signals(**{signal: None}))


def test_the_norm_is_the_middle_of_what_is_seen() -> None:
    norm = norm_of([shown(jaw) for jaw in (0.0, 0.25, 0.25, 0.25, 1.0)])
    assert norm.mouth == 0.25
    assert norm.eyes == pytest.approx(eyes_open_score(mesh()))


def test_four_photos_tell_what_is_usual_and_three_do_not() -> None:
    assert norm_of([shown(0.5)] * 3) == Norm(None, None)
    assert norm_of([shown(0.5)] * 4).mouth == 0.5
    hidden = without(shown(0.5), "eyes_open")
    assert norm_of([shown(0.5), hidden, hidden, hidden]).eyes is None
    assert norm_of([shown(0.5)] * 4 + [hidden]).eyes is not None


def test_what_is_not_trusted_is_not_looked_at() -> None:
    untrusted = without(shown(1.0), "expression")
    assert norm_of([shown(0.25)] * 4 + [untrusted] * 9).mouth == 0.25
    assert norm_of([a_ranked_photo()] * 9) == Norm(None, None)
    assert unusual(untrusted, Norm(1.0, 0.0)) == 0
    assert unusual(without(shown(blink=0.9), "eyes_open"), Norm(1.0, 0.0)) == 0


def test_of_many_photos_an_even_sample_is_taken() -> None:
    """Every second of 400 shows the mouth open: a sample of each second photo sees nothing else."""
    assert norm_of([shown(0.5), shown(0.0)] * 200).mouth == 0.5
    few = norm_of([shown(0.5), shown(0.0), shown(0.0)] * 30)
    assert few.mouth == 0, "of few photos all count"


def test_narrower_eyes_and_a_wider_mouth_add_up_and_the_opposite_is_no_merit() -> None:
    open_eyes, narrow = eyes_open_score(mesh()), eyes_open_score(mesh(blink=0.5))
    usual = Norm(open_eyes, 0.25)
    assert unusual(shown(0.25), usual) == 0
    assert unusual(shown(0.75), usual) == 0.5
    assert unusual(shown(0.75, blink=0.5), usual) == pytest.approx(0.5 + open_eyes - narrow)
    assert unusual(shown(0.0), Norm(narrow, 0.25)) == 0, "wide eyes and a shut mouth"
    assert unusual(shown(0.75, blink=0.5), Norm(None, None)) == 0
    assert unusual(shown(0.75), Norm(None, 0.25)) == 0.5
    assert unusual(shown(0.75, blink=0.5), Norm(open_eyes, None)) == pytest.approx(open_eyes - narrow)


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

"""The ranker on faces whose figures we set; what figures mean is tested with the signals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from builders import a_face, a_ranked_photo, a_record, an_embedding, some_expressions
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.codec import encode_array
from photo_ranker.ranker import RankedPhoto, counted_others, in_order, line_up, rows_of_faces, score_photo
from photo_ranker.records import Face, FaceFigures, Match, MeshFigures
from photo_ranker.settings import Settings

SETTINGS = Settings()


def a_seen_face(name: str = "f1", left: float = 1000.0, height: float = 800.0, **values: Any) -> Face:
    """A good face, but for what is named."""
    figures = FaceFigures(
        sharpness=values.pop("sharpness", 2.2), brightness=0.5, bright_end=0.8, **values.pop("light", {})
    )
    mesh = MeshFigures(
        presence=values.pop("presence", 1.0),
        yaw=values.pop("yaw", 0.0),
        pitch=0.0,
        roll=0.0,
        expressions=some_expressions(blink=values.pop("blink", 0.05), smile=values.pop("smile", 0.8)),
    )
    facts = {
        "detection": 0.94,
        "clarity": 13.0,
        "embedding": an_embedding(ord(name[-1])),
        "figures": figures,
        "mesh": mesh,
    }
    return a_face(name, (left, 500.0, height * 0.8, height), **(facts | values))


def scored(person: Face, *others: Face, settings: Settings = SETTINGS) -> RankedPhoto:
    album = Album([AlbumPhoto("a.jpg", a_record(person, *others))])
    return score_photo(album, Match(0, 0, 0.7, 0.7, None), settings)


def test_a_face_alone_is_a_single_photo() -> None:
    assert scored(a_seen_face()).kind == "single"
    assert scored(a_seen_face()).people_in_photo == 1


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"height": 800.0}, True),
        ({"height": 0.41 * 800.0}, True),
        ({"height": 0.39 * 800.0}, False),
        ({"height": 800.0, "detection": 0.6}, False),
        ({"height": 800.0, "engine": "other"}, False),
    ],
    ids=["as large", "large enough", "a passer-by", "not surely a face", "seen by another engine"],
)
def test_who_makes_a_photo_a_group(facts: dict[str, Any], counts: bool) -> None:
    result = scored(a_seen_face(), a_seen_face("f2", 2000.0, **facts))
    assert result.kind == ("group" if counts else "single")
    assert result.people_in_photo == 1 + counts


def test_the_share_of_height_is_a_setting() -> None:
    person, small = a_seen_face(), a_seen_face("f2", 2000.0, 200.0)
    assert not counted_others(person, a_record(person, small), SETTINGS.signals)
    assert counted_others(person, a_record(person, small), SETTINGS.changed(group_face_height=0.2).signals)


@pytest.mark.parametrize(
    "worse",
    [
        {"sharpness": 0.8},
        {"smile": 0.0},
        {"blink": 0.9},
        {"yaw": 50.0},
        {"light": {"black": 0.6}},
        {"light": {"outside": 0.3}},
        {"height": 60.0},
        {"clarity": 8.0, "detection": 0.85},
    ],
    ids=lambda facts: next(iter(facts)),
)
def test_whatever_is_worse_scores_less_alone(worse: dict[str, Any]) -> None:
    assert scored(a_seen_face(**worse)).score < scored(a_seen_face()).score


@pytest.mark.parametrize(
    "worse", [{"blink": 0.9}, {"yaw": 50.0}, {"sharpness": 0.8}], ids=lambda facts: next(iter(facts))
)
def test_somebody_elses_defect_costs_in_a_group(worse: dict[str, Any]) -> None:
    good = scored(a_seen_face(), a_seen_face("f2", 2000.0))
    bad = scored(a_seen_face(), a_seen_face("f2", 2000.0, **worse))
    assert bad.score < good.score


def test_a_smile_matters_less_in_a_group() -> None:
    other = a_seen_face("f2", 2000.0)
    alone = scored(a_seen_face()).score - scored(a_seen_face(smile=0.0)).score
    together = scored(a_seen_face(), other).score - scored(a_seen_face(smile=0.0), other).score
    assert 0 < together < 0.9 * alone


def test_good_photos_of_both_kinds_are_comparable() -> None:
    single, group = scored(a_seen_face()), scored(a_seen_face(), a_seen_face("f2", 2000.0))
    assert abs(single.score - group.score) < 0.1
    bad_single = scored(a_seen_face(sharpness=0.8, blink=0.9, yaw=45.0))
    assert bad_single.score < group.score - 0.2


def test_unknown_eyes_are_not_bad() -> None:
    result = scored(a_seen_face(light={"dark_glasses": 1.0}))
    assert result.score > scored(a_seen_face()).score - 0.01
    assert result.signals.eyes_open is None
    assert "eyes closed" not in result.against


def test_a_face_that_cannot_be_read_is_no_good_photo_but_nobody_says_how_it_looks() -> None:
    """In profile no mesh fits. Raters like hardly any photo less, so another signal's weight does not help it."""
    bare = scored(a_face("f1", (1000.0, 500.0, 640.0, 800.0), embedding=an_embedding(1), detection=0.94))
    assert 0.4 < bare.score < scored(a_seen_face(smile=0.0)).score
    assert (bare.signals.eyes_open, bare.signals.expression) == (None, None)
    assert bare.against == ()


def test_a_weight_of_zero_takes_a_signal_out() -> None:
    settings = SETTINGS.changed(single_clear=0.0)
    assert scored(a_seen_face(clarity=9.0), settings=settings).score == scored(a_seen_face(), settings=settings).score


def test_a_bad_photo_comes_last_and_does_not_vanish() -> None:
    photos = [
        AlbumPhoto("bad.jpg", a_record(a_seen_face("f1", sharpness=0.0, blink=1.0, yaw=80.0), hash="1")),
        AlbumPhoto("good.jpg", a_record(a_seen_face("f2"), hash="2")),
    ]
    matches = [Match(0, 0, 0.9, 0.9, None), Match(1, 1, 0.5, 0.5, None)]
    lineup = line_up(Album(photos), matches, SETTINGS)
    ranked = lineup.explained(lineup.order(SETTINGS.weights), SETTINGS.weights)
    assert [item.path for item in ranked] == ["good.jpg", "bad.jpg"]
    assert ranked[1].against


def test_ties_fall_by_similarity_and_then_by_path() -> None:
    b, a, c = a_ranked_photo("b.jpg"), a_ranked_photo("a.jpg"), a_ranked_photo("c.jpg", similarity=0.9)
    for order in ([a, b, c], [c, b, a], [b, a, c]):
        assert [item.path for item in in_order(order)] == ["c.jpg", "a.jpg", "b.jpg"]


def test_doubtful_ones_come_after_sure_ones() -> None:
    doubtful, sure = a_ranked_photo("d.jpg", doubtful=True, score=0.99), a_ranked_photo("s.jpg", score=0.1)
    assert [item.path for item in in_order([doubtful, sure])] == ["s.jpg", "d.jpg"]


def a_couple(gap: float, yaws: tuple[float, float], **facts: Any) -> tuple[Face, Face]:
    """Two faces 640 px wide and 800 px high, side by side."""
    return a_seen_face(yaw=yaws[0], **facts), a_seen_face("f2", 1640.0 + gap, yaw=yaws[1])


@pytest.mark.parametrize(
    ("gap", "yaws", "together"),
    [
        (60.0, (40.0, -40.0), True),
        (60.0, (40.0, 0.0), True),
        (600.0, (40.0, -40.0), True),
        (600.0, (40.0, 0.0), False),
        (60.0, (-40.0, 40.0), False),
        (60.0, (0.0, 0.0), False),
        (1500.0, (40.0, -40.0), False),
    ],
    ids=["a kiss", "kissed", "looking at each other", "one looks", "back to back", "side by side", "far apart"],
)
def test_who_is_together(gap: float, yaws: tuple[float, float], together: bool) -> None:
    result = scored(*a_couple(gap, yaws))
    assert ("a moment together" in result.reasons) == together


def test_a_kiss_needs_no_open_eyes_and_no_look_at_the_camera() -> None:
    kiss = scored(*a_couple(60.0, (40.0, -40.0), blink=0.9))
    back_to_back = scored(*a_couple(60.0, (-40.0, 40.0), blink=0.9))
    assert kiss.score > back_to_back.score
    assert not {"eyes closed", "turned away", "turned a little"} & set(kiss.against)
    assert (kiss.signals.eyes_open or 0.0) < 0.5  # what was measured stays what it is


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ({"height": 320.0}, True),
        ({"height": 319.0}, False),
        ({"detection": 0.75}, True),
        ({"detection": 0.74}, False),
        ({"id": "f1"}, False),
    ],
)
def test_the_limits_of_who_counts(facts: dict[str, Any], counts: bool) -> None:
    person = a_seen_face()
    name = facts.pop("id", "f2")
    other = a_seen_face(name, 2000.0, **facts)
    assert counted_others(person, a_record(person, other), SETTINGS.signals) == ([other] if counts else [])


def test_those_of_several_photos_are_told_apart() -> None:
    """Rows of all faces at once are those of each face alone, whoever else is in its photo."""
    records = [a_record(*(a_face(f"{photo}{place}", (90.0 * place, 0.0, 60.0, 30.0 + 25 * place))
                          for place in range(photo + 1))) for photo in range(4)]  # fmt: skip
    faces = [(face, record) for record in records for face in record.faces]
    alone = [rows_of_faces([item], SETTINGS)[0] for item in faces]
    assert np.array_equal(rows_of_faces(faces, SETTINGS), alone, equal_nan=True)
    counts = [len(counted_others(face, record, SETTINGS.signals)) for face, record in faces]
    assert counts == [0, 1, 1, 2, 2, 1, 3, 3, 2, 2]


@pytest.mark.parametrize(("width", "counts"), [(24.0, True), (23.9, False)])
def test_a_narrow_face_counts_from_its_pixels_on(width: float, counts: bool) -> None:
    person, other = a_face("f1", (0.0, 0.0, 50.0, 60.0)), a_face("f2", (90.0, 0.0, width, 40.0))
    assert bool(counted_others(person, a_record(person, other), SETTINGS.signals)) is counts


def test_a_moment_together_is_the_first_of_three_reasons() -> None:
    together = scored(*a_couple(60.0, (40.0, -40.0))).reasons
    alone = scored(a_seen_face()).reasons
    assert len(alone) == 3
    assert together[0] == "a moment together"
    assert len(together) == 3


def three(**facts: Any) -> tuple[Album, list[Match]]:
    """Three photos of a person, in the order in which they are good: b, c, a."""
    photos = [
        AlbumPhoto(name, a_record(a_seen_face("f1", sharpness=sharpness), hash=name, **facts))
        for name, sharpness in (("a", 0.8), ("b", 2.4), ("c", 1.6))
    ]
    return Album(photos), [Match(number, number, 0.7, 0.7, None) for number in range(3)]


def test_a_lineup_lists_down_to_a_score() -> None:
    lineup = line_up(*three(), SETTINGS)
    ranked = lineup.ranked(SETTINGS.weights)
    assert [item.path for item in ranked] == ["b", "c", "a"]
    assert lineup.order(SETTINGS.weights) == [1, 2, 0]
    assert lineup.order(SETTINGS.weights, ranked[1].score) == [1, 2]
    assert lineup.order(SETTINGS.weights, ranked[1].score + 0.0001) == [1]
    assert [lineup.photo(number) for number in lineup.order(SETTINGS.weights)] == [1, 2, 0]


def test_photos_are_explained_beside_the_others_that_are_named() -> None:
    lineup = line_up(*three(), SETTINGS)

    def words(**among: Any) -> tuple[str, ...]:
        return lineup.explained([1], SETTINGS.weights, **among)[0].reasons

    assert words() == ("sharpest of 3",)
    assert words(among=[0, 1, 2]) == words()
    assert words(among=[0, 1]) == scored(a_seen_face(sharpness=2.4)).reasons, "of two each is described by itself"
    assert words(among=lineup._columns) == words()


def test_alternates_and_copies_stay_with_their_photo() -> None:
    album, matches = three()
    extra = AlbumPhoto("b (1)", album.photos[1].record)
    lineup = line_up(album, matches, SETTINGS, {1: (extra,)})
    best, last = lineup.explained([1, 0], SETTINGS.weights, alternates={matches[1]: (album.photos[2],)})
    assert (best.copies, best.alternates) == ((extra,), (album.photos[2],))
    assert (last.copies, last.alternates) == ((), ())
    assert lineup.explained([1], SETTINGS.weights)[0].alternates == ()


def test_each_face_of_a_photo_has_the_row_of_a_question_about_it() -> None:
    """What a library keeps of a photo is what a question to the album works out."""
    faces = [a_seen_face("f1", yaw=40.0, blink=0.9), a_seen_face("f2", 1700.0, yaw=-40.0), a_seen_face("f3", 3000.0)]
    record = a_record(*faces)
    rows = rows_of_faces([(face, record) for face in faces], SETTINGS)
    for face, row in zip(faces, rows, strict=True):
        album = Album([AlbumPhoto("a.jpg", record)])
        lineup = line_up(album, [Match(0, faces.index(face), 0.7, 0.7, None)], SETTINGS)
        assert np.array_equal(np.array(row), lineup._columns[:, 0], equal_nan=True)
    assert len({tuple(row) for row in rows}) == 3


def test_words_of_an_expression_need_a_mesh_that_is_trusted() -> None:
    """The mouth is open in one photo of four: said where the mesh lies on the face, and not where it lies beside it."""

    def said(presence: float) -> tuple[str, ...]:
        values = np.zeros(52, np.float32)
        values[25] = 0.6
        shape = MeshFigures(presence, 0.0, 0.0, 0.0, encode_array(values))
        faces = [a_seen_face("f1", mesh=shape), *(a_seen_face("f1", smile=0.1) for _ in range(3))]
        album = Album(AlbumPhoto(f"{place}", a_record(face, hash=f"{place}")) for place, face in enumerate(faces))
        lineup = line_up(album, [Match(number, number, 0.7, 0.7, None) for number in range(4)], SETTINGS)
        return lineup.explained([0], SETTINGS.weights)[0].against

    assert "mouth wide open" in said(1.0)
    assert "mouth wide open" not in said(0.01)


@pytest.mark.parametrize("sharp", [(1.0, 1.1, 1.2, 2.2, 3.0), (1.0, 1.1, 2.2, 3.0)])
def test_photos_are_compared_with_the_sure_ones(sharp: tuple[float, ...]) -> None:
    """A doubtful one may show somebody else: it is not counted, and is not the best of the person's."""
    last = len(sharp) - 1
    album = Album(AlbumPhoto(f"{n}.jpg", a_record(a_seen_face(sharpness=value))) for n, value in enumerate(sharp))
    matches = [Match(number, number, 0.7, 0.7, None, doubtful=number == last) for number in range(last + 1)]
    *_, sure, doubtful = line_up(album, matches, SETTINGS).explained(range(last + 1), SETTINGS.weights)
    assert sure.reasons[0] == f"sharpest of {last}"
    assert doubtful.reasons[0] == "sharp"

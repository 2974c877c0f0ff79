"""The ranker on faces whose figures we set; what figures mean is tested with the signals."""

from __future__ import annotations

from typing import Any

import pytest

from builders import a_face, a_ranked_photo, a_record, an_embedding, some_expressions
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.ranker import RankedPhoto, counted_others, in_order, line_up, score_photo
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


def test_unknown_is_not_bad() -> None:
    bare = a_face("f1", (1000.0, 500.0, 640.0, 800.0), embedding=an_embedding(1), detection=0.94)
    result = scored(bare)
    assert result.score > 0.8
    assert result.signals.eyes_open is None
    assert "eyes closed" not in result.against


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

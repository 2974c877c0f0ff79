"""Weighing again gives what ranking anew gives, to the last digit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.metadata import load
from photo_ranker.ranker import RankedPhoto, in_order, line_up, score_photo
from photo_ranker.records import Match
from photo_ranker.settings import Settings, from_values
from web_helpers import make_album

WEIGHTS = ("single_sharpness", "single_smile", "single_eyes", "group_good_faces", "group_person_size", "penalty_cut")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    folder = make_album(tmp_path_factory.mktemp("reweighing") / "album", photos=40)
    return Album(AlbumPhoto(str(Path("a") / name), record) for name, record in sorted(load(folder).items()))


def ranked_anew(album: Album, matches: Sequence[Match], settings: Settings) -> list[RankedPhoto]:
    """Each photo scored by itself, then sorted."""
    return in_order(score_photo(album, match, settings) for match in matches)


def without_words(items: list[RankedPhoto]) -> list[RankedPhoto]:
    """A photo by itself is told of in other words than one beside others."""
    return [msgspec.structs.replace(item, reasons=(), against=()) for item in items]


@given(strategies.fixed_dictionaries({name: strategies.floats(0, 1) for name in WEIGHTS}), strategies.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_ranking_anew(album: Album, weights: dict[str, float], doubt: bool) -> None:
    matches = [
        Match(int(album.owners[face]), face, 0.5 + face % 3 / 10, 0.5, None, doubtful=doubt and face % 5 == 0)
        for face in range(0, len(album.faces), 2)
    ]
    tuned = from_values(weights)
    lineup, now = line_up(album, matches, Settings()), tuned.weights
    anew = ranked_anew(album, matches, tuned)
    again = lineup.ranked(now)
    assert [(item.path, item.score) for item in again] == [(item.path, item.score) for item in anew]
    assert again == in_order(again[::-1])
    order = lineup.order(now)
    assert without_words(lineup.explained(order, now)) == without_words(anew)
    assert lineup.numbers_of(anew) == order
    some = order[: len(order) // 2]
    assert lineup.explained(some, now) == lineup.explained(order, now)[: len(some)]
    assert anew[: len(some)] == ranked_anew(album, [x.match for x in anew[: len(some)]], tuned)
    assert lineup.only(some).ranked(now) == again[: len(some)]
    best = again[len(again) // 2].score
    assert [item.score for item in lineup.ranked(now, best)] == [x.score for x in again if x.score >= best]


def test_a_lineup_of_nobody(album: Album) -> None:
    lineup, weights = line_up(album, [], Settings()), Settings().weights
    assert lineup.order(weights) == []
    assert lineup.ranked(weights) == []
    assert lineup.explained([], weights) == []


def test_limits_of_defects_apply_to_a_lineup_as_it_is(album: Album) -> None:
    matches = [Match(int(album.owners[face]), face, 0.5, 0.5, None) for face in range(len(album.faces))]
    tuned = from_values({"heavy_blur": 0.9, "penalty_blur": 1.0, "bad_light": 1.0})
    again = line_up(album, matches, Settings()).ranked(tuned.weights)
    assert [(item.path, item.score) for item in again] == [
        (x.path, x.score) for x in ranked_anew(album, matches, tuned)
    ]

"""Weighing again gives what ranking anew gives, to the last digit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.metadata import load
from photo_ranker.ranker import rank
from photo_ranker.records import Match
from photo_ranker.reweighing import Lineup
from photo_ranker.settings import Settings, from_values
from web_helpers import make_album

WEIGHTS = ("single_sharpness", "single_smile", "single_eyes", "group_good_faces", "group_person_size", "penalty_cut")


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Album:
    folder = make_album(tmp_path_factory.mktemp("reweighing") / "album", photos=40)
    return Album(AlbumPhoto(str(Path("a") / name), record) for name, record in sorted(load(folder).items()))


@given(strategies.fixed_dictionaries({name: strategies.floats(0, 1) for name in WEIGHTS}), strategies.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_ranking_anew(album: Album, weights: dict[str, float], doubt: bool) -> None:
    matches = [
        Match(int(album.owners[face]), face, 0.5 + face % 3 / 10, 0.5, None, doubtful=doubt and face % 5 == 0)
        for face in range(0, len(album.faces), 2)
    ]
    tuned = from_values(weights)
    lineup = Lineup(album, rank(album, matches, Settings()))
    anew = rank(album, matches, tuned)
    again = lineup.reweighed(tuned)
    assert [(item.path, item.score) for item in again] == [(item.path, item.score) for item in anew]
    assert lineup.explained(lineup.order(tuned), tuned) == anew
    assert lineup.numbers_of(anew) == lineup.order(tuned)


def test_a_lineup_of_nobody(album: Album) -> None:
    lineup = Lineup(album, [])
    assert lineup.order(Settings()) == []
    assert lineup.reweighed(Settings()) == []

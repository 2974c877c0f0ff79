from __future__ import annotations

from builders import a_face, a_record
from photo_ranker.analysis import part_keys
from photo_ranker.models import EngineKeys
from photo_ranker.records import part_name, without_engine

KEYS = EngineKeys(detect="d.1", embed="e.1", mesh="m.1")


def test_engines_share_the_picture_and_nothing_else() -> None:
    ours, theirs = part_keys("sface", KEYS), part_keys("toy", KEYS)
    assert ours.keys() & theirs.keys() == {"picture"}
    assert {part_name(part, "toy"): key for part, key in ours.items()} == theirs


def test_a_part_hangs_on_those_before_it() -> None:
    usual = part_keys("sface", KEYS, "happy.1")
    other = part_keys("sface", EngineKeys(detect="d.2", embed="e.1", mesh="m.1"), "happy.1")
    assert {part for part in usual if usual[part] != other[part]} == {"detect", "embed", "mesh", "face", "happy"}


def test_happiness_is_a_part_only_when_it_is_asked_for() -> None:
    assert part_keys("toy", KEYS, "happy.1").keys() - part_keys("toy", KEYS).keys() == {"happy:toy"}


def test_taking_an_engine_out_leaves_the_others_as_they_were() -> None:
    ours, theirs = part_keys("sface", KEYS), part_keys("toy", KEYS, "happy.1")
    both = a_record(a_face("f1"), a_face("f1", engine="toy"), parts=ours | theirs)
    alone = a_record(a_face("f1"), parts=ours)
    assert without_engine(both, "toy") == alone
    assert without_engine(alone, "toy") == alone
    (face,) = without_engine(both, "sface").faces
    assert face.engine == "toy"
    assert without_engine(both, "sface").parts == theirs

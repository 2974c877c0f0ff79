from __future__ import annotations

import msgspec
import numpy as np
import pytest

from builders import a_face
from people.crowds import Rows, a_crowd, an_album, unit
from photo_ranker.people.clustering import group_faces
from photo_ranker.people.faces import FaceTable
from photo_ranker.person_finder.false_faces import is_solid
from photo_ranker.person_finder.populations import population_of
from photo_ranker.records import Face, FaceFigures, MeshFigures
from photo_ranker.settings import Settings

FIGURES = FaceFigures(sharpness=1.5, noise=1.0, brightness=0.5, bright_end=0.8)


def a_sharp_face(*, yaw: float = 0.0, **facts: object) -> Face:
    mesh = MeshFigures(presence=1.0, yaw=yaw, pitch=0.0, roll=0.0, expressions=bytes(104))
    face = a_face("f1", (0.0, 0.0, 80.0, 90.0), mesh=mesh, figures=FIGURES, detection=0.9)
    return msgspec.structs.replace(face, **facts)


@pytest.mark.parametrize(
    ("frames", "clarity", "yaw", "solid"),
    [
        (None, 12.0, 0.0, True),
        (None, 6.0, 0.0, False),
        (None, 12.0, 80.0, False),
        (1, 12.0, 0.0, False),
        (6, 6.0, 0.0, False),
        (6, 12.0, 0.0, True),
        (6, 12.0, 80.0, True),
        (6, None, 80.0, False),
        (6, None, 0.0, True),
    ],
    ids=[
        "a photo is judged by sharpness and turn",
        "hardly seen in a photo",
        "a profile in a photo",
        "one frame of a film",
        "dark and blurred in a film",
        "plain in a film",
        "a profile that was followed",
        "a profile where clarity is unknown",
        "to the front where clarity is unknown",
    ],
)
def test_who_may_found_a_person(frames: int | None, clarity: float | None, yaw: float, *, solid: bool) -> None:
    assert is_solid(a_sharp_face(yaw=yaw, frames=frames, clarity=clarity), Settings()) is solid


def test_small_unsure_and_soft_faces_found_nobody() -> None:
    plain = {"frames": 6, "clarity": 12.0}
    assert not is_solid(a_sharp_face(**plain, box=(0.0, 0.0, 20.0, 24.0)), Settings())
    assert not is_solid(a_sharp_face(**plain, detection=0.5), Settings())
    assert not is_solid(a_sharp_face(**plain, figures_text=a_soft_face().figures_text), Settings())


def a_soft_face() -> Face:
    return a_face(figures=msgspec.structs.replace(FIGURES, sharpness=-1.0))


def a_strip(*people: int, panels: int = 3, twins: bool = False) -> FaceTable:
    """One photo with these people in each panel, and a photo of each alone."""
    middles, _ = a_crowd(8, 1, seed=2)
    rng = np.random.default_rng(4)

    def look(person: int) -> Rows:
        return unit(middles[0 if twins else person] + 0.4 * unit(rng.normal(size=128)))

    strip = [(f"p{person}-{panel}", look(person)) for panel in range(panels) for person in people]
    alone = [[(f"p{person}-alone", look(person))] for person in people]
    return FaceTable(an_album([strip, *alone]), Settings())


def groups_of(table: FaceTable) -> list[list[str]]:
    labels = group_faces(table.material(), population_of("sface")).labels
    found = [[face for face, mine in zip(table.ids, labels, strict=True) if mine == label] for label in set(labels)]
    return sorted(sorted(group) for group in found)


def test_people_of_a_photo_booth_are_whole() -> None:
    assert groups_of(a_strip(0, 1)) == [
        ["p0-0", "p0-1", "p0-2", "p0-alone"],
        ["p1-0", "p1-1", "p1-2", "p1-alone"],
    ]
    assert groups_of(a_strip(0)) == [["p0-0", "p0-1", "p0-2", "p0-alone"]]


def test_twins_are_two() -> None:
    assert len(groups_of(a_strip(0, 1, panels=1, twins=True))) == 2


@pytest.mark.parametrize("times", [1, 20])
def test_marks_keep_apart_whom_pictures_and_words_keep_apart(times: int) -> None:
    """a and b are in one photo; c is told from d and e from f, once or many times; g and h are pinned."""
    rows, _ = a_crowd(8, 1)
    alone = [[(name, row)] for name, row in zip("cdefgh", rows[2:], strict=True)]
    table = FaceTable(an_album([[("a", rows[0]), ("b", rows[1])], *alone]), Settings())
    apart = [(["c"], ["d", "away"]), (["e"], ["f"]), (["g"], ["g"])]
    marks = dict(zip(table.ids, table.material([["a", "c"]], apart * times, ["g", "h", "away"]).tokens, strict=True))
    met = {one + other for one in marks for other in marks if one < other and set(marks[one]) & set(marks[other])}
    assert met == {"ab", "cd", "ef", "gh"}


def test_an_absent_face_is_spoken_for_by_one_of_its_person() -> None:
    rows, _ = a_crowd(3, 1)
    table = FaceTable(an_album([[(name, row)] for name, row in zip("abc", rows, strict=True)]), Settings())
    material = table.material([["away", "a"], ["gone"]], [(["away"], ["c"])])
    assert material.together == [[0]]
    marks = list(map(set, material.tokens))
    assert marks[0] & marks[2]
    assert not marks[0] & marks[1]


def test_a_copied_photo_adds_no_face() -> None:
    (one, other), _ = a_crowd(2, 1)
    table = FaceTable(an_album([[("a", one)], [("a", one)], [("b", other)]]), Settings())
    assert list(table.ids) == ["a", "b"]
    assert table.rows == pytest.approx(np.stack([one, other]), abs=1e-3)

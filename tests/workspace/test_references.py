"""Which face of a reference photo is meant."""

from __future__ import annotations

import msgspec
import pytest

from builders import a_face
from photo_ranker.person_finder.false_faces import is_false_face
from photo_ranker.settings import Settings
from photo_ranker.workspace.references import meant_face


@pytest.mark.parametrize(
    ("faces", "meant"),
    [
        ([(240, 4.6), (165, 13.7), (54, 6.3)], 1),  # a dark wall behind a man
        ([(547, 2.9), (82, 8.2)], 1),  # a dress, and who wears it
        ([(300, 7.0), (40, 13.0)], 0),  # a blurred portrait, and somebody far behind
        ([(300, 12.0), (200, 14.0)], 0),
        ([(90, 5.0), (80, 5.4)], 0),
        ([(90, 5.5), (80, 13.0)], 0),  # in profile
        ([(90, None), (80, 12.0)], 0),  # another engine does not say how clear a face is
    ],
)
def test_the_largest_face_is_meant_unless_it_is_none(faces: list[tuple[int, float | None]], meant: int) -> None:
    found = [a_face(f"f{place}", (0.0, 0.0, size, size), clarity=clear) for place, (size, clear) in enumerate(faces)]
    assert meant_face(found, None) is found[meant]


def test_a_thing_that_was_taken_for_a_face_is_not_meant_however_large() -> None:
    """A dress with a pattern, and its wearer far smaller."""
    dress = msgspec.structs.replace(a_face("f0", (0.0, 0.0, 560.0, 540.0), clarity=6.8), detection=0.66)
    woman = a_face("f1", (700.0, 0.0, 80.0, 82.0), clarity=9.0)
    assert is_false_face(dress, Settings())
    assert meant_face([dress, woman], None) is woman
    assert meant_face([dress], None) is dress
    plain = msgspec.structs.replace(dress, clarity=8.5, detection=0.55)
    assert is_false_face(plain, Settings())
    assert meant_face([plain], None) is plain, "a face that is given alone is taken, whatever it seems to be"

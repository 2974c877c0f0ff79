"""Which engine's faces a library is about, where none is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.library import engine_to_ask, engine_to_make, update_library
from photo_ranker.metadata import Ledger
from photo_ranker.settings import Settings

SETTINGS = Settings()
ONE, BOTH = {"embed": "e.1"}, {"embed": "e.1", "embed:duo": "s.1"}


def photo(folder: Path, name: str, parts: dict[str, str]) -> None:
    second = an_embedding(2, 256) if "embed:duo" in parts else None
    face = a_face(f"f-{name}", embedding=an_embedding(1), second_embedding=second)
    with Ledger(folder, print) as ledger:
        ledger.put(name, a_record(face, parts=parts))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    photo(tmp_path, "a.jpg", BOTH)
    return tmp_path


def test_a_first_library_is_of_duo_where_it_knows_every_face(archive: Path) -> None:
    assert engine_to_make(archive, "duo") == "duo"
    assert engine_to_make(archive, "sface") == "sface"
    photo(archive, "b.jpg", ONE)
    assert engine_to_make(archive, "duo") == "sface"


def test_the_library_that_there_is_stays(archive: Path) -> None:
    update_library(archive, "sface", SETTINGS)
    assert engine_to_make(archive, "duo") == engine_to_ask(archive, "duo") == "sface"
    update_library(archive, "duo", SETTINGS)
    assert engine_to_make(archive, "duo") == engine_to_ask(archive, "duo") == "duo"


def test_faces_that_wait_for_the_second_network_are_counted(archive: Path) -> None:
    photo(archive, "b.jpg", ONE)
    duo, alone = (update_library(archive, engine, SETTINGS) for engine in ("duo", "sface"))
    assert (duo.faces, duo.unknown) == (1, 1)
    assert (alone.faces, alone.unknown) == (2, 0)

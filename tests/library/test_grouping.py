from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from builders import a_face, a_record, an_embedding
from library.archive import album_of, make_archive
from photo_ranker.library import open_library, update_library
from photo_ranker.library.answering import group_library, material_of
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.storage import write_file
from photo_ranker.people.clustering import group_faces
from photo_ranker.people.faces import FaceTable
from photo_ranker.person_finder.populations import population_of
from photo_ranker.records import FaceFigures
from photo_ranker.settings import Settings


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With one folder twice: its faces are the same ones."""
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    root = make_archive(tmp_path / "archive")
    shutil.copytree(root / "1 ü", root / "copy")
    update_library(root, "sface", Settings())
    return root


def test_the_same_people_as_in_the_album(archive: Path) -> None:
    library = open_library(archive, "sface", Settings())
    material, faces = material_of(library)
    table = FaceTable(album_of(archive), Settings())
    ids = [library.ids(its)[0] for its in faces]
    assert sorted(ids) == sorted(table.ids)
    theirs = table.material()
    order = [table.number_of[face_id] for face_id in ids]
    assert (material.rows == theirs.rows[order]).all()
    assert (material.solid == theirs.solid[order]).all()
    assert [len(set(marks)) for marks in material.tokens] == [len(theirs.tokens[number]) for number in order]
    mine = group_faces(material, population_of("sface")).labels
    expected = group_faces(theirs, population_of("sface")).labels[order]
    assert len(np.unique(np.stack([mine, expected]), axis=1).T) == len(np.unique(mine)) == len(np.unique(expected))


def test_who_is_in_most_photos(archive: Path) -> None:
    count, crowds = group_library(open_library(archive, "sface", Settings()), 3)
    assert count == 12
    assert [crowd.photos for crowd in crowds] == sorted((crowd.photos for crowd in crowds), reverse=True)
    assert len(crowds) == 3
    assert all(crowd.example.record.faces for crowd in crowds)


def test_wallpaper_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    facts = {"detection": 0.7, "clarity": 5.0, "figures": FaceFigures(sharpness=2.0), "embedding": an_embedding(1)}
    faces = (a_face(f"w{number}", (500.0, 20.0, 120.0, 120.0), **facts) for number in range(3))
    texts = {f"{face.id}.jpg": encode_record(a_record(face, hash=face.id)) for face in faces}
    write_file(tmp_path / METADATA_NAME, join_document({}, texts))
    update_library(tmp_path, "sface", Settings())
    assert group_library(open_library(tmp_path, "sface", Settings()), 3) == (0, [])

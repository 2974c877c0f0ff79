"""What was decided about a face of an edited photo stays, even where the metadata that knew its id are gone."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes import FakeSpec, InlinePool, write_photo
from photo_ranker import indexing
from photo_ranker.metadata import METADATA_NAME, Ledger
from photo_ranker.people.merge_books import merge_books
from photo_ranker.people.store import edited_of, load_book
from photo_ranker.workspace import AlbumRequest, Workspace
from photo_ranker.workspace.people import AlbumPeople

OLD, OTHER = "f-before-the-edit", "f-of-nobody"
SPEC: Any = FakeSpec()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An edited photo of two faces, one of which has a name, and another photo."""
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(indexing, "refresh", partial(indexing.refresh, make_pool=InlinePool))
    album = tmp_path / "album"
    (album / "below").mkdir(parents=True)
    write_photo(album / "edited.jpg", "faces=2 edited")
    write_photo(album / "other.jpg", "faces=1 other")
    people(album)
    with Ledger(album, print) as ledger:
        record = ledger.records["edited.jpg"]
        faces = [msgspec.structs.replace(face, id=old) for face, old in zip(record.faces, (OLD, OTHER), strict=True)]
        ledger.put("edited.jpg", msgspec.structs.replace(record, faces=tuple(faces)))
    with Workspace(spec=SPEC).people(request(album), keep=True) as opened:
        opened.introduce([OLD], "Anna")
    return album


def request(album: Path, *, no_cache: bool = False) -> AlbumRequest:
    return AlbumRequest(photos=(str(album),), recursive=True, no_cache=no_cache)


def people(album: Path, *, no_cache: bool = False) -> AlbumPeople:
    with Workspace(spec=SPEC).people(request(album, no_cache=no_cache), keep=True) as opened:
        return opened


def annas_photos(opened: AlbumPeople) -> list[str]:
    return sorted(Path(opened.album.photos[number].path).name for number in opened.photos(opened.find("Anna")))


def test_the_metadata_may_be_deleted(folder: Path) -> None:
    (folder / METADATA_NAME).unlink()
    assert annas_photos(people(folder)) == ["edited.jpg"]


def test_nothing_of_the_metadata_is_needed(folder: Path) -> None:
    assert annas_photos(people(folder, no_cache=True)) == ["edited.jpg"]


def test_the_photo_may_be_away_for_a_run(folder: Path) -> None:
    away = folder.with_name("away.jpg")
    (folder / "edited.jpg").rename(away)
    assert annas_photos(people(folder)) == []
    away.rename(folder / "below" / "back.jpg")
    assert annas_photos(people(folder)) == ["back.jpg"]


def test_a_copy_in_another_folder_shows_the_same_person(folder: Path) -> None:
    shutil.copyfile(folder / "edited.jpg", folder / "below" / "copy.jpg")
    assert annas_photos(people(folder)) == ["copy.jpg", "edited.jpg"]


def test_only_faces_that_were_decided_about_are_noted(folder: Path) -> None:
    ((picture, faces),) = edited_of([str(folder)]).items()
    assert [(face.id, face.picture) for face in faces] == [(OLD, picture)]
    people(folder)
    before = load_book(folder).revision
    people(folder)
    assert load_book(folder).revision == before, "noted once"


def test_two_books_know_what_each_of_them_knows(folder: Path) -> None:
    book = load_book(folder)
    other = msgspec.structs.replace(book, edited=[msgspec.structs.replace(book.edited[0], picture="another")])
    assert merge_books(other, book).book.edited == [*book.edited, *other.edited]

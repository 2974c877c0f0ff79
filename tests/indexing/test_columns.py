"""A question by columns gives what the records give, or the records are read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from builders import a_face, a_record, an_embedding
from damages import cut, directory, empty, link, pipe
from fakes import FakeSpec, InlinePool
from photo_ranker.album import Album, AlbumPhoto, ColumnAlbum, OnDemand
from photo_ranker.core import files
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.errors import MetadataError
from photo_ranker.indexing import IndexOptions, Report, refresh
from photo_ranker.indexing.columns import LEAST_PHOTOS, columns_of, open_columns
from photo_ranker.indexing.discovery import gather
from photo_ranker.indexing.plan import VERDICT
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.metadata.document import encode_record, join_document
from photo_ranker.metadata.places import columns_file, columns_home
from photo_ranker.people.book import Book
from photo_ranker.people.told import search_album
from photo_ranker.questions.answer import Question, answer
from photo_ranker.records import Drawings, DrawnFace, Face, PhotoRecord
from photo_ranker.settings import Settings

SPEC = FakeSpec()


def faces_of(number: int) -> list[Face]:
    """None to two faces; one of thirty photos shows the person, another something that is no face."""
    person = 1 if number % 30 == 0 else 1000 + number
    row = an_embedding(person) if person > 1 else an_embedding(1)
    faces = [a_face(f"f{number:08x}a", embedding=row), a_face(f"f{number:08x}b", embedding=an_embedding(5000 + number))]
    if number % 30 == 7:
        faces[1] = a_face(f"f{number:08x}b", embedding=an_embedding(5000 + number), detection=0.75, clarity=4.0)
        faces[1] = msgspec.structs.replace(faces[1], box=(10.0, 20.0, 200.0, 90.0))  # what is so wide is no face
    return faces[: number % 4] if number % 30 else faces


def write_album(folder: Path, change: Callable[[int, PhotoRecord], PhotoRecord] = lambda _, record: record) -> None:
    """A folder where everything is measured."""
    folder.mkdir()
    texts = {}
    for number in range(LEAST_PHOTOS):
        path = folder / f"IMG_{number:04}{' ü' if number == 3 else ''}.jpg"
        path.write_bytes(b"photo")
        found = path.stat()
        facts: dict[str, Any] = {"size": found.st_size, "mtime_ns": found.st_mtime_ns, "hash": f"{number:x}"}
        record = a_record(*faces_of(number), **facts, parts=SPEC.keys(), taken_at=f"20{10 + number % 9}-05-01T10:00:00")
        if number == 5:
            record = a_record(**facts, unreadable="broken", parts=VERDICT)
        texts[path.name] = encode_record(change(number, record))
    files.replace(folder / METADATA_NAME, [join_document({}, texts)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    write_album(tmp_path / "album")
    return tmp_path / "album"


def ask(folder: Path, *, by_columns: bool = True) -> tuple[Album, Report]:
    return refresh([str(folder)], SPEC, IndexOptions(workers=1), make_pool=InlinePool, by_columns=by_columns)


def opened(folder: Path) -> Album:
    """The album by its columns, which are made by the first question."""
    ask(folder)
    album, _ = ask(folder)
    assert isinstance(album, ColumnAlbum)
    return album


def ranking_of(album: Album) -> bytes:
    question = Question(references=[decode_unit_rows([an_embedding(1)])[0]], top=5, doubtful=True)
    return msgspec.json.encode(answer(search_album(album, Book(), Settings()), question, Settings()))


def test_it_is_the_album_of_the_records(folder: Path) -> None:
    whole, report = ask(folder, by_columns=False)
    assert not columns_file(folder, "sface").exists(), "only questions make columns"
    by_columns = opened(folder)
    _, its_report = ask(folder)
    assert its_report.counts() == report.counts()
    assert its_report.unreadable == report.unreadable
    assert by_columns.ids == whole.ids
    assert (by_columns.bare, by_columns.has_films) == (whole.bare, whole.has_films)
    for name in ("embeddings", "sizes", "clarity", "years", "owners"):
        np.testing.assert_array_equal(getattr(by_columns, name), getattr(whole, name), name)
    assert list(by_columns.unreadable) == list(whole.unreadable)
    assert list(by_columns.photos) == list(whole.photos)
    assert list(by_columns.faces) == list(whole.faces)
    assert list(by_columns.detected(0.7, 0.8)) == list(whole.detected(0.7, 0.8)) != []


def test_a_question_has_the_same_answer(folder: Path) -> None:
    expected = ranking_of(ask(folder, by_columns=False)[0])
    assert expected.count(b'"photo":{"path"') == 5
    assert ranking_of(opened(folder)) == expected


def test_only_the_records_of_the_answer_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    album = opened(folder)
    assert isinstance(album.photos, OnDemand)
    read: list[int] = []
    make = album.photos._make

    def counted(number: int) -> AlbumPhoto:
        read.append(number)
        photo: AlbumPhoto = make(number)
        return photo

    monkeypatch.setattr(album.photos, "_make", counted)
    ranking_of(album)
    assert 0 < len(read) < LEAST_PHOTOS / 5


def test_false_faces_are_left_out_likewise(folder: Path) -> None:
    whole, by_columns = (search_album(album, Book(), Settings()) for album in (ask(folder)[0], opened(folder)))
    assert isinstance(by_columns, ColumnAlbum)
    assert 0 < len(whole.faces) < len(ask(folder)[0].faces)
    assert by_columns.ids == whole.ids
    assert list(by_columns.faces) == list(whole.faces)
    assert list(by_columns.photos) == list(whole.photos)
    assert np.array_equal(by_columns.embeddings, whole.embeddings)
    assert by_columns.bare == whole.bare


def new_photo(folder: Path) -> None:
    (folder / "new.jpg").write_bytes(b"\xff\xd8 no photo")


def gone_photo(folder: Path) -> None:
    (folder / "IMG_0001.jpg").unlink()


def touched_photo(folder: Path) -> None:
    os.utime(folder / "IMG_0001.jpg", ns=(1, 1))


def new_companion(folder: Path) -> None:
    (folder / "IMG_0001.xmp").write_bytes(b"<x/>")


def other_facts(folder: Path) -> None:
    """Another file of the same size and time."""
    path = folder / METADATA_NAME
    before, text = path.stat(), path.read_bytes()
    files.replace(path, [text[:-40].replace(b'"id":"f', b'"id":"e') + text[-40:]])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def journal(folder: Path) -> None:
    (folder / f"{METADATA_NAME}.journal").write_bytes(b"")


@pytest.mark.parametrize("change", [new_photo, gone_photo, touched_photo, new_companion, other_facts, journal])
def test_where_something_has_changed_the_records_are_read(folder: Path, change: Callable[[Path], None]) -> None:
    ids = opened(folder).ids
    change(folder)
    album, _ = ask(folder)
    assert not isinstance(album, ColumnAlbum)
    assert [face.id[0] for face in album.faces] == ["e" if change is other_facts else "f"] * len(album.faces)
    added = (change is new_photo) - (change is gone_photo) - (change is touched_photo)
    assert len(album.faces) == len(ids) + added


def test_another_version_measures_again(folder: Path) -> None:
    opened(folder)
    spec = FakeSpec(parts={**SPEC.keys(), "detect": "fake.2"})
    album, report = refresh([str(folder)], spec, IndexOptions(dry_run=True), by_columns=True)
    assert not isinstance(album, ColumnAlbum)
    assert report.analysed == LEAST_PHOTOS - 1


@pytest.mark.parametrize("option", ["no_cache", "dry_run", "retry_failed"])
def test_without_cache_or_with_more_to_do_no_columns_are_read(folder: Path, option: str) -> None:
    opened(folder)
    options = msgspec.structs.replace(IndexOptions(), **{option: True})
    album, _ = refresh([str(folder)], SPEC, options, make_pool=InlinePool, by_columns=True)
    assert not isinstance(album, ColumnAlbum)


def foreign(path: Path) -> None:
    path.write_bytes(b"photo-ranker columns\n" + bytes([255]) * 99)


@pytest.mark.parametrize("damage", [cut, empty, foreign, link, pipe, directory])
def test_what_is_damaged_or_planted_is_not_read(folder: Path, damage: Callable[[Path], None]) -> None:
    ids = opened(folder).ids
    path = columns_file(folder, "sface")
    damage(path)
    album, _ = ask(folder)
    assert not isinstance(album, ColumnAlbum)
    assert album.ids == ids
    again, _ = ask(folder)
    assert isinstance(again, ColumnAlbum) == (damage in {cut, empty, foreign, link})
    if damage is link:
        assert (path.with_name("elsewhere")).is_file()
        assert not path.is_symlink()


def test_metadata_that_changes_in_place_is_said_and_the_next_question_is_right(folder: Path) -> None:
    album = opened(folder)
    path = folder / METADATA_NAME
    with path.open("r+b") as file:
        file.write(path.read_bytes().replace(b"IMG_", b"IMX_"))
    with pytest.raises(MetadataError, match="changed just now"):
        list(album.faces)
    assert not columns_file(folder, "sface").exists()


def test_metadata_that_is_replaced_is_read_to_the_end(folder: Path) -> None:
    album = opened(folder)
    files.replace(folder / METADATA_NAME, [join_document({}, {})])
    assert len(list(album.faces)) == len(album.ids)


def film(number: int, record: PhotoRecord) -> PhotoRecord:
    return msgspec.structs.replace(record, format="mp4") if number == 9 else record


def two_engines(number: int, record: PhotoRecord) -> PhotoRecord:
    other = a_face("other", engine="otherface", embedding=an_embedding(9))
    return msgspec.structs.replace(record, faces=(*record.faces, other)) if number == 9 else record


def no_embedding(number: int, record: PhotoRecord) -> PhotoRecord:
    return msgspec.structs.replace(record, faces=(*record.faces, a_face("waits"))) if number == 9 else record


def long_id(number: int, record: PhotoRecord) -> PhotoRecord:
    face = a_face("f" * 25, embedding=an_embedding(9))
    return msgspec.structs.replace(record, faces=(*record.faces, face)) if number == 9 else record


@pytest.mark.parametrize("change", [film, two_engines, no_embedding, long_id])
def test_what_needs_a_look_at_each_record_has_no_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[int, PhotoRecord], PhotoRecord]
) -> None:
    monkeypatch.setenv("PHOTO_RANKER_CACHE", str(tmp_path / "cache"))
    write_album(tmp_path / "album", change)
    for _ in range(2):
        album, _ = ask(tmp_path / "album")
        assert not isinstance(album, ColumnAlbum)
    assert not columns_of(tmp_path)


def test_columns_are_for_the_user_alone_and_found_by_folder(folder: Path) -> None:
    opened(folder)
    path = columns_file(folder, "sface")
    assert (path.stat().st_mode & 0o777, columns_home().stat().st_mode & 0o777) == (0o600, 0o700)
    assert columns_of(folder) == columns_of(folder.parent) == [path]
    assert columns_of(folder / "below") == []


def test_a_cache_that_cannot_be_written_is_no_error(folder: Path) -> None:
    columns_home().parent.mkdir(exist_ok=True)
    columns_home().write_bytes(b"")
    assert [len(ask(folder)[0].photos) for _ in range(2)] == [LEAST_PHOTOS] * 2


def test_a_copied_folder_has_its_own(folder: Path) -> None:
    opened(folder)
    shutil.copytree(folder, folder.with_name("copy"))
    assert not isinstance(ask(folder.with_name("copy"))[0], ColumnAlbum)


def test_a_face_that_was_drawn_is_not_missed(folder: Path) -> None:
    """Columns know no part of a single photo: what a user has drawn since, or taken back, is found by the ids."""
    whole = opened(folder)
    listing, keys = gather([str(folder)], recursive=False)[0], SPEC.keys()

    def is_open(picture: str = "1", **said: Any) -> bool:
        return open_columns(listing, "sface", keys, {picture: Drawings(**said)}) is not None

    assert is_open(taken_back=("f-gone",))
    assert not is_open(faces=(DrawnFace("f-new", "1", (1.0, 2.0, 30.0, 40.0)),))
    assert is_open(faces=(DrawnFace(whole.ids[0], "1", (1.0, 2.0, 30.0, 40.0)),))
    assert not is_open(taken_back=(whole.ids[0],))
    assert is_open("elsewhere", faces=(DrawnFace("f-new", "elsewhere", (1.0, 2.0, 30.0, 40.0)),))

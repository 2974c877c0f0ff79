"""A request that contradicts itself, or names what is not there, is refused when it is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from permissions import obeyed
from photo_ranker.errors import UserError
from photo_ranker.questions import Filters
from photo_ranker.workspace.requests import (
    AlbumRequest,
    EngineRequest,
    EventRequest,
    ExportRequest,
    IndexRequest,
    PersonRequest,
    PhotosRequest,
    XmpRequest,
)

REFUSED: list[tuple[Callable[[], object], str]] = [
    (AlbumRequest, "no album is given"),
    (lambda: AlbumRequest(photos=("nowhere",)), "there is no folder or photo nowhere"),
    (lambda: AlbumRequest(photos=(".", "nowhere")), "there is no folder or photo nowhere"),
    (lambda: AlbumRequest(library=Path("nowhere")), "there is no folder or photo nowhere"),
    (lambda: AlbumRequest(photos=(".",), library=Path()), "--photos and --library are two albums"),
    (lambda: AlbumRequest(photos=(".",), exact=True), "--exact is for a library"),
    (lambda: AlbumRequest(library=Path(), retry_failed=True), "--retry-failed measures, and a library"),
    (PersonRequest, "no reference photo"),
    (lambda: PersonRequest(references=(Path("a.jpg"),), name="Anna"), "--ref and --person both"),
    (lambda: PersonRequest(name="Anna", threshold=1.1), "threshold: '1.1' is not a number from -1 to 1"),
    (lambda: PhotosRequest(top=-1), "top: '-1' is not a whole number from 0 up"),
    (lambda: PhotosRequest(filters=Filters(since="2024-06-02", until="2024-06-01")), "--since 2024-06-02 is after"),
    (lambda: ExportRequest(to=Path("a"), zip=Path("a.zip")), "--to and --zip are two albums"),
    (lambda: ExportRequest(zip=Path("a.zip"), way="move"), "--way move says how photos come into a folder"),
    (lambda: ExportRequest(zip=Path("nowhere/a.zip")), "there is no folder nowhere"),
    (lambda: ExportRequest(zip=Path("photo.jpg")), "photo.jpg exists; it is left as it is"),
    (lambda: ExportRequest(ordered=True).check_has_place(), "--ordered says how an album is made"),
    (lambda: XmpRequest(remove=True, label="Select"), "--remove takes out all"),
    (lambda: XmpRequest(remove=True, keywords=("sea",)), "--remove takes out all"),
    (lambda: IndexRequest(folders=("nowhere",)), "nowhere does not exist"),
    (lambda: IndexRequest(folders=("photo.jpg",)), "photo.jpg is not a folder"),
    (lambda: EventRequest(album=AlbumRequest(photos=(".",)), output=Path("photo.jpg")), "photo.jpg is a file"),
    (lambda: EventRequest(album=AlbumRequest(photos=(".",)), output=Path("ev.json")), "ev.json is called like a file"),
]

MADE: list[Callable[[], object]] = [
    EngineRequest,
    lambda: AlbumRequest(photos=(".", "photo.jpg")),
    lambda: AlbumRequest(library=Path()),
    lambda: PersonRequest(references=(Path("a.jpg"),), threshold=-1),
    lambda: PersonRequest(name="Anna", threshold=1),
    lambda: PhotosRequest(top=0, filters=Filters(since="2024-06-01", until="2024-06-01")),
    lambda: PhotosRequest(filters=Filters(since="2024-06-01T15:00", until="2024-06-01")),
    lambda: ExportRequest(zip=Path("-")),
    lambda: ExportRequest(zip=Path("new.zip"), ordered=True),
    lambda: ExportRequest(to=Path("new"), per_event=True).check_has_place(),
    lambda: XmpRequest(label="Select"),
    lambda: IndexRequest(folders=(".", "s3://bucket/photos")),
    lambda: EventRequest(album=AlbumRequest(photos=(".",)), output=Path("new")),
    lambda: EventRequest(album=AlbumRequest(photos=(".",)), output=Path("2024.06.01")),
]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with one file."""
    (tmp_path / "photo.jpg").write_bytes(b"photo")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(("make", "said"), REFUSED, ids=[said for _, said in REFUSED])
def test_what_cannot_be_done_is_refused(make: Callable[[], object], said: str) -> None:
    with pytest.raises(UserError) as error:
        make()
    assert error.value.message.startswith(said)
    assert error.value.advice


@pytest.mark.parametrize("make", MADE)
def test_what_can_be_done_is_not(make: Callable[[], object]) -> None:
    make()


def test_a_closed_folder_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with obeyed(), pytest.raises(UserError, match="cannot be opened: Permission denied"):
        AlbumRequest(photos=(str(closed),))
    closed.chmod(0o700)


def test_what_stands_in_a_closed_folder_is_not_said_to_be_missing(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    inside = str(closed / "in")
    with obeyed():
        for make in (lambda: AlbumRequest(photos=(inside,)), lambda: IndexRequest(folders=(inside,))):
            with pytest.raises(UserError, match="in cannot be opened: Permission denied"):
                make()
    closed.chmod(0o700)


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(UserError, match="cannot be opened: File name too long"):
        AlbumRequest(photos=("x" * 5000,))


def test_a_request_is_a_value() -> None:
    first, second = AlbumRequest(photos=(".",)), AlbumRequest(photos=(".",))
    assert first == second
    assert hash(first) == hash(second)
    assert first != AlbumRequest(photos=(".",), recursive=True)
    with pytest.raises(AttributeError):
        first.recursive = True  # type: ignore[misc]


def test_an_export_knows_whether_it_makes_an_album() -> None:
    assert not ExportRequest(frames=Path("frames")).makes_album
    assert ExportRequest(to=Path("new")).makes_album
    assert ExportRequest(zip=Path("-")).makes_album
    assert ExportRequest(zip=Path("-")).is_to_stdout
    assert not ExportRequest(zip=Path("new.zip")).is_to_stdout

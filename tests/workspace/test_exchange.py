"""Names from outside, taken from all sources of one request."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from people.crowds import a_crowd, an_album
from photo_ranker.core.terminal import Step
from photo_ranker.errors import UserError
from photo_ranker.people.book import Book
from photo_ranker.people.faces import FaceTable
from photo_ranker.settings import Settings
from photo_ranker.workspace import Workspace
from photo_ranker.workspace.exchange import NamesRequest, import_names
from photo_ranker.workspace.people import AlbumPeople


class Notes(list[str]):
    """A listener that keeps the notes."""

    def say(self, line: str) -> None:
        self.append(line)

    def begin(self, todo: int) -> None: ...

    def step(self, faces: int) -> None: ...

    def end(self) -> None: ...

    def progress(self, unit: str) -> AbstractContextManager[Step]:
        return nullcontext(lambda _done, _total: None)

    def unreadable(self, reasons: Sequence[str], photos: int) -> None: ...


@pytest.fixture
def people() -> AlbumPeople:
    """Two people with a face each."""
    rows, _ = a_crowd(people=2, faces_each=1)
    table = FaceTable(an_album([[(name, row)] for name, row in zip("ab", rows, strict=True)]), Settings())
    book = Book()
    for face in "ab":
        book.add_person([face])
    return AlbumPeople(table, book, Settings(), Path("album"), 0.4)


def test_a_request_without_a_source_is_refused() -> None:
    with pytest.raises(UserError, match="no source of names"):
        NamesRequest()


def test_names_come_from_all_sources_in_one_go(people: AlbumPeople, tmp_path: Path) -> None:
    labels, guests, notes = tmp_path / "labels.json", tmp_path / "guests.csv", Notes()
    labels.write_text('{"0": "Anna", "7": "main"}')
    guests.write_text("Anna,bride\nZoe,parents\n")
    request = NamesRequest(labels=labels, guests=guests)
    said = import_names(people, request, Workspace(listener=notes))
    assert [decision.text.split()[0] for decision in said] == ["named", "set", "set"]
    assert (people.find("Anna").number, people.find("Anna").role, people.find("Anna").category) == (0, "bride", "main")
    assert notes == ["note: there is no person 7", "note: no person is named Zoe yet"]


def test_what_cannot_be_read_is_named(people: AlbumPeople, tmp_path: Path) -> None:
    for request in (NamesRequest(labels=tmp_path / "no.json"), NamesRequest(guests=tmp_path / "no.csv")):
        with pytest.raises(UserError, match=r"cannot read .*no\.(json|csv): No such file"):
            import_names(people, request, Workspace())
    with pytest.raises(UserError, match="holds no folders"):
        import_names(people, NamesRequest(references=tmp_path), Workspace())

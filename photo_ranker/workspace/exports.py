"""Exports chosen photos: into a folder, a ZIP file, a gallery, frames of films. Adapters only report the result."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import count, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from photo_ranker.core.terminal import command
from photo_ranker.errors import PhotoUnreadable, UserError

if TYPE_CHECKING:
    from photo_ranker.album import Album, AlbumPhoto
    from photo_ranker.core.terminal import Listener
    from photo_ranker.exporters.albums import Carried, Plan, Wanted
    from photo_ranker.exporters.html import Made
    from photo_ranker.people.book import Person
    from photo_ranker.questions.answer import Question
    from photo_ranker.questions.selection import Copies
    from photo_ranker.ranker import RankedPhoto
    from photo_ranker.settings import Settings
    from photo_ranker.workspace.people import AlbumPeople
    from photo_ranker.workspace.requests import ExportRequest

__all__ = [
    "ExportedFolder",
    "NamedAlbum",
    "SavedFrame",
    "best_of_people",
    "export_faces_table",
    "export_folder",
    "export_gallery",
    "export_zip",
    "folder_names",
    "names_of",
    "save_frames",
    "wanted_photos",
    "wanted_results",
    "zip_files",
]


def wanted_results(
    results: Iterable[RankedPhoto],
    album: Album,
    settings: Settings,
    request: ExportRequest,
    person: str | None = None,
) -> list[Wanted]:
    """Ranked photos as files to export; those of a ``person`` go into a folder of that name."""
    ranked = list(results)
    wanted = [
        msgspec.structs.replace(_wanted(item.photo), number=number, score=item.score, person=person)
        for number, item in enumerate(ranked, 1)
    ]
    return _arranged(wanted, [item.photo for item in ranked], album, settings, request)


def wanted_photos(
    photos: Sequence[AlbumPhoto], album: Album, settings: Settings, request: ExportRequest, *, numbered: bool = False
) -> list[Wanted]:
    """Photos without a ranking as files to export; ``numbered`` says that their order has a meaning."""
    wanted = [
        msgspec.structs.replace(_wanted(photo), number=number if numbered else None)
        for number, photo in enumerate(photos, 1)
    ]
    return _arranged(wanted, list(photos), album, settings, request)


def _wanted(photo: AlbumPhoto) -> Wanted:
    from photo_ranker.exporters.albums import Wanted

    return Wanted(photo.path, photo.record.companions, picture=photo.record.stamp.hash)


def _arranged(
    wanted: list[Wanted], photos: list[AlbumPhoto], album: Album, settings: Settings, request: ExportRequest
) -> list[Wanted]:
    from photo_ranker.exporters.albums import into_folders
    from photo_ranker.indexing.discovery import companions_now

    wanted = into_folders(wanted, photos, album, settings, per_event=request.per_event, context=request.with_context)
    # A library, or an album open in the app, knows only the companions of the last index run.
    now = companions_now(item.path for item in wanted)
    return [msgspec.structs.replace(item, companions=now.get(item.path, item.companions)) for item in wanted]


class ExportedFolder(msgspec.Struct, frozen=True):
    """The result of an export into a folder, or of a dry run."""

    plan: Plan
    """Every file with its state before the export."""
    size: int
    """Bytes that had to be written."""
    done: Carried | None
    """None = a dry run."""


def export_folder(wanted: list[Wanted], request: ExportRequest, listener: Listener) -> ExportedFolder:
    """Copy, link or move the photos with all files that belong to them."""
    from photo_ranker.exporters.albums import carry, check, plan_album

    assert request.to is not None
    plan = plan_album(wanted, request.to, request.way, ordered=request.ordered)
    size = plan.bytes_to_write
    if request.dry_run:
        check(plan)
        return ExportedFolder(plan, size, None)
    with listener.progress("files") as step:
        return ExportedFolder(plan, size, carry(plan, step))


def zip_files(wanted: list[Wanted], request: ExportRequest) -> list[tuple[str, Path]]:
    """The files of a ZIP: name in the ZIP, and path."""
    from photo_ranker.exporters.albums import archive_names

    return list(archive_names(wanted, ordered=request.ordered))


def export_zip(files: list[tuple[str, Path]], target: Path) -> dict[str, str]:
    """Pack files into a new ZIP file. Returns those that could not be read: name in the ZIP -> why."""
    from photo_ranker.core.files import remove_leftovers, write_new
    from photo_ranker.exporters.writing import zip_stream

    # A killed export leaves a file: a ZIP is written under a temporary name.
    remove_leftovers(target.parent)
    missing: dict[str, str] = {}
    try:
        write_new(target, zip_stream(files, missing.__setitem__))
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}", "choose another place") from error
    return missing


class SavedFrame(msgspec.Struct, frozen=True):
    """The result of saving the best frame of one film."""

    film: str
    """Path of the film."""
    target: Path
    state: Literal["planned", "saved", "there", "unreadable"]
    reason: str = ""
    """Why it is unreadable."""


def save_frames(results: Iterable[RankedPhoto], settings: Settings, request: ExportRequest) -> Iterator[SavedFrame]:
    """Save the best frames of films as photos, one after the other; files that exist are kept."""
    from photo_ranker.core.files import remove_leftovers

    assert request.frames is not None
    if not request.dry_run:
        remove_leftovers(request.frames)
    for item in results:
        if (at_seconds := item.face.at_seconds) is not None:
            yield _save_frame(item, at_seconds, settings, request)


def _save_frame(item: RankedPhoto, at_seconds: float, settings: Settings, request: ExportRequest) -> SavedFrame:
    from photo_ranker.core.files import write_new
    from photo_ranker.images import Limits
    from photo_ranker.images.video import frame_jpeg

    assert request.frames is not None
    minutes, seconds = divmod(at_seconds, 60)
    target = request.frames / f"{Path(item.path).stem}_{int(minutes)}m{seconds:04.1f}s.jpg"
    if request.dry_run:
        return SavedFrame(item.path, target, "planned")
    try:
        request.frames.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            return SavedFrame(item.path, target, "there")
        write_new(target, [frame_jpeg(Path(item.path), at_seconds, Limits.of(settings.measure))])
    except PhotoUnreadable as error:
        return SavedFrame(item.path, target, "unreadable", error.reason)
    except OSError as error:
        raise UserError(f"cannot write {target}: {error.strerror or error}", "choose another folder") from error
    return SavedFrame(item.path, target, "saved")


def export_gallery(wanted: list[Wanted], folder: Path, album: Album, settings: Settings, listener: Listener) -> Made:
    """Write a gallery with one page per person or event."""
    from photo_ranker.exporters.html import GalleryPhoto, Room, write_gallery
    from photo_ranker.images import Limits
    from photo_ranker.images.thumbnails import Thumbnails

    records = {photo.path: photo.record for photo in album.photos}
    by_folder = groupby(sorted(wanted, key=lambda item: item.folder), key=lambda item: item.folder)
    rooms = [
        Room(name or "Photos", [GalleryPhoto(item.path, records[item.path]) for item in items])
        for name, items in by_folder
    ]
    done = count(1)
    with listener.progress("photos") as step:
        small = Thumbnails(Limits.of(settings.measure))
        return write_gallery(folder, rooms, small.whole, lambda: step(next(done), len(wanted)))


def export_faces_table(named: NamedAlbum, table: Path, settings: Settings) -> None:
    """Write the table of all faces, in the format of its suffix."""
    from photo_ranker.exporters.document import render_faces
    from photo_ranker.exporters.writing import replace_file

    pieces = render_faces(named.album, named.names(), settings, table.suffix.lower().removeprefix("."))
    try:
        replace_file(table, pieces, private=True)
    except OSError as error:
        raise UserError(f"cannot write {table}: {error.strerror or error}", "choose another place") from error


# An album with the names that the user has given to its people.


class NamedAlbum(msgspec.Struct, frozen=True):
    """An album and, if they were counted, its people."""

    album: Album
    people: AlbumPeople | None
    """None if there is no book: counting people takes time, and there would be no names."""

    def names(self) -> dict[str, str]:
        """Id of a face -> the name of the person."""
        return {} if self.people is None else names_of(self.people.owners())

    def rank(self, words: Sequence[str], question: Question) -> list[tuple[str, Sequence[RankedPhoto]]]:
        """The photos of each of these people, best first; the word ``all`` means everyone with a name."""
        from photo_ranker.workspace.answers import rank_known

        people, chosen = self._chosen(words)
        return [(name, rank_known(people, person, question).results) for person, name in folder_names(chosen)]

    def _chosen(self, words: Sequence[str]) -> tuple[AlbumPeople, list[Person]]:
        means_all = list(words) == ["all"]
        # People whose photos are all elsewhere still count: a move that is run again finds nothing left to do.
        if self.people is None or (means_all and not any(person.name for person in self.people.book.present())):
            advice = f"name people first: {command('people', 'name', 'N', 'NAME', '--photos', 'DIR')}"
            raise UserError("nobody in this album has a name", advice)
        if means_all:
            return self.people, [person for person in self.people.shown() if person.name]
        return self.people, [self.people.find(word) for word in words]


def folder_names(people: Iterable[Person]) -> list[tuple[Person, str]]:
    """People and the names of their folders; people who would share a name get their number added."""
    from photo_ranker.core.names import folded, legal_name
    from photo_ranker.people.corrections import shown_name

    named = [(person, shown_name(person)) for person in people]
    shared = Counter(folded(legal_name(name)) for _, name in named)
    return [
        (person, name if shared[folded(legal_name(name))] == 1 else f"{name} ({person.number})")
        for person, name in named
    ]


def names_of(owners: Mapping[str, Person], among: Collection[str] | None = None) -> dict[str, str]:
    """Id of a face -> the name that a user has given to the person; hidden people are left out.

    ``among`` are the only faces whose names may be told; None = all.
    """
    return {
        face: person.name
        for face, person in owners.items()
        if person.name and not person.hidden and (among is None or face in among)
    }


def best_of_people(
    people: AlbumPeople, chosen: Sequence[Person], top: int, *, only_distinct: bool, copies: Copies = "one"
) -> list[tuple[Person, list[RankedPhoto]]]:
    """The photos of each of these people, best first; ``top`` 0 = all."""
    from photo_ranker.people.best import best_of

    return [
        (person, best_of(person, people.table, top, people.settings, only_distinct=only_distinct, copies=copies))
        for person in chosen
    ]

"""What jobs do; each task is a plain function that runs in the job's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.core.terminal import Step, counted
from photo_ranker.settings import Settings
from photo_ranker.web.options import UploadLimits

__all__ = ["TASKS", "Call"]


@dataclass(slots=True)
class Call:
    """The order of one job."""

    kind: str
    params: dict[str, Any]
    settings: Settings
    place: str
    """The app's folder for this album."""
    workers: int
    zone: str | None
    """Where films were taken."""
    limits: dict[str, Any]
    progress: Callable[[int, int, str], None] = field(repr=False)
    engine: str = ""
    """Empty = the usual one."""
    device: str = "auto"


def index_job(call: Call) -> dict[str, Any]:
    """Measure what is new or changed in a folder."""
    from photo_ranker.exporters.document import shown
    from photo_ranker.workspace import Workspace
    from photo_ranker.workspace.requests import EngineRequest, IndexRequest

    request = IndexRequest(
        folders=(call.params["folder"],),
        recursive=call.params["recursive"],
        workers=call.workers,
        retry_failed=call.params.get("retry_failed", False),
        thumbnails=True,
    )
    listener = _JobListener(call.progress)
    engine = EngineRequest(engine=call.engine, device=call.device)
    report = Workspace(call.settings, engine, listener).index(request)
    return {
        **report.counts(),
        "seconds": round(report.seconds, 2),
        "kept_elsewhere": [{"folder": shown(folder), "place": shown(place)} for folder, place in report.kept_elsewhere],
        "notes": listener.notes,
    }


def unpack_job(call: Call) -> dict[str, Any]:
    """Take the photos out of an uploaded ZIP, which is not needed any more then."""
    from photo_ranker.web.unpacking import Unpacked
    from photo_ranker.web.unpacking import unpack as unpack_archive
    from photo_ranker.web.uploads import mark_unpacked, was_unpacked

    archive = Path(call.params["archive"])
    if was_unpacked(archive):  # and the server ended before it heard of it
        nothing_new: dict[str, Any] = msgspec.to_builtins(Unpacked())
        return nothing_new
    done = unpack_archive(
        archive,
        Path(call.params["folder"]),
        UploadLimits(**call.limits),
        lambda done, total: call.progress(done, total, ""),
    )
    mark_unpacked(archive)
    result: dict[str, Any] = msgspec.to_builtins(done)
    return result


def people_job(call: Call) -> dict[str, Any]:
    """Group all faces again; what a user has decided holds."""
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.people.told import table_of
    from photo_ranker.web import storage
    from photo_ranker.web.cached_people import COUNT_NAME, Count
    from photo_ranker.web.open_albums import load_album
    from photo_ranker.web.storage import AlbumEntry
    from photo_ranker.workspace.people import edit_people

    notes: list[str] = []
    call.progress(0, 0, "comparing all faces")
    opened = load_album(msgspec.convert(call.params["entry"], AlbumEntry), engine=call.engine)
    root = find_root([opened.entry.folder])
    table = table_of(opened.album, load_book(root), call.settings)
    with edit_people(table, call.settings, root, notes.append) as people:
        counted = people.recount()
        found = sum(1 for person in people.book.present() if person.faces)
    storage.write_value(Path(call.place) / COUNT_NAME, Count(counted.threshold))
    return {"people": found, "new": counted.new, "overruled": len(counted.overruled), "notes": notes}


def event_job(call: Call) -> dict[str, Any]:
    """Score every photo for the people who matter; the classic files are kept with the album."""
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.web.event_files import write_event
    from photo_ranker.web.open_albums import load_album
    from photo_ranker.web.storage import AlbumEntry

    call.progress(0, 0, "scoring")
    opened = load_album(msgspec.convert(call.params["entry"], AlbumEntry), call.zone, engine=call.engine)
    book = load_book(find_root([opened.entry.folder]))
    moments = {int(number): label for number, label in call.params.get("moments", {}).items()}
    return write_event(opened, book, call.settings, Path(call.place), moments)._asdict()


def copy_job(call: Call) -> dict[str, Any]:
    """Copy photos into a folder: never over another file, and not again what is there."""
    from photo_ranker.web.exports import unpacked
    from photo_ranker.workspace import ExportRequest
    from photo_ranker.workspace.exports import export_folder

    request = ExportRequest(to=Path(call.params["folder"]), ordered=call.params["ordered"])
    exported = export_folder(list(map(unpacked, call.params["photos"])), request, _JobListener(call.progress))
    result: dict[str, Any] = msgspec.to_builtins(exported.done)
    return result


def xmp_job(call: Call) -> dict[str, Any]:
    """Write stars and confirmed names into sidecars; what a user wrote there stays."""
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.web.exports import names_in, ratings_in
    from photo_ranker.web.open_albums import load_album
    from photo_ranker.web.storage import AlbumEntry
    from photo_ranker.workspace import XmpRequest
    from photo_ranker.workspace.exchange import export_xmp

    opened = load_album(msgspec.convert(call.params["entry"], AlbumEntry), engine=call.engine)
    book = load_book(find_root([opened.entry.folder]))
    names = names_in(book, all_names=call.params.get("all_names", False))
    ratings = ratings_in(call.params["photos"], call.settings)
    report = export_xmp(opened.album, names, ratings, XmpRequest(), _JobListener(call.progress))
    return {
        "written": sum(file.state == "written" for file in report.files),
        "problems": [[Path(file.path).name, file.reason] for file in report.files if file.state == "left"],
    }


_SAID = {"files", "sidecars", "photos"}
"""Units of work that the page tells of already, by the kind of the job."""


@dataclass(slots=True)
class _JobListener:
    """Passes progress on to the page, and keeps the notes for the result."""

    _progress: Callable[[int, int, str], None]
    notes: list[str] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _faces: int = 0

    def say(self, line: str) -> None:
        """Keep a note for the user."""
        self.notes.append(line)

    def begin(self, todo: int) -> None:
        """Say that models are loaded for these photos."""
        self._total = todo
        self._progress(0, todo, "getting ready")

    def step(self, faces: int) -> None:
        """Count a photo that is measured."""
        self._done += 1
        self._faces += faces
        self._progress(self._done, self._total, f"{counted(self._faces, 'face')} found")

    def end(self) -> None:
        """Leave the last progress as it stands."""

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        """Pass on the progress of a piece of work."""
        yield lambda done, total: self._progress(done, total, "" if unit in _SAID else unit)

    def unreadable(self, reasons: Sequence[str], photos: int) -> None:
        """Nothing to add: the result of the job has the number, and the page shows it."""


TASKS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "index": index_job,
    "unpack": unpack_job,
    "people": people_job,
    "event": event_job,
    "copy": copy_job,
    "xmp": xmp_job,
}
"""Kind of job -> its task."""

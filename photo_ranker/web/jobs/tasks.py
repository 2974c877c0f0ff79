"""What jobs do; each task is a plain function that runs in the job's own process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.settings import Settings
from photo_ranker.web.options import UploadLimits

__all__ = ["TASKS", "Call"]


@dataclass(slots=True)
class Call:
    """What a task is told."""

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


def index(call: Call) -> dict[str, Any]:
    """Measure what is new or changed in a folder."""
    from photo_ranker.analysis import AnalyserSpec
    from photo_ranker.exporters.document import shown
    from photo_ranker.indexing.options import IndexOptions
    from photo_ranker.indexing.run import index as index_folders
    from photo_ranker.models.usual import usual_engine

    options = IndexOptions(
        recursive=call.params["recursive"], workers=call.workers, retry_failed=call.params.get("retry_failed", False)
    )
    watcher = _Watcher(call.progress)
    spec = AnalyserSpec(call.settings.measure, engine=usual_engine(watcher.say))
    report = index_folders([call.params["folder"]], spec, options, watcher)
    return {
        "found": report.found,
        "fresh": report.fresh,
        "analysed": report.analysed,
        "moved": report.moved,
        "unreadable": len(report.unreadable),
        "dropped": report.dropped,
        "faces": report.faces,
        "seconds": round(report.seconds, 2),
        "kept_elsewhere": [{"folder": shown(folder), "place": shown(place)} for folder, place in report.kept_elsewhere],
        "notes": watcher.notes,
    }


def unpack(call: Call) -> dict[str, Any]:
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
        lambda done, total: call.progress(done, total, "unpacking"),
    )
    mark_unpacked(archive)
    result: dict[str, Any] = msgspec.to_builtins(done)
    return result


def people(call: Call) -> dict[str, Any]:
    """Say anew who every face is; what a user has said holds."""
    from photo_ranker.people.faces import FaceTable
    from photo_ranker.people.recount import recount
    from photo_ranker.people.store import edit_book, find_root
    from photo_ranker.web import storage
    from photo_ranker.web.entries import Entry
    from photo_ranker.web.everyone import COUNT_NAME, Count
    from photo_ranker.web.library import read_album

    notes: list[str] = []
    call.progress(0, 0, "comparing all faces")
    opened = read_album(msgspec.convert(call.params["entry"], Entry))
    with edit_book(find_root([opened.entry.folder]), notes.append) as book:
        counted = recount(book, FaceTable(opened.album, call.settings))
        found = sum(1 for person in book.present() if person.faces)
    storage.write(Path(call.place) / COUNT_NAME, Count(counted.threshold))
    return {"people": found, "new": counted.new, "overruled": len(counted.overruled), "notes": notes}


def event(call: Call) -> dict[str, Any]:
    """Score every photo for the people who matter; the classic files are kept with the album."""
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.web.entries import Entry
    from photo_ranker.web.event_files import score
    from photo_ranker.web.library import read_album

    call.progress(0, 0, "scoring")
    opened = read_album(msgspec.convert(call.params["entry"], Entry), call.zone)
    book = load_book(find_root([opened.entry.folder]))
    moments = {int(number): label for number, label in call.params.get("moments", {}).items()}
    return score(opened, book, call.settings, Path(call.place), moments)._asdict()


def copy(call: Call) -> dict[str, Any]:
    """Copy photos into a folder: never over another file, and not again what is there."""
    from photo_ranker.exporters.albums import carry, plan_album
    from photo_ranker.web.taking import unpacked

    folder = Path(call.params["folder"])
    plan = plan_album(list(map(unpacked, call.params["photos"])), folder, ordered=call.params["ordered"])
    carried = carry(plan, lambda done, total: call.progress(done, total, "copying"))
    result: dict[str, Any] = msgspec.to_builtins(carried)
    return result


def xmp(call: Call) -> dict[str, Any]:
    """Write stars and confirmed names into sidecars; what a user wrote there stays."""
    from photo_ranker.core.files import sync_folder
    from photo_ranker.exporters.xmp import apply, facts_of, plan_sidecar, stars
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.web.entries import Entry
    from photo_ranker.web.library import read_album
    from photo_ranker.web.taking import unpacked

    opened = read_album(msgspec.convert(call.params["entry"], Entry))
    records = {photo.path: photo.record for photo in opened.album.photos}
    owners = load_book(find_root([opened.entry.folder])).owners()
    names = {face: person.name for face, person in owners.items() if person.name}
    written, problems = 0, []
    for number, told in enumerate(call.params["photos"], 1):
        wanted = unpacked(told)
        scored = None if wanted.score is None else stars(wanted.score, call.settings)
        if (record := records.get(wanted.path)) is not None:
            facts = facts_of(record, names, rating=told["stars"] or scored)
            change = plan_sidecar(Path(wanted.path), wanted.companions, facts)
            if change.problem:
                problems.append([change.path.name, change.problem])
            elif change.is_needed:
                apply(change)
                written += 1
        call.progress(number, len(call.params["photos"]), "writing sidecars")
    for folder in {Path(unpacked(told).path).parent for told in call.params["photos"]}:
        sync_folder(folder)  # before anything is called written
    return {"written": written, "problems": problems}


@dataclass(slots=True)
class _Watcher:
    """Passes the progress of an index run on."""

    _progress: Callable[[int, int, str], None]
    notes: list[str] = field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _faces: int = 0

    def say(self, line: str) -> None:
        """A note for the user."""
        self.notes.append(line)

    def begin(self, todo: int) -> None:
        """So many photos will be looked into."""
        self._total = todo
        self._progress(0, todo, "loading the models")

    def step(self, faces: int) -> None:
        """One of them is done."""
        self._done += 1
        self._faces += faces
        self._progress(self._done, self._total, f"{self._faces} faces")

    def end(self) -> None:
        """No more steps come."""


TASKS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "index": index,
    "unpack": unpack,
    "people": people,
    "event": event,
    "copy": copy,
    "xmp": xmp,
}
"""Kind of job -> what does it."""

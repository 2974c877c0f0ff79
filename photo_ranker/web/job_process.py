"""The process of one job: both ends of its pipes, and what each kind of job does.

The process reads its order from stdin and writes progress to stdout, each a line of JSON. It ends when stdin is closed:
the server has gone, or the job is cancelled. Whatever was measured by then is kept. Each task is a plain function that
imports what it needs when it runs.
"""

from __future__ import annotations

import _thread
import gc
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from photo_ranker.core import files
from photo_ranker.core.terminal import Step, counted
from photo_ranker.settings import Settings, from_values
from photo_ranker.web import UploadLimits
from photo_ranker.web.problems import problem_of

if TYPE_CHECKING:
    from photo_ranker.exporters.albums import Wanted
    from photo_ranker.people.book import Book

__all__ = [
    "Call",
    "Progress",
    "apart",
    "ask_to_rest",
    "give_order",
    "names_in",
    "packed",
    "ratings_in",
    "tell_to_end",
    "unpacked",
    "wait_for_end",
]

NICENESS = 15
"""Jobs give way to users who look at photos; on Windows the priority is set when the process is created."""

_AUTOGROUP = Path("/proc/self/autogroup")
"""The priority of a whole session on Linux: each job has its own session, and ``nice`` only works within one."""

ASK_TO_REST = b"\n"

GRACE_SECONDS = 20.0
"""Time to save what was measured; after that the process exits in any case."""

SAY_EVERY_SECONDS = 0.2

OBJECTS_BETWEEN_LOOKS = 1_000_000
"""New objects between two garbage collections: a job creates hundreds of thousands that stay."""


class Progress(msgspec.Struct, frozen=True):
    """Progress of a job: things done, and things in all."""

    done: int = 0
    total: int = 0
    words: str = ""
    """What is being done, for a person to read."""


class Call(msgspec.Struct):
    """The order of one job."""

    kind: str
    params: dict[str, Any]
    settings: Settings
    place: str
    """The app's folder for this album."""
    workers: int
    zone: str | None
    """Time zone of films."""
    limits: dict[str, Any]
    progress: Callable[[int, int, str], None]
    engine: str = ""
    """Empty = the usual one."""
    device: str = "auto"
    log: str = ""
    """The file for all output that is not an answer."""
    left: list[Callable[[], None]] = msgspec.field(default_factory=list)
    """Work to do after the result is sent: nobody who waits for the result needs it at once."""


def run_job() -> int:
    """Read one order and carry it out."""
    _lower_priority()
    gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
    line = ASK_TO_REST
    while line == ASK_TO_REST:
        line = sys.stdin.buffer.readline()
    if not line:  # the server has ended and had no job for this process
        return 0
    order = msgspec.json.decode(line)
    with files.append(Path(order["log"])) as log:
        os.dup2(log.fileno(), 2)
    say = _Speaker()
    is_done = threading.Event()
    threading.Thread(target=_watch, args=(is_done,), daemon=True).start()
    try:
        call = Call(**{**order, "settings": from_values(order["settings"])}, progress=say.progress)
        result = TASKS[order["kind"]](call)
        is_done.set()  # the server closes our stdin when it receives the result
        say.line({"result": result})
        for work in call.left:
            work()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        logging.getLogger(__name__).exception("the job failed")
        is_done.set()
        say.line({"problem": asdict(problem_of(error))})
        return 1
    return 0


def _lower_priority() -> None:
    """Let users who look at photos go first, even where Linux shares the processor among sessions, not processes."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    with suppress(OSError):  # other systems have no such file
        _AUTOGROUP.write_text(str(NICENESS))


class _Speaker:
    """Writes lines to the server; what libraries print goes to the log instead."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._next = 0.0

    def line(self, value: Any) -> None:
        """Write one line."""
        self._out.write(msgspec.json.encode(value) + b"\n")
        self._out.flush()

    def progress(self, done: int, total: int, words: str) -> None:
        """Write the progress, unless some was written a moment ago."""
        if time.monotonic() >= self._next or done == total:
            self._next = time.monotonic() + SAY_EVERY_SECONDS
            self.line({"progress": Progress(done, total, words)})


def _watch(is_done: threading.Event) -> None:
    """Stop the job if stdin is closed before the work is done; pause its workers on any input before that."""
    while os.read(0, 4096):  # sys.stdin would hold its lock, and the exit would wait a second for it
        from photo_ranker.indexing.worker import pause_workers

        pause_workers()
    if is_done.is_set():
        return
    _thread.interrupt_main()
    time.sleep(GRACE_SECONDS)
    os._exit(130)


STOP_SECONDS = 25.0
"""How long the server waits while a process saves."""


def apart() -> dict[str, Any]:
    """Options by which Ctrl-C on the server's terminal reaches only the server, which then ends its jobs properly."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def give_order(process: subprocess.Popen[bytes], order: dict[str, Any]) -> None:
    """Write the order to the stdin of the process."""
    assert process.stdin
    # If the process has ended, or was just told to end, the listener notices.
    with suppress(BrokenPipeError, ValueError):
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.flush()


def ask_to_rest(process: subprocess.Popen[bytes]) -> None:
    """Have the workers of the process rest for a moment. This may be sent before the order."""
    assert process.stdin
    with suppress(BrokenPipeError, ValueError):
        process.stdin.write(ASK_TO_REST)
        process.stdin.flush()


def tell_to_end(process: subprocess.Popen[bytes]) -> None:
    """Close the stdin of the process, which then saves and ends."""
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.close()


def wait_for_end(process: subprocess.Popen[bytes]) -> None:
    """Wait while the process saves; kill it if that takes too long."""
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def index_job(call: Call) -> dict[str, Any]:
    """Measure what is new or changed in a folder."""
    from photo_ranker.core.terminal import shown
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
    """Unpack the photos of an uploaded ZIP, then remove the ZIP."""
    from photo_ranker.web.unpacking import Unpacked
    from photo_ranker.web.unpacking import unpack as unpack_archive
    from photo_ranker.web.uploads import mark_unpacked, was_unpacked

    archive = Path(call.params["archive"])
    if was_unpacked(archive):  # the server ended before it got the result
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
    """Group all faces again; the user's decisions hold."""
    from photo_ranker.people.store import find_root, load_book
    from photo_ranker.people.told import table_of
    from photo_ranker.web import storage
    from photo_ranker.web.open_albums import COUNT_NAME, Count, load_album
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
    scored, write_tables = write_event(opened, book, call.settings, Path(call.place), moments)
    call.left.append(write_tables)
    return scored._asdict()


def copy_job(call: Call) -> dict[str, Any]:
    """Copy photos into a folder: never over another file, and not again what is already there."""
    from photo_ranker.workspace import ExportRequest
    from photo_ranker.workspace.exports import export_folder

    request = ExportRequest(to=Path(call.params["folder"]), ordered=call.params["ordered"])
    exported = export_folder(list(map(unpacked, call.params["photos"])), request, _JobListener(call.progress))
    result: dict[str, Any] = msgspec.to_builtins(exported.done)
    return result


def xmp_job(call: Call) -> dict[str, Any]:
    """Write stars and confirmed names into sidecars; what a user wrote there stays."""
    from photo_ranker.people.store import find_root, load_book
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
        "problems": [[Path(file.path).name, file.reason] for file in report.files if file.reason],
    }


_NAMED_UNITS = {"files", "sidecars", "photos"}
"""Units of work that progress leaves out, since the page names them by the kind of the job."""


class _JobListener(msgspec.Struct):
    """Passes progress on to the page, and keeps the notes for the result."""

    _progress: Callable[[int, int, str], None]
    notes: list[str] = msgspec.field(default_factory=list)
    _done: int = 0
    _total: int = 0
    _faces: int = 0

    def say(self, line: str) -> None:
        """Keep a note for the user."""
        self.notes.append(line)

    def begin(self, todo: int) -> None:
        """Report that the models for these photos are being loaded."""
        self._total = todo
        self._progress(0, todo, "getting ready")

    def step(self, faces: int) -> None:
        """Count a photo that is measured."""
        self._done += 1
        self._faces += faces
        self._progress(self._done, self._total, f"{counted(self._faces, 'face')} found")

    def end(self) -> None:
        """Leave the last progress as it is."""

    @contextmanager
    def progress(self, unit: str) -> Iterator[Step]:
        """Pass on the progress of a piece of work."""
        yield lambda done, total: self._progress(done, total, "" if unit in _NAMED_UNITS else unit)

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


def packed(wanted: Wanted) -> dict[str, Any]:
    """A wanted photo as JSON; file names are hexadecimal, since they need not be valid text."""
    names = [os.fsencode(name).hex() for name in (wanted.path, *wanted.companions)]
    return {
        "names": names,
        "folder": wanted.folder,
        "number": wanted.number,
        "score": wanted.score,
        "person": wanted.person,
        "picture": wanted.picture,
    }


def unpacked(told: dict[str, Any]) -> Wanted:
    """The wanted photo, from the output of :func:`packed`."""
    from photo_ranker.exporters.albums import Wanted

    path, *companions = (os.fsdecode(bytes.fromhex(name)) for name in told["names"])
    facts = {name: told.get(name) for name in ("number", "score", "person")}
    return Wanted(path, tuple(companions), told.get("folder", ""), picture=told.get("picture", ""), **facts)


def names_in(book: Book, *, all_names: bool) -> dict[str, str]:
    """Id of a face -> the name for the sidecar: of confirmed faces, or of all recognised ones."""
    from photo_ranker.workspace.exports import names_of

    return names_of(book.owners(), None if all_names else book.confirmed())


def ratings_in(told: Iterable[Mapping[str, Any]], settings: Settings) -> dict[str, int | None]:
    """Path of a photo -> stars: the user's own, else those from its score; ``told`` are packed photos with stars."""
    from photo_ranker.exporters.xmp import stars

    ratings: dict[str, int | None] = {}
    for item in told:
        wanted = unpacked(dict(item))
        scored = None if wanted.score is None else stars(wanted.score, settings)
        ratings[wanted.path] = item["stars"] or scored
    return ratings


if __name__ == "__main__":
    sys.exit(run_job())

"""The state of the app while it runs, and the parts of it that routes get as dependencies."""

from __future__ import annotations

import asyncio
import logging
import os
import pathlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Annotated

import msgspec
from fastapi import Depends, Path, Request
from starlette.concurrency import run_in_threadpool

from photo_ranker.core.files import cache_folder
from photo_ranker.errors import UserError
from photo_ranker.images import Limits
from photo_ranker.images.thumbnails import Thumbnails, thumbnails_folder
from photo_ranker.indexing.discovery import walk
from photo_ranker.records import Face
from photo_ranker.settings import Settings
from photo_ranker.web import WebOptions
from photo_ranker.web.album_list import Albums
from photo_ranker.web.grid import Grid, bursts_of
from photo_ranker.web.guests import Guests
from photo_ranker.web.job_runner import Job, Jobs
from photo_ranker.web.marks import Marks
from photo_ranker.web.open_albums import CachedPeople, OpenAlbum, OpenAlbums
from photo_ranker.web.photo_filter import PhotoChoice, PhotoFilter
from photo_ranker.web.preferences import Machine, Preferences, What
from photo_ranker.web.problems import NotHere
from photo_ranker.web.questions import Asking, DownloadAsk
from photo_ranker.web.references import FaceReader, References
from photo_ranker.web.security import Access
from photo_ranker.web.storage import AlbumEntry
from photo_ranker.web.uploads import Inbox

__all__ = ["AlbumHere", "AlbumId", "EntryHere", "Place", "Workplace"]


log = logging.getLogger(__name__)

DOWNLOADS_KEPT = 500

PICTURES_AT_ONCE = 4
"""How many pictures are made at once; others wait, and are skipped if nobody wants them when their turn comes."""

LOOKED_AT_SECONDS = 60.0
"""How long an album counts as looked at after its photos were requested."""

SCROLLING_SECONDS = 0.5
"""How long after a request for a picture more are expected: reading an album again would hold them up."""

PATIENCE_SECONDS = 30.0
"""How much longer the app waits before it rereads an album that a job is filling, while somebody scrolls."""


class Workplace:
    """Albums, jobs and everything that the app keeps about them."""

    def __init__(self, options: WebOptions) -> None:
        self.options = options
        self.access = Access(options.token)
        self.albums = Albums(options)
        self.machine = Machine(options.home / "machine.json", options.settings.measure)
        self.open_albums = OpenAlbums(options.zone, lambda: self.machine.chosen.engine, self._is_filled)
        self.preferences = Preferences(options.home / "settings.json", options.settings)
        self.jobs = Jobs(
            options,
            self._job_ended,
            self.follow,
            self._is_looked_at,
            lambda: self.preferences.settings,
            lambda: self.machine.chosen,
        )
        self._looked_at: dict[str, float] = {}
        """Id of an album -> when its photos were last requested."""
        self.guests = Guests(options.home / "albums")
        self.face_of: Callable[[bytes, str], Face] = FaceReader(options.settings.measure, self.machine.spec)
        """Finds the face in the photo that a guest sends, for an album of this engine."""
        self.references = References(self.albums.place, options.settings, self.machine.spec)
        self.picture_limits = Limits.of(options.settings.measure)
        self.thumbnails = Thumbnails(self.picture_limits, thumbnails_folder())
        self.downloads: OrderedDict[str, tuple[str, DownloadAsk]] = OrderedDict()
        """The latest prepared downloads."""
        self.picture_room = asyncio.Semaphore(PICTURES_AT_ONCE)
        """Held while a picture is made."""
        self.picture_asked_at = -SCROLLING_SECONDS
        """When a picture was last requested."""
        self.is_closing = False
        self._marks: dict[str, Marks] = {}
        self._inboxes: dict[str, Inbox] = {}
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The settings of the server with the user's changes."""
        return self.preferences.settings

    def prefer(self, name: str, value: float | None) -> None:
        """Change a setting for all albums; what was computed with the old value is dropped."""
        self.preferences.set(name, value)
        for entry in self.albums.entries():
            self.open_albums.refresh(entry.id)

    def use(self, what: What, name: str | None) -> None:
        """Use another engine or device for all albums. An album uses a new engine once it has measured all photos."""
        before = self.machine.chosen.engine
        self.machine.choose(what, name)
        if self.machine.chosen.engine == before:
            return
        for entry in self.albums.entries():
            self.open_albums.refresh(entry.id)
            self.index(entry, after=f"engine {self.machine.chosen.engine}")

    def marks(self, entry: AlbumEntry) -> Marks:
        """Picks, rejects and stars of an album."""
        with self._lock:
            if entry.id not in self._marks:
                self._marks[entry.id] = Marks(self.albums.place(entry.id) / "marks.json")
            return self._marks[entry.id]

    def inbox(self, entry: AlbumEntry) -> Inbox:
        """Where a session's uploads go."""
        with self._lock:
            if entry.id not in self._inboxes:
                archives = self.albums.place(entry.id) / "archives"
                self._inboxes[entry.id] = Inbox(entry.path, archives, self.options.limits)
            return self._inboxes[entry.id]

    def start(self) -> None:
        """Start work, including on ZIPs that reached the last server but whose jobs it could not store."""
        self.jobs.start()
        noted = {job.params.get("archive") for job in self.jobs.all()}
        for entry in self.albums.entries():
            for archive in self.inbox(entry).waiting() if entry.kind == "session" else ():
                if str(archive) not in noted:
                    self.unpack(entry, archive)

    def unpack(self, entry: AlbumEntry, archive: pathlib.Path) -> Job:
        """Have the photos of a ZIP unpacked into its session."""
        return self.jobs.submit("unpack", entry.id, {"archive": str(archive), "folder": entry.folder})

    def index(self, entry: AlbumEntry, *, retry_failed: bool = False, after: str = "") -> Job:
        """Have an album measured; ``after`` names a change that a run which has already begun would miss."""
        params = {"folder": entry.folder, "recursive": entry.recursive, "retry_failed": retry_failed}
        return self.jobs.submit("index", entry.id, {**params, "after": after} if after else params, _size_of(entry))

    def delete(self, entry: AlbumEntry) -> None:
        """Remove an album from the list, and cancel its jobs."""
        self.jobs.cancel_all(entry.id)
        self.albums.delete(entry.id)

    def count_people(self, entry: AlbumEntry) -> Job:
        """Have all faces of an album grouped into people."""
        return self.jobs.submit("people", entry.id, {"entry": msgspec.to_builtins(entry)}, _size_of(entry))

    def score(self, entry: AlbumEntry, moments: Mapping[int, str] | None = None) -> Job:
        """Have all photos of an album scored for those who matter; ``moments`` are new labels by number."""
        said = {str(number): label.strip() for number, label in (moments or {}).items()}
        return self.jobs.submit("event", entry.id, {"entry": msgspec.to_builtins(entry), "moments": said})

    def look_at(self, album_id: str) -> None:
        """Note that somebody is looking at the photos of an album: its jobs go before those of other albums."""
        is_new = not self._is_looked_at(album_id)
        self._looked_at[album_id] = time.monotonic()
        if is_new:
            self.jobs.make_way()

    def _is_looked_at(self, album_id: str) -> bool:
        return time.monotonic() - self._looked_at.get(album_id, -LOOKED_AT_SECONDS) < LOOKED_AT_SECONDS

    def everyone(self, album: OpenAlbum) -> CachedPeople:
        """The people of an album. Their book is in its folder: if that is not there, nobody would seem to be known."""
        if not album.entry.path.is_dir():
            self.open_albums.refresh(album.entry.id)
            album = self.open_albums.get(album.entry)  # raises: the folder is not there
        return CachedPeople(album, self.settings, self.albums.place(album.entry.id))

    def asking(self, album: OpenAlbum) -> Asking:
        """Answers questions about an album."""
        return Asking(
            album,
            self.everyone(album),
            self.references,
            self.marks(album.entry),
            self.settings,
            self.guests.favourites(album.entry.id),
            tells_paths=self.options.local,
        )

    def grid(self, album: OpenAlbum) -> Grid:
        """An album's photos for pages, with the marks of the owner and the favourites of guests."""
        return Grid(album, self.marks(album.entry), self.guests.favourites(album.entry.id))

    def choice(self, album: OpenAlbum, asked: PhotoFilter) -> PhotoChoice:
        """A filter applied to an album."""
        favourites = self.guests.favourites(album.entry.id)
        return PhotoChoice(asked, album, self.everyone(album), self.marks(album.entry), self.settings, favourites)

    def without_paths(self, text: str) -> str:
        """A text for a client: users of other machines do not learn where on this one anything is."""
        if self.options.local:
            return text
        for folder, instead in self.albums.folders():
            text = text.replace(folder + os.sep, "").replace(folder, instead)
        for own in (self.options.home, cache_folder()):
            text = text.replace(str(own), "the server's own folder")
        return text

    def remember_download(self, name: str, entry: AlbumEntry, ask: DownloadAsk) -> None:
        """Remember what is to be downloaded until the browser fetches it."""
        with self._lock:
            self.downloads[name] = (entry.id, ask)
            while len(self.downloads) > DOWNLOADS_KEPT:
                self.downloads.popitem(last=False)

    def close(self) -> None:
        """End all work in an orderly way."""
        self.is_closing = True
        self.jobs.stop()

    def follow(self, job: Job) -> None:
        """Show what a job has found so far."""
        if job.kind != "index":
            return
        is_scrolling = time.monotonic() - self.picture_asked_at < SCROLLING_SECONDS
        try:
            entry = self.albums.get(job.album)
            self.open_albums.follow(entry, self._prepare, PATIENCE_SECONDS if is_scrolling else 0.0)
        except NotHere as error:  # deleted, or its disk is gone: the end of the job reports it
            log.info("the album %s is not read again: %s", job.album, error)

    def _prepare(self, album: OpenAlbum) -> None:
        if self._is_looked_at(album.entry.id):
            bursts_of(album, self.settings)

    def _is_filled(self, album_id: str) -> bool:
        return any(job.album == album_id and job.kind == "index" and job.state == "running" for job in self.jobs.all())

    def _settle_marks(self, album_id: str) -> None:
        try:
            entry = self.albums.get(album_id)
            photos = self.open_albums.get(entry).album.photos
            self.guests.settle(album_id, photos)
            self.marks(entry).settle(photos)
        except UserError as error:  # its folder or its marks cannot be reached; the marks stay with the paths
            log.warning("the marks of the album %s stay as they are: %s", album_id, error)

    def _job_ended(self, job: Job) -> None:
        if job.kind not in {"event", "copy", "xmp"}:  # these change nothing that is read here
            self.open_albums.refresh(job.album)
        if job.kind == "index":
            self._settle_marks(job.album)
        if job.state != "done" or job.kind not in {"index", "unpack", "people"}:
            return
        try:
            entry = self.albums.get(job.album)
        except NotHere:
            log.info(
                "the album %s was deleted meanwhile, or is not shown here: nothing follows %s", job.album, job.kind
            )
            return
        if job.kind == "unpack":
            self.index(entry, after=job.id)
        elif job.kind == "index":
            self.count_people(entry)
        else:
            self.score(entry)


def _size_of(entry: AlbumEntry) -> int:
    """The number of photos, measured or not."""
    try:
        return sum(len(listing.items) for listing in walk(entry.folder, recursive=entry.recursive))
    except UserError:  # the folder is not there; the job will say so
        return 0


# These are coroutines, since they mostly read memory: FastAPI runs any other dependency in a thread, 0.3 ms each.


async def _workplace(request: Request) -> Workplace:
    place: Workplace = request.app.state.workplace
    return place


Place = Annotated[Workplace, Depends(_workplace)]

AlbumId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="id of an album")]


async def _entry(place: Place, album_id: AlbumId) -> AlbumEntry:
    return place.albums.get(album_id)


EntryHere = Annotated[AlbumEntry, Depends(_entry)]


async def _album(place: Place, entry: EntryHere) -> OpenAlbum:
    album = place.open_albums.at_hand(entry)
    return await run_in_threadpool(place.open_albums.get, entry) if album is None else album


AlbumHere = Annotated[OpenAlbum, Depends(_album)]

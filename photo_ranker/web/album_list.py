"""The albums that can be opened: folders named at the start, folders opened since, and sessions of uploaded photos.

Nothing is deleted at once: a deleted album is only marked, so that it can be brought back. A session's photos go
when the app starts a week later; a folder's photos are never ours to delete. An album whose ``album.json`` is damaged
is made of what is left of it; one whose file is out of reach is shown as far as it is known, and nothing is written.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import MetadataError
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.problems import Conflict, NotAllowed, NotHere
from photo_ranker.web.sample import write_sample
from photo_ranker.web.storage import ENTRY_NAME, AlbumEntry, album_id, heal_entry
from photo_ranker.web.upload_names import named_folder

__all__ = ["KEEP_DELETED", "Albums"]


log = logging.getLogger(__name__)

KEEP_DELETED = timedelta(days=7)


class Albums:
    """All albums. Thread-safe."""

    def __init__(self, options: WebOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._root = files.private_folder(options.home / "albums")
        self._entries: dict[str, AlbumEntry] = {}
        self._out_of_reach: dict[str, MetadataError] = {}
        self._notes: dict[str, str] = {}
        for place in sorted(self._root.iterdir()):
            self._load(place)
        self._named = [self._add_folder(folder) for folder in options.folders]
        self._purge()

    def entries(self) -> list[AlbumEntry]:
        """The albums that this server's users may open: named folders first, then the newest."""
        known = list(self._entries.values())  # others may add to them meanwhile
        there = [entry for entry in known if entry.deleted_at is None and self._is_open(entry)]
        newest = sorted(there, key=lambda entry: entry.created_at, reverse=True)
        return sorted(newest, key=lambda entry: self._named.index(entry.id) if entry.id in self._named else 1_000_000)

    def note(self, album_id: str) -> str:
        """What the user should know of how an album is kept."""
        return self._notes.get(album_id, "")

    def notes(self) -> list[str]:
        """The notes of all albums, also of those that cannot be shown."""
        return list(self._notes.values())

    def folders(self) -> list[tuple[str, str]]:
        """Folder and title of every album, deleted ones too; the longest folder first."""
        found = [(entry.folder, entry.title) for entry in self._entries.values()]
        return sorted(found, key=lambda pair: -len(pair[0]))

    def get(self, album_id: str) -> AlbumEntry:
        """The album of this id."""
        entry = self._entries.get(album_id)
        if entry is None or entry.deleted_at is not None or not self._is_open(entry):
            raise NotHere("there is no such album", "go back to the list of albums")
        return entry

    def open_folder(self, folder: str, *, recursive: bool) -> AlbumEntry:
        """Open a folder of this machine."""
        if not self._options.local:
            raise NotAllowed("folders can only be opened on the machine itself", "name them when the server is started")
        return self._entries[self._add_folder(named_folder(folder), recursive=recursive)]

    def new_session(self, title: str) -> AlbumEntry:
        """An empty session for uploads."""
        name = secrets.token_hex(8)
        photos = files.private_folder(self._root / name / "photos")
        return self._keep(AlbumEntry(name, title, "session", str(photos), recursive=True, created_at=_now()))

    def new_sample(self, title: str) -> AlbumEntry:
        """The sample album; a second one is the first, also where it was deleted."""
        known = next((entry for entry in self._entries.values() if entry.is_sample and entry.path.is_dir()), None)
        if known is not None:
            return self._keep(msgspec.structs.replace(known, title=title, deleted_at=None))
        entry = self.new_session(title)
        try:
            write_sample(entry.path)
            return self._keep(msgspec.structs.replace(entry, is_sample=True))
        except OSError:  # half of it is no use, and would come back as an album at the next start
            del self._entries[entry.id]
            shutil.rmtree(self._root / entry.id)
            raise

    def rename(self, album_id: str, title: str) -> AlbumEntry:
        """Give an album another title."""
        return self._keep(msgspec.structs.replace(self.get(album_id), title=title))

    def delete(self, album_id: str) -> AlbumEntry:
        """Take an album from the list."""
        return self._keep(msgspec.structs.replace(self.get(album_id), deleted_at=_now()))

    def restore(self, album_id: str) -> AlbumEntry:
        """Bring a deleted album back."""
        entry = self._entries.get(album_id)
        if entry is None or not self._is_open(entry):
            raise NotHere("there is no such album", "it may have been deleted for good")
        if not entry.path.is_dir():
            raise Conflict(f"the photos of {entry.title} are gone", "upload them again")
        return self._keep(msgspec.structs.replace(entry, deleted_at=None))

    def place(self, album_id: str) -> Path:
        """Where the app keeps what belongs to an album."""
        return self._root / album_id

    def _is_open(self, entry: AlbumEntry) -> bool:
        return self._options.local or entry.kind == "session" or entry.id in self._named

    def _add_folder(self, folder: Path, *, recursive: bool | None = None) -> str:
        real = os.path.realpath(folder)
        name = album_id(real)
        deep = self._options.recursive if recursive is None else recursive
        known = self._entries.get(name)
        title = known.title if known else Path(real).name or real
        created = known.created_at if known else _now()
        entry = AlbumEntry(name, title, "folder", real, recursive=deep, created_at=created)
        if name in self._out_of_reach:
            self._entries[name] = entry
        else:
            self._keep(entry)
        return name

    def _keep(self, entry: AlbumEntry) -> AlbumEntry:
        with self._lock:
            if entry.id in self._out_of_reach:
                raise self._out_of_reach[entry.id]
            storage.write_value(self._root / entry.id / ENTRY_NAME, entry)
            self._entries[entry.id] = entry
        return entry

    def _load(self, place: Path) -> None:
        files.remove_leftovers(place, in_cache=True)
        try:
            entry, note = storage.read_or_heal(place / ENTRY_NAME, AlbumEntry, partial(heal_entry, place))
        except MetadataError as error:
            log.warning("%s", error)
            self._out_of_reach[place.name] = error
            entry, note = heal_entry(place, b""), error.message
        if entry is not None:
            self._entries[place.name] = entry
        elif note:
            note += "; open its folder again to see its picks and stars"
        if note:
            self._notes[place.name] = note

    def _purge(self) -> None:
        for entry in list(self._entries.values()):
            if entry.deleted_at and datetime.fromisoformat(entry.deleted_at) < datetime.now(UTC) - KEEP_DELETED:
                # Below our own root in any case: the folder of a "folder" album is elsewhere and stays.
                shutil.rmtree(self._root / entry.id)
                del self._entries[entry.id]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")

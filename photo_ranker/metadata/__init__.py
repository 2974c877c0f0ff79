"""PhotoRecords <-> ``.photo_ranker_metadata.json``: load, save, lock, journal.

The file is JSON with one line per photo, so that it can be read, compared and repaired by hand::

    {"schema":1,"photos":{
    "IMG_1.jpg":{"stamp":{"size":1,"mtime_ns":2,"hash":"..."},"faces":[...]},
    "IMG_2.jpg":{...}
    }}

During an index run three files lie beside it: the journal (records since the last save), the lock, a temporary file.
A key is the file's name; :mod:`photo_ranker.metadata.document` says how names that are not valid Unicode are written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import msgspec

from photo_ranker.core.files import put_aside, remove_leftovers
from photo_ranker.metadata.document import REVISION, encode_record, keep_unknown_of, pass_through, pieces
from photo_ranker.metadata.face_ids import carry_ids, hand_on_ids
from photo_ranker.metadata.lock import FolderLock
from photo_ranker.metadata.places import (
    METADATA_NAME,
    bind,
    cache_place,
    cache_places,
    holds_home,
    is_readable,
    is_shown_empty,
    journal_of,
    make_cache_place,
    remove_if_unused,
    stamp_of,
)
from photo_ranker.metadata.storage import (
    Copy,
    Journal,
    fact_copies,
    facts_place,
    is_full,
    is_unfinished,
    load,
    load_texts,
    merge_copies,
    not_saved,
    read_ahead,
    read_copy,
    read_lines,
    write_file,
    write_text,
)
from photo_ranker.records import PhotoRecord

__all__ = [
    "METADATA_NAME",
    "FolderLock",
    "Ledger",
    "cache_place",
    "cache_places",
    "carry_ids",
    "facts_place",
    "hand_on_ids",
    "is_unfinished",
    "keep_unknown_of",
    "load",
    "load_texts",
    "pass_through",
    "read_ahead",
    "write_file",
]


SAVE_EVERY_SECONDS = 2.0
"""Least time between two saves. The journal is not synced meanwhile, so a power cut may lose it."""
SAVE_SHARE = 0.025
"""Largest share of the time that saving may take; a large file is saved less often."""


class Ledger:
    """Holds the lock of a folder. A record is safe from a kill as soon as it is put, and in the file seconds later."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._folder = folder
        self._open = ExitStack()
        self._brought_home: list[Path] = []
        self._home: tuple[int, int] | None = None
        self.place = self._lock()
        """Where the records are written: in the folder, or in the user's cache if the folder is not writable."""
        self.records: dict[str, PhotoRecord]
        """What was stored when the lock was taken, without what was dropped since.

        New records are held as text only, which needs less memory.
        """
        self._texts: dict[str, msgspec.Raw]
        self._beside: dict[str, msgspec.Raw]
        self._revision: msgspec.Raw
        self._changed: bool
        try:
            self._load()
            self._journal = Journal(journal_of(self.place))
        except BaseException:
            self._open.close()
            raise
        self._saved_at = time.monotonic()
        self._cost = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, name: str, record: PhotoRecord, like: msgspec.Raw | None = None) -> None:
        """Store the record of a photo. ``like`` is its text under a former name, whose unknown keys are kept."""
        try:
            self._store(name, encode_record(record, self._texts.get(name) if like is None else like))
        except OSError as error:
            raise not_saved(error, journal_of(self.place)) from error
        self._changed = True
        if time.monotonic() - self._saved_at > max(SAVE_EVERY_SECONDS, self._cost / SAVE_SHARE):
            self.save()

    def drop(self, name: str) -> None:
        """Forget a photo."""
        del self._texts[name]
        self.records.pop(name, None)
        self._changed = True

    def text(self, name: str) -> msgspec.Raw:
        """The stored text of a photo."""
        return self._texts[name]

    def save(self) -> None:
        """Write the file if anything has changed."""
        if not self._changed:
            return
        started = time.monotonic()
        # Before writing: another machine may have taken the folder over while this one slept.
        self._held.check()
        self._beside[REVISION] = self._revision
        write_text(self.place, pieces(self._beside, self._texts))
        # The cache place must note the new state of the photos when the ledger closes.
        self._is_bound = False
        self._journal.clear()
        self._changed = False
        self._saved_at = time.monotonic()
        self._cost = self._saved_at - started

    def close(self) -> None:
        """Save, and release the lock."""
        with self._open:
            self.save()
            self._journal.close()
            # The copies are removed only now that the folder's own file holds their records.
            for copy in self._brought_home:
                for path in (copy / METADATA_NAME, journal_of(copy)):
                    path.unlink(missing_ok=True)
            if self.place != self._folder and not self._is_bound:
                self._bind()

    def _bind(self) -> None:
        try:
            bind(self.place, self._folder, self._texts, self._home)
        except OSError as error:
            raise not_saved(error, self.place) from error

    def _store(self, name: str, text: msgspec.Raw) -> None:
        self._journal.add(name, text)
        self._texts[name] = text

    def _lock(self) -> Path:
        if is_readable(self._folder):  # another user's file is neither read nor replaced
            try:
                self._held = self._open.enter_context(FolderLock(self._folder, self._say))
            except OSError as error:
                if is_full(error):
                    raise not_saved(error, self._folder / METADATA_NAME) from error
            else:
                return self._folder
        try:
            place = make_cache_place(self._folder)
            self._held = self._open.enter_context(FolderLock(place, self._say))
        except OSError as error:
            raise not_saved(error, cache_place(self._folder)) from error
        return place

    def _load(self) -> None:
        remove_leftovers(self.place)
        self._is_bound = True
        own = self._read(self.place)
        whole = merge_copies([own, *map(self._read, self._others())], self._folder)
        self.records, self._texts = whole.records, whole.texts
        self._beside = whole.beside
        self._revision = msgspec.Raw(b"%d" % (whole.revision + 1))
        # Saved at the end if a killed run left a journal, or if another place held records of these photos.
        left = read_lines(journal_of(self.place))
        self._changed = bool(left) or (own.texts, own.beside) != (whole.texts, whole.beside)

    def _others(self) -> list[Path]:
        """Other places with records of these photos; those in the cache are moved to a folder that is writable."""
        copies = fact_copies(self._folder)
        if self.place != self._folder:
            home = [self._folder]
            if not is_readable(self._folder) or holds_home(self.place, self._folder):
                home = []
            elif not journal_of(self._folder).exists():
                self._home, self._is_bound = stamp_of(self._folder / METADATA_NAME), False
            return [*home, *(copy for copy in copies if copy != self.place)]
        if is_shown_empty(self._folder):
            return []
        for copy in copies:
            self._open.callback(remove_if_unused, copy)
            with suppress(FileNotFoundError):  # another run has just moved it
                self._open.enter_context(FolderLock(copy, self._say))
        self._brought_home = copies
        return copies

    def _read(self, place: Path) -> Copy:
        return read_copy(place, thorough=True, on_damage=self._set_aside)

    def _set_aside(self, place: Path) -> None:
        """Rename a damaged metadata file; its photos will be measured again."""
        path = place / METADATA_NAME
        try:
            aside = put_aside(path)
        except OSError as error:
            if place == self.place:
                raise not_saved(error, path) from error
            self._say(f"note: {path} is damaged; it cannot be moved, and is left as it is")
        else:
            self._say(f"note: {path} was damaged; it is kept as {aside.name} and built again")

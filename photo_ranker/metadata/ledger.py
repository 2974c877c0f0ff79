"""The stored facts of one folder, open for writing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import msgspec

from photo_ranker.errors import NewerSchema
from photo_ranker.metadata import journal
from photo_ranker.metadata.document import Damaged, check_details, encode_record, pieces, read_records, split
from photo_ranker.metadata.lock import FolderLock
from photo_ranker.metadata.places import FOLDER_NAME, METADATA_NAME, cache_place, is_readable, journal_of, newest_place
from photo_ranker.metadata.storage import EMPTY, is_full, not_saved, read_text, remove_leftovers, set_aside, write_text
from photo_ranker.records import PhotoRecord

__all__ = ["Ledger"]

SAVE_EVERY_SECONDS = 2.0
SAVE_SHARE = 0.025
"""Saving may take this share of the time; where the file is so large that it would take more, it is done less often."""


class Ledger:
    """Holds the lock of a folder; every record put in is safe from then on, and the file follows within seconds."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._folder = folder
        self._open = ExitStack()
        self.place = self._lock()
        """Where the facts are written: the folder, or a folder in the user's cache if it cannot be written."""
        self.records: dict[str, PhotoRecord]
        """What was stored when the lock was taken, less what was forgotten since.

        New records are kept as text alone, which takes less memory.
        """
        try:
            self._load()
        except BaseException:
            self._open.close()
            raise
        self._journal = journal.Journal(journal_of(self.place))
        self._saved_at = time.monotonic()
        self._cost = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, name: str, record: PhotoRecord, like: msgspec.Raw | None = None) -> None:
        """Store the record of a photo; ``like`` is its text under another name, whose unknown keys it keeps."""
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
        self._held.check()
        write_text(self.place, pieces(self._beside, self._texts))
        self._journal.clear()
        self._changed = False
        self._saved_at = time.monotonic()
        self._cost = self._saved_at - started

    def close(self) -> None:
        """Save, and let others in."""
        with self._open:
            self.save()
            self._journal.close()
            if self._source != self.place:
                _remove_copy(self._source, self._folder)

    def _store(self, name: str, text: msgspec.Raw) -> None:
        self._journal.add(name, text)
        self._texts[name] = text

    def _lock(self) -> Path:
        if is_readable(self._folder):  # what another user keeps there is neither read nor replaced
            try:
                self._held = self._open.enter_context(FolderLock(self._folder, self._say))
            except OSError as error:
                if is_full(error):
                    raise not_saved(error, self._folder / METADATA_NAME) from error
            else:
                return self._folder
        place = cache_place(self._folder)
        try:
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            (place / FOLDER_NAME).write_bytes(os.fsencode(os.path.realpath(self._folder)))
            self._held = self._open.enter_context(FolderLock(place, self._say))
        except OSError as error:
            raise not_saved(error, place) from error
        return place

    def _load(self) -> None:
        remove_leftovers(self.place)
        self._source = newest_place(self._folder)
        text = read_text(self._source)
        try:
            self.records = read_records(text)
            check_details(self.records)
        except NewerSchema as error:
            raise NewerSchema(f"{self._source / METADATA_NAME}: {error.message}", error.advice) from error
        except Damaged:
            if self._source == self.place:
                set_aside(self._source, self._say)
            text, self.records = EMPTY, {}
        self._beside, self._texts = split(text)
        left = journal.read_lines(journal_of(self._source))
        self._texts |= left
        self.records |= journal.read_journal(journal_of(self._source))
        # What a killed run left in its journal goes into the file; so does what lay in another place.
        self._changed = bool(left) or self._source != self.place


def _remove_copy(source: Path, folder: Path) -> None:
    """The folder can be written again: its facts in the user's cache are out of date from now on."""
    if source != folder:
        for path in (source / METADATA_NAME, journal_of(source)):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # another run may begin there, or end, just now
            # Names that are kept there, and a run that still writes there, need the note of whose they are.
            if {path.name for path in source.iterdir()} <= {FOLDER_NAME}:
                (source / FOLDER_NAME).unlink(missing_ok=True)
                source.rmdir()

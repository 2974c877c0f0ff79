"""One folder of a run: which photos are measured, and how each outcome is stored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from photo_ranker.images.exif import sidecar_taken_at
from photo_ranker.indexing.discovery import Item, Listing
from photo_ranker.indexing.interfaces import MeasureTask, Outcome, Report
from photo_ranker.indexing.plan import (
    FAILED,
    VERDICT,
    Arrivals,
    Known,
    KnownPhotos,
    has_failed,
    is_measured,
    make_plan,
    recognise,
)
from photo_ranker.metadata import carry_ids, hand_on_ids
from photo_ranker.records import SECOND_PART, VIDEO_PART, Drawings, EditedFace, Former, PhotoRecord, Stamp

__all__ = ["FolderRun", "RecordStore", "Shared", "Subject"]


class RecordStore(Protocol):
    """Holds the records of a folder: a ledger, or memory alone for runs that write nothing."""

    records: dict[str, PhotoRecord]
    """File name -> stored record."""

    def text(self, name: str) -> msgspec.Raw:
        """The stored text of a record."""
        ...

    def put(self, name: str, record: PhotoRecord, like: msgspec.Raw | None = None) -> None:
        """Store a record."""
        ...

    def drop(self, name: str) -> None:
        """Forget a photo."""
        ...

    def close(self) -> None:
        """Save."""
        ...


class Shared(msgspec.Struct):
    """What all folders of a run share."""

    keys: Mapping[str, str]
    """Part -> key of what measures it now."""
    drawn: Mapping[str, Drawings]
    """Content hash of a picture -> the faces that a user has drawn in it."""
    edited: Mapping[str, Sequence[EditedFace]]
    """Content hash of a picture -> faces in it whose ids come from before an edit."""
    engine: str
    """The engine whose faces are counted."""
    retry_failed: bool
    """Measure photos again that were unreadable."""
    threads: int
    """Threads that hash files to recognise moved photos."""
    report: Report
    """Counts of the whole run."""
    collect: Callable[[Listing, str, PhotoRecord], None]
    """Receives every record that is up to date: its folder, name and record."""
    step: Callable[[int], None]
    """Called once per examined photo with its number of faces."""
    vanished: KnownPhotos = msgspec.field(default_factory=KnownPhotos)
    """The photos that are gone from any folder: a new file may be one of them, moved."""
    arrivals: Arrivals = msgspec.field(default_factory=Arrivals)
    """The new and changed files of all folders."""
    gone: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Folder and name of each of them."""
    claimed: set[tuple[str, str]] = msgspec.field(default_factory=set)
    """Those of :attr:`gone` that were found under another name."""


class Subject(msgspec.Struct, frozen=True):
    """What a task returns to: the photo and its folder."""

    run: FolderRun
    """Stores the outcome."""
    item: Item
    known: Known | None = None
    """Its record under another name, if it has one."""


class FolderRun:
    """Gives out a folder's jobs and stores their outcomes."""

    def __init__(self, listing: Listing, store: RecordStore, shared: Shared) -> None:
        self.listing = listing
        self._store = store
        self._shared = shared
        self._report = shared.report
        self._folder = os.path.realpath(listing.folder)
        self._neighbours = KnownPhotos()
        self.plan = make_plan(
            listing.items,
            store.records,
            shared.keys,
            retry_failed=shared.retry_failed,
            unseen=listing.unseen,
            drawn=shared.drawn,
        )
        self._outstanding = 0
        self._is_handed_out = False

    @property
    def is_done(self) -> bool:
        """Whether every job has been given out and has its outcome."""
        return self._is_handed_out and not self._outstanding

    @property
    def records(self) -> Mapping[str, PhotoRecord]:
        """The stored records."""
        return self._store.records

    @property
    def gone(self) -> list[str]:
        """Names with a record but no file any more; empty if only some photos were asked for."""
        return [] if self.listing.picked else self.plan.gone

    def settle(self) -> None:
        """Count the photos that need no measuring, and store their new companions."""
        self._shared.gone |= {(self._folder, name) for name in self.gone}
        for item in self.plan.regrouped:
            self._store.put(item.name, self._with_companions(item, self._store.records[item.name]))
        for item in (*self.plan.fresh, *self.plan.failed):
            # The store's ``records`` stay as they were; a caller who wants the album wants the present companions.
            self._count(item, self._with_companions(item, self._store.records[item.name]))

    def jobs(self) -> Iterator[MeasureTask]:
        """The photos to measure, as jobs for the pool."""
        unknown = []
        stamps = {(record.stamp.size, record.stamp.mtime_ns): name for name, record in self._store.records.items()}
        for item in self.plan.todo:
            record = self._store.records.get(item.name)
            if record is not None and record.stamp.size == item.size and _name_of(item, stamps) == item.name:
                yield self._job(item, record)  # touched, measured by an older version, or failed before
            else:
                unknown.append(item)
        yield from self._jobs_of(unknown)
        self._is_handed_out = True

    def take(self, outcome: Outcome) -> None:
        """Store the outcome of a job."""
        subject: Subject = outcome.job.subject
        self._outstanding -= 1
        if outcome.record is None:
            self._take_failure(subject.item, outcome)
        else:
            self._take_record(subject, outcome.job.known, outcome.record)
        self._shared.step(len(outcome.record.faces) if outcome.record else 0)

    def drop_gone(self) -> None:
        """Drop the records of gone photos; only once no folder has work left, since one may turn up in another."""
        for name in self.gone:
            if name in self._store.records:
                self._store.drop(name)

    def close(self) -> None:
        """Save, and release the folder."""
        self._store.close()

    def _jobs_of(self, unknown: list[Item]) -> Iterator[MeasureTask]:
        """Jobs of new and of changed files, unless their content has a record under another name."""
        if not unknown:
            return
        for name, record in self._store.records.items():
            self._neighbours.add(Known(record, self._store.text(name), (self._folder, name)))
        known_photos = [self._neighbours, self._shared.vanished]
        for item, known, rest in recognise(unknown, self.listing.folder, known_photos, self._shared.threads):
            if known is None:
                yield self._job(item, self._store.records.get(item.name))
            elif known.record.stamp.mtime_ns == item.mtime_ns and self._is_measured(known.record):
                self._adopt(item, known, rest)
            else:
                yield self._job(item, known.record, known)

    def _job(self, item: Item, record: PhotoRecord | None, known: Known | None = None) -> MeasureTask:
        self._outstanding += 1
        return MeasureTask(self.listing.path_of(item.name), record, Subject(self, item, known))

    def _adopt(self, item: Item, known: Known, rest: str) -> None:
        stamp = Stamp(item.size, item.mtime_ns, known.record.stamp.hash, rest)
        record = self._with_companions(item, msgspec.structs.replace(known.record, stamp=stamp))
        self._store.put(item.name, record, known.text)
        self._shared.claimed.add(known.origin)
        self._count(item, record, "moved")
        self._shared.step(len(record.faces))

    def _take_record(self, subject: Subject, given: PhotoRecord | None, record: PhotoRecord) -> None:
        item, known = subject.item, subject.known
        same = given if given is not None and given.stamp.hash == record.stamp.hash else None
        record = self._with_companions(item, self._with_lasting_ids(item, same, record), is_new=True)
        if known and same:
            self._shared.claimed.add(known.origin)
        self._store.put(item.name, record, known.text if known and same else None)
        # The file was read again (touched, or moved), but all its parts were up to date.
        nothing_measured = same is not None and self._is_measured(same)
        self._count(item, record, ("moved" if known else "fresh") if nothing_measured else "analysed")

    def _is_measured(self, record: PhotoRecord) -> bool:
        return is_measured(record, self._shared.keys, self._shared.drawn)

    def _with_lasting_ids(self, item: Item, same: PhotoRecord | None, record: PhotoRecord) -> PhotoRecord:
        """The record with the face ids of the photo's previous record, which is found by content, else by name."""
        # By content first: a renamed photo keeps its ids even if another has taken its former name.
        digest = record.stamp.hash
        twin = self._neighbours.by_hash(digest) or self._shared.vanished.by_hash(digest)
        same = same or (twin.record if twin else None)
        former = self._former(item)
        if same is not None:
            faces = carry_ids(same.faces, record.faces)
        elif (edited := self._shared.edited.get(digest)) is not None:
            faces = carry_ids(edited, record.faces)
        elif former is None:
            return record
        elif former.hash == digest:
            faces = carry_ids(former.faces, record.faces)
        else:
            faces = hand_on_ids(former, record, is_kept=self._is_kept(item))
        return msgspec.structs.replace(record, faces=faces)

    def _is_kept(self, item: Item) -> bool:
        """Whether the picture that the file of this name held before is now in another: it was moved, or copied."""
        return self._shared.arrivals.hold(self._store.records[item.name].stamp, self.listing.path_of(item.name))

    def _former(self, item: Item) -> Former | None:
        """The faces that the file of this name had when it was last readable."""
        namesake = self._store.records.get(item.name)
        if namesake is None:
            return None
        if namesake.unreadable is not None or not namesake.faces:
            return namesake.former
        return Former(namesake.stamp.hash, namesake.width, namesake.height, namesake.faces)

    def _take_failure(self, item: Item, outcome: Outcome) -> None:
        if _has_gone(outcome.job.path):
            # Deleted since the run began.
            if item.name in self._store.records:
                self._store.drop(item.name)
            return
        stamp, former = Stamp(item.size, item.mtime_ns, ""), self._former(item)
        record = PhotoRecord(stamp, unreadable=outcome.reason, parts=VERDICT, companions=item.companions, former=former)
        self._report.starved += outcome.is_starved
        known = self._measured_before(item)
        if known is not None and is_measured(known, self._keys_of_first):
            self._report.waiting.append((outcome.job.path, outcome.reason))
            if not outcome.is_temporary:
                known = _without_second_network(known, self._shared.keys[SECOND_PART])
                self._store.put(item.name, self._with_companions(item, known))
            self._collect(item, self._with_companions(item, known))
            return
        if not (outcome.is_temporary or known is not None):
            self._store.put(item.name, record)
        self._count(item, record)

    def _measured_before(self, item: Item) -> PhotoRecord | None:
        """The record of this same file if other models measured it: it can be read, so the failure is ours alone."""
        known = self._store.records.get(item.name)
        if known is None or known.unreadable is not None:
            return None
        is_same = (known.stamp.size, known.stamp.mtime_ns) == (item.size, item.mtime_ns)
        is_other = has_failed(known) or _of_photos(known.parts) != _of_photos(self._shared.keys)
        return known if is_same and is_other else None

    @property
    def _keys_of_first(self) -> dict[str, str]:
        """The parts that need no second network."""
        return {part: key for part, key in self._shared.keys.items() if part != SECOND_PART}

    def _count(self, item: Item, record: PhotoRecord, kind: Literal["fresh", "moved", "analysed"] = "fresh") -> None:
        if record.unreadable is not None:
            self._report.unreadable.append((self.listing.path_of(item.name), record.unreadable))
        else:
            setattr(self._report, kind, getattr(self._report, kind) + 1)
        self._collect(item, record)

    def _with_companions(self, item: Item, record: PhotoRecord, *, is_new: bool = False) -> PhotoRecord:
        """The record with its present companions; a photo that does not tell its time gets that of a sidecar."""
        if record.companions != item.companions:  # rare; copying every record would take time
            record, is_new = msgspec.structs.replace(record, companions=item.companions), True
        if not is_new or record.taken_at is not None or record.unreadable is not None:
            return record
        taken_at, offset = sidecar_taken_at(Path(self.listing.path_of(item.name)), item.companions)
        return msgspec.structs.replace(record, taken_at=taken_at, utc_offset=offset) if taken_at else record

    def _collect(self, item: Item, record: PhotoRecord) -> None:
        """Pass a record to the caller who wants the album."""
        self._report.faces += len(record.faces_by(self._shared.engine))
        if record.former is not None:
            record = msgspec.structs.replace(record, former=None)
        self._shared.collect(self.listing, item.name, record)


def _without_second_network(record: PhotoRecord, key: str) -> PhotoRecord:
    """The record with a note that the second network cannot see this photo, so no question loads it for that again."""
    return msgspec.structs.replace(record, parts={**record.parts, SECOND_PART: FAILED + key})


def _of_photos(parts: Iterable[str]) -> set[str]:
    """The parts that photos have too: all but those of films."""
    return {part for part in parts if not part.startswith(VIDEO_PART)}


def _name_of(item: Item, stamps: Mapping[tuple[int, int], str]) -> str:
    """The stored name with the item's size and time: a different one if files have swapped names."""
    return stamps.get((item.size, item.mtime_ns), item.name)


def _has_gone(path: str) -> bool:
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # cannot be known now
        return False
    return False

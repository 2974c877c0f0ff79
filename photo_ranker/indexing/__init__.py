"""Keeps the records of folders up to date: what changed, the worker pool, saving on the way, the report.

A run compares folders with the stored records, then works only on the photos that changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.core.installation import out_of_memory
from photo_ranker.core.terminal import SILENT, Watcher
from photo_ranker.indexing.discovery import Listing, gather
from photo_ranker.indexing.folder_run import FolderRun, RecordStore, Shared, Subject
from photo_ranker.indexing.interfaces import IndexOptions, MeasureTask, PoolMaker, Report, Spec, WorkerPool, processors
from photo_ranker.indexing.plan import Known
from photo_ranker.metadata import Ledger, facts_place, is_unfinished, load, load_texts
from photo_ranker.records import PhotoRecord

if TYPE_CHECKING:
    from photo_ranker.album import Album

__all__ = ["IndexOptions", "Report", "index", "local_pool", "refresh"]


Collect = Callable[[Listing, str, PhotoRecord], None]
"""Receives folder, name and record of every photo that is up to date."""

LOADING_SECONDS = 3.0
"""If loading the models takes longer, the user is told what we wait for."""


def local_pool(spec: Spec, size: int, photo_seconds: float) -> AbstractContextManager[WorkerPool]:
    """Worker processes on this machine."""
    from photo_ranker.indexing.pool import Pool

    return Pool(spec, size, photo_seconds)


def index(
    sources: Sequence[str],
    spec: Spec,
    options: IndexOptions,
    watcher: Watcher = SILENT,
    *,
    make_pool: PoolMaker = local_pool,
) -> Report:
    """Bring the metadata of folders up to date."""
    stored = _Stored(options)
    listings = gather(sources, recursive=options.recursive, known=stored.look)
    return _Run(spec, options, watcher, make_pool, stored).go(listings)


def refresh(
    sources: Sequence[str],
    spec: Spec,
    options: IndexOptions,
    watcher: Watcher = SILENT,
    *,
    make_pool: PoolMaker = local_pool,
    by_columns: bool = False,
) -> tuple[Album, Report]:
    """Bring folders and single photos up to date and return all their records, also those of unreadable photos.

    With ``by_columns`` an unchanged folder is opened from its columns, which suits a single question.
    """
    started = time.monotonic()
    stored = _Stored(options)
    listings = gather(sources, recursive=options.recursive, known=stored.look)
    by_columns = by_columns and _may_have_columns(listings, options)
    if by_columns and (opened := _opened(listings[0], spec)) is not None:
        opened[1].seconds = time.monotonic() - started
        return opened
    from photo_ranker.album import Album, AlbumPhoto  # loads NumPy, which :func:`index` may not need

    found: dict[str, dict[str, PhotoRecord]] = {listing.shown: {} for listing in listings}

    def collect(listing: Listing, name: str, record: PhotoRecord) -> None:
        found[listing.shown][name] = record

    report = _Run(spec, options, watcher, make_pool, stored, collect).go(listings)
    photos = (
        AlbumPhoto(listing.path_of(item.name), found[listing.shown][item.name])
        for listing in listings
        for item in listing.items
        if item.name in found[listing.shown]
    )
    if by_columns and report.fresh + len(report.unreadable) == len(listings[0].items):
        from photo_ranker.indexing.columns import keep_columns

        keep_columns(listings[0].folder, spec.engine)
    return Album(photos, spec.engine), report


def _may_have_columns(listings: Sequence[Listing], options: IndexOptions) -> bool:
    """Whether it is one large folder, and the run only brings it up to date."""
    from photo_ranker.indexing.columns import LEAST_PHOTOS

    is_plain = not (options.no_cache or options.dry_run or options.retry_failed)
    return is_plain and len(listings) == 1 and len(listings[0].items) >= LEAST_PHOTOS


def _opened(listing: Listing, spec: Spec) -> tuple[Album, Report] | None:
    """The album of an unchanged folder from its columns, and the report of a run with nothing to do."""
    from photo_ranker.indexing.columns import open_columns

    found = open_columns(listing, spec.engine, spec.keys(), spec.drawn)
    if found is not None:
        _count_folder(found[1], listing)
    return found


def _count_folder(report: Report, listing: Listing) -> None:
    report.folders += 1
    report.companions += sum(len(item.companions) for item in listing.items)
    report.skipped += [(listing.path_of(name), why) for why, name in listing.skipped]


class _Scratch(msgspec.Struct):
    """A store in memory, for runs that write nothing."""

    records: dict[str, PhotoRecord] = msgspec.field(default_factory=dict)
    """What was stored before the run."""
    texts: dict[str, msgspec.Raw] = msgspec.field(default_factory=dict)

    def text(self, name: str) -> msgspec.Raw:
        return self.texts[name]

    def put(self, name: str, record: PhotoRecord, like: msgspec.Raw | None = None) -> None:
        pass

    def drop(self, name: str) -> None:
        del self.records[name]

    def close(self) -> None:
        pass


def _forget(_listing: Listing, _name: str, _record: PhotoRecord) -> None:
    """Ignore a record: :func:`index` returns none, so none is kept in memory."""


class _Stored:
    """The stored records of folders, each read once: listing files may need them before the run does."""

    def __init__(self, options: IndexOptions) -> None:
        self._is_read = not options.no_cache
        self._seen: dict[str, dict[str, PhotoRecord]] = {}

    def look(self, shown: str) -> dict[str, PhotoRecord]:
        """The records of a folder, kept until they are taken."""
        if shown not in self._seen:
            self._seen[shown] = load(Path(shown)) if self._is_read else {}
        return self._seen[shown]

    def take(self, shown: str) -> dict[str, PhotoRecord]:
        """The records of a folder, which are not kept here any longer."""
        self.look(shown)
        return self._seen.pop(shown)


class _Run:
    def __init__(
        self,
        spec: Spec,
        options: IndexOptions,
        watcher: Watcher,
        make_pool: PoolMaker,
        stored: _Stored,
        collect: Collect = _forget,
    ) -> None:
        self._stored = stored
        self._spec, self._options, self._watcher, self._make_pool = spec, options, watcher, make_pool
        self._writes = not (options.no_cache or options.dry_run)
        self._workers = options.workers or processors()
        self._report = Report()
        self._shared = Shared(
            keys=spec.keys(),
            drawn=spec.drawn,
            edited=options.edited,
            engine=spec.engine,
            retry_failed=options.retry_failed,
            threads=self._workers,
            report=self._report,
            collect=collect,
            step=watcher.step,
        )
        self._at_work: list[FolderRun] = []
        self._to_clean: list[Listing] = []
        """Finished folders that still hold records of gone photos, which may turn up in another folder."""

    def go(self, listings: Sequence[Listing]) -> Report:
        started = time.monotonic()
        busy = [(listing, todo) for listing in listings if (todo := self._survey(listing)) is not None]
        if busy:
            todo = 0 if self._options.dry_run else sum(count for _, count in busy)
            self._watcher.begin(todo)
            # Every run locks folders in the same order, so two runs cannot deadlock.
            ordered = sorted((listing for listing, _ in busy), key=lambda listing: os.path.realpath(listing.folder))
            self._work(ordered, todo)
        self._report.dropped = len(self._shared.gone - self._shared.claimed)
        self._report.seconds = time.monotonic() - started
        if self._report.starved and self._report.starved == self._report.found:
            raise out_of_memory()  # every photo failed, so the machine is to blame, not one huge photo
        return self._report

    def _survey(self, listing: Listing) -> int | None:
        """Finish a folder without changes and return None; else return how many photos to examine."""
        _count_folder(self._report, listing)
        # Without the lock: most folders need no work, and a question must not wait for another run.
        run = FolderRun(listing, _Scratch(self._stored.take(listing.shown)), self._shared)
        if run.plan.is_all_fresh and not (self._writes and is_unfinished(listing.folder)):
            run.settle()
            if listing.items and not self._options.no_cache:
                self._note_place(listing, facts_place(listing.folder))
            return None
        # The texts of gone photos are read now: another folder of this run may hold the photo and need its record.
        if run.gone:
            texts, folder = load_texts(listing.folder), os.path.realpath(listing.folder)
            for name in run.gone:
                self._shared.vanished.add(Known(run.records[name], texts[name], (folder, name)))
        self._shared.arrivals.add(listing, run.plan.todo)
        return len(run.plan.todo)

    def _work(self, listings: Sequence[Listing], todo: int) -> None:
        make_pool, photo_seconds = self._make_pool, self._options.photo_seconds
        with (
            self._all_saved(),
            make_pool(self._spec, self._workers, photo_seconds) as pool,
            # Ends its threads here: otherwise the garbage collector would wait for them, wherever it happens to run.
            closing(self._jobs(listings)) as jobs,
        ):
            started, told = time.monotonic(), False
            if todo:
                pool.prepare()
            job = next(jobs, None)
            while job or not pool.is_idle:
                while job and pool.has_room:
                    pool.submit(job)
                    job = next(jobs, None)
                for outcome in pool.wait(1.0):
                    subject: Subject = outcome.job.subject
                    subject.run.take(outcome)
                self._close_done(last=job is None)
                if pool.is_loading and not told and time.monotonic() - started > LOADING_SECONDS:
                    self._watcher.say(_loading_note())
                    told = True
            self._clean()

    def _jobs(self, listings: Sequence[Listing]) -> Generator[MeasureTask]:
        for listing in listings:
            run = FolderRun(listing, self._store(listing), self._shared)
            self._at_work.append(run)
            run.settle()
            for job in run.jobs():
                if self._options.dry_run:
                    self._report.analysed += 1
                else:
                    yield job
            self._close_done(last=listing is listings[-1])

    def _store(self, listing: Listing) -> RecordStore:
        if self._options.no_cache:
            return _Scratch()
        if self._options.dry_run:
            return _Scratch(load(listing.folder), load_texts(listing.folder))
        ledger = Ledger(listing.folder, self._watcher.say)
        self._note_place(listing, ledger.place)
        return ledger

    def _note_place(self, listing: Listing, place: Path) -> None:
        entry = (listing.shown, str(place))
        if place != listing.folder and entry not in self._report.kept_elsewhere:
            self._report.kept_elsewhere.append(entry)

    def _close_done(self, *, last: bool = False) -> None:
        for run in [run for run in self._at_work if run.is_done]:
            self._at_work.remove(run)
            # The last folder of the run: no other folder can need its gone photos any more.
            if last and not self._at_work:
                run.drop_gone()
            elif run.gone and self._writes:
                self._to_clean.append(run.listing)
            run.close()

    def _clean(self) -> None:
        for listing in self._to_clean:
            run = FolderRun(listing, self._store(listing), self._shared)
            run.drop_gone()
            run.close()

    @contextmanager
    def _all_saved(self) -> Iterator[None]:
        """Save what was measured, however the block ends."""
        try:
            yield
        finally:
            self._watcher.end()
            with ExitStack() as last:
                for run in self._at_work:
                    last.callback(run.close)


def _loading_note() -> str:
    from photo_ranker.models.store import FETCHING, is_fetched

    return "loading the models" if is_fetched() else FETCHING

"""Indexes photos in object storage (``s3://``, ``gs://`` and all that fsspec knows), with the metadata beside them.

A run sees each remote folder as a local folder of stand-ins: sparse files with the sizes and times of the photos, which
take no disk space, and the metadata file itself. From those it decides as usual what to measure; a worker fetches a
photo before it reads it. Metadata files are written back during the run and at its end.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from photo_ranker.core import files
from photo_ranker.core.terminal import SILENT, Watcher
from photo_ranker.errors import PhotoOutOfReach, UserError
from photo_ranker.indexing import IndexOptions, Report, index, local_pool
from photo_ranker.indexing.interfaces import Measurer, PoolMaker, Spec
from photo_ranker.metadata import METADATA_NAME
from photo_ranker.records import Drawings, PhotoRecord

__all__ = ["RemoteSpec", "index_anywhere", "is_url"]

SAVE_SECONDS = 20.0
"""Seconds between two uploads of metadata: a killed run loses no more work than this."""

AT_ONCE = 20_000
"""Largest number of stand-ins at a time; a folder is never split, so a huge one may exceed it."""

_TIMES = ("LastModified", "mtime", "updated", "last_modified", "modified", "created")
"""What the file systems call the time of a file's last change; the first that is present counts."""


def is_url(source: str) -> bool:
    """Whether a source is an address for fsspec."""
    return "://" in source


def index_anywhere(
    sources: Sequence[str],
    spec: Spec,
    options: IndexOptions,
    watcher: Watcher = SILENT,
    *,
    make_pool: PoolMaker = local_pool,
    save_seconds: float = SAVE_SECONDS,
) -> Report:
    """Bring the metadata of local and remote folders up to date."""
    total = Report()
    if here := [source for source in sources if not is_url(source)]:
        _add(total, index(here, spec, options, watcher, make_pool=make_pool))
    for url in filter(is_url, sources):
        for folders in _batches(_Storage(url), recursive=options.recursive):
            with _stand_ins(url, folders) as mirror, _saving(mirror, watcher, save_seconds, dry_run=options.dry_run):
                remote = RemoteSpec(spec, str(mirror.here), url)
                every = msgspec.structs.replace(options, recursive=True)
                _add(total, index([str(mirror.here)], remote, every, watcher, make_pool=make_pool), mirror)
    return total


class _File(msgspec.Struct, frozen=True):
    """A remote file by its path below the folder that was asked for."""

    path: str
    """With / between folders."""
    size: int
    mtime_ns: int
    """0 if the storage does not tell."""


class _Storage:
    """A remote folder."""

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            self._files, self._root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise UserError(f"{url} cannot be opened: {error}", "install what that file system needs") from error
        self.url = url

    def listing(self, *, recursive: bool) -> Iterator[_File]:
        """Every file in the folder or, if ``recursive``, below it."""
        try:
            found = self._files.find(self._root, maxdepth=None if recursive else 1, detail=True)
        except OSError as error:
            raise UserError(f"{self.url} cannot be listed: {error}", "check the address and its permissions") from error
        if not found:
            raise UserError(f"there is nothing at {self.url}", "check the address")
        root = self._root.rstrip("/") + "/"
        for path, about in sorted(found.items()):
            parts = PurePosixPath(path.removeprefix(root)).parts
            # An object's name may hold "..": no stand-in may lie outside of our folder.
            if path.startswith(root) and parts and not {"..", "/"} & set(parts):
                yield _File(path[len(root) :], int(about.get("size") or 0), _time_of(about))

    def fetch(self, path: str, folder: Path) -> Path:
        """Download a file into a local folder, with its time."""
        target, source = folder / PurePosixPath(path).name, f"{self._root.rstrip('/')}/{path}"
        try:
            when = _time_of(self._files.info(source))
            self._files.get_file(source, str(target))
        except FileNotFoundError as error:
            raise PhotoOutOfReach("no such file") from error
        except OSError as error:
            raise PhotoOutOfReach(f"cannot be fetched: {error}") from error
        os.utime(target, ns=(when, when))
        return target

    def put(self, source: Path, path: str) -> None:
        """Upload a file; object stores replace it at once, so readers see the old one or the new one."""
        self._files.put_file(str(source), f"{self._root.rstrip('/')}/{path}")


def _time_of(about: dict[str, Any]) -> int:
    """Time of the last change in ns; 0 if unknown, so that only the size shows a change."""
    when = next((about[name] for name in _TIMES if about.get(name) is not None), 0)
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    # In whole microseconds, which all of them store.
    return int((when.timestamp() if isinstance(when, datetime) else float(when)) * 1e6) * 1000


def _batches(storage: _Storage, *, recursive: bool) -> Iterator[list[_File]]:
    """The files in batches of whole folders."""
    batch: list[_File] = []
    ordered = sorted(
        storage.listing(recursive=recursive), key=lambda file: (str(PurePosixPath(file.path).parent), file.path)
    )
    for _, group in groupby(ordered, key=lambda file: PurePosixPath(file.path).parent):
        together = list(group)
        if batch and len(batch) + len(together) > AT_ONCE:
            yield batch
            batch = []
        batch += together
    yield batch


class _Mirror(msgspec.Struct):
    """The local folder with the stand-ins of remote folders."""

    here: Path
    """The local folder."""
    storage: _Storage
    saved: dict[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    """Metadata file -> size and time when it was last uploaded."""

    def save(self) -> None:
        """Upload the metadata files that have changed."""
        for path in sorted(self.here.rglob(METADATA_NAME)):
            found = path.stat()
            name = path.relative_to(self.here).as_posix()
            if self.saved.get(name) != (found.st_size, found.st_mtime_ns):
                self.storage.put(path, name)
                self.saved[name] = found.st_size, found.st_mtime_ns


def _temporary_place() -> Path:
    return Path(os.path.realpath(tempfile.gettempdir()))


@contextmanager
def _stand_ins(url: str, wanted: Sequence[_File]) -> Iterator[_Mirror]:
    files.remove_leftovers(_temporary_place())
    with files.temporary_folder(_temporary_place()) as folder:
        mirror = _Mirror(folder, _Storage(url))
        for file in wanted:
            path = mirror.here / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.name == METADATA_NAME:
                mirror.storage.fetch(file.path, path.parent)
                found = path.stat()
                mirror.saved[file.path] = found.st_size, found.st_mtime_ns
            elif not path.name.startswith("."):
                with files.create(path) as stand_in:
                    stand_in.truncate(file.size)
                os.utime(path, ns=(file.mtime_ns, file.mtime_ns))
        yield mirror


@contextmanager
def _saving(mirror: _Mirror, watcher: Watcher, seconds: float, *, dry_run: bool) -> Iterator[None]:
    """Upload metadata every few seconds, and when the block ends in any way."""
    if dry_run:
        yield
        return
    done = threading.Event()

    def save_now_and_then() -> None:
        while not done.wait(seconds):
            try:
                mirror.save()
            except OSError as error:  # the last upload raises; until then the network may come back
                watcher.say(f"note: {mirror.storage.url} cannot be written just now: {error}")

    saver = threading.Thread(target=save_now_and_then, daemon=True)
    saver.start()
    try:
        yield
    finally:
        done.set()
        saver.join()
        mirror.save()


def _add(total: Report, part: Report, mirror: _Mirror | None = None) -> None:
    """Add the report of one batch, with local paths turned back into addresses."""

    def address(path: str) -> str:
        return path if mirror is None else mirror.storage.url.rstrip("/") + path.removeprefix(str(mirror.here))

    for name in Report.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, bool):
            total.is_complete = total.is_complete and value
        elif isinstance(value, list):
            getattr(total, name).extend((address(path), reason) for path, reason in value)
        else:
            setattr(total, name, getattr(total, name) + value)


class RemoteSpec(msgspec.Struct, frozen=True):
    """The spec of a measurer that downloads the photos of stand-ins."""

    spec: Spec
    here: str
    """The local folder of stand-ins: paths below it are those below ``url``."""
    url: str

    @property
    def engine(self) -> str:
        """The engine that finds and identifies faces."""
        return self.spec.engine

    @property
    def drawn(self) -> Mapping[str, Drawings]:
        """The faces that a user has drawn."""
        return self.spec.drawn

    def keys(self) -> dict[str, str]:
        """The keys of the measurement itself: where a photo lies does not matter."""
        return self.spec.keys()

    def open(self) -> Measurer:
        """Load the models and open the storage."""
        return _Fetching(self.spec.open(), Path(self.here), _Storage(self.url))


class _Fetching:
    """Downloads a photo before it is read, and deletes it once it is measured."""

    def __init__(self, measurer: Measurer, here: Path, storage: _Storage) -> None:
        self._measurer, self._here, self._storage = measurer, here, storage

    def read(self, path: Path, known: PhotoRecord | None = None) -> Any:
        """Open a photo and do what needs no model."""
        with ExitStack() as stack:
            folder = stack.enter_context(files.temporary_folder(_temporary_place()))
            name = path.relative_to(self._here).as_posix()
            return self._measurer.read(self._storage.fetch(name, folder), known), stack.pop_all()

    def measure(self, photo: Any, known: PhotoRecord | None = None) -> PhotoRecord:
        """The record of an opened photo."""
        opened, folder = photo
        with folder:
            return self._measurer.measure(opened, known)

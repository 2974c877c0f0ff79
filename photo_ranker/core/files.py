"""The one place that opens, replaces, locks and removes files, and that knows our own folders.

Our files lie in the user's folders, where something else may have their names: a link to a photo, a pipe that
never ends, a device, a folder. So a file of ours is opened without following a link and without blocking, and must be
a regular file; folders on the path to it may be links. A file with several names (hard links) may be read and
replaced, which leaves its other names as they are, but is never written in place.

A file is written under a temporary name and then renamed, so that readers see the old content or the new one, never
half of it. The temporary name tells which process made it: the next run removes what a killed process left.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Literal

from photo_ranker.core.leftovers import remove_leftovers, temporary_folder, temporary_name, tidy_cache, whole_folder
from photo_ranker.core.names import publish, put_aside, rename, sync_folder
from photo_ranker.errors import FileRefused

__all__ = [
    "PRIVATE",
    "USUAL",
    "app_home",
    "append",
    "cache_folder",
    "create",
    "is_made",
    "let_go",
    "locked",
    "make_folder",
    "open_in_place",
    "open_read",
    "open_stream",
    "open_with_stat",
    "private_folder",
    "publish",
    "put_aside",
    "put_in_place",
    "put_new",
    "read",
    "read_head",
    "remove_leftovers",
    "replace",
    "replacing",
    "sync_folder",
    "temporary_folder",
    "temporary_name",
    "tidy_cache",
    "try_take",
    "whole_folder",
    "write_new",
]

PRIVATE = 0o600
"""Mode of files with face data: readable by the user only."""
USUAL = 0o666
"""Mode of other files; the system subtracts the user's umask."""

Sync = Literal["all", "file", "none"]
"""What is on the disk when the write returns. "file": the caller syncs the folder, once for many files;
"none": a file that can be made again at any time."""

# 0 where the system has no such flag: O_BINARY is for Windows, O_CLOEXEC and O_NOFOLLOW are for the others.
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0)
# Opening a named pipe without a writer would block forever. Windows has no such flag, and no such pipes in folders.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)


def read(path: Path, *, follow: bool = False) -> bytes:
    """The content of a regular file; ``follow`` allows a link, as for photos and for files that the user names."""
    with open_read(path, follow=follow) as file:
        return file.read()


def read_head(path: Path | str, size: int, *, follow: bool = False) -> bytes:
    """The first bytes of a regular file."""
    with open_read(path, follow=follow) as file:
        return file.read(size)


def open_read(path: Path | str, *, follow: bool = False) -> FileIO:
    """A regular file, open for reading; without buffering, since callers read large parts."""
    return _open(path, os.O_RDONLY, "rb", follow=follow)[0]


def open_with_stat(path: Path) -> tuple[FileIO, os.stat_result]:
    """A file that the user names, open for reading, and what it looked like before it was read."""
    return _open(path, os.O_RDONLY, "rb", follow=True)


def open_stream(path: Path) -> IO[bytes]:
    """A pipe or a device that the user names, open for writing; a pipe without a reader is refused at once."""
    try:
        handle = os.open(path, os.O_WRONLY | _WITHOUT_WAITING | _BINARY)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise _refused(path, "is a pipe that nobody reads") from error
        raise
    if _WITHOUT_WAITING:
        os.set_blocking(handle, True)  # from here on, writing waits for a slow reader
    return os.fdopen(handle, "wb")


def append(path: Path) -> FileIO:
    """A file of ours to append to, made if need be; refused when it has a second name (a hard link)."""
    return _require_one_name(_open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, "ab")[0], path)


def open_in_place(path: Path, *, make: bool = True) -> FileIO:
    """A file of ours, such as a lock, to read and write in place; refused when it has a second name (a hard link)."""
    return _require_one_name(_open(path, os.O_RDWR | (os.O_CREAT if make else 0), "r+b")[0], path)


def create(path: Path, mode: int = PRIVATE) -> FileIO:
    """Create a new file; ``FileExistsError`` if the name is taken by anything."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOT_THROUGH_LINKS | _BINARY
    return os.fdopen(os.open(path, flags, mode), "r+b", buffering=0)


def replace(path: Path, pieces: Iterable[bytes], *, mode: int | None = PRIVATE, sync: Sync = "all") -> None:
    """Give a file new content: its readers see the old content or the new one, even after a power cut.

    With ``mode=None`` the file keeps its mode, and a new file gets :data:`USUAL`.
    """
    with replacing(path, mode=mode, sync=sync) as file:
        file.writelines(pieces)


@contextmanager
def replacing(path: Path, *, mode: int | None = PRIVATE, sync: Sync = "all") -> Iterator[IO[bytes]]:
    """A file to write into: renamed to ``path`` when the block ends well, removed when it raises."""
    before = _mode_of(path)
    with _under_temporary_name(path, USUAL if mode is None else mode, rename, sync) as file:
        if mode is None and before is not None:
            Path(file.name).chmod(before)
        yield file


def write_new(path: Path, pieces: Iterable[bytes], *, mode: int = USUAL, sync: Sync = "all") -> None:
    """Write a new file, whole or not at all; ``FileExistsError`` if the name is taken."""
    with _under_temporary_name(path, mode, publish, sync) as file:
        file.writelines(pieces)


def put_in_place(temporary: Path, path: Path) -> None:
    """Sync a file that another program has made and rename it to ``path``, replacing a file of that name."""
    _mode_of(path)  # for its check alone: only a regular file or a link may be replaced
    _sync_file(temporary)
    rename(temporary, path)
    sync_folder(path.parent)


def put_new(temporary: Path, path: Path) -> None:
    """Give a finished file a name that is free; ``FileExistsError`` if it is taken."""
    _sync_file(temporary)
    publish(temporary, path)
    sync_folder(path.parent)


def private_folder(path: Path) -> Path:
    """The folder, made if need be; only the user may look into it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _sync_file(path: Path) -> None:
    # Windows flushes only files that are open for writing.
    with path.open("rb+") if os.name == "nt" else open_read(path) as file:
        os.fsync(file.fileno())


@contextmanager
def _under_temporary_name(
    path: Path, mode: int, give_name: Callable[[Path, Path], object], sync: Sync
) -> Iterator[IO[bytes]]:
    temporary = temporary_name(path.parent)
    try:
        with open(temporary, "wb", opener=_exclusive_opener(mode)) as file:
            yield file
            if sync != "none":
                file.flush()
                os.fsync(file.fileno())
        give_name(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):  # the first failure is raised; the next run removes the temporary file
            temporary.unlink(missing_ok=True)
        raise
    if sync == "all":
        sync_folder(path.parent)


def _open(
    path: Path | str, flags: int, mode: Literal["rb", "ab", "r+b"], *, follow: bool = False
) -> tuple[FileIO, os.stat_result]:
    links = 0 if follow else _NOT_THROUGH_LINKS
    with contextlib.suppress(FileNotFoundError):
        # Opening a device or a pipe may have an effect (rewind a tape), so its kind is checked first.
        _must_be_regular(os.stat(path, follow_symlinks=follow), path)  # noqa: PTH116 - ten thousand Path objects
    try:
        handle = os.open(path, flags | links | _WITHOUT_WAITING | _BINARY, PRIVATE)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow and Path(path).is_symlink():
            raise _refused(path, "is a link") from error
        raise
    file = os.fdopen(handle, mode, buffering=0)
    try:
        found = os.fstat(handle)
        _must_be_regular(found, path)  # again: it may have been replaced since the first check
    except BaseException:
        file.close()
        raise
    return file, found


def _must_be_regular(found: os.stat_result, path: Path | str) -> None:
    if stat.S_ISLNK(found.st_mode):
        # Reached only without ``follow``: a stat that follows links never reports one.
        raise _refused(path, "is a link")
    if stat.S_ISDIR(found.st_mode):
        raise _refused(path, "is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "is a pipe or a device")


def _refused(path: Path | str, why: str) -> FileRefused:
    message = f"{path} {why}, not a plain file; it was left as it is"
    return FileRefused(message, "move it away and run again", reason=why)


def _require_one_name(file: FileIO, path: Path) -> FileIO:
    if os.fstat(file.fileno()).st_nlink > 1:
        file.close()
        raise _refused(path, "has several names")
    return file


def _exclusive_opener(mode: int) -> Callable[[str, int], int]:
    return lambda name, flags: os.open(name, flags | os.O_EXCL | _NOT_THROUGH_LINKS | _BINARY, mode)


def _mode_of(path: Path) -> int | None:
    """The mode of the file that will be replaced; None if there is none, or a link, whose target is left alone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return None
    _must_be_regular(found, path)
    return stat.S_IMODE(found.st_mode)


# One process at a time: a lock on a file, on every system.

_RETRY_SECONDS = 0.05
"""Pause between two tries: neither system call can wait and still report that it waits."""


@contextmanager
def locked(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock ``path`` (made if needed, never removed); ``on_wait`` is called once if another holds it.

    The system releases it when the process ends, even when it is killed.
    """
    with open_in_place(path) as handle:
        told = False
        while not try_take(handle):
            if on_wait and not told:
                on_wait()
                told = True
            time.sleep(_RETRY_SECONDS)
        try:
            yield
        finally:
            let_go(handle)


if sys.platform == "win32":
    import msvcrt

    def try_take(handle: IO[bytes]) -> bool:
        """Take the lock if nobody has it; an OSError means that this file system has no locks."""
        handle.seek(0)
        try:
            # The first byte stands for the file: Windows locks ranges of bytes.
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError:  # what Windows says of a range that another holds
            return False
        return True

    def let_go(handle: IO[bytes]) -> None:
        """Give the lock back."""
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def try_take(handle: IO[bytes]) -> bool:
        """Take the lock if nobody has it; an OSError means that this file system has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(handle: IO[bytes]) -> None:
        """Give the lock back."""
        fcntl.flock(handle, fcntl.LOCK_UN)


# Our own folders: the cache, the app's data, and folders of pictures that we made from photos.

_MADE = ".photo_ranker_made"
"""Marks folders of crops, thumbnails and pages that we made, so that no run indexes them as the user's photos."""


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder for pictures that we derive from photos; a run over the parent folder skips it."""
    folder.mkdir(mode, parents=True, exist_ok=True)
    try:
        create(folder / _MADE, USUAL).close()
    except FileExistsError:
        # Opened only to refuse a link or a pipe planted under the name.
        open_read(folder / _MADE).close()


def is_made(folder: str) -> bool:
    """Whether we made the pictures in this folder from photos."""
    with contextlib.suppress(OSError):
        return stat.S_ISREG(Path(folder, _MADE).lstat().st_mode)
    return False


def cache_folder() -> Path:
    """The user's cache folder for Photo Ranker; ``PHOTO_RANKER_CACHE`` names another. It may not exist yet."""
    if chosen := os.environ.get("PHOTO_RANKER_CACHE"):
        return Path(chosen).expanduser()
    return _users_caches() / "photo-ranker"


def app_home() -> Path:
    """Where the app keeps sessions, jobs and picks; ``PHOTO_RANKER_DATA`` names another place."""
    if chosen := os.environ.get("PHOTO_RANKER_DATA"):
        return Path(chosen).expanduser() / "web"
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "photo-ranker" / "web"


def _users_caches() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")

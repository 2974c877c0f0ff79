"""The one place that opens, replaces and removes files.

Our files lie in folders of others, where anybody may have put something else under their names: a link to a photo,
a pipe that never ends, a device, a folder. So a file of ours is opened without following a link and without waiting,
and must be a regular file; folders on the way may be links. A file that has several names is read, and replaced,
which leaves the other names as they are; it is never written in place.

A file is written under a temporary name and then given its own, so that readers see the old text or the new one and
never a part. The temporary name tells which process made it: what a killed process has left goes at the next run.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Literal

from photo_ranker.core.owner import process_tag, tag_may_live
from photo_ranker.errors import FileRefused

__all__ = [
    "PRIVATE",
    "append",
    "create",
    "move_over",
    "open_lock",
    "open_read",
    "private_folder",
    "publish",
    "read",
    "read_head",
    "remove_leftovers",
    "replace",
    "replacing",
    "sync_folder",
    "temporary_folder",
    "temporary_name",
    "whole_folder",
]

PRIVATE = 0o600
"""Face data are for the user's eyes alone."""
USUAL = 0o666
"""As the user's umask has it."""

_TEMPORARY = ".photo-ranker-{tag}-{number}.tmp"
_IS_TEMPORARY = re.compile(r"\.photo-ranker-(?P<tag>[0-9a-f]+-\d+-\d+)-\d+\.tmp")
_OF_FORMER_VERSIONS = re.compile(
    r"\.photo_ranker_(metadata|people)\.json\..+\.tmp|\.photo-ranker-(part-\d+-\d+|[a-z0-9_]{8})|\.(fetch|prepare)-.+"
)
_FORGOTTEN_SECONDS = 24 * 3600
"""Temporary files of other machines, and of former versions, are left alone for so long."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL}
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOT_THROUGH_LINKS = getattr(os, "O_NOFOLLOW", 0)
# A named pipe without a writer would hold us forever. Windows has no such flag, and no such pipes in folders.
_WITHOUT_WAITING = getattr(os, "O_NONBLOCK", 0)

_numbers = itertools.count()


def read(path: Path, *, follow: bool = False) -> bytes:
    """The content of a regular file; ``follow`` allows a link, as for photos and for files that the user names."""
    with open_read(path, follow=follow) as file:
        return file.read()


def read_head(path: Path, size: int, *, follow: bool = False) -> bytes:
    """The first bytes of a regular file."""
    with open_read(path, follow=follow) as file:
        return file.read(size)


def open_read(path: Path | str, *, follow: bool = False) -> IO[bytes]:
    """A regular file, open for reading; without buffering, since callers read large parts."""
    return _open(path, os.O_RDONLY, "rb", follow=follow)


def append(path: Path) -> IO[bytes]:
    """A file of ours, made if need be, to be written in place: it must have no other name."""
    return _only_name(_open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, "ab"), path)


def open_lock(path: Path, *, make: bool = True) -> IO[bytes]:
    """A lock file of ours, open for reading and writing: it must have no other name."""
    return _only_name(_open(path, os.O_RDWR | (os.O_CREAT if make else 0), "r+b"), path)


def create(path: Path, mode: int = PRIVATE) -> IO[bytes]:
    """A new file; ``FileExistsError`` if the name is taken, by whatever it may be."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | _NOT_THROUGH_LINKS | _BINARY
    return os.fdopen(os.open(path, flags, mode), "r+b", buffering=0)


def replace(path: Path, pieces: Iterable[bytes], *, mode: int | None = PRIVATE) -> None:
    """Give a file new content: its readers see the old text or the new one, also after a power cut.

    Without a mode the file keeps the one that it has, and a new file gets the usual one.
    """
    with replacing(path, mode=mode) as file:
        file.writelines(pieces)


@contextmanager
def replacing(path: Path, *, mode: int | None = PRIVATE) -> Iterator[IO[bytes]]:
    """A file to write into, which takes the name ``path`` if the block ends well, and goes if it does not."""
    temporary = temporary_name(path.parent)
    try:
        with open(temporary, "wb", opener=_new(USUAL if mode is None else mode)) as file:
            if mode is None:
                _keep_mode(path, file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):  # the failure itself is what counts; the next run removes the rest
            temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def publish(temporary: Path, path: Path) -> None:
    """Give a finished file its name, if nobody has it: a rename would replace, a link raises ``FileExistsError``."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        create(path, USUAL).close()  # a file system without hard links: reserve the name
        temporary.replace(path)
    else:
        temporary.unlink()


@contextmanager
def whole_folder(path: Path, mode: int = 0o777) -> Iterator[Path]:
    """A folder to fill, which takes the name ``path`` if the block ends well, and goes if it does not.

    Nobody may have the name yet, but for an empty folder, which is replaced.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path.parent)
    with temporary_folder(path.parent, mode) as part:
        yield part
        _sync_below(part)
        if path.is_dir():
            part.chmod(stat.S_IMODE(path.stat().st_mode))
            path.rmdir()
        part.rename(path)
    sync_folder(path.parent)


@contextmanager
def temporary_folder(folder: Path, mode: int = 0o700) -> Iterator[Path]:
    """A folder that goes with the block, if it has no other name by then; that of a killed process is a leftover."""
    place = temporary_name(folder)
    place.mkdir(mode)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)  # a failure in the block is what counts; the next run removes the rest


def move_over(temporary: Path, path: Path) -> None:
    """Let a finished file take the place of another one; it is on the disk before it does."""
    _sync(temporary)
    temporary.replace(path)
    sync_folder(path.parent)


def temporary_name(folder: Path) -> Path:
    """A name in that folder that no other process takes, and that the next run knows for a leftover."""
    return folder / _TEMPORARY.format(tag=process_tag(), number=next(_numbers))


def remove_leftovers(folder: Path) -> None:
    """Remove temporary files and folders of processes that are gone."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") and _is_leftover(entry):
                with contextlib.suppress(OSError):  # another run was faster, or may not
                    if entry.is_dir(follow_symlinks=False):
                        shutil.rmtree(entry.path)
                    else:
                        Path(entry.path).unlink()


def private_folder(path: Path) -> Path:
    """The folder, made if need be; only the user may look into it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def sync_folder(folder: Path) -> None:
    """Make new names in the folder last through a power cut, where folders can be opened at all."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network folders refuse; the files themselves are safe
            os.fsync(handle)
    finally:
        os.close(handle)


def _sync_below(folder: Path) -> None:
    for place, _, names in os.walk(folder):
        for name in names:
            _sync(Path(place, name))
        sync_folder(Path(place))


def _sync(path: Path) -> None:
    # Windows wants to write what it is to bring to the disk; a photo of a read-only mode is opened for reading.
    with path.open("rb+" if sys.platform == "win32" else "rb") as file:
        os.fsync(file.fileno())


def _open(path: Path | str, flags: int, mode: Literal["rb", "ab", "r+b"], *, follow: bool = False) -> IO[bytes]:
    links = 0 if follow else _NOT_THROUGH_LINKS
    with contextlib.suppress(FileNotFoundError):
        # Opening a device or a pipe can already do something: look first.
        _must_be_regular(Path(path).stat(follow_symlinks=follow), path)
    try:
        handle = os.open(path, flags | links | _WITHOUT_WAITING | _BINARY, PRIVATE)
    except OSError as error:
        if error.errno == errno.ELOOP and not follow and Path(path).is_symlink():
            raise _refused(path, "is a link") from error
        raise
    file = os.fdopen(handle, mode, buffering=0)
    try:
        _must_be_regular(os.fstat(handle), path)  # again: it may have been replaced since
    except BaseException:
        file.close()
        raise
    return file


def _must_be_regular(found: os.stat_result, path: Path | str) -> None:
    if stat.S_ISLNK(found.st_mode):
        raise _refused(path, "is a link")
    if stat.S_ISDIR(found.st_mode):
        raise _refused(path, "is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "is a pipe or a device")


def _refused(path: Path | str, why: str) -> FileRefused:
    return FileRefused(f"{path} {why}, not a plain file; it was left as it is", "move it away and run again")


def _only_name(file: IO[bytes], path: Path) -> IO[bytes]:
    if os.fstat(file.fileno()).st_nlink > 1:
        file.close()
        raise _refused(path, "has several names")
    return file


def _new(mode: int) -> Callable[[str, int], int]:
    return lambda name, flags: os.open(name, flags | os.O_EXCL | _NOT_THROUGH_LINKS | _BINARY, mode)


def _keep_mode(path: Path, file: IO[bytes]) -> None:
    with contextlib.suppress(FileNotFoundError):
        Path(file.name).chmod(stat.S_IMODE(path.lstat().st_mode))


def _is_leftover(entry: os.DirEntry[str]) -> bool:
    if found := _IS_TEMPORARY.fullmatch(entry.name):
        alive = tag_may_live(found["tag"])
        return alive is False or (alive is None and _is_forgotten(entry))
    return bool(_OF_FORMER_VERSIONS.fullmatch(entry.name)) and _is_forgotten(entry)


def _is_forgotten(entry: os.DirEntry[str]) -> bool:
    return time.time() - entry.stat(follow_symlinks=False).st_mtime > _FORGOTTEN_SECONDS

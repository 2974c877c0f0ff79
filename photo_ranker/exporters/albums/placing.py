"""Putting one file under a name that nobody has: never over a file, never through a link."""

from __future__ import annotations

import errno
import filecmp
import itertools
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.exporters.albums.planning import Step, Way

__all__ = ["PART_PREFIX", "place", "write_new"]

PART_PREFIX = ".photo-ranker-part-"
"""Files that are being written; what is left of a run that was killed goes with the next."""

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES, errno.EINVAL}
_numbers = itertools.count()


def place(step: Step, way: Way) -> None:
    """Do one step; ``PhotoUnreadable`` when the source is not what it was, ``UserError`` when the way is closed."""
    source = Path(step.entry.source)
    if way == "copy":
        _publish(_copied(source, step), step.target)
    elif way == "move":
        _move(source, step)
    elif way == "hardlink":
        _link(source, step.target)
    else:
        try:
            step.target.symlink_to(source)
        except FileExistsError:
            raise
        except OSError as error:
            raise UserError(f"this system makes no links here: {error.strerror}", "copy the photos") from error


def write_new(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a file of our own; ``FileExistsError`` where there is one."""
    part = _part(target)
    try:
        with part.open("xb") as file:
            file.writelines(pieces)
        _publish(part, target)
    finally:
        part.unlink(missing_ok=True)


def _copied(source: Path, step: Step, *, to_disk: bool = False) -> Path:
    part = _part(step.target)
    try:
        # Opened with "x" the new file gets the usual mode: a copy of a read-only photo is its owner's own.
        with source.open("rb") as old, part.open("xb") as new:
            shutil.copyfileobj(old, new, 1 << 20)
            if to_disk:
                new.flush()
                os.fsync(new.fileno())
        if part.stat().st_size != step.entry.size:
            raise PhotoUnreadable("it is being changed by another program")  # noqa: TRY301
        os.utime(part, ns=(step.entry.mtime_ns, step.entry.mtime_ns))
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _publish(part: Path, target: Path) -> None:
    """Give a finished file its name, if nobody has it: a rename would replace, a link refuses."""
    try:
        try:
            _take_name(part, target)
        except FileExistsError:
            if not _is_our_reservation(target):
                raise
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _take_name(part: Path, target: Path) -> None:
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        target.open("xb").close()  # a file system without hard links: reserve the name
        part.replace(target)


def _is_our_reservation(target: Path) -> bool:
    """An empty file under a name that the plan knows for ours."""
    return target.is_file() and not target.is_symlink() and not target.stat().st_size


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError as error:
        why = "lies on another disk" if error.errno == errno.EXDEV else f"cannot be linked ({error.strerror})"
        raise UserError(f"{source} {why}", "copy the photos, or link them with --symlink") from error


def _move(source: Path, step: Step) -> None:
    if not os.path.lexists(step.target):
        try:
            os.link(source, step.target)
        except OSError as error:
            if error.errno not in _NO_LINKS | {errno.EXDEV}:
                raise
            _publish(_copied(source, step, to_disk=True), step.target)
    # Two names of one file, or two equal files: now the old one may go.
    if not (step.target.samefile(source) or filecmp.cmp(source, step.target, shallow=False)):
        raise FileExistsError(errno.EEXIST, "exists", str(step.target))
    source.unlink()


def _part(target: Path) -> Path:
    return target.with_name(f"{PART_PREFIX}{os.getpid()}-{next(_numbers)}")

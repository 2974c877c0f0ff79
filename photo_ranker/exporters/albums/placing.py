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
        _publish(_copied(source, step), step.target, source)
    elif way == "move":
        _move(source, step)
    elif way == "hardlink":
        _publish(_linked(source, step), step.target, source)
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


def _publish(part: Path, target: Path, source: Path | None = None) -> None:
    """Give a finished file its name, if nobody has it: a rename would replace, a link refuses.

    An album's link to the source itself makes way: whoever wants the photo there wants more than a link.
    """
    try:
        try:
            _take_name(part, target)
        except FileExistsError:
            if not (_is_our_reservation(target) or (source is not None and _is_link_to(target, source))):
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


def _is_link_to(target: Path, source: Path) -> bool:
    return target.is_symlink() and os.path.realpath(target) == os.path.realpath(source)


def _linked(source: Path, step: Step) -> Path:
    part = _part(step.target)
    try:
        os.link(source, part)
    except OSError as error:
        why = "lies on another disk" if error.errno == errno.EXDEV else f"cannot be linked ({error.strerror})"
        raise UserError(f"{source} {why}", "copy the photos, or link them with --symlink") from error
    return part


def _move(source: Path, step: Step) -> None:
    if _is_one_folder(source.parent, step.target.parent):
        raise UserError(f"{source.parent} and {step.target.parent} are one folder", "choose another folder")
    if not os.path.lexists(step.target) or _is_link_to(step.target, source):
        _publish(_second(source, step), step.target, source)
    # Two names of one file, or two equal files: now the old one may go.
    if step.target.is_symlink() or not (
        step.target.samefile(source) or filecmp.cmp(source, step.target, shallow=False)
    ):
        raise FileExistsError(errno.EEXIST, "exists", str(step.target))
    source.unlink()


def _second(source: Path, step: Step) -> Path:
    """A second name for the source, or a copy of it where it can have none."""
    part = _part(step.target)
    try:
        os.link(source, part)
    except OSError as error:
        if error.errno not in _NO_LINKS | {errno.EXDEV}:
            raise
        return _copied(source, step, to_disk=True)
    return part


def _is_one_folder(one: Path, other: Path) -> bool:
    """Whether two names lead to one folder, also over two mounts of a share, which look like two devices."""
    if one.samefile(other):
        return True
    probe = _part(other / "probe")
    try:
        probe.open("xb").close()
        return os.path.lexists(one / probe.name)
    finally:
        probe.unlink(missing_ok=True)


def _part(target: Path) -> Path:
    return target.with_name(f"{PART_PREFIX}{os.getpid()}-{next(_numbers)}")

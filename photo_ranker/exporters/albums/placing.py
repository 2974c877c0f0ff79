"""Places one file under a free name: it never replaces a file and never follows a link."""

from __future__ import annotations

import errno
import filecmp
import io
import os
import shutil
from pathlib import Path

from photo_ranker.core import files, names
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError
from photo_ranker.exporters.albums.planning import Step, Way

__all__ = ["place", "remove_source"]


def place(step: Step, way: Way) -> None:
    """Do one step; ``PhotoUnreadable`` if the source has changed, ``UserError`` if the system cannot do it this way.

    After a move both names exist until :func:`remove_source`.
    """
    source = Path(step.entry.source)
    if way == "copy":
        _publish(_copied(source, step), step.target, source)
    elif way == "move":
        _place_second(source, step)
    elif way == "hardlink":
        _publish(_linked(source, step), step.target, source)
    else:
        try:
            names.symbolic_link(step.target, source)
        except FileExistsError:
            raise
        except OSError as error:
            raise UserError(f"this system makes no links here: {error.strerror}", "copy the photos") from error


def remove_source(step: Step) -> None:
    """Finish a move: remove the source, once the new name is synced to the disk."""
    source = Path(step.entry.source)
    # The target must be a second name of the source, or an equal file.
    if step.target.is_symlink() or not (
        step.target.samefile(source) or filecmp.cmp(source, step.target, shallow=False)
    ):
        raise FileExistsError(errno.EEXIST, "exists", str(step.target))
    source.unlink()


def _copied(source: Path, step: Step) -> Path:
    """A copy of the source under a temporary name, synced."""
    part = files.temporary_name(step.target.parent)
    try:
        # The copy gets the usual mode: a read-only source (a card) should not give a read-only copy.
        with files.open_read(source, follow=True) as old, io.BufferedWriter(files.create(part, files.USUAL)) as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.utime(part, ns=(step.entry.mtime_ns, step.entry.mtime_ns))
            os.fsync(new.fileno())
        if part.stat().st_size != step.entry.size:
            raise PhotoUnreadable("it is being changed by another program")  # noqa: TRY301
    except FileRefused as error:
        raise PhotoUnreadable(error.reason) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _publish(part: Path, target: Path, source: Path | None = None) -> None:
    """Give a finished file its name if it is free; a rename would replace a file, a hard link cannot.

    A link to the source itself is replaced: an earlier run made it, and now a real file is wanted.
    """
    try:
        try:
            names.publish(part, target)
        except FileExistsError:
            if not (_is_our_reservation(target) or (source is not None and _is_link_to(target, source))):
                raise
            names.rename(part, target)
    finally:
        part.unlink(missing_ok=True)


def _is_our_reservation(target: Path) -> bool:
    """Whether it is an empty file: the plan only gives us names that are free or our own."""
    return target.is_file() and not target.is_symlink() and not target.stat().st_size


def _is_link_to(target: Path, source: Path) -> bool:
    return target.is_symlink() and os.path.realpath(target) == os.path.realpath(source)


def _linked(source: Path, step: Step) -> Path:
    part = files.temporary_name(step.target.parent)
    try:
        names.hard_link(part, source)
    except OSError as error:
        why = "lies on another disk" if error.errno == errno.EXDEV else f"cannot be linked ({error.strerror})"
        raise UserError(f"{source} {why}", "copy the photos, or link them with --symlink") from error
    return part


def _place_second(source: Path, step: Step) -> None:
    """Begin a move: create a second name for the source, or an equal file."""
    if _is_one_folder(source.parent, step.target.parent):
        raise UserError(f"{source.parent} and {step.target.parent} are one folder", "choose another folder")
    if not os.path.lexists(step.target) or _is_link_to(step.target, source):
        _publish(_second(source, step), step.target, source)


def _second(source: Path, step: Step) -> Path:
    """A hard link to the source under a temporary name, or a copy where no hard link is possible."""
    part = files.temporary_name(step.target.parent)
    try:
        names.hard_link(part, source)
    except OSError as error:
        if error.errno not in names.NO_LINKS | {errno.EXDEV}:
            raise
        return _copied(source, step)
    return part


def _is_one_folder(one: Path, other: Path) -> bool:
    """Whether two paths are the same folder, also through two mounts of a share, which look like two devices."""
    if one.samefile(other):
        return True
    # Two mounts cannot be compared by number, so a file is made in one and looked for in the other.
    probe = files.temporary_name(other)
    try:
        files.create(probe).close()
        return os.path.lexists(one / probe.name)
    finally:
        probe.unlink(missing_ok=True)

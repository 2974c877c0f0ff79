"""Carries out the plan of an album; an interrupted run can be repeated and goes on where it stopped."""

from __future__ import annotations

import errno
import filecmp
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

import msgspec

from photo_ranker.core import files, names
from photo_ranker.core.files import cache_folder, locked
from photo_ranker.core.terminal import shown
from photo_ranker.errors import FileRefused, PhotoUnreadable, UserError
from photo_ranker.exporters.albums.manifest import Manifest
from photo_ranker.exporters.albums.planning import Plan, Step, Way, existing

__all__ = ["Carried", "carry", "check", "place", "remove_source"]

Progress = Callable[[int, int], None]
"""Files done, and files in all."""

MOVED_TOGETHER = 100
"""Moved files that are synced together before their sources go: few enough to be still cached when compared."""

SPARE_BYTES = 50_000_000
"""Space that stays free on the disk for other programs."""


class Carried(msgspec.Struct):
    """The report of an export."""

    done: int = 0
    """Files placed by this run."""
    already_there: int = 0
    """Files placed by an earlier run."""
    missing: list[str] = []
    """Sources that are gone."""
    failed: list[tuple[str, str]] = []
    """Sources that could not be read, and why."""


def carry(plan: Plan, progress: Progress = lambda *_: None) -> Carried:
    """Create the album; a file that cannot be read is reported and left out."""
    check(plan)
    carried = Carried(already_there=sum(step.state == "there" for step in plan.steps))
    carried.missing = [step.entry.source for step in plan.steps if step.state == "missing"]
    todo = plan.todo
    try:
        if todo:
            plan.folder.mkdir(parents=True, exist_ok=True)
        with locked(_lock_of(plan.folder)):
            _clear_leftovers(plan)  # even if nothing is left to do: a run may have been killed after its last file
            if todo:
                _do_all(plan, todo, carried, progress)
    except OSError as error:
        raise _in_words(error, plan) from error
    return carried


def check(plan: Plan) -> None:
    """Refuse a plan that certainly fails, before anything is written: no space, no permission."""
    room, needed = shutil.disk_usage(existing(plan.folder)).free, plan.bytes_to_write
    if needed and needed + SPARE_BYTES > room:
        raise UserError(
            f"the album needs {_size(needed)}, and {existing(plan.folder)} has room for {_size(room)}",
            "free some space, choose another disk, or link the photos instead of copying them",
        )
    if not os.access(existing(plan.folder), os.W_OK):
        raise UserError(f"nothing can be written in {existing(plan.folder)}", "choose another folder for the album")
    if plan.way == "move":
        closed = next((folder for folder in map(_folder_of, plan.todo) if not os.access(folder, os.W_OK)), None)
        if closed is not None:
            raise UserError(f"nothing can be moved out of {closed}", "copy the photos instead")


def _do_all(plan: Plan, todo: list[Step], carried: Carried, progress: Progress) -> None:
    manifest = Manifest(plan.folder)
    placed: list[Step] = []
    try:
        for together in _in_order(todo, manifest):
            before = len(placed)
            for step in together:
                step.target.parent.mkdir(exist_ok=True)
                if _do(step, plan, carried):
                    placed.append(step)
                progress(carried.done + len(carried.failed), len(todo))
            if plan.way == "move":
                if len(placed) - before < len(together):
                    _keep_sources(placed, before, carried)
                if len(placed) >= MOVED_TOGETHER:
                    _settle(plan, manifest, placed)
    finally:
        with closing(manifest):
            _settle(plan, manifest, placed)  # also after an error or Ctrl-C: what was placed must be on the disk


def _settle(plan: Plan, manifest: Manifest, placed: list[Step]) -> None:
    """Sync what has been placed, so that it survives a power cut; only then remove the sources of a move."""
    manifest.sync()
    for folder in {step.target.parent for step in placed} | {plan.folder, plan.folder.parent}:
        files.sync_folder(folder)
    while plan.way == "move" and placed:
        remove_source(placed.pop(0))


def _keep_sources(placed: list[Step], first: int, carried: Carried) -> None:
    """Leave the other files of a photo where they are: a sidecar or RAW file is not found away from its photo."""
    for step in placed[first:]:
        carried.done -= 1
        carried.failed.append((step.entry.source, "another file of this photo could not be moved"))
    del placed[first:]


def _in_order(todo: list[Step], manifest: Manifest) -> Iterator[list[Step]]:
    """The steps photo by photo: all entries of a photo are written first, and the photo itself is placed last.

    Companions are found through their photo, so an interrupted move must not take it away and leave them behind.
    """
    for _, steps in groupby(todo, key=lambda step: step.entry.belongs_to or step.entry.target):
        together = list(steps)
        for step in together:
            manifest.add(step.entry)
        yield together[::-1]


def _do(step: Step, plan: Plan, carried: Carried) -> bool:
    """Place a file; False if its source cannot be read, or the disk of the album does not take this file."""
    try:
        place(step, plan.way)
    except PhotoUnreadable as error:
        carried.failed.append((step.entry.source, error.reason))
        return False
    except (FileNotFoundError, PermissionError) as error:
        if error.filename and Path(error.filename) != Path(step.entry.source):
            raise
        carried.failed.append((step.entry.source, error.strerror or "cannot be read"))
        return False
    except OSError as error:
        if (reason := _refusal(error, step.target)) is None:
            raise
        carried.failed.append((step.entry.source, reason))
        return False
    carried.done += 1
    return True


def _refusal(error: OSError, target: Path) -> str | None:
    """Why the disk of the album refuses this one file; None if it would refuse others too.

    FAT and exFAT, as on memory cards, take no ":" or "?" in a name, and FAT no file of 4 GB.
    """
    if error.errno == errno.EFBIG:
        return "it is too large for the disk of the album"
    is_about_target = str(target) in {str(error.filename), str(error.filename2)}
    if is_about_target and error.errno in {errno.EINVAL, errno.ENAMETOOLONG}:
        return "the disk of the album takes no such name"
    return None


def _clear_leftovers(plan: Plan) -> None:
    for folder in {step.target.parent for step in plan.steps} | {plan.folder}:
        files.remove_leftovers(folder)


def _lock_of(folder: Path) -> Path:
    """The lock of an album; it lies in the cache, so that the album holds photos only."""
    locks = files.private_folder(cache_folder() / "locks")
    return locks / blake2b(os.fsencode(os.path.realpath(folder)), digest_size=16).hexdigest()


def _folder_of(step: Step) -> Path:
    return Path(step.entry.source).parent


def _in_words(error: OSError, plan: Plan) -> UserError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return UserError(f"no room left in {plan.folder}", "free some space and run again: it goes on where it stopped")
    if isinstance(error, FileExistsError):
        return UserError(
            f"{shown(str(error.filename2 or error.filename))} has appeared meanwhile; it is left as it is", "run again"
        )
    what = shown(str(error.filename or plan.folder))
    return UserError(f"cannot write {what}: {error.strerror or error}", "choose another folder for the album")


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


# Places one file under a free name: it never replaces a file and never follows a link.


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
    """Give a finished file its name if the name is free: a rename would replace a file, a hard link cannot.

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
    """Whether the target is an empty file: then it is ours, as a plan gives us only names that are free or ours."""
    return target.is_file() and not target.is_symlink() and not target.stat().st_size


def _is_link_to(target: Path, source: Path) -> bool:
    return target.is_symlink() and os.path.realpath(target) == os.path.realpath(source)


def _linked(source: Path, step: Step) -> Path:
    part = files.temporary_name(step.target.parent)
    try:
        names.hard_link(part, source)
    except OSError as error:
        why = "lies on another disk" if error.errno == errno.EXDEV else f"cannot be linked ({error.strerror})"
        raise UserError(f"{source} {why}", "copy the photos, or link them with --way symlink") from error
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
    # Two mounts have different device numbers, so a file is made in one and looked for in the other.
    probe = files.temporary_name(other)
    try:
        files.create(probe).close()
        return os.path.lexists(one / probe.name)
    finally:
        probe.unlink(missing_ok=True)

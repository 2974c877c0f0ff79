"""Plans an album before anything is written; a dry run shows exactly this plan."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from photo_ranker.core.names import folded
from photo_ranker.core.terminal import shown
from photo_ranker.errors import UserError
from photo_ranker.exporters.albums.manifest import MANIFEST_NAME, Entry, entry_path, read_manifest

__all__ = ["Plan", "State", "Step", "Wanted", "Way", "archive_names", "numbered", "plan_album", "renamed"]

Way = Literal["copy", "hardlink", "symlink", "move"]
"""How files get into an album."""
State = Literal["todo", "there", "missing"]
"""there = placed by an earlier run, or an equal file has the name; missing = the source is gone."""


class Wanted(msgspec.Struct, frozen=True):
    """One photo for the album."""

    path: str
    """Path of the photo."""
    companions: tuple[str, ...] = ()
    """Names of its companions, as in its record."""
    folder: str = ""
    """Folder in the album: a person or an event; a legal name (see :func:`legal_name`), or empty."""
    number: int | None = None
    """Its rank, for ordered names and the manifest."""
    score: float | None = None
    """For the manifest."""
    person: str | None = None
    picture: str = ""
    """Content hash of the photo, by which it is known after a rating; empty = not known."""


class Step(msgspec.Struct, frozen=True):
    """One file of the album."""

    entry: Entry
    """Its line in the manifest."""
    state: State
    target: Path
    """Its path in the album."""


class Plan(msgspec.Struct, frozen=True):
    """All files of an album."""

    folder: Path
    way: Way
    """The same for all files."""
    steps: list[Step] = msgspec.field(default_factory=list)
    """In the order of the ranking, each photo before its companions."""
    old_names: list[str] = msgspec.field(default_factory=list)
    """Paths of photos that keep the name from an earlier run, with a different number or none."""

    @property
    def todo(self) -> list[Step]:
        """The steps that are left to do."""
        return [step for step in self.steps if step.state == "todo"]

    @property
    def bytes_to_write(self) -> int:
        """Bytes that the remaining steps write."""
        if self.way in {"hardlink", "symlink"}:
            return 0
        return sum(step.entry.size for step in self.todo if self.way == "copy" or self._takes_room(step))

    def _takes_room(self, step: Step) -> bool:
        """Whether a move must copy this file: it goes to another disk, and no interrupted run has copied it yet."""
        if step.target.is_file() and not step.target.is_symlink():
            return False
        return os.stat(step.entry.source).st_dev != existing(self.folder).stat().st_dev


def plan_album(wanted: Sequence[Wanted], folder: Path, way: Way = "copy", *, ordered: bool = False) -> Plan:
    """The plan for photos in this order; it reads the folder and changes nothing.

    Photos that lie below the folder, such as those of a former album, are left out.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise UserError(f"{folder} is a file", "give the name of a folder for the album")
    planner = _Planner(folder, way, read_manifest(folder) if folder.is_dir() else [])
    plan = Plan(folder, way)
    root = os.path.realpath(folder)
    digits = max(3, len(str(max((item.number or 0 for item in wanted), default=0))))
    # Three digits at least, so that albums of usual size keep their names when they grow.
    for item in _each_once(wanted) if way == "move" else wanted:
        place = os.path.realpath(os.path.dirname(item.path) or os.curdir)
        if place == root or _is_same_place(place, root):
            if planner.has_made(os.path.basename(item.path)):
                continue
            raise UserError(f"{item.path} lies in the folder of the album", "choose another folder")
        # In a subfolder of the album, so an earlier run with folders of people or events placed it.
        if place.startswith(root + os.sep):
            continue
        steps = list(planner.steps_of(item, place, digits if ordered else 0))
        plan.steps.extend(steps)
        if ordered and item.number and not steps[0].target.name.startswith(numbered("", item.number, digits)):
            plan.old_names.append(item.path)
    return plan


def _each_once(wanted: Sequence[Wanted]) -> Iterator[Wanted]:
    """The photos of a move; one that is named a second time, through a link, is left out."""
    paths: set[str] = set()
    places: set[str] = set()
    named_directly = {os.path.realpath(item.path) for item in wanted if not os.path.islink(item.path)}
    for item in wanted:
        if item.path in paths:
            raise UserError(
                f"{item.path} belongs into several folders and can be moved only once",
                "copy or link the photos instead",
            )
        paths.add(item.path)
        place = os.path.realpath(item.path)
        if os.path.islink(item.path):
            if place not in named_directly:
                advice = f"move the photo itself: {place}"
                raise UserError(f"{item.path} is a link, and a move would leave it without its photo", advice)
        elif place not in places:
            places.add(place)
            yield item


def archive_names(wanted: Iterable[Wanted], *, ordered: bool = False) -> Iterator[tuple[str, Path]]:
    """The files of the same album for an archive: name and path; companions that are gone are left out.

    Photos that are gone are kept, so that the archive can name them.
    """
    items = list(wanted)
    digits = max(3, len(str(max((item.number or 0 for item in items), default=0))))
    taken: set[str] = set()
    for item in items:
        beside, photo = os.path.split(item.path)
        name = numbered(photo, item.number, digits) if ordered and item.number else photo
        again = 1
        while True:
            files = _renamed_together((photo, *item.companions), photo, name, again)
            # All bytes that are not valid text become the same character, so names are compared as they will be read.
            names = [shown(os.path.join(item.folder, each)) for each in files]
            if not {folded(each) for each in names} & taken:
                break
            again += 1
        taken.update(folded(each) for each in names)
        for each, source in zip(names, (photo, *item.companions), strict=True):
            path = Path(beside, source)
            if source == photo or path.is_file():
                yield each.replace(os.sep, "/"), path


def existing(folder: Path) -> Path:
    """The folder, or its nearest parent that exists."""
    here = Path(os.path.realpath(folder))
    while not here.is_dir():
        here = here.parent
    return here


class _Source(msgspec.Struct):
    name: str
    path: str
    """Real path, since a link to a photo stands for the photo."""
    stat: os.stat_result | None
    """None if the file is gone."""


class _Planner:
    def __init__(self, folder: Path, way: Way, entries: Iterable[Entry]) -> None:
        self._folder, self._way = folder, way
        self._known: dict[tuple[str, str], list[Entry]] = {}
        """Source and subfolder -> the entries of earlier runs."""
        self._made: set[str] = set()
        """Targets of earlier runs."""
        self._taken: set[str] = {folded(MANIFEST_NAME)}
        """Folded targets of this plan: no two may differ only in case."""
        self._subfolders: dict[str, str] = {}
        """Wanted name of a subfolder -> the name it gets."""
        for entry in entries:
            target = entry_path(entry.target, entry.target_bytes)
            source = entry_path(entry.source, entry.source_bytes)
            plain = msgspec.structs.replace(entry, target=target, source=source, target_bytes=None, source_bytes=None)
            self._made.add(target)
            self._known.setdefault((source, os.path.dirname(target)), []).append(plain)

    def has_made(self, target: str) -> bool:
        """Whether an earlier run placed this file."""
        return target in self._made

    def steps_of(self, item: Wanted, place: str, digits: int) -> Iterator[Step]:
        """Steps for the photo and each of its companions, whose names must stay related."""
        photo = os.path.basename(item.path)
        subfolder = self._subfolder(item.folder)
        sources = [_source(place, name) for name in (photo, *item.companions)]
        wanted = numbered(photo, item.number, digits) if digits and item.number else photo
        before = self._names_from_before(sources, subfolder, item.picture)
        names = before or self._free_names(sources, subfolder, photo, wanted)
        for number, (source, name) in enumerate(zip(sources, names, strict=True)):
            target = f"{subfolder}/{name}" if subfolder else name
            self._taken.add(folded(target))
            entry = Entry(
                target=target,
                source=source.path,
                size=source.stat.st_size if source.stat else 0,
                mtime_ns=source.stat.st_mtime_ns if source.stat else 0,
                way=self._way,
                belongs_to=None if not number else f"{subfolder}/{names[0]}" if subfolder else names[0],
                person=item.person,
                rank=item.number,
                score=None if item.score is None else round(item.score, 4),
                picture=None if number else item.picture or None,
            )
            path = self._folder / target
            yield Step(entry, self._state(source, path), path)

    def _subfolder(self, wanted: str) -> str:
        """The folder of a person or event; with a number if a file or a link has its name."""
        if not wanted:
            return ""
        if wanted not in self._subfolders:
            name, again = wanted, 1
            while _is_taken_folder(self._folder / name) or name in self._subfolders.values():
                again += 1
                name = f"{wanted}_{again}"
            self._subfolders[wanted] = name
        return self._subfolders[wanted]

    def _names_from_before(self, sources: Sequence[_Source], subfolder: str, picture: str) -> list[str] | None:
        """The names that an earlier run gave to the same files; None if there are none, or they cannot be used."""
        photo = sources[0]
        for entry in self._known.get((photo.path, subfolder), []):
            # After a move the name is free for another photo of the same picture, with a rating of its own.
            is_same_picture = self._way != "move" and picture and entry.picture == picture
            if not is_same_picture and _has_changed(photo, entry):
                continue  # it counts as another photo
            # The photo keeps its former name, and companions follow it.
            new = os.path.basename(entry.target)
            names = _renamed_together([source.name for source in sources], photo.name, new)
            pairs = zip(sources, names, strict=True)
            # A move leaves nothing behind, so a sidecar that was rewritten since needs a name too.
            is_new = self._way == "move"
            if not any(self._is_foreign(source, subfolder, name, is_new=is_new) for source, name in pairs):
                return names
        return None

    def _is_foreign(self, source: _Source, subfolder: str, name: str, *, is_new: bool = False) -> bool:
        """Whether the name is taken by something that is neither ours nor equal to the source.

        If the photo ``is_new``, what we placed from the same path before counts only if the source is as it was then.
        """
        target = f"{subfolder}/{name}" if subfolder else name
        if folded(target) in self._taken:
            return True
        path = self._folder / target
        if not os.path.lexists(path):
            return False
        return not (self._is_ours(source, path, is_new=is_new) or self._is_same(source, path))

    def _is_ours(self, source: _Source, path: Path, *, is_new: bool = False) -> bool:
        """Whether an earlier run placed this source there; one that ``is_new`` must be as it was then."""
        target = path.relative_to(self._folder)
        known = self._known.get((source.path, os.path.dirname(target)), [])
        if path.is_symlink() and os.path.realpath(path) != source.path:
            return False  # somebody has replaced it by another link
        entries = [entry for entry in known if entry.target == target.as_posix()]
        if is_new and not path.is_symlink():
            entries = [entry for entry in entries if not _has_changed(source, entry)]
        return os.path.lexists(path) and bool(entries)

    def _free_names(self, sources: Sequence[_Source], subfolder: str, photo: str, wanted: str) -> list[str]:
        again = 1
        while True:
            names = _renamed_together([source.name for source in sources], photo, wanted, again)
            pairs = zip(sources, names, strict=True)
            if not any(self._is_foreign(source, subfolder, name, is_new=True) for source, name in pairs):
                return names
            again += 1

    def _state(self, source: _Source, path: Path) -> State:
        if source.stat is None:
            return "there" if self._is_ours(source, path) and path.exists() else "missing"
        if not os.path.lexists(path):
            return "todo"
        if self._way == "move":
            # If we placed it, its source is still to be removed; an equal file from elsewhere was not moved from here.
            return "todo" if self._is_ours(source, path) else "there"
        if path.is_symlink() and self._way != "symlink":
            return "todo"  # an earlier run placed only a link
        # An empty file of ours: the run was killed on a system without hard links, after it had reserved the name.
        return "todo" if path.is_file() and not path.is_symlink() and not path.stat().st_size else "there"

    def _is_same(self, source: _Source, path: Path) -> bool:
        if source.stat is None or not path.is_file():
            return False
        if path.is_symlink():
            return self._way == "symlink" and os.path.realpath(path) == source.path
        return path.stat().st_size == source.stat.st_size and filecmp.cmp(source.path, path, shallow=False)


def _has_changed(source: _Source, entry: Entry) -> bool:
    """Whether a source is another file than the one that an earlier run placed; one that is gone is not."""
    found = source.stat
    return found is not None and (entry.size, entry.mtime_ns) != (found.st_size, found.st_mtime_ns)


def _source(place: str, name: str) -> _Source:
    path = os.path.realpath(os.path.join(place, name))
    try:
        return _Source(name, path, os.stat(path))
    except OSError:
        return _Source(name, path, None)


def _is_same_place(one: str, other: str) -> bool:
    """Whether two paths are one folder, also under names that differ in case, or through a second mount."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _is_taken_folder(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


# Names of files in an album.


def numbered(name: str, number: int, digits: int) -> str:
    """``007_IMG_1.jpg``, so that sorting by name gives the ranking; shortened if a system would refuse it."""
    return _fitting(f"{number:0{digits}}_", name)


def _renamed_together(files: Iterable[str], photo: str, wanted: str, again: int = 1) -> list[str]:
    """The new names of a photo and its companions; those that would share one get a number: ``IMG_1_2.xmp``."""
    names: list[str] = []
    taken: set[str] = set()
    for file in files:
        name = made = renamed(file, photo, wanted, again)
        number = 1
        while folded(name) in taken:
            number += 1
            stem, suffix = os.path.splitext(made)
            name = f"{stem}_{number}{suffix}"
        taken.add(folded(name))
        names.append(name)
    return names


def renamed(name: str, photo: str, wanted: str, again: int = 1) -> str:
    """The new name of a companion of ``photo``, or of the photo itself, when the photo gets the name ``wanted``.

    The ``again``-th file of a name gets that number: ``IMG_1_2.jpg`` with ``IMG_1_2.CR2`` and ``IMG_1_2.jpg.xmp``.
    """
    stem, suffix = os.path.splitext(wanted)
    if again > 1:
        stem = _shortened(stem, _ROOM - len(os.fsencode(f"_{again}{suffix}"))) + f"_{again}"
    if (rest := _after(photo, name)) is not None:
        return stem + suffix + rest
    if (rest := _after(os.path.splitext(photo)[0], name)) is not None:
        return stem + rest
    return f"{stem}.{name}"


def _after(beginning: str, name: str) -> str | None:
    """What follows a beginning in a name, ignoring case and how accents are composed; None if it begins otherwise.

    The part that is cut off may be longer or shorter than ``beginning``: "é" is one character or two.
    """
    if name.startswith(beginning):
        return name[len(beginning) :]
    wanted = folded(beginning)
    cut = next((cut for cut in range(len(name), 0, -1) if folded(name[:cut]) == wanted), None)
    return None if cut is None else name[cut:]


_ROOM = 240
"""Most bytes of a name that we make: systems take 255, and the rest is for the suffix of a sidecar."""


def _fitting(prefix: str, name: str) -> str:
    if len(os.fsencode(prefix + name)) <= _ROOM:
        return prefix + name
    stem, suffix = os.path.splitext(name)
    suffix = _shortened(suffix, 20)
    return prefix + _shortened(stem, _ROOM - len(os.fsencode(prefix + suffix))) + suffix


def _shortened(text: str, room: int) -> str:
    """As many whole characters of a text as fit into ``room`` bytes."""
    while len(os.fsencode(text)) > room:
        text = text[:-1]
    return text

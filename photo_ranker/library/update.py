"""Updates a library from the metadata files of its folders; unchanged ones are not read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container, Iterable
from pathlib import Path

import msgspec
import numpy as np

from photo_ranker.core import files
from photo_ranker.core.terminal import command, path_word
from photo_ranker.errors import UserError
from photo_ranker.library.layout import (
    LIBRARY_NAME,
    ROOT_NAME,
    SCHEMA,
    Folder,
    FolderStamp,
    LibraryManifest,
    as_name,
    as_path,
    cached_place,
    places_for,
    weighing_key,
)
from photo_ranker.library.store import (
    LibraryStore,
    Table,
    manifest_of,
    read_table,
    remove_other_generations,
    write_manifest,
)
from photo_ranker.metadata import METADATA_NAME, FolderLock, Ledger, cache_places
from photo_ranker.metadata.document import Damaged
from photo_ranker.metadata.places import copies_of, journal_of
from photo_ranker.metadata.storage import is_full, not_saved
from photo_ranker.records import finder_of
from photo_ranker.settings import Settings

__all__ = ["Changes", "changed_folders", "place_of", "places_below", "update_library", "update_usual_library"]

MOST_DEAD = 0.25
"""Share of rows that may be out of date; beyond it all current rows are rewritten."""

Say = Callable[[str], None]
"""Receives one note for the user."""
Step = Callable[[int, int], None]
"""Called after each folder that was read: folders done, and folders in all."""


class Changes(msgspec.Struct):
    """The report of an update."""

    place: Path
    """Where the library lies."""
    read: list[str] = msgspec.field(default_factory=list)
    """Folders that are new or changed."""
    unchanged: int = 0
    """Folders that were not read."""
    dropped: list[str] = msgspec.field(default_factory=list)
    """Folders whose metadata is gone."""
    damaged: list[str] = msgspec.field(default_factory=list)
    """Folders whose metadata file cannot be read; they are left out."""
    photos: int = 0
    """Photos in the library now."""
    faces: int = 0
    unknown: int = 0
    """Faces that the engine has not looked at yet."""
    was_rewritten: bool = False
    """All current rows were copied, to drop those that were out of date."""


def update_library(
    root: Path,
    engine: str,
    settings: Settings,
    say: Say = lambda _: None,
    step: Step = lambda *_: None,
    *,
    dry_run: bool = False,
    rebuild: bool = False,
) -> Changes:
    """Create or update the library of a folder and all folders below it; ``rebuild`` reads everything again."""
    if not root.is_dir():
        raise UserError(f"there is no folder {root}", "give the folder that all your photo folders are in")
    found = {
        path: places[-1] if dry_run or len(places) == 1 else _merged_place(root / path, say)
        for path, places in places_below(root).items()
    }
    if not found:
        raise UserError(
            f"nothing is measured in {root} yet", f"first: {command('index', path_word(root), '--recursive')}"
        )
    for path in (path for path, place in found.items() if journal_of(place).exists()):
        say(f"note: {root / path} is being indexed, or its run was killed; its last photos come with the next update")
    if dry_run:
        return _compared(root, found, engine, "" if rebuild else weighing_key(settings))
    place = _make_place(root, engine)
    with FolderLock(place, say):
        files.remove_leftovers(place, in_cache=True)
        changes = _update(_Builder(root, place, engine, settings, rebuild=rebuild), found, step)
    if place.parent.name == LIBRARY_NAME:
        shutil.rmtree(cached_place(root), ignore_errors=True)  # left from a time when the folder could not be written
    if changes.unknown:
        mend = command("index", path_word(root), "--recursive", "--engine", engine)
        say(f"note: faces that {engine} has not measured yet: {changes.unknown:,}; {mend} measures them")
    return changes


def _make_place(root: Path, engine: str) -> Path:
    """The folder of a library: in its root, or in the user's cache where the root cannot be written."""
    failure: OSError | None = None
    for home in places_for(root):
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if home.name != LIBRARY_NAME:
                files.replace(home / ROOT_NAME, [os.fsencode(os.path.realpath(root))])
            place = home / engine
            place.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            if is_full(error):  # only space is missing: make no library elsewhere
                raise not_saved(error, home) from error
            failure = error
        else:
            return place
    raise UserError(f"the library of {root} cannot be written: {failure}", "make the folder writable")


def update_usual_library(
    root: Path,
    engine: str,
    settings: Settings,
    say: Say = lambda _: None,
    step: Step = lambda *_: None,
    *,
    dry_run: bool = False,
    rebuild: bool = False,
) -> Changes:
    """Update the library where no engine was chosen: while faces wait for the second network, that of the first too.

    A library holds only what its engine has measured, so that of the pair alone would lack what was measured before.
    """
    changes = update_library(root, engine, settings, say, step, dry_run=dry_run, rebuild=rebuild)
    first = finder_of(engine)
    if first == engine or not changes.unknown:
        return changes
    say(f"note: until then the library of {first} answers")
    return update_library(root, first, settings, say, step, dry_run=dry_run, rebuild=rebuild)


def changed_folders(root: Path, manifest: LibraryManifest) -> list[str]:
    """The library's folders whose metadata file has changed its size or time since it was read, or that are back."""
    changed = [folder.path for folder in manifest.folders if _stamp(place_of(root, folder)) != folder.stamp]
    return changed + [path for path in map(as_path, manifest.away) if (root / path).is_dir()]


def place_of(root: Path, folder: Folder) -> Path:
    """Where the metadata file of a folder lies."""
    return Path(as_path(folder.place)) if folder.place else root / folder.path


def places_below(root: Path) -> dict[str, list[Path]]:
    """Path below the root -> where its metadata lies, for all folders with metadata."""
    found: dict[str, list[Path]] = {}
    for above, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name != LIBRARY_NAME)
        if METADATA_NAME in names:
            found[os.path.relpath(above, root) if above != str(root) else ""] = [Path(above)]
    real = Path(os.path.realpath(root))
    for folder in sorted({folder for folder in cache_places().values() if folder == real or real in folder.parents}):
        if folder.is_dir() and (copies := [copy for copy in copies_of(folder) if (copy / METADATA_NAME).exists()]):
            found.setdefault(str(folder.relative_to(real)) if folder != real else "", []).extend(copies)
    return found


def _merged_place(folder: Path, say: Say) -> Path:
    """Merge the records of a folder that lie in several places into one; closing its ledger does that."""
    with Ledger(folder, say) as ledger:
        return ledger.place


def _stamp(place: Path) -> FolderStamp | None:
    try:
        found = (place / METADATA_NAME).stat()
    except OSError:
        return None
    return FolderStamp(found.st_size, found.st_mtime_ns)


def _compared(root: Path, found: dict[str, Path], engine: str, weighing: str) -> Changes:
    """The report of an update that is not carried out."""
    old = next((manifest for home in places_for(root) if (manifest := manifest_of(home / engine))), None)
    known = {folder.path: folder for folder in old.folders} if old and old.weighing == weighing else {}
    changes = Changes(next(places_for(root)) / engine)
    for path, place in found.items():
        if path in known and known[path].stamp == _stamp(place):
            changes.unchanged += 1
        else:
            changes.read.append(path)
    changes.dropped = [path for path in known if path not in found]
    return changes


def _update(builder: _Builder, found: dict[str, Path], step: Step) -> Changes:
    known = {folder.path: folder for folder in builder.old.folders}
    changes = Changes(builder.place, dropped=[path for path in known if path not in found])
    todo = []
    for path, where in found.items():
        stamp = _stamp(where)
        if path in known and known[path].stamp == stamp:
            builder.folders.append(known[path])
            changes.unchanged += 1
        elif stamp is not None:
            todo.append((path, where, stamp))
    for done, (path, where, stamp) in enumerate(todo, 1):
        try:
            builder.read(path, where, stamp)
            changes.read.append(path)
        except Damaged:
            changes.damaged.append(path)
        step(done, len(todo))
    builder.note_missing(changes.dropped, found)
    if changes.read or changes.dropped or not builder.old.folders or builder.away != builder.old.away:
        changes.was_rewritten = builder.finish()
    changes.photos = sum(folder.photos for folder in builder.folders)
    changes.faces = sum(folder.faces for folder in builder.folders)
    changes.unknown = sum(folder.unknown for folder in builder.folders)
    return changes


class _Builder:
    """Appends folders to a library and finally writes its manifest."""

    def __init__(self, root: Path, place: Path, engine: str, settings: Settings, *, rebuild: bool) -> None:
        self._root, self.place, self._settings = root, place, settings
        weighing = weighing_key(settings)
        self.old = manifest_of(place) or LibraryManifest(SCHEMA, engine, weighing, 0, 0, 0, 0)
        if rebuild or self.old.weighing != weighing or not LibraryStore(place, self.old).is_whole():
            self.old = LibraryManifest(SCHEMA, engine, weighing, 0, self.old.generation, 0, 0)
        # A library without current rows starts new files, since the old ones may be damaged.
        generation = self.old.generation + (not self.old.folders)
        self._now = msgspec.structs.replace(self.old, generation=generation)
        self.folders: list[Folder] = []
        self.away = self.old.away

    def note_missing(self, dropped: Iterable[str], found: Container[str]) -> None:
        """Note which folders are missing, so that a question notices when they are back."""
        missing = {*map(as_path, self.away), *dropped}
        gone = (path for path in missing if path not in found and not (self._root / path).is_dir())
        self.away = tuple(sorted(map(as_name, gone)))

    def read(self, path: str, where: Path, stamp: FolderStamp) -> None:
        """Add the rows of one folder."""
        table = read_table(where, self._now.engine, self._now.dimensions, self._settings)
        # The length of an embedding is unknown until some folder has a face.
        self._now = msgspec.structs.replace(self._now, dimensions=self._now.dimensions or table.dimensions)
        folder = Folder(
            name=as_name(path),
            place="" if where == self._root / path else as_name(str(where)),
            stamp=stamp,
            first_photo=self._now.photos,
            photos=len(table.photos["offsets"]),
            first_face=self._now.faces,
            faces=len(table.faces["ids"]),
            no_face=table.no_face,
            unreadable=table.unreadable,
            unknown=table.unknown,
        )
        self._add(folder, table.photos, table.faces)

    def finish(self) -> bool:
        """Write the manifest; returns whether all rows were rewritten."""
        self.folders.sort(key=lambda folder: folder.path)
        written = self._now.photos + self._now.faces
        dead = written - sum(folder.photos + folder.faces for folder in self.folders)
        rewrite = dead > MOST_DEAD * written
        if rewrite:
            self._rewrite()
        LibraryStore(self.place, self._now).flush()
        write_manifest(self.place, msgspec.structs.replace(self._now, folders=tuple(self.folders), away=self.away))
        remove_other_generations(self.place, self._now.generation)
        return rewrite

    def _rewrite(self) -> None:
        """Copy the current rows into a new generation."""
        source, folders, self.folders = LibraryStore(self.place, self._now), self.folders, []
        self._now = msgspec.structs.replace(self._now, generation=self._now.generation + 1, photos=0, faces=0)
        for folder in folders:
            its_photos = slice(folder.first_photo, folder.first_photo + folder.photos)
            its_faces = slice(folder.first_face, folder.first_face + folder.faces)
            photos = {name: source.photos(name)[its_photos] for name in source.photo_names}
            faces = {name: source.faces(name)[its_faces] for name in source.face_names}
            photos["first_faces"] = photos["first_faces"].astype(np.int64) - folder.first_face
            faces["owners"] = faces["owners"].astype(np.int64) - folder.first_photo
            moved = msgspec.structs.replace(folder, first_photo=self._now.photos, first_face=self._now.faces)
            self._add(moved, photos, faces)

    def _add(self, folder: Folder, photos: Table, faces: Table) -> None:
        """Append rows whose references to each other are numbered from the folder's own first row."""
        LibraryStore(self.place, self._now).add(
            {**photos, "first_faces": photos["first_faces"] + folder.first_face},
            {**faces, "owners": faces["owners"] + folder.first_photo},
        )
        self.folders.append(folder)
        self._now = msgspec.structs.replace(
            self._now, photos=self._now.photos + folder.photos, faces=self._now.faces + folder.faces
        )

"""The albums that can be opened: folders named at the start, folders opened since, and sessions of uploaded photos.

Nothing is deleted at once: a deleted album is only marked, so that it can be restored. A session's photos are removed
when the app starts a week later; a folder's photos are never ours to delete. An album whose ``album.json`` is damaged
is rebuilt from what is left of it. If the file cannot be reached, the album is shown as far as it is known, but cannot
be changed.

The sample album is a session too. Its photos are made from three free ones that come with the app (``sample_photos``),
to look like a real shoot: the same moment sharp and spoilt, two people alone and together, and an object.
"""

from __future__ import annotations

import io
import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files as resources
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import MetadataError
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.problems import Conflict, NotAllowed, NotHere
from photo_ranker.web.storage import ENTRY_NAME, AlbumEntry, album_id, heal_entry
from photo_ranker.web.upload_names import named_folder

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Albums", "write_sample"]

log = logging.getLogger(__name__)

KEEP_DELETED = timedelta(days=7)


class Albums:
    """All albums. Thread-safe."""

    def __init__(self, options: WebOptions) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._root = files.private_folder(options.home / "albums")
        self._entries: dict[str, AlbumEntry] = {}
        self._out_of_reach: dict[str, MetadataError] = {}
        self._notes: dict[str, str] = {}
        for place in sorted(self._root.iterdir()):
            self._load(place)
        self._named = [self._add_folder(folder) for folder in options.folders]
        self._purge()

    def entries(self) -> list[AlbumEntry]:
        """The albums that this server's users may open: named folders first, then the newest."""
        known = list(self._entries.values())  # a copy, since other threads may add albums meanwhile
        listed = [entry for entry in known if entry.deleted_at is None and self._is_open(entry)]
        newest = sorted(listed, key=lambda entry: entry.created_at, reverse=True)
        return sorted(newest, key=lambda entry: self._named.index(entry.id) if entry.id in self._named else 1_000_000)

    def note(self, album_id: str) -> str:
        """What the user should know about how an album is stored."""
        return self._notes.get(album_id, "")

    def notes(self) -> list[str]:
        """The notes of all albums, including those that cannot be shown."""
        return list(self._notes.values())

    def folders(self) -> list[tuple[str, str]]:
        """Folder and title of every album, deleted ones too; the longest folder first."""
        found = [(entry.folder, entry.title) for entry in self._entries.values()]
        return sorted(found, key=lambda pair: -len(pair[0]))

    def get(self, album_id: str) -> AlbumEntry:
        """The album of this id."""
        entry = self._entries.get(album_id)
        if entry is None or entry.deleted_at is not None or not self._is_open(entry):
            raise NotHere("there is no such album", "go back to the list of albums")
        return entry

    def open_folder(self, folder: str, *, recursive: bool) -> AlbumEntry:
        """Open a folder of this machine."""
        if not self._options.local:
            raise NotAllowed("folders can only be opened on the machine itself", "name them when the server is started")
        return self._entries[self._add_folder(named_folder(folder), recursive=recursive)]

    def new_session(self, title: str) -> AlbumEntry:
        """An empty session for uploads."""
        name = secrets.token_hex(8)
        photos = files.private_folder(self._root / name / "photos")
        return self._keep(AlbumEntry(name, title, "session", str(photos), recursive=True, created_at=_now()))

    def new_sample(self, title: str) -> AlbumEntry:
        """The sample album; if there is one already, that one, restored if it was deleted."""
        known = next((entry for entry in self._entries.values() if entry.is_sample and entry.path.is_dir()), None)
        if known is not None:
            return self._keep(msgspec.structs.replace(known, title=title, deleted_at=None))
        entry = self.new_session(title)
        try:
            write_sample(entry.path)
            return self._keep(msgspec.structs.replace(entry, is_sample=True))
        except OSError:  # half an album is no use, and would be listed at the next start
            del self._entries[entry.id]
            shutil.rmtree(self._root / entry.id)
            raise

    def rename(self, album_id: str, title: str) -> AlbumEntry:
        """Give an album another title."""
        return self._keep(msgspec.structs.replace(self.get(album_id), title=title))

    def delete(self, album_id: str) -> AlbumEntry:
        """Remove an album from the list."""
        return self._keep(msgspec.structs.replace(self.get(album_id), deleted_at=_now()))

    def restore(self, album_id: str) -> AlbumEntry:
        """Restore a deleted album."""
        entry = self._entries.get(album_id)
        if entry is None or not self._is_open(entry):
            raise NotHere("there is no such album", "it may have been deleted for good")
        if not entry.path.is_dir():
            raise Conflict(f"the photos of {entry.title} are gone", "upload them again")
        return self._keep(msgspec.structs.replace(entry, deleted_at=None))

    def place(self, album_id: str) -> Path:
        """Where the app keeps what belongs to an album."""
        return self._root / album_id

    def _is_open(self, entry: AlbumEntry) -> bool:
        return self._options.local or entry.kind == "session" or entry.id in self._named

    def _add_folder(self, folder: Path, *, recursive: bool | None = None) -> str:
        real = os.path.realpath(folder)
        name = album_id(real)
        deep = self._options.recursive if recursive is None else recursive
        known = self._entries.get(name)
        title = known.title if known else Path(real).name or real
        created = known.created_at if known else _now()
        entry = AlbumEntry(name, title, "folder", real, recursive=deep, created_at=created)
        if name in self._out_of_reach:
            self._entries[name] = entry
        else:
            self._keep(entry)
        return name

    def _keep(self, entry: AlbumEntry) -> AlbumEntry:
        with self._lock:
            if entry.id in self._out_of_reach:
                raise self._out_of_reach[entry.id]
            storage.write_value(self._root / entry.id / ENTRY_NAME, entry)
            self._entries[entry.id] = entry
        return entry

    def _load(self, place: Path) -> None:
        files.remove_leftovers(place, in_cache=True)
        try:
            entry, note = storage.read_or_heal(place / ENTRY_NAME, AlbumEntry, partial(heal_entry, place))
        except MetadataError as error:
            log.warning("%s", error)
            self._out_of_reach[place.name] = error
            entry, note = heal_entry(place, b""), error.message
        if entry is not None:
            self._entries[place.name] = entry
        elif note:
            note += "; open its folder again to see its picks and stars"
        if note:
            self._notes[place.name] = note

    def _purge(self) -> None:
        for entry in list(self._entries.values()):
            if entry.deleted_at and datetime.fromisoformat(entry.deleted_at) < datetime.now(UTC) - KEEP_DELETED:
                # This is always below our own root: the folder of a "folder" album is elsewhere and stays.
                shutil.rmtree(self._root / entry.id)
                del self._entries[entry.id]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


FOLDER_NAME = "Sample album"

_BEGIN = datetime(2024, 6, 1, 10, 0, 0)  # noqa: DTZ001 - a camera's wall clock has no zone

_EXIF, _MODEL, _TAKEN = 0x8769, 0x0110, 0x9003
"""EXIF tags: the block that holds the time, the name of the camera, and the time in that block."""


class _Photo(NamedTuple):
    name: str
    picture: Image
    minutes: float
    """After the first photo."""


def write_sample(folder: Path) -> Path:
    """Write the photos into a new folder in ``folder``, whose name says what they are; returns that folder."""
    album = files.private_folder(folder / FOLDER_NAME)
    for number, photo in enumerate(_photos(), 1):
        data = _encoded(photo.picture, _BEGIN + timedelta(minutes=photo.minutes))
        files.replace(album / f"sample_{number:02}_{photo.name}.jpg", [data], sync="file")
    files.sync_folder(album)
    return album


def _photos() -> Iterator[_Photo]:
    collins, hopper, coffee = map(_shipped, ("collins", "hopper", "coffee"))
    yield from _morning(collins)
    yield _Photo("coffee", coffee, 62)
    yield from _afternoon(hopper)
    together = _beside(collins, hopper)
    yield _Photo("both", together, 305)
    yield _Photo("both_blurred", _blurred(together), 305.05)


def _morning(person: Image) -> Iterator[_Photo]:
    from PIL import ImageOps

    yield _Photo("eileen", person, 0)
    yield _Photo("eileen_blurred", _blurred(person), 0.05)
    yield _Photo("eileen_dark", _lit(person, 0.25), 0.1)
    yield _Photo("eileen_close", person.crop((110, 10, 360, 290)).resize((500, 560)), 4)
    yield _Photo("eileen_tilted", _tilted(ImageOps.mirror(person), 9), 9)


def _afternoon(person: Image) -> Iterator[_Photo]:
    from PIL import ImageOps

    yield _Photo("grace_bright", _lit(person, 1.9), 300)
    yield _Photo("grace", person, 300.05)
    yield _Photo("grace_blurred", _blurred(person), 300.1)
    yield _Photo("grace_mirrored", ImageOps.mirror(person), 303)
    yield _Photo("grace_tilted", _tilted(person, -7), 304)


def _shipped(name: str) -> Image:
    from PIL import Image

    data = resources("photo_ranker.web").joinpath("sample_photos", f"{name}.jpg").read_bytes()
    return Image.open(io.BytesIO(data)).convert("RGB")


def _blurred(picture: Image) -> Image:
    from PIL import ImageFilter

    return picture.filter(ImageFilter.GaussianBlur(4))


def _lit(picture: Image, gain: float) -> Image:
    from PIL import ImageEnhance

    return ImageEnhance.Brightness(picture).enhance(gain)


def _tilted(picture: Image, degrees: float) -> Image:
    """The picture rotated, and cropped so that no corner is empty."""
    from PIL import Image

    width, height = picture.size
    turned = picture.rotate(degrees, resample=Image.Resampling.BICUBIC)
    return turned.crop((width // 8, height // 8, width - width // 8, height - height // 8))


def _beside(left: Image, right: Image) -> Image:
    """Both pictures side by side, as high as the lower of the two."""
    from PIL import Image

    height = min(left.height, right.height)
    both = Image.new("RGB", (left.width + right.width, height))
    both.paste(left, (0, 0))
    both.paste(right, (left.width, 0))
    return both


def _encoded(picture: Image, taken: datetime) -> bytes:
    from PIL import Image

    exif = Image.Exif()
    exif[_MODEL] = "Sample"
    exif.get_ifd(_EXIF)[_TAKEN] = taken.strftime("%Y:%m:%d %H:%M:%S")
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=88, exif=exif)
    return file.getvalue()

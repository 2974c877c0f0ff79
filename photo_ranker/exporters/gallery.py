"""Writes a folder of plain pages and pictures that any browser shows, from disk or from a web host.

Without scripts every picture links to its larger version; with them a viewer opens, for keyboard and touch.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

import msgspec

from photo_ranker.core.files import whole_folder, write_new
from photo_ranker.core.folders import make_folder
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.exporters.document import shown
from photo_ranker.records import PhotoRecord

__all__ = ["GalleryPhoto", "Made", "Room", "write_gallery"]

THUMBNAIL_SIDE, LARGE_SIDE = 400, 1600
"""Longer sides in px: in the overview and in the viewer."""

WholePicture = Callable[[str, PhotoRecord, int], bytes]
"""Makes a JPEG of a photo, given the longer side in px; raises ``PhotoUnreadable``."""


class GalleryPhoto(msgspec.Struct, frozen=True):
    """One photo of a gallery."""

    path: str
    record: PhotoRecord


class Room(msgspec.Struct, frozen=True):
    """The photos of a person or of an event."""

    title: str
    """The name of the person or event."""
    photos: Sequence[GalleryPhoto]


class Made(msgspec.Struct):
    """The report of a gallery."""

    photos: int = 0
    """Photos that are shown."""
    left_out: list[tuple[str, str]] = []
    """Photos that could not be read, and why."""


def write_gallery(
    folder: Path, rooms: Sequence[Room], picture: WholePicture, progress: Callable[[], object] = lambda: None
) -> Made:
    """Write the gallery into a new or empty folder."""
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} is there and not empty; it is left as it is", "choose another folder for --gallery")
    made = Made()
    try:
        with whole_folder(folder) as part:
            make_folder(part / "pictures")
            for name in ("gallery.css", "gallery.js"):
                _write(part / name, _part(name).encode())
            pages = [_room(part, number, room, picture, made, progress) for number, room in enumerate(rooms, 1)]
            body = "\n".join(page for page in pages if page)
            _write(part / "index.html", _page("Photos", f'<ul class="rooms">\n{body}\n</ul>').encode())
    except OSError as error:
        raise UserError(f"cannot write {folder}: {error.strerror or error}", "choose another folder") from error
    return made


def _room(
    folder: Path, number: int, room: Room, picture: WholePicture, made: Made, progress: Callable[[], object]
) -> str:
    """Write a page and its pictures; returns its entry for the list of all pages."""
    lines = []
    for place, photo in enumerate(room.photos, 1):
        name = f"{number:03}-{place:04}"
        try:
            for suffix, side in (("", LARGE_SIDE), ("-small", THUMBNAIL_SIDE)):
                _write(folder / "pictures" / f"{name}{suffix}.jpg", picture(photo.path, photo.record, side))
        except PhotoUnreadable as error:
            made.left_out.append((photo.path, error.reason))
            continue
        finally:
            progress()
        made.photos += 1
        lines.append(_photo(name, photo))
    if not lines:
        return ""
    page = f"room-{number:03}.html"
    back = '<nav><a href="index.html">All</a></nav>'
    _write(folder / page, _page(room.title, f'{back}\n<ul class="photos">\n{"".join(lines)}</ul>').encode())
    cover = lines[0].partition('<img src="')[2].partition('"')[0]
    title = escape(shown(room.title))
    return f'<li><a href="{page}"><img src="{cover}" alt=""><span>{title} ({len(lines)})</span></a></li>'


def _write(path: Path, content: bytes) -> None:
    write_new(path, [content], sync="none")  # not synced: a gallery can be made again


def _photo(name: str, photo: GalleryPhoto) -> str:
    words = [shown(Path(photo.path).name), (photo.record.taken_at or "")[:16].replace("T", " ")]
    caption = escape(", ".join(word for word in words if word), quote=True)
    width, height = max(photo.record.width, 1), max(photo.record.height, 1)
    return (
        f'<li><a href="pictures/{name}.jpg"><img src="pictures/{name}-small.jpg" loading="lazy" '
        f'width="{width}" height="{height}" alt="{caption}"></a></li>\n'
    )


def _page(title: str, body: str) -> str:
    text = _part("page.html")
    return text.replace("{{title}}", escape(shown(title))).replace("{{body}}", body)


def _part(name: str) -> str:
    return files("photo_ranker.exporters").joinpath("gallery_pages", name).read_text("utf-8")

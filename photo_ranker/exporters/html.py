"""The ranking as one self-contained page: no request to the network, no inline handler, names only as text.

The page holds the JSON document, and the scripts in ``report/`` draw it. Pictures follow as blocks of text, which the
page turns into images when they come near the screen, so that a large album opens at once.
"""

from __future__ import annotations

import math
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from photo_ranker.core.files import make_folder, whole_folder, write_new
from photo_ranker.core.terminal import shown
from photo_ranker.core.words import Catalogue, current_words
from photo_ranker.errors import PhotoUnreadable, UserError
from photo_ranker.exporters.document import head_object, result_objects
from photo_ranker.ranker.reasons import GOOD
from photo_ranker.ranker.signals import SIGNALS
from photo_ranker.records import Face, PhotoRecord

if TYPE_CHECKING:
    from photo_ranker.questions.answer import Ranking

__all__ = ["GalleryPhoto", "Made", "PictureMaker", "Pictures", "Room", "render", "write_gallery"]

LONG_SIDES = ((60, 1280), (200, 800), (1000, 512), (math.inf, 400))
"""Up to this number of photos -> longer side of each in px, so that a page of 500 photos stays near 25 MB."""

SCRIPTS = ("shared.js", "sheet.js", "filters.js", "large.js", "page.js")
"""Files in ``report/`` that become one script, in this order."""

OF_REPORTS = ("report.", "count.photos", "cell.copies", "cell.alike")
"""Beginnings of the keys of texts that the scripts of a report use."""

PICTURE_THREADS = min(4, os.cpu_count() or 1)
"""Decoders release the GIL, so threads help; more than four large photos at once would take a lot of memory."""

FIRST_SCREEN = 24
"""Pictures before the script, so that a browser shows them while it reads the rest of the page."""


class Pictures(Protocol):
    """What the page shows of one photo, as JPEG files."""

    @property
    def photo(self) -> bytes:
        """The whole photo, small."""
        ...

    @property
    def face(self) -> bytes:
        """The person's face, enlarged."""
        ...


class PictureMaker(Protocol):
    """Makes pictures of photos, called from several threads; passed in, since exporters may not open photos."""

    def __call__(self, path: str, record: PhotoRecord, face: Face, long_side: int, /) -> Pictures | None:
        """The pictures of one photo, its longer side ``long_side`` px; None if it can no longer be read."""
        ...


def render(ranking: Ranking, pictures: PictureMaker) -> Iterator[bytes]:
    """The page in pieces, so that it is never in memory as a whole."""
    style, script = _style("report", "report.css"), "\n".join(_part("report", name) for name in SCRIPTS)
    words = current_words()
    document = {**_translated(ranking, words), **_for_scripts(words)}
    values = {
        **{key: escape(text) for key, text in words.texts.items() if isinstance(text, str)},
        "language": words.language,
        "policy": _policy(style, script),
        "style": style,
        "script": script,
        "document": _inert_json(document),
    }
    blocks = _picture_blocks(ranking, pictures)
    for part in re.split(r"(?=\{\{\w*pictures\}\})", _part("report", "template.html")):
        if part.startswith("{{first_pictures}}"):
            yield from islice(blocks, FIRST_SCREEN)
        elif part.startswith("{{pictures}}"):
            yield from blocks
        yield _filled(part, {**values, "first_pictures": "", "pictures": ""})


def _translated(ranking: Ranking, words: Catalogue) -> dict[str, Any]:
    """The JSON document with its sentences in the language of the page."""
    results = [
        {**item, **{side: list(map(words.said, item[side])) for side in ("reasons", "against")}}
        for item in result_objects(ranking)
    ]
    head = head_object(ranking)
    unreadable = [{**item, "reason": words.said(item["reason"])} for item in head["unreadable"]]
    return {**head, "unreadable": unreadable, "results": results}


def _for_scripts(words: Catalogue) -> dict[str, Any]:
    """What the scripts need besides the document: texts, from which value a signal is good, labels and short labels."""
    return {
        "words": {key: text for key, text in words.texts.items() if key.startswith(OF_REPORTS)},
        "good": GOOD,
        "labels": {signal.name: words.said(signal.label) for signal in SIGNALS if signal.shown},
        "short_labels": {signal.name: words.said(signal.short) for signal in SIGNALS if signal.short},
    }


def _picture_blocks(ranking: Ranking, pictures: PictureMaker) -> Iterator[bytes]:
    long_side = next(side for most, side in LONG_SIDES if len(ranking.results) <= most)
    pool = ThreadPoolExecutor(PICTURE_THREADS)
    try:
        made = pool.map(lambda item: pictures(item.path, item.photo.record, item.face, long_side), ranking.results)
        yield from (_pair(number, pair) for number, pair in enumerate(made, 1))
    finally:
        # After Ctrl-C or an error, drop the pictures that are not started yet.
        pool.shutdown(cancel_futures=True)


def _pair(number: int, made: Pictures | None) -> bytes:
    return b"" if made is None else _picture(f"photo-{number}", made.photo) + _picture(f"face-{number}", made.face)


def _part(folder: str, name: str) -> str:
    """The text of a file of this package."""
    return files("photo_ranker.exporters").joinpath(folder, name).read_text("utf-8")


def _style(folder: str, name: str) -> str:
    """The app's base style sheet followed by one of this package, as one text, since these pages load no other file."""
    return files("photo_ranker.web").joinpath("static", "base.css").read_text("utf-8") + _part(folder, name)


def _filled(text: str, values: dict[str, str]) -> bytes:
    """Replace all placeholders in one pass, so that inserted text is not searched for placeholders."""
    return re.sub(r"\{\{([\w.]+)\}\}", lambda match: values[match[1]], text).encode()


def _policy(style: str, script: str) -> str:
    """The content security policy: only our own style and script run, recognised by their hashes."""
    return (
        f"default-src 'none'; img-src data:; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _inert_json(value: Any) -> str:
    """JSON that cannot close its script element or open another, whatever names it holds."""
    text = msgspec.json.encode(value).decode()
    return re.sub(r"[<>&\u2028\u2029]", lambda match: f"\\u{ord(match[0]):04x}", text)


def _picture(name: str, jpeg: bytes) -> bytes:
    address = f"data:image/jpeg;base64,{b64encode(jpeg).decode()}"
    return f'<script type="text/plain" id="{name}">{address}</script>\n'.encode()


# Writes a folder of plain pages and pictures that any browser shows, from disk or from a web host.
#
# Without scripts every picture links to its larger version; with them a viewer opens, for keyboard and touch.


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
            _write(part / "gallery.css", _style("gallery_pages", "gallery.css").encode())
            _write(part / "gallery.js", _part("gallery_pages", "gallery.js").encode())
            pages = [_room(part, number, room, picture, made, progress) for number, room in enumerate(rooms, 1)]
            body = "\n".join(page for page in pages if page)
            title = current_words().text("gallery.photos")
            _write(part / "index.html", _page(title, f'<ul class="rooms">\n{body}\n</ul>').encode())
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
    back = f'<nav><a href="index.html">{escape(current_words().text("gallery.all"))}</a></nav>'
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
    words = current_words()
    buttons = {name: escape(words.text(f"gallery.{name}"), quote=True) for name in ("previous", "next", "close")}
    values = {"title": escape(shown(title)), "body": body, "language": words.language, **buttons}
    return _filled(_part("gallery_pages", "page.html"), values).decode()

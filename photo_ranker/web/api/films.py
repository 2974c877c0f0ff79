"""The films of an album as a browser plays them: parts of the file, read piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.responses import StreamingResponse

from photo_ranker.core.files import open_read, open_with_stat
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.web.api.photos import FOR_GOOD, PhotoPath
from photo_ranker.web.photos import is_film, version_of
from photo_ranker.web.problems import Conflict, may_fail, problem, problem_answer
from photo_ranker.web.workplace import AlbumHere

__all__ = ["part_of", "router"]

router = APIRouter(prefix="/api/albums/{album_id}", tags=["photos"], responses=may_fail(404, 409))

PIECE_BYTES = 1 << 18
"""Of a film in memory at once; a browser that has enough stops reading."""

KINDS = {
    "avi": "video/x-msvideo",
    "mkv": "video/x-matroska",
    "mov": "video/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
"""Suffix or format -> media type. Browsers refuse films by the name of QuickTime that they can play."""

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

FILM = may_fail(416) | {
    200: {"description": "The whole film", "content": {kind: {} for kind in sorted(set(KINDS.values()))}},
    206: {"description": "The part that the header Range asks for"},
}


@router.get("/photos/{photo_id}/film", response_class=Response, responses=FILM)
def read_film(
    photo_id: PhotoPath,
    album: AlbumHere,
    wanted: Annotated[str, Header(alias="Range", description="bytes=FIRST-LAST")] = "",
) -> Response:
    """A film, or a part of it."""
    photo = album.photo(photo_id)
    if not is_film(photo):
        raise Conflict(f"{photo.name} is no film", "ask for its picture")
    size = _size(Path(photo.path))
    headers = {"Accept-Ranges": "bytes", "Cache-Control": FOR_GOOD, "ETag": f'"{version_of(photo.record)}-film"'}
    part = part_of(wanted, size)
    start, end = part or (0, size)
    if start >= end and part is not None:
        refused = problem_answer(problem(416, f"{photo.name} has {size} bytes", "ask for a part of them"), {})
        refused.headers["Content-Range"] = f"bytes */{size}"
        return refused
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    kind = KINDS.get(photo.record.format or Path(photo.path).suffix[1:].lower(), "video/mp4")
    pieces = _pieces(Path(photo.path), start, end)
    return StreamingResponse(pieces, 200 if part is None else 206, headers, media_type=kind)


def part_of(wanted: str, size: int) -> tuple[int, int] | None:
    """First byte and the one behind the last that a Range header asks for; None for the whole file.

    A header that is not understood counts as none, as the standard says, and so does one that asks for several parts.
    """
    found = _RANGE.fullmatch(wanted.strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1) if last else size


def _size(path: Path) -> int:
    try:
        file, found = open_with_stat(path)
        file.close()
    except (OSError, FileRefused) as error:
        raise PhotoUnreadable(f"cannot be opened: {error}") from error
    return found.st_size


def _pieces(path: Path, start: int, end: int) -> Iterator[bytes]:
    with open_read(path, follow=True) as file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE_BYTES, end - start))):
            start += len(piece)
            yield piece

"""Photos of an album: the grid, one photo, its pictures, films as a browser plays them, and the user's marks.

A film is read piece by piece, in the parts that a browser asks for.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi import Path as PathOf
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from photo_ranker.core.files import open_read, open_with_stat
from photo_ranker.errors import FileRefused, PhotoUnreadable
from photo_ranker.images import Limits, exif_of
from photo_ranker.images.exif import Exif
from photo_ranker.images.thumbnails import SMALL_SIDE
from photo_ranker.web.answers import JPEG, may_fail, problem_answer
from photo_ranker.web.grid import Bursts, bursts_of, face_rows, is_film, version_of
from photo_ranker.web.marks import Mark, mark_key
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.photo_filter import GridQuery, PhotoFilter, Timeline, timeline
from photo_ranker.web.problems import Conflict, problem
from photo_ranker.web.schemas import (
    BurstOut,
    BurstRow,
    FaceId,
    MarkChange,
    MarksAsk,
    MarksBefore,
    PhotoDetail,
    PhotoId,
    PhotoPage,
    ShotOut,
)
from photo_ranker.web.workplace import AlbumHere, Place, Workplace

__all__ = ["SIDES", "jpeg_answer", "marks_router", "part_of", "router"]

router = APIRouter(prefix="/api/albums/{album_id}", tags=["photos"], responses=may_fail(404, 409))

marks_router = APIRouter(prefix="/api/albums/{album_id}/marks", tags=["marks"])

PhotoPath = Annotated[PhotoId, PathOf()]

FacePath = Annotated[FaceId, PathOf()]

SIDES = {"small": SMALL_SIDE, "large": 1600, "full": 4096}
"""Longer side in px; a client can only choose one of these, so that it cannot fill the cache."""

Side = Literal["small", "large", "full"]

FOR_GOOD = "private, max-age=31536000, immutable"
"""A picture may be kept for good, since its address contains the version of the photo."""

PICTURE = JPEG | {304: {"description": "Unchanged since the ETag that was sent"}}


@router.get("/photos", responses=may_fail(400))
def list_photos(asked: Annotated[GridQuery, Query()], album: AlbumHere, place: Place) -> PhotoPage:
    """A part of the photos that pass a filter, by time unless another order is asked for."""
    bursts = bursts_of(album, place.settings) if asked.stacked else None
    numbers = _chosen(album, place, asked)
    cells = _cells(album, bursts, numbers, frozenset(asked.opened))
    grid = place.grid(album)
    place.look_at(album.entry.id)
    page = cells[asked.offset : asked.offset + asked.limit]
    if bursts:
        bursts.judge(number for cell in page if len(cell.members) > 1 for number in cell.members)
    return PhotoPage(
        total=len(cells),
        in_all=len(numbers),
        offset=asked.offset,
        pending=album.pending,
        photos=[
            grid.on_top(bursts.stack(cell.members), is_open=cell.is_open, within=cell.within)
            if bursts
            else grid.photo(cell.members[0])
            for cell in page
        ],
    )


@router.get("/photos/{photo_id}/burst")
def read_burst(photo_id: PhotoPath, album: AlbumHere, place: Place) -> BurstOut:
    """The burst that a photo belongs to: its frames, and the faces of each person in them."""
    everyone = place.everyone(album)
    owners, false_faces = everyone.owners(), everyone.people.table.false_faces
    grid = place.grid(album)
    frames = bursts_of(album, place.settings).frames(album.number(photo_id))
    return BurstOut(
        frames=[grid.detail(number, place.settings, owners, false_faces) for number in frames],
        rows=[
            BurstRow(
                person=row.person.id if row.person else None,
                name=row.person.name if row.person else None,
                faces=row.faces,
            )
            for row in face_rows(album, frames, owners, false_faces)
        ],
    )


@router.get("/timeline", responses=may_fail(400))
def read_timeline(asked: Annotated[PhotoFilter, Query()], album: AlbumHere, place: Place) -> Timeline:
    """How many photos that pass a filter were taken when; its own ``since`` and ``until`` are left aside."""
    whole = asked.model_copy(update={"since": None, "until": None})
    photos = album.album.photos
    return timeline(photos[number].record.taken_at for number in _chosen(album, place, whole))


@router.get("/photos/{photo_id}")
def read_photo(photo_id: PhotoPath, album: AlbumHere, place: Place) -> PhotoDetail:
    """All that is known of a photo."""
    everyone = place.everyone(album)
    false_faces = everyone.people.table.false_faces
    grid = place.grid(album)
    return grid.detail(album.number(photo_id), place.settings, everyone.owners(), false_faces)


@router.get("/photos/{photo_id}/shot")
def read_shot(photo_id: PhotoPath, album: AlbumHere, place: Place) -> ShotOut:
    """What a photo was taken with; read from its file, which is opened for it."""
    photo = album.photo(photo_id)
    try:
        found = exif_of(Path(photo.path), Limits.of(place.settings.measure))
    except (PhotoUnreadable, OSError):  # the photo itself says why; a film has no such facts
        found = Exif()
    return ShotOut(
        camera=found.camera or photo.record.camera,
        lens=found.lens,
        exposure_seconds=found.exposure_seconds,
        aperture=found.aperture,
        iso=found.iso,
        focal_mm=found.focal_mm,
    )


@router.get("/photos/{photo_id}/pictures/{side}", response_class=Response, responses=PICTURE)
async def read_picture(photo_id: PhotoPath, side: Side, album: AlbumHere, place: Place, request: Request) -> Response:
    """The upright photo as JPEG, its longer side 320, 1600 or 4096 px at most."""
    photo = album.photo(photo_id)
    version = f'"{version_of(photo.record)}-{side}"'
    return await jpeg_answer(
        request, place, version, lambda: place.thumbnails.whole(photo.path, photo.record, SIDES[side])
    )


@router.get("/faces/{face_id}/picture", response_class=Response, responses=PICTURE)
async def read_face_picture(face_id: FacePath, album: AlbumHere, place: Place, request: Request) -> Response:
    """A face as a square JPEG."""
    number, face = album.face(face_id)
    photo = album.album.photos[int(album.album.owners[number])]
    version = f'"{photo.record.stamp.hash}-{face_id}"'
    return await jpeg_answer(request, place, version, lambda: place.thumbnails.face(photo.path, photo.record, face))


class _Cell(NamedTuple):
    """One cell of the grid: the photos that it stands for."""

    members: tuple[int, ...]
    is_open: bool = False
    within: int | None = None
    """The photo on top of the open stack that this one belongs to."""


def _cells(album: OpenAlbum, bursts: Bursts | None, numbers: list[int], opened: frozenset[str]) -> list[_Cell]:
    """A cell for each stack; the other frames of an opened stack follow it."""
    if bursts is None:
        return [_Cell((number,)) for number in numbers]
    cells: list[_Cell] = []
    for members in bursts.together(numbers):
        is_open = len(members) > 1 and not opened.isdisjoint(album.ids[number] for number in members)
        cells.append(_Cell(members, is_open=is_open))
        if is_open:
            stack = bursts.stack(members)
            cells += [_Cell((number,), within=stack.top) for number in sorted(stack.rest, key=members.index)]
    return cells


def _chosen(album: OpenAlbum, place: Workplace, asked: PhotoFilter) -> list[int]:
    choice = place.choice(album, asked.model_copy(update={"sort": asked.sort or "time"}))
    everything = range(len(album.album.photos))
    if asked.show == "all" and choice.key is None and asked.sort != "stars":
        return album.remembered(("sorted", choice.asked.sort), lambda: choice.chosen(everything))
    return choice.chosen(everything)


async def jpeg_answer(request: Request, place: Workplace, version: str, make: Callable[[], bytes]) -> Response:
    """A picture that a browser may keep for good; made only if it is still wanted."""
    place.picture_asked_at = time.monotonic()
    headers = {"Cache-Control": FOR_GOOD, "ETag": version}
    if request.headers.get("if-none-match") == version:
        return Response(status_code=304, headers=headers)
    place.jobs.make_room()
    try:
        async with place.picture_room:
            if await request.is_disconnected():  # scrolled past while others were made
                return Response(status_code=204)
            return Response(await run_in_threadpool(make), media_type="image/jpeg", headers=headers)
    except OSError as error:
        raise PhotoUnreadable(f"cannot be opened: {error.strerror or error}") from error


PIECE_BYTES = 1 << 18
"""How much of a film is in memory at once; a browser that has enough stops reading."""

KINDS = {
    "avi": "video/x-msvideo",
    "mkv": "video/x-matroska",
    "mov": "video/mp4",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
"""Suffix or format -> media type. Browsers refuse films labelled QuickTime even if they can play them."""

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
    """The first byte that a Range header asks for and the one after the last; None for the whole file.

    A header that is not understood is ignored, as the standard says, and so is one that asks for several parts.
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


@marks_router.put("", response_model_exclude_unset=True, responses=may_fail(404, 409, 507))
def set_marks(ask: MarksAsk, album: AlbumHere, place: Place) -> MarksBefore:
    """Judge photos: flag, stars or both; sending the answer back undoes it and nothing else."""
    marks = place.marks(album.entry)
    expected = ask.only_if.model_dump(exclude_unset=True) if ask.only_if else {}
    asked = [item for item in ask.marks if _is_as_expected(marks.of(album.photo(item.photo)), expected)]
    photos = [album.photo(item.photo) for item in asked]
    alike = album.remembered("contents", lambda: Counter(map(mark_key, album.album.photos)))
    keys = [marks.key(photo, has_copies=alike[mark_key(photo)] > 1) for photo in photos]
    fields = [item.model_dump(exclude_unset=True, exclude={"photo"}) for item in asked]
    before = marks.change(zip(keys, fields, strict=True))
    return MarksBefore(
        before=[
            MarkChange(photo=item.photo, **{field: getattr(before[key], field) for field in changed})
            for item, key, changed in zip(asked, keys, fields, strict=True)
        ]
    )


def _is_as_expected(mark: Mark, expected: Mapping[str, Any]) -> bool:
    return all(getattr(mark, field) == value for field, value in expected.items())

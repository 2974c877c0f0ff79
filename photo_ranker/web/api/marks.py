"""Picks, rejects and stars."""

from __future__ import annotations

from fastapi import APIRouter

from photo_ranker.web.marks import Mark, mark_key
from photo_ranker.web.schemas import MarkChange, MarksAsk, MarksBefore
from photo_ranker.web.workplace import AlbumHere, Place

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}/marks", tags=["marks"])


@router.put("")
def set_marks(ask: MarksAsk, album: AlbumHere, place: Place) -> MarksBefore:
    """Judge photos; sending the answer back undoes it."""
    keys = {item.photo: mark_key(album.photo(item.photo)) for item in ask.marks}
    before = place.marks(album.entry).set(
        {keys[item.photo]: Mark(flag=item.flag, stars=item.stars) for item in ask.marks}
    )
    return MarksBefore(
        before=[MarkChange(photo=photo, flag=before[key].flag, stars=before[key].stars) for photo, key in keys.items()]
    )

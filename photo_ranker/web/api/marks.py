"""Picks, rejects and stars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from photo_ranker.web.marks import Mark, mark_key
from photo_ranker.web.problems import may_fail
from photo_ranker.web.schemas import MarkChange, MarksAsk, MarksBefore
from photo_ranker.web.workplace import AlbumHere, Place

__all__ = ["router"]

router = APIRouter(prefix="/api/albums/{album_id}/marks", tags=["marks"])


@router.put("", response_model_exclude_unset=True, responses=may_fail(404, 409, 507))
def set_marks(ask: MarksAsk, album: AlbumHere, place: Place) -> MarksBefore:
    """Judge photos: flag, stars or both; sending the answer back undoes it and nothing else."""
    marks = place.marks(album.entry)
    expected = ask.only_if.model_dump(exclude_unset=True) if ask.only_if else {}
    asked = [item for item in ask.marks if _stands(marks.of(album.photo(item.photo)), expected)]
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


def _stands(mark: Mark, expected: Mapping[str, Any]) -> bool:
    return all(getattr(mark, field) == value for field, value in expected.items())

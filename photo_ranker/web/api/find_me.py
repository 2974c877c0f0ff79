"""Find me: a guest sends a photo, and is told which photos of the link show them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from photo_ranker.web.api.guest import GuestPage, GuestRoute, Here, Visitor, page_of
from photo_ranker.web.find_me import own_photos
from photo_ranker.web.guests import RateLimit
from photo_ranker.web.problems import NotAllowed, TooLarge, TooOften

__all__ = ["router"]

router = APIRouter(prefix="/guest/{link_id}", include_in_schema=False, route_class=GuestRoute)

FIND_SECONDS = 60.0
"""How long a guest's photo may take to come."""
finds_per_guest = RateLimit(5, 600)
finds_per_link = RateLimit(40, 3600)
"""A guest may throw the cookie away, so a link has a limit too."""
finding = asyncio.Semaphore(2)
"""Photos of guests that are in memory at once."""


@router.post("/find-me")
async def find_me(request: Request, guest: Here, consent: bool = False) -> GuestPage:
    """The guest's own photos, best first. The photo that is sent is in memory for this question alone."""
    if not guest.may_find:
        raise NotAllowed("looking for yourself is not switched on here", "ask whoever sent you the link")
    if not consent:
        raise NotAllowed("you have not agreed", "agree first")
    if not (finds_per_guest.take((guest.link.id, guest.id)) and finds_per_link.take(guest.link.id)):
        raise TooOften("you have looked often", "try again in ten minutes")
    if finding.locked():
        raise TooOften("others are looking just now", "try again in a moment")
    async with finding:
        data = await _photo_of(request.stream())
        numbers = await run_in_threadpool(_own, guest, data)
    guest.place.guests.note(guest.link.id, guest.id, "searched")
    return page_of(guest, numbers, numbers)


async def _photo_of(pieces: AsyncIterator[bytes]) -> bytes:
    try:
        async with asyncio.timeout(FIND_SECONDS):
            return b"".join([piece async for piece in pieces])
    except TimeoutError as error:
        raise TooLarge("the photo takes too long to arrive", "choose a smaller photo") from error


def _own(guest: Visitor, data: bytes) -> list[int]:
    face = guest.place.face_of(data, guest.album.album.engine)
    people = guest.place.everyone(guest.album).people
    return own_photos(people, face, guest.place.settings, guest.is_allowed)

"""What guests may ask for: a third kind of caller, beside users of this machine and of others.

A guest sees the photos of one link, marks favourites and downloads; every other address answers as if nothing were
there. No response contains a path, a person's name, or a mark of the owner; failures have words of their own for
guests. If the owner allows it, a guest sends a photo and gets the photos of the link that show them.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Coroutine
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi import Path as PathOf
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from photo_ranker.album import AlbumPhoto
from photo_ranker.core.codec import decode_unit_rows
from photo_ranker.errors import PhotoRankerError, ReferenceUnusable
from photo_ranker.people.told import told_by
from photo_ranker.person_finder import find_person
from photo_ranker.ranker import line_up
from photo_ranker.web.answers import PAGES
from photo_ranker.web.api.guests import person_name
from photo_ranker.web.api.photos import SIDES, jpeg_answer
from photo_ranker.web.grid import version_of
from photo_ranker.web.guests import GuestLink, LinkGone, RateLimit, cookie_of, guest_of, is_liked
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.photo_filter import PhotoChoice, PhotoFilter
from photo_ranker.web.problems import NotAllowed, TooLarge, TooOften
from photo_ranker.web.schemas import PhotoId, Strict
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["GuestRoute", "Here", "Visitor", "name_for_guests", "router"]

log = logging.getLogger(__name__)

FOR_GUESTS = (LinkGone, NotAllowed, TooLarge, TooOften, ReferenceUnusable)
"""Errors whose words are meant for guests; any other may reveal a path."""


class GuestRoute(APIRoute):
    """Answers a guest in words that reveal nothing about this machine."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of the route, with the words of its failures replaced."""
        handle = super().get_route_handler()

        async def handle_for_guest(request: Request) -> Response:
            try:
                return await handle(request)
            except FOR_GUESTS:
                raise
            except (PhotoRankerError, OSError) as error:
                log.warning("a guest was not answered: %s", error)
                raise LinkGone from error

        return handle_for_guest


router = APIRouter(prefix="/guest/{link_id}", include_in_schema=False, route_class=GuestRoute)

COOKIE_SECONDS = 400 * 24 * 3600  # the link itself ends earlier
SCRIPTS = ("address", "api", "dialogs", "dom", "gestures", "guest", "guest_viewer", "stage", "theme", "toast", "words")
PAGE_FILES = frozenset({"base.css", "app.css", "icon.svg", *(f"js/{name}.js" for name in SCRIPTS)})
"""The files that the page of a guest loads."""
STATIC = Path(str(files("photo_ranker.web"))) / "static"

PAGE = 500
"""Most photos in one response."""

likes_per_link = RateLimit(600, 60)


class Visitor(msgspec.Struct, frozen=True):
    """Somebody who opened a link, and what the link shows."""

    link: GuestLink
    id: str
    album: OpenAlbum
    place: Workplace

    @property
    def numbers(self) -> list[int]:
        """The photos of the link by time, without those that the owner has rejected or that cannot be read."""
        return self._chosen[0]

    @property
    def _chosen(self) -> tuple[list[int], frozenset[int]]:
        people = [self.link.person] if self.link.person else []
        choice = self.place.choice(self.album, PhotoFilter(show="unrejected", with_people=people, sort="time"))
        return self.album.remembered(("guest", choice.key), lambda: _readable(choice))

    def number(self, photo_id: str) -> int:
        """The number of a photo of this link; a photo outside it gets the same answer as one that does not exist."""
        number = self.album.number_if_here(photo_id)
        if number is None or not self.is_allowed(number):
            raise LinkGone
        return number

    def is_allowed(self, number: int) -> bool:
        """Whether the link shows this photo."""
        return number in self._chosen[1]

    def photo(self, photo_id: str) -> AlbumPhoto:
        """A photo of this link."""
        return self.album.album.photos[self.number(photo_id)]

    @property
    def favourites(self) -> list[int]:
        """The photos of the link that this guest likes."""
        liked, photos = self.place.guests.favourites_of(self.link.id, self.id), self.album.album.photos
        return [number for number in self.numbers if is_liked(photos[number], liked)]

    def can_download(self, photo: AlbumPhoto) -> bool:
        """Places cannot be removed from films without rewriting them, so films are only given as originals."""
        return self.link.with_place or not photo.record.is_video

    @property
    def may_find(self) -> bool:
        """Whether guests may look for themselves; a link to one person leaves nothing to look for."""
        return self.link.person is None and self.place.guests.may_find(self.link.album)


def _readable(choice: PhotoChoice) -> tuple[list[int], frozenset[int]]:
    photos = choice.album.album.photos
    chosen = choice.chosen(number for number, photo in enumerate(photos) if photo.record.unreadable is None)
    return chosen, frozenset(chosen)


LinkId = Annotated[str, PathOf()]
"""Of any form: a link that was cut when it was copied is answered like one that has ended."""


def _guest(link_id: LinkId, request: Request, place: Place) -> Visitor:
    secret, _, visitor = request.cookies.get(_cookie_name(request, link_id), "").partition(".")
    link = place.guests.enter(link_id, secret)
    album = place.open_albums.get(place.albums.get(link.album))
    return Visitor(link, guest_of(visitor), album, place)


def _cookie_name(request: Request, link_id: str) -> str:
    """Browsers keep cookies per host, not per port, and a guest may have several links."""
    return f"photo_ranker_guest_{(request.scope.get('server') or ('', 0))[1] or 0}_{link_id}"


Here = Annotated[Visitor, Depends(_guest)]


class GuestPhoto(BaseModel):
    """A photo as guests see it."""

    id: str
    name: str
    width: int
    height: int
    version: str
    favourite: bool
    can_download: bool


class GuestPage(BaseModel):
    """A part of the photos of a link."""

    title: str
    person: str | None
    total: int
    favourites: int
    may_find: bool
    with_place: bool
    photos: list[GuestPhoto]


class LikeAsk(Strict):
    """Is it a favourite?"""

    favourite: bool


@router.get("")
def open_page(link_id: LinkId, request: Request, place: Place, key: str = "") -> Response:
    """The page of a link. If the address holds the key, set the cookie that stands for it, and redirect without it."""
    if key:
        secret = cookie_of(key)
        place.guests.enter(link_id, secret)
        answer = RedirectResponse(f"/guest/{link_id}", 303)
        known = request.cookies.get(_cookie_name(request, link_id), "").partition(".")[2]
        answer.set_cookie(
            _cookie_name(request, link_id),
            f"{secret}.{known or secrets.token_hex(16)}",
            max_age=COOKIE_SECONDS,
            path=f"/guest/{link_id}",
            httponly=True,
            samesite="lax",
        )
        return answer
    guest = _guest(link_id, request, place)
    place.guests.note(link_id, guest.id, "opened")
    return PAGES.TemplateResponse(request, "guest.html", {"link": link_id})


@router.get("/static/{name:path}", dependencies=[Depends(_guest)])
def read_static(name: str) -> Response:
    """What the page loads."""
    if name not in PAGE_FILES:
        raise LinkGone
    return FileResponse(STATIC / name)


@router.get("/photos")
def list_guest_photos(
    guest: Here,
    offset: Annotated[int, Query(ge=0)] = 0,
    only: Literal["all", "favourites"] = "all",
) -> GuestPage:
    """A part of the photos of the link."""
    numbers = guest.numbers if only == "all" else guest.favourites
    return _page_of(guest, numbers, numbers[offset : offset + PAGE])


@router.get("/photos/{photo_id}/pictures/{side}", response_class=Response)
async def read_guest_picture(
    photo_id: Annotated[PhotoId, PathOf()], side: Literal["small", "large", "full"], guest: Here, request: Request
) -> Response:
    """A photo as a JPEG that holds nothing but the picture."""
    photo, thumbnails = guest.photo(photo_id), guest.place.thumbnails
    version = f'"{version_of(photo.record)}-{side}"'
    return await jpeg_answer(
        request, guest.place, version, lambda: thumbnails.whole(photo.path, photo.record, SIDES[side])
    )


@router.put("/photos/{photo_id}/favourite", status_code=204)
def mark_favourite(photo_id: Annotated[PhotoId, PathOf()], ask: LikeAsk, guest: Here) -> Response:
    """Add a photo to the guest's favourites, or take it out."""
    if not likes_per_link.take(guest.link.id):
        raise TooOften("too many changes at once", "wait a minute")
    guest.place.guests.like(guest.link.id, guest.id, guest.photo(photo_id), likes=ask.favourite)
    if ask.favourite:
        guest.place.guests.note(guest.link.id, guest.id, "favourite")
    return Response(status_code=204)


FIND_SECONDS = 60.0
"""How long a guest's photo may take to arrive."""
finds_per_guest = RateLimit(5, 600)
finds_per_link = RateLimit(40, 3600)
"""A guest may delete the cookie, so a link has a limit too."""
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
        raise TooOften("you have searched too many times", "try again in ten minutes")
    if finding.locked():
        raise TooOften("others are looking just now", "try again in a moment")
    async with finding:
        data = await _photo_of(request.stream())
        numbers = await run_in_threadpool(_own_photos, guest, data)
    guest.place.guests.note(guest.link.id, guest.id, "searched")
    return _page_of(guest, numbers, numbers)


async def _photo_of(pieces: AsyncIterator[bytes]) -> bytes:
    try:
        async with asyncio.timeout(FIND_SECONDS):
            return b"".join([piece async for piece in pieces])
    except TimeoutError as error:
        raise TooLarge("the photo takes too long to arrive", "choose a smaller photo") from error


def _own_photos(guest: Visitor, data: bytes) -> list[int]:
    """Numbers of the photos that surely show this face, best first. Nothing about the face is kept for later."""
    settings, people = guest.place.settings, guest.place.everyone(guest.album).people
    identity = guest.place.face_of(data, people.album.engine).identity(people.album.engine)
    if identity is None:
        raise ReferenceUnusable("no face is found in this photo", "look straight into the camera, in good light")
    finding = find_person(
        people.album, list(decode_unit_rows([identity])), settings=settings, told=told_by(people.book)
    )
    matches = [match for match in finding.sure if guest.is_allowed(match.photo)]
    lineup = line_up(people.album, matches, settings)
    return [lineup.photo(number) for number in lineup.order(settings.weights, 0.0)]


@router.api_route("/{rest:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def read_nothing() -> Response:
    """Whatever else a guest asks for is not there."""
    raise LinkGone


def _page_of(guest: Visitor, numbers: list[int], shown: list[int]) -> GuestPage:
    """What a guest is told about these photos of the link, with those to show now."""
    liked = guest.place.guests.favourites_of(guest.link.id, guest.id)
    return GuestPage(
        title=guest.album.entry.title,
        person=person_name(guest.place, guest.link),
        total=len(numbers),
        favourites=len(guest.favourites),
        may_find=guest.may_find,
        with_place=guest.link.with_place,
        photos=[_photo_out(guest, number, liked) for number in shown],
    )


def _photo_out(guest: Visitor, number: int, liked: frozenset[str]) -> GuestPhoto:
    photo = guest.album.album.photos[number]
    return GuestPhoto(
        id=guest.album.ids[number],
        name=name_for_guests(photo),
        width=photo.record.width,
        height=photo.record.height,
        version=version_of(photo.record),
        favourite=is_liked(photo, liked),
        can_download=guest.can_download(photo),
    )


def name_for_guests(photo: AlbumPhoto) -> str:
    """The name of a photo as a guest sees it."""
    return photo.name.encode("utf-8", "replace").decode()

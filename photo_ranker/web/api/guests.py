"""The owner's side of links for guests: make, list, end; and whether the guests of an album may find themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from photo_ranker.web import LOOPBACK
from photo_ranker.web.answers import may_fail
from photo_ranker.web.guests import GuestLink, Visit, VisitKind
from photo_ranker.web.problems import NotHere
from photo_ranker.web.schemas import AlbumId, PersonId, Strict, Title
from photo_ranker.web.security import own_address
from photo_ranker.web.workplace import Place, Workplace

__all__ = ["router"]

router = APIRouter(prefix="/api/guests", tags=["guests"])

VISITS_TOLD = 50
LONGEST_DAYS = 365

LinkPath = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


class GuestLinkAsk(Strict):
    """A new link."""

    album: AlbumId
    title: Title = Field(description="for whom it is")
    person: PersonId | None = Field(default=None, description="only photos of this person; null: the whole album")
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 30
    with_place: bool = Field(default=False, description="downloads are the originals, which may tell the place")


class VisitOut(BaseModel):
    """A line of the log."""

    at: str
    guest: int = Field(description="guests of a link are numbered, 1 came first")
    what: VisitKind
    times: int


class GuestLinkOut(BaseModel):
    """A link as its owner sees it; its key is not kept."""

    id: str
    album: str
    album_title: str
    title: str
    person: str | None
    person_name: str | None
    state: Literal["open", "expired", "ended"]
    created_at: str
    expires_at: str
    with_place: bool
    favourites: int = Field(description="photos that a guest of this link likes")
    visits: list[VisitOut] = Field(description="the last first")


class NewGuestLink(GuestLinkOut):
    """A link that was just made."""

    path: str = Field(description="its address with the key, which is told this once, without the server's own")


class GuestsOut(BaseModel):
    """All links, and from where they can be reached."""

    links: list[GuestLinkOut]
    may_find: list[str] = Field(description="albums whose guests may find themselves")
    address: str | None = Field(description="where other machines reach the server; null: they cannot, or by your own")
    only_here: bool = Field(description="other machines cannot reach the server")


class FindMeAsk(Strict):
    """May the guests of an album find themselves?"""

    album: AlbumId
    on: bool


@router.get("")
def list_links(request: Request, place: Place) -> GuestsOut:
    """All links with their visits, the newest first; those of albums that are not shown are left out."""
    shown = {entry.id: entry.title for entry in place.albums.entries()}
    links = [link for link in place.guests.all() if link.album in shown]
    return GuestsOut(
        links=[_out(place, link, shown[link.album]) for link in links],
        may_find=[album for album in shown if place.guests.may_find(album)],
        address=None if place.options.local else _address(request),
        only_here=place.options.local,
    )


@router.post("", status_code=201, responses=may_fail(404, 409, 507))
def make_link(ask: GuestLinkAsk, place: Place) -> NewGuestLink:
    """Make a link. Guests see, mark favourites and download; they never see what you rejected."""
    entry = place.albums.get(ask.album)
    if ask.person is not None:
        place.everyone(place.open_albums.get(entry)).person(ask.person)  # raises if there is no such person
    link, key = place.guests.make(entry.id, ask.person, ask.title, ask.days, with_place=ask.with_place)
    return NewGuestLink(**_out(place, link, entry.title).model_dump(), path=f"/guest/{link.id}?key={key}")


@router.put("/find-me", status_code=204, responses=may_fail(404, 507))
def switch_find_me(ask: FindMeAsk, place: Place) -> Response:
    """Let the guests of an album find themselves by a photo of their own, or not."""
    place.guests.let_find(place.albums.get(ask.album).id, on=ask.on)
    return Response(status_code=204)


@router.delete("/{link_id}", status_code=204, responses=may_fail(404, 507))
def end_link(link_id: LinkPath, place: Place) -> Response:
    """End a link at once. Its log and the favourites of its guests stay."""
    place.guests.end(link_id)
    return Response(status_code=204)


def _out(place: Workplace, link: GuestLink, album_title: str) -> GuestLinkOut:
    visits = place.guests.visits(link.id)
    is_open = place.guests.is_open(link)
    return GuestLinkOut(
        id=link.id,
        album=link.album,
        album_title=album_title,
        title=link.title,
        person=link.person,
        person_name=person_name(place, link),
        state="ended" if link.ended_at else "open" if is_open else "expired",
        created_at=link.created_at,
        expires_at=link.expires_at,
        with_place=link.with_place,
        favourites=len(place.guests.favourites(link.album, [link.id])),
        visits=_numbered(visits)[:VISITS_TOLD],
    )


def person_name(place: Workplace, link: GuestLink) -> str | None:
    """The name of the person that a link shows; None if they have no name, or no longer exist."""
    if link.person is None:
        return None
    try:
        album = place.open_albums.get(place.albums.get(link.album))
        return place.everyone(album).heir(link.person).name
    except NotHere:
        return None


def _numbered(visits: Sequence[Visit]) -> list[VisitOut]:
    numbers: dict[str, int] = {}
    for visit in reversed(visits):
        numbers.setdefault(visit.guest, len(numbers) + 1)
    return [VisitOut(at=visit.at, guest=numbers[visit.guest], what=visit.what, times=visit.times) for visit in visits]


def _address(request: Request) -> str | None:
    """Where other machines can reach us, if the owner's browser uses a name that only this machine knows."""
    name = request.url.hostname or ""
    if name not in LOOPBACK:
        return None
    found = own_address(by_ipv6=":" in name)
    host = f"[{found}]" if found and ":" in found else found
    return f"http://{host}:{request.url.port or 80}" if host else None

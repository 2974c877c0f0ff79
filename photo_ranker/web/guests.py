"""Links for guests: each shows one album, or one person of it, to somebody who has no access to the app.

Only its guests know the key of a link. The browser's cookie is a hash of the key, and the file of the link holds a hash
of that hash, so neither is enough to make a link that works. Favourites and visits of the guests are in the same file,
apart from the owner's own picks and stars.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from photo_ranker.album import AlbumPhoto
from photo_ranker.core import files
from photo_ranker.errors import MetadataError
from photo_ranker.metadata.document import to_key
from photo_ranker.web import storage
from photo_ranker.web.marks import early_key, mark_key
from photo_ranker.web.problems import NotHere, TooOften

__all__ = ["FOLDER", "GuestLink", "Guests", "LinkGone", "RateLimit", "Visit", "VisitKind", "is_liked", "likes_of"]

log = logging.getLogger(__name__)

SCHEMA = 1

FOLDER = "guests"
"""Folder of an album of the app: one file per link."""
_FIND_ME = "find_me.json"
_LINK_NAME = re.compile(r"[0-9a-f]{16}")

VISITS_KEPT = 500
"""Visits kept of one link; older ones are dropped."""
ONE_VISIT = timedelta(minutes=30)
"""If a guest does the same again within this time, it is counted in the same line of the log."""
MOST_GUESTS = 1000
"""Most guests of one link: whoever deletes the cookie counts as a new guest, and must not fill the disk."""

VisitKind = Literal["opened", "favourite", "downloaded", "searched"]


class LinkGone(NotHere):
    """The link of a guest does not work: one answer for all reasons, so that it gives no hint to someone guessing."""

    def __init__(self) -> None:
        super().__init__("this link does not work, or no longer", "ask whoever sent it for a new one")


class GuestLink(msgspec.Struct, frozen=True):
    """What a link shows, and for how long."""

    id: str
    album: str
    title: str
    """Who it is for, in the owner's words."""
    secret: str
    """Hash of the cookie, which is a hash of the key."""
    created_at: str
    expires_at: str
    person: str | None = None
    """Only photos of this person; None = the whole album."""
    with_place: bool = False
    """Whether downloads are the originals, with the place and everything else that the camera wrote."""
    ended_at: str | None = None


class Visit(msgspec.Struct, frozen=True):
    """A line of the log."""

    at: str
    guest: str
    what: VisitKind
    times: int = 1


class _File(msgspec.Struct):
    link: GuestLink
    schema: int = SCHEMA
    visits: list[Visit] = []
    favourites: dict[str, list[str]] = {}
    """Guest -> keys of photos: their contents, or their names and paths until they are measured."""


class _Switch(msgspec.Struct):
    on: bool = False


class MadeLink(NamedTuple):
    """A new link and its key, which is shown only this once."""

    link: GuestLink
    key: str


class Guests:
    """All links of all albums. Thread-safe."""

    def __init__(self, albums: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._albums, self._now = albums, now
        self._lock = threading.Lock()
        self._files: dict[str, _File] = {}
        self.version = 0
        """Increases with every change of a favourite."""
        for folder in albums.glob(f"*/{FOLDER}"):
            files.remove_leftovers(folder, in_cache=True)
        for path in sorted(albums.glob(f"*/{FOLDER}/*.json")):
            if _LINK_NAME.fullmatch(path.stem):
                self._load(path)

    def _load(self, path: Path) -> None:
        """Read a link; one that cannot be read lets nobody in. A damaged one is copied aside and removed."""
        try:
            found, _ = storage.read_or_heal(path, _File, lambda _: None)
        except MetadataError as error:
            log.warning("%s", error)
            return
        # The name and the folder must match, so that a copied file is not a second link.
        if found is not None and found.schema <= SCHEMA:
            if (found.link.id, found.link.album) == (path.stem, path.parent.parent.name):
                self._files[path.stem] = found
        elif found is not None:
            log.warning("%s was written by a newer version: its link does not work here", path)

    def all(self) -> list[GuestLink]:
        """All links, the newest first, including those that have expired or were ended."""
        return sorted((file.link for file in self._files.values()), key=lambda link: link.created_at, reverse=True)

    def make(self, album: str, person: str | None, title: str, days: int, *, with_place: bool) -> MadeLink:
        """A new link."""
        key, now = secrets.token_urlsafe(24), self._now()
        link = GuestLink(
            id=secrets.token_hex(8),
            album=album,
            title=title,
            secret=_digest(cookie_of(key)),
            created_at=_text(now),
            expires_at=_text(now + timedelta(days=days)),
            person=person,
            with_place=with_place,
        )
        with self._lock:
            self._store(_File(link))
        return MadeLink(link, key)

    def end(self, link_id: str) -> None:
        """Let nobody in through this link any more; the log and the favourites stay."""
        with self._lock:
            file = self._known(link_id)
            if file.link.ended_at is None:
                ended = msgspec.structs.replace(file.link, ended_at=_text(self._now()))
                self._store(_File(ended, file.schema, file.visits, file.favourites))

    def is_open(self, link: GuestLink) -> bool:
        """Whether a link still lets guests in."""
        return link.ended_at is None and _text(self._now()) < link.expires_at

    def enter(self, link_id: str, cookie: str) -> GuestLink:
        """The link that a cookie opens; raises :class:`LinkGone`, whatever the reason."""
        file = self._files.get(link_id)
        # An unknown link is compared too, so that the time taken does not reveal which links exist.
        is_right = hmac.compare_digest(_digest(cookie), file.link.secret if file else _digest(""))
        if file is None or not is_right or not self.is_open(file.link):
            raise LinkGone
        return file.link

    def note(self, link_id: str, guest: str, what: VisitKind) -> None:
        """Write into the log what a guest did."""
        with self._lock:
            file, now = self._known(link_id), self._now()
            recent = _text(now - ONE_VISIT)
            same = [item for item in file.visits if (item.guest, item.what) == (guest, what) and item.at >= recent]
            visits = [item for item in file.visits if item not in same]
            visit = Visit(same[-1].at, guest, what, same[-1].times + 1) if same else Visit(_text(now), guest, what)
            self._store(_File(file.link, file.schema, [*visits, visit][-VISITS_KEPT:], file.favourites))

    def visits(self, link_id: str) -> list[Visit]:
        """The log of a link, the latest first."""
        return sorted(self._known(link_id).visits, key=lambda visit: visit.at)[::-1]

    def favourites_of(self, link_id: str, guest: str) -> frozenset[str]:
        """The keys of the photos that a guest likes."""
        return frozenset(self._known(link_id).favourites.get(guest, ()))

    def like(self, link_id: str, guest: str, photo: AlbumPhoto, *, likes: bool) -> None:
        """Add a photo to the favourites of a guest, or take it out."""
        with self._lock:
            file = self._known(link_id)
            if guest not in file.favourites and len(file.favourites) >= MOST_GUESTS:
                raise TooOften("too many guests use this link", "ask whoever sent it for a new one")
            others = [one for one in file.favourites.get(guest, []) if one not in _keys_of(photo)]
            self._keep_favourites(file, {**file.favourites, guest: others + [_keys_of(photo)[0]] * likes})

    def settle(self, album: str, photos: Sequence[AlbumPhoto]) -> None:
        """Move favourites to the keys of the photos' contents if they were given before the photos were measured."""
        settled: dict[str, list[str]] = {}
        for photo in photos:
            content, *early = _keys_of(photo)
            for key in early if photo.record.stamp.hash else ():
                settled.setdefault(key, []).append(content)
        with self._lock:
            for file in [file for file in self._files.values() if file.link.album == album]:
                favourites = {guest: _settled(keys, settled) for guest, keys in file.favourites.items()}
                if favourites != file.favourites:
                    self._keep_favourites(file, favourites)

    def _keep_favourites(self, file: _File, favourites: Mapping[str, list[str]]) -> None:
        self._store(_File(file.link, file.schema, file.visits, {who: keys for who, keys in favourites.items() if keys}))
        self.version += 1

    def favourites(self, album: str, among: Iterable[str] = ()) -> Counter[str]:
        """Key of a photo -> how many guests like it, over all links of an album or only those in ``among``."""
        wanted = frozenset(among)
        of_album = [file for file in self._files.values() if file.link.album == album]
        chosen = [file for file in of_album if not wanted or file.link.id in wanted]
        return Counter(photo for file in chosen for keys in file.favourites.values() for photo in keys)

    def may_find(self, album: str) -> bool:
        """Whether guests of an album may look for themselves; off until the owner switches it on."""
        found = storage.read_derived(self._albums / album / FOLDER / _FIND_ME, _Switch)
        return found is not None and found.on

    def let_find(self, album: str, *, on: bool) -> None:
        """Let guests of an album look for themselves, or not."""
        storage.write_value(self._albums / album / FOLDER / _FIND_ME, _Switch(on))

    def _known(self, link_id: str) -> _File:
        if link_id not in self._files:
            raise NotHere("there is no such link", "reload the page")
        return self._files[link_id]

    def _store(self, file: _File) -> None:
        storage.write_value(self._albums / file.link.album / FOLDER / f"{file.link.id}.json", file)
        self._files[file.link.id] = file


def is_liked(photo: AlbumPhoto, liked: Container[str]) -> bool:
    """Whether a photo is among the favourites with these keys."""
    return any(key in liked for key in _keys_of(photo))


def likes_of(photo: AlbumPhoto, favourites: Mapping[str, int]) -> int:
    """How many guests like a photo; ``favourites`` are all of its album."""
    return sum(favourites.get(key, 0) for key in _keys_of(photo))


def _keys_of(photo: AlbumPhoto) -> tuple[str, ...]:
    """The keys by which a photo may be among the favourites; the one for new favourites comes first.

    A favourite that was given before the photo was measured keeps its early key until :meth:`Guests.settle`; earlier
    versions used the bare name.
    """
    early = early_key(photo), to_key(photo.name)
    return (mark_key(photo), *early) if photo.record.stamp.hash else early


def _settled(keys: Iterable[str], settled: Mapping[str, list[str]]) -> list[str]:
    return list(dict.fromkeys(new for key in keys for new in settled.get(key, [key])))


def cookie_of(key: str) -> str:
    """What a browser keeps in place of the key."""
    return _digest(f"photo-ranker guest: {key}")


def guest_of(visitor: str) -> str:
    """The name of a guest in the log and among favourites: it does not reveal the cookie."""
    return _digest(visitor)[:16]


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def _text(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds")


class RateLimit:
    """Limits how often something may happen. Thread-safe."""

    def __init__(self, times: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._times, self._seconds, self._clock = times, seconds, clock
        self._seen: OrderedDict[Hashable, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: Hashable) -> bool:
        """Whether it may happen once more for this key; if so, it is counted."""
        now = self._clock()
        with self._lock:
            seen = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while len(self._seen) > 10 * MOST_GUESTS:
                self._seen.popitem(last=False)
            while seen and now - seen[0] >= self._seconds:
                seen.popleft()
            if len(seen) >= self._times:
                return False
            seen.append(now)
            return True

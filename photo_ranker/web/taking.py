"""Which photos an album that is taken home holds; the exporters do the rest."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from photo_ranker.answer import Ranking, Unreadable
from photo_ranker.exporters.albums import Wanted
from photo_ranker.web.library import OpenAlbum
from photo_ranker.web.problems import NotHere
from photo_ranker.web.questions import SHOWN, Asked, Asking
from photo_ranker.web.schemas import ExportAsk
from photo_ranker.web.workplace import Workplace

__all__ = ["folder_for", "packed", "ranking_of", "unpacked", "wanted_of"]


def wanted_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[Wanted]:
    """The photos that are named, else those that are ranked, else all that are shown."""
    if ask.asks_for_somebody and not ask.photos:
        ranked = _asked(album, place, ask).explained()
        return [
            Wanted(item.path, item.photo.record.companions, number=number, score=item.score)
            for number, item in enumerate(ranked, 1)
        ]
    marks, shown = place.marks(album.entry), SHOWN[ask.show]
    photos = [album.photo(name) for name in ask.photos] or [one for one in album.album.photos if shown(marks.of(one))]
    return [Wanted(photo.path, photo.record.companions, number=number) for number, photo in enumerate(photos, 1)]


def ranking_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> Ranking:
    """The whole answer, as the exporters take it."""
    asked = _asked(album, place, ask)
    return Ranking(
        engine=album.album.engine,
        threshold=asked.threshold,
        counts=asked.counts,
        unreadable=tuple(
            Unreadable(photo.path, photo.record.unreadable)
            for photo in album.album.photos
            if photo.record.unreadable is not None
        ),
        results=tuple(asked.explained()),
    )


def folder_for(text: str) -> Path:
    """The folder that a user of this machine has named."""
    folder = Path(text).expanduser()
    if not folder.is_absolute() or not folder.parent.is_dir():
        raise NotHere(f"there is no folder {folder.parent}", "give a whole path; the last folder of it is made")
    return folder


def packed(wanted: Wanted) -> dict[str, Any]:
    """A wanted photo as JSON: names need not be valid text."""
    names = [os.fsencode(name).hex() for name in (wanted.path, *wanted.companions)]
    return {"names": names, "number": wanted.number, "score": wanted.score}


def unpacked(told: dict[str, Any]) -> Wanted:
    """What :func:`packed` was given."""
    path, *companions = (os.fsdecode(bytes.fromhex(name)) for name in told["names"])
    return Wanted(path, tuple(companions), number=told["number"], score=told["score"])


def _asked(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> Asked:
    everyone, marks = place.everyone(album), place.marks(album.entry)
    return Asking(album, everyone, place.references, marks, place.options.settings).all(ask)

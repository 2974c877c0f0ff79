"""Which photos a client exports, and into which folders; the exporters do the rest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.core.terminal import SILENT
from photo_ranker.core.words import current_words
from photo_ranker.exporters.albums import Wanted, archive_names, check, plan_album
from photo_ranker.exporters.document import shown
from photo_ranker.exporters.html import PictureMaker
from photo_ranker.people.book import Book
from photo_ranker.people.corrections import shown_name
from photo_ranker.questions.answer import Ranking, Unreadable
from photo_ranker.questions.selection import leaders, one_of_each
from photo_ranker.ranker import RankedPhoto
from photo_ranker.settings import Settings
from photo_ranker.web.open_albums import OpenAlbum
from photo_ranker.web.problems import NotHere
from photo_ranker.web.questions import weighed
from photo_ranker.web.ranking_schemas import ExportAsk, ExportPreview, XmpFileOut
from photo_ranker.web.workplace import Workplace
from photo_ranker.workspace import XmpRequest
from photo_ranker.workspace.exchange import export_xmp
from photo_ranker.workspace.exports import best_of_people, names_of, wanted_photos, wanted_results
from photo_ranker.workspace.requests import ExportRequest

__all__ = [
    "PREVIEWED",
    "first_sidecars",
    "names_in",
    "packed",
    "pictures_of",
    "previewed",
    "ranking_of",
    "ratings_in",
    "unpacked",
    "wanted_of",
    "with_copies",
]

FIRST = 30
"""Names of files in a preview."""


def wanted_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[Wanted]:
    """The photos that are named, else those that are ranked, else all that are shown; in folders if asked for."""
    request = ExportRequest(ordered=ask.ordered, per_event=ask.per_event, with_context=ask.context)
    opened, settings = album.album, place.settings
    if ask.per_person:
        return [
            wanted
            for name, results in _by_person(album, place, ask)
            for wanted in wanted_results(results, opened, settings, request, name)
        ]
    if _is_ranking(ask):
        return wanted_results(place.asking(album).all(ask).explained(), opened, settings, request)
    return wanted_photos(_chosen(album, place, ask), opened, settings, request, numbered=True)


def _is_ranking(ask: ExportAsk) -> bool:
    return ask.asks_for_somebody and not ask.photos


def _chosen(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[AlbumPhoto]:
    if _is_ranking(ask):
        return [item.photo for item in place.asking(album).all(ask).explained()]
    photos = album.album.photos
    named = [album.photo(name) for name in ask.photos]
    shown = named or [photos[number] for number in place.choice(album, ask).chosen(range(len(photos)))]
    return shown if ask.copies == "all" else one_of_each(shown)


def _by_person(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> list[tuple[str, list[RankedPhoto]]]:
    """The photos of everyone who has a name, best first: of those named, else of all that are shown."""
    people = replace(place.everyone(album).people, settings=weighed(place.settings, ask.weights))
    named = [person for person in people.shown() if person.name]
    if not named:
        raise NotHere("nobody in this album has a name yet", "name people first: the People page, or people name")
    allowed = {photo.path for photo in _chosen(album, place, ask)}
    shared = Counter(shown_name(person).casefold() for person in named)
    return [
        (
            # Two people of one name have a folder each.
            shown_name(person)
            if shared[shown_name(person).casefold()] == 1
            else f"{shown_name(person)} ({person.number})",
            [item for item in ranked if not allowed.isdisjoint([item.path, *(copy.path for copy in item.copies)])],
        )
        for person, ranked in best_of_people(people, named, ask.top, only_distinct=ask.distinct, copies=ask.copies)
    ]


def with_copies(album: OpenAlbum, wanted: Sequence[Wanted]) -> list[Wanted]:
    """The photos, and behind each the other files of the album with its bytes."""
    photos = album.album.photos
    leader_of = leaders(photos, range(len(photos)))
    numbers = {photo.path: number for number, photo in enumerate(photos)}
    beside: dict[int, list[AlbumPhoto]] = {}
    for number, leader in leader_of.items():
        beside.setdefault(leader, []).append(photos[number])
    found: dict[str, Wanted] = {}
    for item in wanted:
        for photo in beside[leader_of[numbers[item.path]]]:
            given = found.get(photo.path)
            if given is None or photo.path == item.path:
                found[photo.path] = msgspec.structs.replace(item, path=photo.path, companions=photo.record.companions)
    return list(found.values())


def ranking_of(album: OpenAlbum, place: Workplace, ask: ExportAsk) -> Ranking:
    """The whole answer, as the exporters take it; users of other machines are told names within the album."""
    asked = place.asking(album).all(ask)
    is_local = place.options.local
    return Ranking(
        engine=album.album.engine,
        threshold=asked.threshold,
        counts=asked.counts,
        unreadable=tuple(
            Unreadable((photo if is_local else album.within(photo)).path, photo.record.unreadable)
            for photo in album.album.photos
            if photo.record.unreadable is not None
        ),
        results=tuple(item if is_local else album.within_result(item) for item in asked.explained()),
    )


def pictures_of(album: OpenAlbum, place: Workplace) -> PictureMaker:
    """The pictures of a page, by paths or by names within the album."""
    return lambda path, record, face, side: place.thumbnails(str(album.entry.path / path), record, face, side)


def previewed(wanted: list[Wanted], folder: Path | None, *, ordered: bool) -> ExportPreview:
    """What an export would write, in a folder or in a ZIP."""
    if folder is None:
        files = list(archive_names(wanted, ordered=ordered))
        size = sum(path.stat().st_size for _, path in files)
        names = [name for name, _ in files]
        return ExportPreview(
            folder=None, photos=len(wanted), files=len(files), bytes=size, there=0, names=names[:FIRST]
        )
    plan = plan_album(wanted, folder, ordered=ordered)
    check(plan)
    return ExportPreview(
        folder=shown(str(folder)),
        photos=len(wanted),
        files=len(plan.steps),
        bytes=plan.bytes_to_write,
        there=sum(step.state == "there" for step in plan.steps),
        names=[shown(step.entry.target) for step in plan.todo[:FIRST]],
    )


def packed(wanted: Wanted) -> dict[str, Any]:
    """A wanted photo as JSON; names of files are hexadecimal, since they need not be valid text."""
    names = [os.fsencode(name).hex() for name in (wanted.path, *wanted.companions)]
    return {
        "names": names,
        "folder": wanted.folder,
        "number": wanted.number,
        "score": wanted.score,
        "person": wanted.person,
    }


def unpacked(told: dict[str, Any]) -> Wanted:
    """The wanted photo that :func:`packed` made this of."""
    path, *companions = (os.fsdecode(bytes.fromhex(name)) for name in told["names"])
    facts = {name: told.get(name) for name in ("number", "score", "person")}
    return Wanted(path, tuple(companions), told.get("folder", ""), **facts)


# XMP sidecars of an album: what they are to say, and a look at the first of them before anything is written.


PREVIEWED = 20
"""Photos of a preview: each is read as a whole, for the stars that it may hold itself."""


def names_in(book: Book, *, all_names: bool) -> dict[str, str]:
    """Id of a face -> the name that a sidecar tells: of confirmed faces, or of all recognised ones."""
    return names_of(book.owners(), None if all_names else book.confirmed())


def ratings_in(told: Iterable[Mapping[str, Any]], settings: Settings) -> dict[str, int | None]:
    """Path of a photo -> stars: the user's own, else those of its score; ``told`` are packed photos with stars."""
    from photo_ranker.exporters.xmp import stars

    ratings: dict[str, int | None] = {}
    for item in told:
        wanted = unpacked(dict(item))
        scored = None if wanted.score is None else stars(wanted.score, settings)
        ratings[wanted.path] = item["stars"] or scored
    return ratings


def first_sidecars(album: Album, names: Mapping[str, str], ratings: Mapping[str, int | None]) -> list[XmpFileOut]:
    """What the sidecars of the first photos would say; those that say it already are left out."""
    photos = [photo for photo in album.photos if photo.path in ratings][:PREVIEWED]
    few = {photo.path: ratings[photo.path] for photo in photos}
    report = export_xmp(Album(photos, album.engine), names, few, XmpRequest(dry_run=True), SILENT)
    return [_told(Path(file.path), file.reason, photos, names, few) for file in report.files]


def _told(
    sidecar: Path, problem: str, photos: list[AlbumPhoto], names: Mapping[str, str], ratings: Mapping[str, int | None]
) -> XmpFileOut:
    photo = next((one for one in photos if sidecar.name.startswith(Path(one.path).stem)), None)
    faces = photo.record.faces if photo else ()
    problem = current_words().said(problem)
    shown = sidecar.name.encode("utf-8", "replace").decode()
    said = sorted({names[face.id] for face in faces if face.id in names})
    return XmpFileOut(name=shown, stars=ratings[photo.path] if photo else None, names=said, problem=problem)

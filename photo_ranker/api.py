"""The library in three calls; everything else is in the modules named after what they do."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import msgspec

from photo_ranker.album import Album
from photo_ranker.errors import UserError
from photo_ranker.questions.answer import Question, Ranking, answer
from photo_ranker.records import PhotoRecord
from photo_ranker.settings import Settings
from photo_ranker.workspace import AlbumRequest, EngineRequest, PersonRequest, PhotosRequest, Workspace

__all__ = ["measure", "open_album", "rank"]

AnyPath = str | PathLike[str]


def rank(
    references: AnyPath | Iterable[AnyPath],
    photos: AnyPath | Iterable[AnyPath],
    *,
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str = "",
    **question: Any,
) -> Ranking:
    """The best photos of the person in ``references``, best first.

    ``engine`` is what ``photo-ranker --engine`` takes; empty = the usual one.
    ``question`` takes what ``photo_ranker.Question`` has: ``top=20``, ``distinct=True``, ``filters=...``.
    """
    asked = Question(references=(), **question)
    PhotosRequest(filters=asked.filters, doubtful=asked.doubtful, distinct=asked.distinct, top=asked.top)
    person = PersonRequest(references=tuple(map(Path, _several(references))), threshold=asked.threshold)
    request = _album_request(photos, recursive=recursive)
    workspace = _workspace(settings, engine)
    workspace.check_references(person)
    album = workspace.true_album(request)
    shown = workspace.question(person, PhotosRequest(), album=album, sources=request.photos)
    told = asked.told or shown.told
    dated = msgspec.structs.replace(asked.dated, references=asked.dated.references or shown.dated.references)
    whole = msgspec.structs.replace(asked, references=shown.references, dated=dated, told=told)
    return answer(album, whole, workspace.settings)


def open_album(
    photos: AnyPath | Iterable[AnyPath],
    *,
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str = "",
) -> Album:
    """All photos of folders with their facts; those that are new or changed are measured first.

    Times can be compared: those of films, which count in UTC, are told as the cameras beside them would tell them.
    """
    return _workspace(settings, engine).album(_album_request(photos, recursive=recursive))


def measure(photo: AnyPath, *, settings: Settings | None = None, engine: str = "") -> PhotoRecord:
    """The facts of one photo; raises ``PhotoUnreadable``. For many photos, ``open_album`` is faster."""
    return _workspace(settings, engine).spec.open().analyse(Path(photo))


def _workspace(settings: Settings | None, engine: str) -> Workspace:
    if settings is not None and not isinstance(settings, Settings):
        raise UserError(f"settings: {settings!r} are no Settings", "settings=photo_ranker.Settings(min_face=40)")
    return Workspace(settings, EngineRequest(engine=engine))


def _album_request(photos: AnyPath | Iterable[AnyPath], *, recursive: bool) -> AlbumRequest:
    return AlbumRequest(photos=tuple(fspath(source) for source in _several(photos)), recursive=recursive)


def _several(paths: AnyPath | Iterable[AnyPath]) -> list[AnyPath]:
    several = [paths] if isinstance(paths, (str, PathLike)) else list(paths)
    if "" in several:
        raise UserError("a path is empty", "say what it is; . is the current folder")
    return several

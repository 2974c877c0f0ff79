"""The library in three calls; everything else is in the modules named after what they do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypedDict, Unpack

import msgspec

from photo_ranker.album import Album
from photo_ranker.core.codec import Floats, decode_unit_rows
from photo_ranker.errors import UserError
from photo_ranker.people.told import true_album
from photo_ranker.person_finder import Told
from photo_ranker.person_finder.years import Dated
from photo_ranker.questions import Filters
from photo_ranker.questions.answer import Question, Ranking, answer
from photo_ranker.questions.selection import Copies
from photo_ranker.records import Face, PhotoRecord, finder_of
from photo_ranker.settings import Settings
from photo_ranker.workspace import (
    SILENT,
    AlbumRequest,
    EngineRequest,
    Listener,
    PersonRequest,
    PhotosRequest,
    Workspace,
)
from photo_ranker.workspace.requests import AlbumFace

__all__ = ["Asked", "measure", "open_album", "rank"]

AnyPath = str | PathLike[str]
Shown = AnyPath | Face
"""Who is meant: a photo, a folder of photos, or a measured face."""


class Asked(TypedDict, total=False):
    """Further arguments of :func:`rank`; those left out have the defaults of ``photo_ranker.Question``."""

    top: int
    distinct: bool
    doubtful: bool
    copies: Copies
    filters: Filters
    threshold: float | None
    dated: Dated
    told: tuple[Told, ...]


def rank(
    references: Shown | Iterable[Shown],
    photos: AnyPath | Iterable[AnyPath] | Album,
    *,
    together_with: Shown | Iterable[Shown | Sequence[Floats]] = (),
    not_references: Shown | Iterable[Shown | Floats] = (),
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str = "",
    listener: Listener = SILENT,
    **question: Unpack[Asked],
) -> Ranking:
    """The best photos of the person in ``references``, best first.

    ``references`` are photos, folders of photos, or faces of :func:`measure` and ``Album.faces``.
    ``photos`` are folders and photos, or an album that was opened before, whose files are not looked at again.
    ``together_with`` shows other people who must be in the photo, each by a photo, a face, or embeddings;
    ``not_references`` shows look-alikes who are not meant.
    ``engine`` is what ``photo-ranker --engine`` takes; empty = the usual one, or that of the album.
    ``listener`` hears notes and progress.
    ``question`` takes what ``photo_ranker.Question`` has: ``top=20``, ``distinct=True``, ``filters=...``.
    """
    meant, together, others = (_parted(shown) for shown in (references, together_with, not_references))
    for other in meant.embeddings:
        _checked(other)  # raises: only photos and faces may show the person
    person = PersonRequest(
        references=meant.paths,
        faces=tuple(AlbumFace(face.id) for face in meant.faces),
        together=together.paths,
        not_references=others.paths,
        threshold=question.get("threshold"),
    )
    asked = Question(references=(), together_with=together.embeddings, not_references=others.embeddings, **question)
    PhotosRequest(filters=asked.filters, doubtful=asked.doubtful, distinct=asked.distinct, top=asked.top)
    workspace = _workspace(settings, engine or (photos.engine if isinstance(photos, Album) else ""), listener)
    album, sources = _album(workspace, person, photos, recursive=recursive)
    shown = workspace.question(person, PhotosRequest(), album=album, sources=sources)
    whole = msgspec.structs.replace(
        asked,
        references=(*shown.references, *meant.rows(album.engine)),
        together_with=(*asked.together_with, *shown.together_with, *([row] for row in together.rows(album.engine))),
        not_references=(*asked.not_references, *shown.not_references, *others.rows(album.engine)),
        dated=msgspec.structs.replace(asked.dated, references=asked.dated.references or shown.dated.references),
        told=asked.told or shown.told,
    )
    return answer(album, whole, workspace.settings)


def open_album(
    photos: AnyPath | Iterable[AnyPath],
    *,
    settings: Settings | None = None,
    recursive: bool = False,
    engine: str = "",
    listener: Listener = SILENT,
) -> Album:
    """All photos of folders with their facts; those that are new or changed are measured first.

    Times can be compared: where a film stores UTC, its time becomes what the cameras beside it would show.
    ``listener`` hears notes and progress.
    """
    return _workspace(settings, engine, listener).album(_album_request(photos, recursive=recursive))


def measure(photo: AnyPath | bytes, *, settings: Settings | None = None, engine: str = "") -> PhotoRecord:
    """The facts of one photo, or of the bytes of its file; raises ``PhotoUnreadable``.

    Nothing is stored. For many photos, ``open_album`` is faster.
    """
    spec = _workspace(settings, engine).spec
    if not isinstance(photo, bytes):
        return spec.open().analyse(Path(_checked(photo)))
    from photo_ranker.images import Limits, photo_of

    return spec.open().measure(photo_of(photo, "", Limits.of(spec.settings)))


def _workspace(settings: Settings | None, engine: str, listener: Listener = SILENT) -> Workspace:
    if settings is not None and not isinstance(settings, Settings):
        raise UserError(f"settings: {settings!r} are no Settings", "settings=photo_ranker.Settings(min_face=40)")
    return Workspace(settings, EngineRequest(engine=engine), listener)


def _album(
    workspace: Workspace, person: PersonRequest, photos: AnyPath | Iterable[AnyPath] | Album, *, recursive: bool
) -> tuple[Album, tuple[str, ...]]:
    """The album of a question without false faces, and where the book of its people may be."""
    if not isinstance(photos, Album):
        request = _album_request(photos, recursive=recursive)
        workspace.check_references(person)
        return workspace.true_album(request), request.photos
    if photos.engine != workspace.spec.engine:
        raise UserError(f"the album was opened with the engine {photos.engine}", "give both calls the same engine")
    true = true_album(photos, photos.sources, workspace.settings, workspace.listener.say)
    return true, photos.sources


def _album_request(photos: AnyPath | Iterable[AnyPath], *, recursive: bool) -> AlbumRequest:
    return AlbumRequest(photos=tuple(fspath(_checked(source)) for source in _listed(photos)), recursive=recursive)


class _Meant(msgspec.Struct, frozen=True):
    """People as a caller shows them."""

    paths: tuple[Path, ...]
    faces: tuple[Face, ...]
    embeddings: tuple[Any, ...]
    """Embeddings and anything else that is neither path nor face; ``Question`` checks them."""

    def rows(self, engine: str) -> list[Floats]:
        """The embeddings of the faces."""
        identities = [face.identity(engine) for face in self.faces if face.engine == finder_of(engine)]
        known = [identity for identity in identities if identity is not None]
        if len(known) < len(self.faces):
            raise UserError(f"a face was not measured by the engine {engine}", "give both calls the same engine")
        return [decode_unit_rows([identity])[0] for identity in known]


def _parted(shown: Any) -> _Meant:
    several = _listed(shown)
    paths = tuple(Path(_checked(one)) for one in several if isinstance(one, (str, PathLike)))
    faces = tuple(one for one in several if isinstance(one, Face))
    return _Meant(paths, faces, tuple(one for one in several if not isinstance(one, (str, PathLike, Face))))


def _listed(given: Any) -> list[Any]:
    """One or several, as a list."""
    is_one = isinstance(given, (str, bytes, PathLike)) or not isinstance(given, Iterable)
    return [given] if is_one else list(given)


def _checked(path: Any) -> AnyPath:
    """Return a path unchanged, and refuse anything else."""
    if not isinstance(path, (str, PathLike)):
        raise UserError(
            f"a path is wanted, and this is of type {type(path).__name__}",
            "give names of files and folders; of a picture in memory, the bytes to measure and its faces to rank",
        )
    if path == "":
        raise UserError("a path is empty", "say what it is; . is the current folder")
    return path

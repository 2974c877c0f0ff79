"""Photos of the person to look for, sent by clients: references, and the photo that guests send to find themselves.

References are stored with the album, and read as the commands read theirs. A guest's own photo is held in memory
for that one question, and is never written to disk. Only formats with robust decoders are read for guests, since
anybody with a link may send anything; a photo of several people is refused, so that nobody looks for somebody else by
mistake.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from io import BufferedWriter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from starlette.concurrency import run_in_threadpool

from photo_ranker.analysis import AnalyserSpec
from photo_ranker.core import files
from photo_ranker.core.terminal import counted
from photo_ranker.errors import PhotoUnreadable, ReferenceUnusable
from photo_ranker.images import Limits, photo_of
from photo_ranker.images.sniff import sniff
from photo_ranker.images.thumbnails import Thumbnails
from photo_ranker.models.engines import usual_engine
from photo_ranker.person_finder.years import year_of_file
from photo_ranker.records import DEFAULT_ENGINE, Face, PhotoRecord, Stamp, finder_of
from photo_ranker.settings import MeasureSettings, Settings
from photo_ranker.web import storage
from photo_ranker.web.problems import NotHere
from photo_ranker.workspace.references import ReferenceReader

if TYPE_CHECKING:
    from photo_ranker.analysis.analyser import Analyser

__all__ = ["FaceReader", "Kept", "References"]


class Kept(msgspec.Struct, frozen=True):
    """One reference photo."""

    id: str
    name: str
    """The name that the client gave it."""
    stamp: Stamp
    width: int
    height: int
    faces: tuple[Face, ...]
    """From the left."""
    year: float | None = None
    """When the photo was taken, from its own date or one in its name."""


class References:
    """All reference photos. Thread-safe."""

    def __init__(
        self, place: Callable[[str], Path], settings: Settings, spec: Callable[[str], AnalyserSpec] | None = None
    ) -> None:
        """``spec`` says how to measure with an engine; "" is the current engine."""
        self._place = place
        self._spec = spec or (lambda engine: AnalyserSpec(settings.measure, engine=engine or usual_engine()))
        self._readers: dict[AnalyserSpec, ReferenceReader] = {}
        self._lock = threading.Lock()

    async def receive(self, album_id: str, name: str, pieces: AsyncIterator[bytes]) -> Kept:
        """Write a photo to disk as it arrives, look for faces in it and store it."""
        folder = files.private_folder(self._place(album_id) / "references")
        files.remove_leftovers(folder, in_cache=True)
        with _arriving(folder, Path(name).suffix.lower()) as (file, path):
            content = blake2b(digest_size=8)
            async for piece in pieces:
                content.update(piece)
                file.write(piece)
            file.close()
            return await run_in_threadpool(self._keep, path, folder / f"r{content.hexdigest()}", name)

    def get(self, album_id: str, reference_id: str, engine: str = DEFAULT_ENGINE) -> Kept:
        """The facts of a reference, with the embeddings of an album's ``engine``."""
        kept = storage.read_derived(self._place(album_id) / "references" / f"{reference_id}.json", Kept)
        if kept is None:
            raise NotHere("this reference photo is not here", "drop it again")
        if any(not _is_known_to(engine, face) for face in kept.faces):  # stored before this engine was used
            kept = self._read(self._place(album_id) / "references" / reference_id, kept.id, kept.name, engine)
        return kept

    def picture(self, album_id: str, reference_id: str, number: int, thumbnails: Thumbnails) -> bytes:
        """One face of a reference as JPEG."""
        kept = self.get(album_id, reference_id)
        if number >= len(kept.faces):
            raise NotHere(f"the reference shows {counted(len(kept.faces), 'face')}", "choose one of them")
        path = self._place(album_id) / "references" / reference_id
        record = PhotoRecord(stamp=kept.stamp, width=kept.width, height=kept.height)
        return thumbnails.face(str(path), record, kept.faces[number])

    def _keep(self, path: Path, place: Path, name: str) -> Kept:
        kept = self._read(path, place.name, name)
        storage.write_value(place.with_name(f"{place.name}.json"), kept)
        files.put_in_place(path, place)
        return kept

    def _reader(self, engine: str) -> ReferenceReader:
        """The reader for an engine, by default the current one, which may change while the app runs."""
        spec = self._spec(engine)
        if spec not in self._readers:
            self._readers[spec] = ReferenceReader(spec, lambda _: None)
        return self._readers[spec]

    def _read(self, path: Path, digest: str, name: str, engine: str = "") -> Kept:
        with self._lock:  # there is one set of models
            try:
                record = self._reader(engine).record(path)
            except PhotoUnreadable as error:
                raise ReferenceUnusable(f"{name}: {error.reason}", "choose a photo of the person") from error
        faces = sorted((face for face in record.faces if face.embedding is not None), key=lambda face: face.box[0])
        if not faces:
            raise ReferenceUnusable(
                f"no face found in {name}", "try a photo where the face is larger and turned to the camera"
            )
        year = year_of_file(record.taken_at, name)
        return Kept(digest, name, record.stamp, record.width, record.height, tuple(faces), year)


def _is_known_to(engine: str, face: Face) -> bool:
    return face.engine == finder_of(engine) and face.identity(engine) is not None


@contextmanager
def _arriving(folder: Path, suffix: str) -> Iterator[tuple[BinaryIO, Path]]:
    """A temporary file to write to; it is removed unless it is renamed."""
    with files.temporary_folder(folder) as place:
        path = place / f"photo{suffix if suffix.isascii() and len(suffix) < 8 else ''}"
        with BufferedWriter(files.create(path)) as file:
            yield file, path


GUEST_FORMATS = frozenset({"jpeg", "png", "webp"})

GUEST_PIXELS = 120_000_000
"""Most pixels of a guest's photo; phones take photos of up to 108 million."""

PASSER_BY = 0.4
"""A face smaller than this share of the largest is somebody in the background."""


class FaceReader:
    """Finds the one face of a guest's photo. Thread-safe; the models are loaded with the first photo."""

    def __init__(self, settings: MeasureSettings, spec: Callable[[str], AnalyserSpec]) -> None:
        """``spec`` says how to measure with an engine."""
        self._settings, self._spec = settings, spec
        usual = Limits.of(settings)
        self._limits = Limits(min(usual.max_pixels, GUEST_PIXELS), usual.max_file_bytes)
        self._analysers: dict[AnalyserSpec, Analyser] = {}
        self._lock = threading.Lock()

    def __call__(self, data: bytes, engine: str) -> Face:
        """The face of the guest, for an album of this engine.

        Raises :class:`ReferenceUnusable` if there is none, or more than one.
        """
        try:
            if not data or sniff(data, "") not in GUEST_FORMATS:
                raise ReferenceUnusable("this is not a photo that can be read here", "send a JPEG, PNG or WebP photo")
            photo = photo_of(data, "", self._limits)
            photo.picture(self._settings.detect_side)  # before the models are loaded, since the photo may be broken
            with self._lock:  # there is one set of models
                faces = self._analyser(engine).measure(photo).faces
        except PhotoUnreadable as error:
            raise ReferenceUnusable("this photo cannot be read", "try another photo of yourself") from error
        return only_face([face for face in faces if face.embedding is not None])

    def _analyser(self, engine: str) -> Analyser:
        spec = msgspec.structs.replace(self._spec(engine), identity_only=True)
        if spec not in self._analysers:
            self._analysers[spec] = spec.open()
        return self._analysers[spec]


def only_face(faces: Sequence[Face]) -> Face:
    """The only person in a photo; small faces in the background do not count."""
    if not faces:
        raise ReferenceUnusable("no face is found in this photo", "look straight into the camera, in good light")
    largest = max(faces, key=lambda face: face.size_px)
    if sum(face.size_px >= PASSER_BY * largest.size_px for face in faces) > 1:
        raise ReferenceUnusable("this photo shows several people", "choose one that shows you alone")
    return largest

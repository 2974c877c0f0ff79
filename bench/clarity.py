"""How much less does a badly seen face resemble anybody, and how much more does a plainly seen one?

The leeway of photo_ranker/person_finder/populations.py is how far the cosine of strangers falls in photos that were
reduced and blurred. Its demand comes from photos as they are: the plainer a face, the more it resembles its own
person, while it resembles strangers no more.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.albums import LabelledAlbum, label, labelled_album
from bench.figures import Figure
from bench.measured import engine, records_of
from photo_ranker.core.codec import Floats

__all__ = ["measure"]

Pixels = NDArray[np.uint8]
PEOPLE, LEAST_PHOTOS, EACH = 140, 4, 3
WIDTHS = (72, 56, 44, 36, 30)
"""Width of the whole photo in pixels; its face is a little less than half as wide."""
BLURS = (2.0, 3.5, 5.0, 7.0)
"""Standard deviations of the blur, in pixels."""
CLARITIES = (0.0, 6.5, 7.0, 7.5, 8.0, 8.5, 9.0, 9.5, 10.0, 11.0, 30.0)
RARE = 1e-4
PLAIN_CLARITIES = (10.5, 11.5, 12.5, 13.5, 30.0)
SELDOM = 0.01


def measure(data: Path) -> Iterator[Figure]:
    """By clarity, the cosine to one's own person, and the one that one stranger in 10,000 exceeds."""
    whole = labelled_album(data / "faces_lfw")
    people = _people(whole)
    with tempfile.TemporaryDirectory() as folder:
        spoilt = label(records_of(_spoilt(whole, people, Path(folder))), engine())
    own, strangers = _cosines(whole, spoilt, people)
    clarity = spoilt.album.clarity[spoilt.central]
    for low, high in pairwise(CLARITIES):
        here = (clarity >= low) & (clarity < high)
        name, error = f"clarity {low:g} to {high:g}", float(own[here].std() / max(here.sum(), 1) ** 0.5)
        note = f"{here.sum()} faces of {len(people)} people"
        yield Figure("clarity", f"{name}: one's own person", float(own[here].mean()), error, note=note)
        rare = float(np.nanquantile(strangers[here], 1 - RARE))
        yield Figure("clarity", f"{name}: a stranger, one in 10,000", rare)
    yield from _of_plain_faces(whole)


def _of_plain_faces(whole: LabelledAlbum) -> Iterator[Figure]:
    """By clarity, the cosine to the mean of the person's other photos, three or more, that one face in 100 is below."""
    rows, clarity = whole.album.embeddings[whole.central], whole.album.clarity[whole.central]
    names = np.array(whole.people)[whole.album.owners[whole.central]]
    people = [name for name in whole.first if (names == name).sum() >= LEAST_PHOTOS]
    own, strangers = np.full(len(rows), np.nan), np.full((len(rows), len(people)), np.nan)
    for number, name in enumerate(people):
        mine = names == name
        total = rows[mine].sum(axis=0)
        strangers[~mine, number] = rows[~mine] @ _unit(total)
        own[mine] = [row @ _unit(total - row) for row in rows[mine]]
    for low, high in pairwise(PLAIN_CLARITIES):
        here = (clarity >= low) & (clarity < high)
        name = f"as they are, {low:g} to {high:g}"
        note = f"{np.isfinite(own[here]).sum()} faces of {len(people)} people"
        seldom = float(np.nanquantile(own[here], SELDOM))
        yield Figure("clarity", f"{name}: one's own, one in 100 less", seldom, note=note)
        rare = float(np.nanquantile(strangers[here], 1 - RARE))
        yield Figure("clarity", f"{name}: a stranger, one in 10,000", rare)


def _people(whole: LabelledAlbum) -> list[str]:
    """People with enough photos, drawn at random."""
    many = [name for name in whole.first if whole.people.count(name) >= LEAST_PHOTOS]
    random.Random(5).shuffle(many)
    return many[:PEOPLE]


def _spoilt(whole: LabelledAlbum, people: Sequence[str], folder: Path) -> Iterator[Path]:
    """Some photos of each person, reduced and blurred, as PERSON/PHOTO-NUMBER.png."""
    for name in people:
        photos = [photo.path for photo, one in zip(whole.album.photos, whole.people, strict=True) if one == name]
        (folder / name).mkdir()
        for photo in photos[1 : 1 + EACH]:
            pixels = cast("Pixels", cv2.imread(photo))
            reduced = [cv2.resize(pixels, (width, width), interpolation=cv2.INTER_AREA) for width in WIDTHS]
            blurred = [cv2.GaussianBlur(pixels, (0, 0), by) for by in BLURS]
            for number, made in enumerate([*reduced, *blurred]):
                path = folder / name / f"{Path(photo).stem}-{number}.png"
                cv2.imwrite(str(path), made)
                yield path


def _cosines(whole: LabelledAlbum, spoilt: LabelledAlbum, people: Sequence[str]) -> tuple[Floats, Floats]:
    """For a face, the cosine to the mean of the person's other photos, and to every person's mean, NaN for its own."""
    plain, rows = whole.album.embeddings[whole.central], spoilt.album.embeddings[spoilt.central]
    names, stems = np.array(whole.people), np.array([Path(photo.path).stem for photo in whole.album.photos])
    of_person = {name: plain[names == name] for name in people}
    strangers = rows @ np.stack([_unit(faces.sum(axis=0)) for faces in of_person.values()]).T
    own = np.zeros(len(rows), np.float32)
    for number, (row, name, photo) in enumerate(zip(rows, spoilt.people, spoilt.album.photos, strict=True)):
        made_of = Path(photo.path).stem.rpartition("-")[0]
        own[number] = row @ _unit(plain[(names == name) & (stems != made_of)].sum(axis=0))
        strangers[number, people.index(name)] = np.nan
    return own, strangers


def _unit(row: Floats) -> Floats:
    return np.asarray(row / np.linalg.norm(row))

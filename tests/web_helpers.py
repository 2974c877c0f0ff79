"""What the tests of the app share.

The album looks as if it had been indexed: real small photos, made-up faces.
Anna is in every photo, Ben in every second.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from fastapi.testclient import TestClient
from PIL import Image

from builders import a_face
from photo_ranker.core.codec import encode_array
from photo_ranker.images import digests
from photo_ranker.metadata import Ledger
from photo_ranker.people.book import Book
from photo_ranker.people.store import PEOPLE_NAME
from photo_ranker.records import Face, FaceFigures, MeshFigures, PhotoRecord, Stamp

__all__ = ["ANNA", "BEN", "following", "left_by_a_kill", "make_album", "make_crowd", "small_jpeg", "wait"]

ANNA, BEN = 1, 2


def small_jpeg(seed: int, size: tuple[int, int] = (240, 160)) -> bytes:
    """A small photo, different for each seed."""
    noise = np.random.default_rng(seed).integers(0, 255, (8, 12, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize(size).save(file, "JPEG")
    return file.getvalue()


def left_by_a_kill(folder: Path) -> Path:
    """A temporary file of a process that is gone."""
    script = (
        "from pathlib import Path; from photo_ranker.core.leftovers import temporary_name; "
        f"print(temporary_name(Path({str(folder)!r})))"
    )
    left = Path(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
    )
    left.write_bytes(b"{")
    return left


def make_album(folder: Path, photos: int) -> Path:
    """Write the photos and what was measured in them; from photo to photo Anna is sharper and smiles less."""
    folder.mkdir(parents=True)
    with Ledger(folder, lambda _: None) as ledger:
        for number in range(photos):
            name = f"photo_{number:05}.jpg"
            data = small_jpeg(number)
            (folder / name).write_bytes(data)
            ledger.put(name, _record(number, data, (folder / name).stat().st_mtime_ns, photos))
    return folder


def make_crowd(folder: Path, people: int) -> Path:
    """An album with a different person in each photo, all of them known already."""
    make_album(folder, photos=0)
    book = Book()
    with Ledger(folder, lambda _: None) as ledger:
        for number in range(people):
            name, data = f"photo_{number:05}.jpg", small_jpeg(number)
            (folder / name).write_bytes(data)
            record = _record(2 * number, data, (folder / name).stat().st_mtime_ns, 2 * people)
            ledger.put(name, record)
            book.add_person([face.id for face in record.faces])
    (folder / PEOPLE_NAME).write_bytes(msgspec.json.encode(book))
    return folder


def _record(number: int, data: bytes, mtime_ns: int, photos: int) -> PhotoRecord:
    share = number / max(1, photos - 1)
    faces = [_face(ANNA, number, 20, sharpness=0.9 + share, smile=1 - share)]
    if number % 2:
        faces.append(_face(BEN, number, 130, sharpness=1.5, smile=0.5))
    return PhotoRecord(
        stamp=Stamp(len(data), mtime_ns, *digests(data)),
        width=240,
        height=160,
        format="jpeg",
        taken_at=f"2024-06-01T{10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}",
        faces=tuple(faces),
    )


def _face(person: int, number: int, x: float, *, sharpness: float, smile: float) -> Face:
    expressions = np.zeros(52, np.float32)
    expressions[[44, 45]] = smile
    return a_face(
        f"f{hashlib.blake2b(f'{person}-{number}'.encode(), digest_size=8).hexdigest()}",
        (x, 30.0, 80.0, 90.0),
        embedding=_embedding(person, number),
        mesh=MeshFigures(presence=1.0, yaw=2.0, pitch=0.0, roll=0.0, expressions=encode_array(expressions)),
        figures=FaceFigures(sharpness=sharpness, noise=1.0, brightness=0.5, bright_end=0.8),
        detection=0.95,
    )


def _embedding(person: int, number: int) -> bytes:
    middle = np.random.default_rng(person).normal(size=128)
    row = middle + 0.15 * np.random.default_rng([person, number]).normal(size=128)
    return encode_array((row / np.linalg.norm(row)).astype(np.float32))


def following(client: TestClient, kind: str, seconds: float = 60) -> dict[str, Any]:
    """The job of a kind that follows one that has ended; it appears shortly afterwards."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for job in client.get("/api/jobs").json()["jobs"]:
            if job["kind"] == kind:
                return dict(job)
        time.sleep(0.05)
    raise AssertionError(f"no job of the kind {kind} follows")


def wait(client: TestClient, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
    """The job when it has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told: dict[str, Any] = client.get(f"/api/jobs/{job['id']}").json()
        if told["state"] in {"done", "failed", "cancelled"}:
            return told
        time.sleep(0.1)
    raise AssertionError(f"the job does not end: {told}")

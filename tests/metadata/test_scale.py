"""Loading and saving many photos, as multiples of decoding the same text into plain dicts and lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from builders import a_face, a_record, an_embedding
from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.metadata import METADATA_NAME, Ledger, load
from photo_ranker.records import MeshFigures
from yardstick import multiple_of, processor_seconds


@pytest.fixture
def large_folder(tmp_path: Path) -> Path:
    """10,000 photos with 30,000 faces, as large as real ones."""
    mesh = MeshFigures(0.99, 1.25, -2.5, 3.5, an_embedding(0, 52))
    faces = [a_face(f"f{number:016x}", embedding=an_embedding(number), mesh=mesh) for number in range(100)]
    parts = dict.fromkeys(("detect", "embed", "mesh", "face", "picture"), "0123456789abcdef")
    with Ledger(tmp_path, print) as ledger:
        for number in range(10_000):
            three = [faces[(number + other) % 100] for other in range(3)]
            ledger.put(f"IMG_{number:05}.jpg", a_record(*three, hash=f"{number:032x}", parts=parts))
    return tmp_path


@pytest.mark.perf
def test_10_000_photos_with_30_000_faces_load_as_quickly_as_plain_json(large_folder: Path) -> None:
    def work() -> None:
        records = load(large_folder)
        album = Album(AlbumPhoto(name, record) for name, record in records.items())
        assert album.embeddings.shape == (30_000, 128)

    times = multiple_of(plain(large_folder), processor_seconds(work))
    print(f"loading 10,000 photos with 30,000 faces, times plain JSON: {times:.2f}")
    assert times <= 0.5


@pytest.mark.perf
def test_a_changed_record_among_10_000_is_stored(large_folder: Path) -> None:
    def work() -> None:
        with Ledger(large_folder, print) as ledger:
            record = ledger.records["IMG_00000.jpg"]
            ledger.put("IMG_00000.jpg", msgspec.structs.replace(record, width=record.width + 1))

    times = multiple_of(plain(large_folder), processor_seconds(work))
    print(f"storing one of 10,000 records, times plain JSON: {times:.2f}")
    assert times <= 1


def plain(folder: Path) -> Callable[[], float]:
    return processor_seconds(lambda: msgspec.json.decode((folder / METADATA_NAME).read_bytes()))

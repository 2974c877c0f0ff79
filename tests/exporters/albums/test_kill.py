"""An album whose maker is killed in the middle, and made again: complete, nothing twice, sources untouched."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from photo_ranker.exporters.albums.manifest import MANIFEST_NAME, read_manifest

PHOTOS = 1000

MAKE = """
import sys, time
from pathlib import Path
from photo_ranker.exporters.albums import Wanted, carry, plan_album
photos, album, way, hold = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
def progress(done, total):
    if not done % 50 and len(list(album.glob("*.jpg"))) >= hold:
        time.sleep(60)  # the killer comes late on a busy machine
wanted = [Wanted(str(path), (path.name + ".xmp",), number=n) for n, path in enumerate(sorted(photos.glob("*.jpg")), 1)]
carry(plan_album(wanted, album, way, ordered=True), progress)
"""


def make(photos: Path, album: Path, way: str, hold: float = float("inf")) -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(filter(None, sys.path))
    cache = str(album.parent / "cache")
    environment = os.environ | {"PYTHONPATH": paths, "PHOTO_RANKER_CACHE": cache}
    return subprocess.Popen([sys.executable, "-c", MAKE, str(photos), str(album), way, str(hold)], env=environment)


def snapshot(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
@pytest.mark.parametrize("way", ["copy", "move"])
def test_a_thousand_photos_and_two_kills(tmp_path: Path, way: str) -> None:
    photos, album = tmp_path / "photos", tmp_path / "album"
    photos.mkdir()
    for number in range(PHOTOS):
        (photos / f"IMG_{number:04}.jpg").write_bytes(hashlib.sha256(str(number).encode()).digest() * 500)
        (photos / f"IMG_{number:04}.jpg.xmp").write_bytes(b"<x/>%d" % number)
    before = snapshot(photos)
    for part in (0.2, 0.6):
        process = make(photos, album, way, hold=(part + 0.3) * PHOTOS)
        until = time.monotonic() + 60
        while len(list(album.glob("*.jpg"))) < part * PHOTOS and process.poll() is None:
            assert time.monotonic() < until
        process.kill()
        process.wait()
        assert len(list(album.glob("*.jpg"))) < PHOTOS, "killed too late to show anything"
    finished = make(photos, album, way)
    assert finished.wait(60) == 0
    if way == "copy":
        assert snapshot(photos) == before
    else:
        assert not list(photos.iterdir())
    made = snapshot(album)
    del made[MANIFEST_NAME]
    # A move renumbers what is left, so only the names behind the number are sure.
    assert sorted(name.split("_", 1)[1] for name in made) == sorted(before)
    assert {name.split("_", 1)[1]: facts for name, facts in made.items()} == before
    assert {entry.target for entry in read_manifest(album)} >= set(made)

"""A small album made of the sample photos: one person in JPEG, PNG, WebP and HEIC, and strangers.

It needs what `pip install -r requirements.txt` brings and nothing more.
"""

from __future__ import annotations

from pathlib import Path
from shutil import copy

from PIL import Image, ImageOps

from photo_ranker.models.store import sample_photo

__all__ = ["PERSON", "REFERENCE", "write_album"]

PERSON = frozenset(["camera.jpg", "screenshot.png", "web.webp", "phone.heic"])
"""The photos that show the person of the reference."""

REFERENCE = "reference.png"

HEIC = Path(__file__).with_name("astronaut.heic")
"""The same sample photo (public domain, NASA), cut to (64, 0, 384, 320) and encoded once by pillow-heif 1.8.1.

We have no encoder: pi-heif only reads, and the encoder that pillow-heif brings is GPL.
"""


def write_album(folder: Path) -> Path:
    """Write the reference into ``folder`` and the photos into the folder ``album`` in it, whose path is returned."""
    album = folder / "album"
    album.mkdir()
    copy(sample_photo("astronaut.png"), folder / REFERENCE)
    with Image.open(sample_photo("astronaut.png")) as opened:
        person = opened.convert("RGB")
    ImageOps.mirror(person).save(album / "camera.jpg", quality=90)
    person.crop((40, 0, 400, 360)).save(album / "screenshot.png")
    person.resize((400, 400)).save(album / "web.webp", quality=80)
    copy(HEIC, album / "phone.heic")
    copy(sample_photo("t1.jpg"), album / "strangers.jpg")
    return album

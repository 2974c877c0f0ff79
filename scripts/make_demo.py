"""Build the demo album: python scripts/make_demo.py FOLDER.

All photos are made from sample photos of installed packages: crops of one person and of groups, the same moment
both sharp and spoilt, photos of other people, photos of nobody, and one broken file. Every run makes the same album.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from photo_tricks import (
    Pixels,
    blurred,
    covered,
    cropped,
    exposed,
    load,
    mirrored,
    noisy,
    resized,
    save,
    shaken,
    tilted,
    turned,
)

from photo_ranker.models.store import sample_photo

EVENING = datetime(2024, 6, 1, 20, 0, 0)  # noqa: DTZ001 - a camera's wall clock has no zone


class Photo(NamedTuple):
    """One photo of the album."""

    name: str
    pixels: Pixels
    minutes: float | None = None
    """After the evening's start; None = without a time."""
    orientation: int = 1


def main(folder: Path) -> None:
    """Write the reference and the album."""
    album = folder / "photos"
    shutil.rmtree(album, ignore_errors=True)
    album.mkdir(parents=True)
    table = load(sample_photo("t1.jpg"))
    save(reference(table), folder / "reference.jpg")
    for photo in (*portraits(table), *spoilt(table), *groups(table), *others(table), *nobody(table)):
        taken = None if photo.minutes is None else EVENING + timedelta(minutes=photo.minutes)
        save(photo.pixels, album / photo.name, taken, orientation=photo.orientation)
    whole = (album / "table_all.jpg").read_bytes()
    (album / "broken.jpg").write_bytes(whole[: len(whole) // 40])
    print(f"{sum(1 for _ in album.iterdir())} photos in {album}, reference {folder / 'reference.jpg'}")


def reference(table: Pixels) -> Pixels:
    """The person's face alone, in a different light from the album."""
    return resized(exposed(mirrored(cropped(table, 440, 205, 625, 440)), 0.3), 2)


def person(table: Pixels) -> Pixels:
    """The person alone, as a portrait."""
    return resized(cropped(table, 400, 195, 700, 640), 2)


HEAD = (260.0, 260.0, 144.0, 196.0)
"""Centre, half width and half height of the head in :func:`person`."""


def portraits(table: Pixels) -> Iterator[Photo]:
    """Good photos of the person alone."""
    sharp = person(table)
    yield Photo("portrait_1.jpg", sharp, 0)
    yield Photo("portrait_2.jpg", exposed(turned(sharp, HEAD, 9), 0.15), 3)
    yield Photo("portrait_close.jpg", resized(cropped(table, 440, 200, 640, 450), 3), 6)
    yield Photo("portrait_phone.jpg", mirrored(sharp), 9, orientation=6)
    yield Photo("portrait_web.webp", resized(cropped(table, 395, 190, 690, 520), 1.5))


def spoilt(table: Pixels) -> Iterator[Photo]:
    """The moment of the first portrait: a shot each second, each spoilt in one way."""
    sharp = person(table)
    cloth = load(sample_photo("mask_blue.jpg"))
    dark = cropped(load(sample_photo("mask_black.jpg")), 20, 40, 420, 190)
    bad = {
        "blurred_slightly": blurred(sharp, 4),
        "blurred": blurred(sharp, 9),
        "shaken": shaken(sharp, 41),
        "dark": exposed(sharp, -3.2),
        "nearly_black": exposed(sharp, -5),
        "overexposed": exposed(sharp, 2.2),
        "noisy": noisy(exposed(sharp, -1), 26),
        "turned_away": turned(sharp, HEAD, -22),
        "tilted": tilted(sharp, 24),
        "cut_off_left": cropped(sharp, 225, 0, 600, 890),
        "cut_off_top": cropped(sharp, 0, 230, 600, 890),
        "mouth_hidden": covered(sharp, (110, 290, 290, 420), cloth),
        "eyes_hidden": covered(sharp, (120, 238, 345, 298), dark),
    }
    for second, (name, pixels) in enumerate(bad.items(), 1):
        yield Photo(f"moment_{name}.jpg", pixels, second / 60)


def groups(table: Pixels) -> Iterator[Photo]:
    """The person with others, sharp and spoilt."""
    pair = resized(cropped(table, 395, 190, 925, 640), 2)
    three = resized(cropped(table, 245, 90, 700, 640), 2)
    yield Photo("pair.jpg", pair, 20)
    yield Photo("pair_blurred.jpg", blurred(pair, 7), 20.05)
    yield Photo("pair_dark.jpg", exposed(pair, -4), 20.1)
    yield Photo("three.jpg", three, 31)
    yield Photo("three_shaken.jpg", shaken(three, 35), 31.05)
    yield Photo("table_all.jpg", table, 45)
    yield Photo("table_all_mirrored.jpg", mirrored(table), 52)
    yield Photo("table_all_dark.jpg", exposed(table, -3.5), 45.05)
    yield Photo("table_far.jpg", resized(table, 0.35), 60)
    yield Photo("table_middle.png", cropped(table, 250, 60, 1000, 700), 64)


def others(table: Pixels) -> Iterator[Photo]:
    """Photos of other people."""
    astronaut = load(sample_photo("astronaut.png"))
    boxes = {
        "cards_left": (0, 210, 255, 640),
        "standing_back": (235, 95, 455, 340),
        "red_shirt": (650, 260, 930, 640),
        "standing_right": (860, 0, 1120, 380),
        "cards_right": (1040, 220, 1280, 660),
    }
    for number, (name, box) in enumerate(boxes.items()):
        yield Photo(f"other_{name}.jpg", resized(cropped(table, *box), 2), 70 + number)
    yield Photo("other_actor.png", load(sample_photo("Tom_Hanks_54745.png")))
    yield Photo("other_astronaut.jpg", astronaut, 90)
    yield Photo("other_astronaut_close.jpg", resized(cropped(astronaut, 120, 0, 360, 220), 2), 91)


def nobody(table: Pixels) -> Iterator[Photo]:
    """Photos without a face."""
    yield Photo("chips.jpg", resized(cropped(table, 180, 640, 1000, 880), 2), 100)
    yield Photo("lamp.jpg", resized(cropped(table, 500, 60, 880, 215), 3), 101)
    yield Photo("cloth.jpg", load(sample_photo("mask_white.jpg")))
    yield Photo("glasses.jpg", resized(cropped(table, 940, 590, 1280, 880), 3), 103)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))

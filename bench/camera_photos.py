"""A folder of photos as a camera makes them, built from the sample photos of installed packages."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageOps

from photo_ranker.models.store import SAMPLES, sample_photo

__all__ = ["build", "link"]

WIDTH, HEIGHT = 4000, 3000
"""12 megapixels: what phones and most cameras deliver."""
GRAIN = 20
"""Mean of the noise that is added to a photo."""
DIFFERENT = 24
"""How many photos differ; after that they repeat, which costs a program that measures them the same."""


def build(folder: Path, count: int) -> list[Path]:
    """Photos with one face (seven of eight) or a group; the same ones every time."""
    folder.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for number in range(count):
        path = folder / f"IMG_{number:05}.jpg"
        if number < DIFFERENT:
            _photo(number).save(path, quality=92)
        else:
            path.hardlink_to(paths[number % DIFFERENT])
        paths.append(path)
    return paths


def _photo(number: int) -> Image.Image:
    rng = np.random.default_rng(number)
    portraits = [name for name in sorted(SAMPLES) if name != "t1.jpg"]
    name = "t1.jpg" if number % 8 == 7 else portraits[number % len(portraits)]
    with Image.open(sample_photo(name)) as opened:
        picture = opened.convert("RGB")
    if number // 8 % 2:
        picture = ImageOps.mirror(picture)
    picture = ImageEnhance.Brightness(picture).enhance(float(rng.uniform(0.7, 1.2)))
    largest = min(WIDTH / picture.width, HEIGHT / picture.height)
    scale = largest * float(rng.uniform(0.5, 1.0))
    picture = picture.resize((int(picture.width * scale), int(picture.height * scale)), Image.Resampling.BICUBIC)
    canvas = Image.new("RGB", (WIDTH, HEIGHT), tuple(int(value) for value in rng.integers(60, 190, 3)))
    left = int(rng.integers(0, WIDTH - picture.width + 1))
    top = int(rng.integers(0, HEIGHT - picture.height + 1))
    canvas.paste(picture, (left, top))
    return ImageChops.add(canvas, _grain(rng), offset=-GRAIN)


def _grain(rng: np.random.Generator) -> Image.Image:
    """Detail everywhere, as a camera gives it: a JPEG of a smooth picture would decode too quickly."""
    tile = rng.normal(GRAIN, 5, (HEIGHT // 5, WIDTH // 5)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.tile(tile, (5, 5))).convert("RGB")


def link(source: Path, folder: Path, count: int) -> list[Path]:
    """Copy the first photos of a folder and those below it, under plain names, into a folder where we may write."""
    from photo_ranker.indexing.discovery import walk

    folder.mkdir(parents=True)
    listings = walk(str(source), recursive=True)
    found = [Path(listing.path_of(item.name)) for listing in listings for item in listing.items][:count]
    paths = [folder / f"{number:05}{path.suffix}" for number, path in enumerate(found)]
    for path, original in zip(paths, found, strict=True):
        shutil.copyfile(original, path)
    return paths

"""Gathers maps, trains in folds and on everything, stores."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from importlib.resources import files
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.fit_look.maps import SMALL, maps_of
from bench.fit_look.training import VIEWS, Batch, Floats, Weights, said, trained
from bench.measured import face_at, records_of
from bench.taste import Sheet, sheets
from bench.taste_folds import Fold, Place, folds, preferences, write_looks
from photo_ranker.models.mesh import MAP_SIDES, WEIGHTS
from photo_ranker.records import Face

NETWORKS = 4
"""Each starts from other weights; what they say is averaged."""


def main() -> None:
    """Fit, judge in folds, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    every = sheets(parser.parse_args().data)
    numbers = {place: at for at, place in enumerate((sheet.name, letter) for sheet in every for letter in sheet.photos)}
    wanted = folds(every)
    found = np.zeros((len(wanted), len(numbers)))
    kept: dict[str, NDArray[np.float16]] = {}
    for measured in maps_of(_faces(every), SMALL):
        maps, standard = standardised(measured)
        networks = _networks(maps, wanted, numbers)
        outputs = np.stack([said(of_fold, maps) for of_fold in networks])
        middles, spreads = outputs.mean(axis=1), outputs.std(axis=1) * len(MAP_SIDES)
        found += (outputs - middles[:, None]) / spreads[:, None]
        kept |= stored(networks[-1], maps.shape[-2], standard, (middles[-1], spreads[-1]))
    judged = ((place, looks) for looks, fold in zip(found, wanted, strict=True) for place in _places(fold.judged))
    write_looks({place: float(looks[numbers[place]]) for place, looks in judged})
    with Path(str(files("photo_ranker.models").joinpath(WEIGHTS[0]))).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **kept)


def standardised(maps: NDArray[np.float16]) -> tuple[Floats, tuple[Floats, Floats]]:
    """Maps with mean 0 and deviation 1 in each channel, and those from before, taken of faces as they are."""
    as_they_are = maps[:, :VIEWS].astype(np.float32)
    middle, deviation = as_they_are.mean(axis=(0, 1, 2, 3)), as_they_are.std(axis=(0, 1, 2, 3)) + np.float32(1e-3)
    return (maps.astype(np.float32) - middle) / deviation, (middle, deviation)


def stored(
    networks: Sequence[Weights], side: int, standard: tuple[Floats, Floats], scale: tuple[float, float]
) -> dict[str, NDArray[np.float16]]:
    """The networks as one, for maps as measured; it says 0 where they said ``scale[0]``, 1 for ``scale[1]`` more."""
    joined = {name: np.stack([weights[name] for weights in networks]) for name in networks[0]}
    middle, deviation = standard
    joined["points_start"] -= (middle / deviation) @ joined["points"]
    joined["points"] /= deviation[:, None]
    zero, one = scale
    joined["last"] /= np.float32(one)
    joined["last_start"] = (joined["last_start"] - np.float32(zero)) / np.float32(one)
    return {f"{side}.{name}": values.astype(np.float16) for name, values in joined.items()}


def _faces(every: Sequence[Sheet]) -> list[tuple[Path, Face]]:
    seen = [photo for sheet in every for photo in sheet.photos.values()]
    records = records_of(photo.path for photo in seen)
    found = []
    for photo in seen:
        record = records[photo.path]
        face = None if record is None else face_at(record, (photo.x * record.width, photo.y * record.height))
        if face is None:
            raise SystemExit(f"no face found in {photo.path}")
        found.append((photo.path, face))
    return found


def _places(wanted: Sequence[Sheet]) -> list[Place]:
    return [(sheet.name, letter) for sheet in wanted for letter in sheet.photos]


def _networks(maps: Floats, wanted: Sequence[Fold], numbers: Mapping[Place, int]) -> list[list[Weights]]:
    """Several networks for each fold; the workers get the maps as a file."""
    batches = [[_batch(sheet, numbers) for sheet in fold.fitted_on] for fold in wanted]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(os.cpu_count()) as pool:
        np.save(path := Path(folder, "maps.npy"), maps)
        jobs = [(path, batch, seed) for batch, seed in product(batches, range(NETWORKS))]
        found = list(pool.map(_trained, *zip(*jobs, strict=True)))
    return [found[start : start + NETWORKS] for start in range(0, len(found), NETWORKS)]


def _trained(path: Path, batches: Sequence[Batch], seed: int) -> Weights:
    return trained(_loaded(path), batches, seed)


@cache
def _loaded(path: Path) -> Floats:
    maps: Floats = np.load(path, mmap_mode="r")
    return maps


def _batch(sheet: Sheet, numbers: Mapping[Place, int]) -> Batch:
    places = _places([sheet])
    wanted = list(preferences([sheet]))
    return Batch(
        np.array([numbers[place] for place in places]),
        np.array([places.index(item.better) for item in wanted]),
        np.array([places.index(item.worse) for item in wanted]),
        np.array([item.weight for item in wanted]),
    )


if __name__ == "__main__":
    main()

"""Fits the networks that tell whether something covers a face: ``python -m bench.fit_hidden DATA``.

``hidden_fit.csv`` lists faces of LFW, MTFL and GENKI, sorted by eye into covered, uncovered, turned away and cut off by
the picture's edge. Nobody in it is in ``hidden_faces.csv``, on which the result is judged. Profiles and cut faces look
half covered to the mesh network, so many of the uncovered faces are of these kinds. Each uncovered face is also used
with something drawn in front of it, since hardly anybody in these photos wears a mask.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.fit_look.__main__ import standardised, stored
from bench.fit_look.maps import maps_behind, maps_of
from bench.fit_look.training import Batch, Floats, Weights, said, trained
from bench.labels import hidden_for_fitting
from photo_ranker.models.mesh import WEIGHTS
from photo_ranker.records import Face

FOLDS, NETWORKS, EPOCHS = 3, 3, 20
BATCHES = 288
"""Batches of an epoch."""
PARTS = {"covered": 5, "drawn": 3, "uncovered": 5, "odd": 3}
"""The faces of a batch; odd ones are turned away or cut off."""
EVEN = 0.01
"""Share of the plainly uncovered faces that end above 0, in folds: to call a clear face hidden is the worse mistake."""

Kinds = NDArray[np.str_]


def main() -> None:
    """Fit, judge in folds, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    data = parser.parse_args().data
    found = [
        (data / one.row["file"], one.row["kind"], one.face) for one in hidden_for_fitting(data) if one.face is not None
    ]
    faces, plain = [(path, face) for path, _, face in found], [kind in {"uncovered", "turned"} for _, kind, _ in found]
    behind = [one for one, is_plain in zip(faces, plain, strict=True) if is_plain]
    owners = [_owner(path) for path, _ in (*faces, *behind)]
    kinds = np.array([*(kind for _, kind, _ in found), *("drawn" for _ in behind)])
    maps, standard = standardised(np.concatenate([maps_of(faces)[0], _drawn(behind)]))
    folds = np.array([zlib.crc32(owner.encode()) % FOLDS for owner in owners])
    shares = [np.flatnonzero(folds != fold) for fold in range(FOLDS)] + [np.arange(len(maps))] * NETWORKS
    with ProcessPoolExecutor() as pool:
        networks = list(pool.map(partial(_fit, maps, kinds), shares, range(len(shares))))
    odds = np.zeros(len(maps), np.float32)
    for fold, weights in enumerate(networks[:FOLDS]):
        odds[folds == fold] = said([weights], maps[folds == fold])
    even = float(np.quantile(odds[kinds == "uncovered"], 1 - EVEN))
    for kind in sorted(set(kinds)):
        print(f"{kind}: {np.mean(odds[kinds == kind] > even):.3f} of {np.sum(kinds == kind)} called covered, in folds")
    values = stored(networks[FOLDS:], maps.shape[-2], standard, (even, 1.0))
    with Path(str(files("photo_ranker.models").joinpath(WEIGHTS[1]))).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **values)


def _drawn(behind: Sequence[tuple[Path, Face]]) -> NDArray[np.float16]:
    """The largest maps of faces with something drawn in front of them."""
    others = [behind[number] for number in np.random.default_rng(0).integers(0, len(behind), len(behind))]
    with ProcessPoolExecutor() as pool:
        return np.stack([maps[0] for maps in pool.map(maps_behind, behind, others, range(len(behind)), chunksize=16)])


def _owner(path: Path) -> str:
    """Whose face it is: LFW has a folder for each person; in the other sets nobody is known to appear twice."""
    return path.parent.name if path.parent.parent.name == "faces_lfw" else path.name


def _fit(maps: Floats, kinds: Kinds, share: NDArray[np.int64], seed: int) -> Weights:
    return trained(maps, list(_batches(kinds, share, np.random.default_rng(seed))), seed, EPOCHS)


def _batches(kinds: Kinds, share: NDArray[np.int64], chance: np.random.Generator) -> Iterator[Batch]:
    """Batches that set every covered face against every face with nothing in front of it."""
    labels = np.where(np.isin(kinds[share], ["turned", "cut"]), "odd", kinds[share])
    parts = [(share[labels == kind], many) for kind, many in PARTS.items()]
    covered, others = PARTS["covered"] + PARTS["drawn"], PARTS["uncovered"] + PARTS["odd"]
    better, worse = np.divmod(np.arange(covered * others), others)
    for _ in range(BATCHES):
        photos = np.concatenate([chance.choice(part, many) for part, many in parts])
        yield Batch(photos, better, worse + covered, np.ones(len(better)))


if __name__ == "__main__":
    main()

"""Gathers strips, draws, trains, judges, stores."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.fit_eyewear.drawing import drawn_bare, drawn_dark, photographed
from bench.fit_eyewear.strips import Strips, strips_of
from bench.judging import auc
from bench.labels import Labelled, eyes, genki, is_for_fitting, lfw, listed, mtfl
from photo_ranker.quality.eyewear import WEIGHTS, odds_of, planes_of

_ROUNDS = 30
_A_ROUND = 2000
_REAL = 0.2
"""Share of the dark strips that come from real photos; the others are drawn."""
_TOUCHED = 0.6
"""Share of the bare strips that something is drawn over."""


def main() -> None:
    """Fit, judge, store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    data = parser.parse_args().data
    judging = {
        "dark": strips_of(data, _of_kind(listed(data, "dark_sunglasses.csv"), "dark")),
        "clear glasses": strips_of(data, _of_kind(listed(data, "dark_sunglasses.csv"), "clear")),
        "eyes.csv": strips_of(data, eyes(data)),
    }
    fitting, judging["bare, the half not fitted"] = (strips_of(data, half) for half in _bare(data))
    dark = strips_of(data, _of_kind(listed(data, "dark_glasses_fit.csv"), "dark"))
    print(f"# fitted on {len(dark)} dark and {len(fitting)} bare ones", flush=True)
    planes, labels = _drawn(fitting, dark)

    from bench.fit_eyewear.training import trained  # after the processes have been forked: jax has threads

    with Path(str(files("photo_ranker.quality").joinpath(WEIGHTS))).open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **trained(planes, labels))
    _report(judging)


def _of_kind(labelled: Sequence[Labelled], kind: str) -> list[Labelled]:
    return [item for item in labelled if item.row["kind"] == kind]


def _bare(data: Path) -> tuple[list[Labelled], list[Labelled]]:
    """Faces without dark glasses that are in none of the lists: for fitting, for judging."""
    lists = (listed(data, "dark_sunglasses.csv"), listed(data, "dark_glasses_fit.csv"), eyes(data))
    taken = {item.row["file"] for labelled in lists for item in labelled}
    bare = [item for item in (*genki(data), *mtfl(data), *lfw(data)) if item.row["file"] not in taken]
    fitting = [item for item in bare if is_for_fitting(item.row["file"])]
    return fitting, [item for item in bare if not is_for_fitting(item.row["file"])]


def _drawn(bare: Strips, dark: Strips) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rounds = list(pool.map(partial(_round, bare, dark), range(_ROUNDS)))
    return np.concatenate([planes for planes, _ in rounds]), np.concatenate([labels for _, labels in rounds])


def _round(bare: Strips, dark: Strips, seed: int) -> tuple[NDArray[np.float16], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    planes = []
    labels = np.arange(_A_ROUND, dtype=np.float32) % 2
    for label in labels:
        strip = bare[rng.integers(len(bare))]
        if label and rng.random() < _REAL:
            strip = dark[rng.integers(len(dark))]
        elif label:
            strip = drawn_dark(strip, bare, rng)
        elif rng.random() < _TOUCHED:
            strip = drawn_bare(strip, rng)
        planes.append(planes_of(photographed(strip, rng)).astype(np.float16))
    return np.stack(planes), labels


def _report(judging: dict[str, Strips]) -> None:
    odds = {name: [odds_of(strip) for strip in strips] for name, strips in judging.items()}
    dark = odds.pop("dark")
    for name, others in odds.items():
        print(f"# dark against {name}: AUC {auc(dark, others)[0]:.4f}")
    for threshold in (-1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5):
        hidden = ", ".join(f"{name} {np.mean(np.array(others) >= threshold):.1%}" for name, others in odds.items())
        print(f"# from {threshold:+.2f}: dark {np.mean(np.array(dark) >= threshold):.1%}, {hidden}")


if __name__ == "__main__":
    main()

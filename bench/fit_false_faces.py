"""Fits what tells false faces from faces: ``python -m bench.fit_false_faces DATA`` prints the numbers for the package.

It learns from the albums named in :data:`bench.groups.FITTED` and half of LFW's people; ``make eval`` judges the rest.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bench.events import photos_in
from bench.groups import FITTED, kinds_of
from bench.labels import lfw
from bench.measured import engine
from photo_ranker.album import Album
from photo_ranker.person_finder.false_faces import false_face_traits
from photo_ranker.records import Face

FALSE = {"thing", "head from behind"}


def main() -> None:
    """Print the start and the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DIR")
    data = parser.parse_args().data
    folders = [path for room in ("events", "albums") for path in (data / room).iterdir() if path.name in FITTED]
    albums = [Album(photos_in(folder), engine()) for folder in folders]
    kinds = kinds_of(data, albums)
    faces = [face for album in albums for face in album.faces if kinds.get(face.id) != "unclear"]
    portraits = [one.face for one in lfw(data) if one.face is not None and _is_for_fitting(one.row["file"])]
    is_false = [kinds.get(face.id) in FALSE for face in faces] + [False] * len(portraits)
    names, start, weights = _fitted([*faces, *portraits], is_false)
    print(f"{sum(is_false)} false faces, {len(is_false) - sum(is_false)} faces")
    print(f"Fit({start:.3f}, {dict(zip(names, weights, strict=True))})")


def _is_for_fitting(file: str) -> bool:
    """Half of the people, by the letters of their names."""
    return sum(map(ord, Path(file).parent.name)) % 2 == 0


def _fitted(faces: Iterable[Face], is_false: list[bool]) -> tuple[list[str], float, list[float]]:
    known = [
        (traits, label) for face, label in zip(faces, is_false, strict=True) if (traits := false_face_traits(face))
    ]
    names = list(known[0][0])
    rows = np.array([[traits[name] for name in names] for traits, _ in known])
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=1.0, max_iter=5000).fit(scaler.transform(rows), [label for _, label in known])
    weights = model.coef_[0] / scaler.scale_
    start = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    return names, start, [round(float(weight), 3) for weight in weights]


if __name__ == "__main__":
    main()

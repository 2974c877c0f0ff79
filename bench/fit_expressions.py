"""Fits the weights of photo_ranker/ranker/expression.py: ``python -m bench.fit_expressions DATA`` prints them.

Smile: half of GENKI and half of MTFL (whose labels are noisier, so it weighs less); the other halves judge.
Eyes: faces labelled by eye in eyes_fit.csv, of which none is in eyes.csv; that one judges.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from pprint import pformat

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bench.judging import auc
from bench.labels import Labelled, eyes, genki, is_for_fitting, listed, mtfl
from photo_ranker.ranker.expression import Fit, eye_traits, mesh_columns, smile_traits
from photo_ranker.records import MeshFigures

__all__ = ["main"]

Matrix = NDArray[np.float64]
_RIDGE = 0.3
_MTFL_WEIGHT = 0.7


def main() -> None:
    """Fit, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, metavar="DATA")
    data = parser.parse_args().data
    _show("SMILE", _smile(data))
    _show("EYES_OPEN", _eyes(data))


def _show(name: str, fit: Fit) -> None:
    print(f"{name} = Fit({fit.start:.3f}, {pformat({key: round(value, 3) for key, value in fit.weights.items()})})")


def _smile(data: Path) -> Fit:
    sets = [_meshes(genki(data)), _meshes(mtfl(data))]
    fitting = [[item for item in group if is_for_fitting(item[0]["file"])] for group in sets]
    judging = [[item for item in group if not is_for_fitting(item[0]["file"])] for group in sets]
    traits = smile_traits(mesh_columns([mesh for group in fitting for _, mesh in group]))
    # The two sets were labelled with different ideas of a smile: each gets its own threshold, and GENKI's is kept.
    domain = np.repeat([0.0, 1.0], [len(group) for group in fitting])
    weights = np.where(domain == 0, 1 / len(fitting[0]), _MTFL_WEIGHT / len(fitting[1]))
    labels = np.array([int(row["smile"]) for group in fitting for row, _ in group])
    fit = _fitted(traits, labels, weights, extra=domain)
    for name, group in zip(("GENKI", "MTFL"), judging, strict=True):
        odds = fit.log_odds(smile_traits(mesh_columns([mesh for _, mesh in group]))).tolist()
        scores = {wanted: [value for (row, _), value in zip(group, odds, strict=True) if row["smile"] == wanted]
                  for wanted in "01"}  # fmt: skip
        print(f"# smile, {name}, the half not fitted: AUC {auc(scores['1'], scores['0'])[0]:.4f}")
    return fit


def _eyes(data: Path) -> Fit:
    fitting = _meshes(listed(data, "eyes_fit.csv"))
    labels = np.array([int(row["label"] == "open") for row, _ in fitting])
    weights = 1 / np.bincount(labels)[labels]
    fit = _fitted(eye_traits(mesh_columns([mesh for _, mesh in fitting])), labels, weights)
    judging = _meshes(eyes(data))
    odds = fit.log_odds(eye_traits(mesh_columns([mesh for _, mesh in judging]))).tolist()
    scores = {
        label: [value for (row, _), value in zip(judging, odds, strict=True) if row["label"] == label]
        for label in ("closed", "open", "open_squint")
    }
    for label in ("open", "open_squint"):
        print(f"# eyes, closed / {label}, on eyes.csv: AUC {auc(scores[label], scores['closed'])[0]:.4f}")
    return fit


def _meshes(labelled: Sequence[Labelled]) -> list[tuple[dict[str, str], MeshFigures]]:
    return [(item.row, item.face.mesh) for item in labelled if item.face is not None and item.face.mesh is not None]


def _fitted(
    traits: Mapping[str, Matrix],
    labels: NDArray[np.int64],
    weights: Matrix,
    extra: Matrix | None = None,
) -> Fit:
    """Logistic regression on standardised traits; ``extra`` is a trait that is fitted with them and then dropped."""
    columns = np.column_stack([*traits.values()] if extra is None else [*traits.values(), extra])
    scaler = StandardScaler().fit(columns)
    model = LogisticRegression(C=_RIDGE, max_iter=5000)
    model.fit(scaler.transform(columns), labels, sample_weight=weights / weights.mean())
    slopes = model.coef_[0] / scaler.scale_
    start = float(model.intercept_[0] - slopes @ scaler.mean_)
    return Fit(start, dict(zip(traits, map(float, slopes), strict=False)))


if __name__ == "__main__":
    main()

"""Is the ranking right? Single or group, the better photo of a pair, the one a person would keep."""

from __future__ import annotations

import random
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from bench.figures import Figure, share
from bench.scoring import Scorer, rows_of
from photo_ranker.analysis import AnalyserSpec
from photo_ranker.ranker import RankedPhoto
from photo_ranker.settings import Settings

__all__ = ["measure"]

Pixels = NDArray[np.uint8]
HIDDEN = "real, hidden"
"""A hand, a racket or a ball in front of the face: shown separately, since raters hardly mind it."""
MADE_FROM = 40
"""So many LFW photos are spoilt, each in every way."""


def measure(data: Path) -> Iterator[Figure]:
    """All figures of the ranking."""
    settings = Settings()
    scorer = Scorer(AnalyserSpec(settings.measure).open(), settings)
    yield _kinds(data, scorer)
    yield from _order(data, scorer)
    yield from _taste(data, scorer)


def _kinds(data: Path, scorer: Scorer) -> Figure:
    rows = rows_of("single_group.csv")
    found = [scorer.score(data / row["file"], float(row["cx"]), float(row["cy"])) for row in rows]
    good = sum(item is not None and item.kind == row["kind"] for item, row in zip(found, rows, strict=True))
    value, error = share(good, len(rows))
    return Figure("ranking", "single or group as labelled by eye", value, error, 0.95, note=f"{len(rows)} photos")


def _order(data: Path, scorer: Scorer) -> Iterator[Figure]:
    verdicts: dict[str, list[bool]] = {}
    for row in rows_of("order_pairs.csv"):
        better = scorer.score(data / row["better"], float(row["cx_better"]), float(row["cy_better"]))
        worse = scorer.score(data / row["worse"], float(row["cx_worse"]), float(row["cy_worse"]))
        verdicts.setdefault(f"real, {row['difference']}", []).append(_is_better(better, worse))
    for name, good in _made_pairs(data, scorer):
        verdicts.setdefault(f"made, {name}", []).append(good)
    every = [good for name, goods in verdicts.items() if name != HIDDEN for good in goods]
    value, error = share(sum(every), len(every))
    yield Figure("ranking", "the better one of a pair first", value, error, 0.97, note=f"{len(every)} pairs")
    for name in sorted(verdicts):
        value, error = share(sum(verdicts[name]), len(verdicts[name]))
        note = f"{len(verdicts[name])} pairs" + (", not in the sum above" if name == HIDDEN else "")
        yield Figure("ranking", f"  {name}", value, error, note=note)


def _is_better(better: RankedPhoto | None, worse: RankedPhoto | None) -> bool:
    """A face that is not even found is worse than any."""
    return better is not None and (worse is None or better.score > worse.score)


@dataclass(frozen=True, slots=True)
class _Spoiling:
    name: str
    spoil: Callable[[Pixels], Pixels]
    x: float = 0.5
    """Where the face is afterwards, as a share of the width."""


def _blurred(pixels: Pixels) -> Pixels:
    return cast("Pixels", cv2.GaussianBlur(pixels, (0, 0), 2.5))


def _shaken(pixels: Pixels) -> Pixels:
    kernel = np.zeros((9, 9), np.float32)
    kernel[4] = 1 / 9
    return cast("Pixels", cv2.filter2D(pixels, -1, kernel))


def _dark(pixels: Pixels) -> Pixels:
    return cast("Pixels", (pixels * 0.2).astype(np.uint8))


def _blown_out(pixels: Pixels) -> Pixels:
    return cast("Pixels", np.clip(pixels * 3.0, 0, 255).astype(np.uint8))


def _cut(pixels: Pixels) -> Pixels:
    """The edge of the photo goes through the middle of the face."""
    return pixels[:, pixels.shape[1] // 2 :]


SPOILINGS = (
    _Spoiling("blurred", _blurred),
    _Spoiling("shaken", _shaken),
    _Spoiling("dark", _dark),
    _Spoiling("blown out", _blown_out),
    _Spoiling("cut off", _cut, x=0.1),
)


def _made_pairs(data: Path, scorer: Scorer) -> Iterator[tuple[str, bool]]:
    photos = sorted((data / "faces_lfw").glob("*/*.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        for photo in random.Random(7).sample(photos, MADE_FROM):
            original = scorer.score(photo, 0.5, 0.5)
            pixels = cast("Pixels", cv2.imread(str(photo)))
            for spoiling in SPOILINGS:
                spoilt = Path(folder, f"{photo.stem}-{spoiling.name}.png")
                cv2.imwrite(str(spoilt), spoiling.spoil(pixels))
                yield spoiling.name, _is_better(original, scorer.score(spoilt, spoiling.x, 0.5))


def _taste(data: Path, scorer: Scorer) -> Iterator[Figure]:
    """Agreement with verdicts by eye; weights were set on the half of the people that is not judged here."""
    pairs = []
    for row in rows_of("judged_pairs.csv"):
        if row["verdict"] != "close" and is_held_out(row["person"]):
            first = scorer.score(data / row["photo_a"], float(row["ax"]), float(row["ay"]))
            second = scorer.score(data / row["photo_b"], float(row["bx"]), float(row["by"]))
            pairs.append((first, second, row["verdict"] == "a"))
    value, error = share(sum(_is_better(a, b) == first for a, b, first in pairs), len(pairs))
    singles = {name: _agreement_of(name, pairs) for name in _signal_names()}
    best = max(singles, key=lambda name: singles[name])
    note = f"{len(pairs)} pairs, 95%: {value - 1.96 * error:.3f} to {min(1.0, value + 1.96 * error):.3f}"
    yield Figure("ranking", "the one a person would keep", value, error, note=note)  # judged on sheets: bench/taste.py
    for name in sorted(singles, key=lambda name: -singles[name]):
        yield Figure("ranking", f"  by {name} alone", singles[name], note="best of them" if name == best else "")


def is_held_out(person: str) -> bool:
    """Whether a person's pairs are for judging; the others are for setting weights and curves."""
    return zlib.crc32(person.encode()) % 2 == 1


def _signal_names() -> list[str]:
    from photo_ranker.ranker import FaceSignals

    return [field.name for field in msgspec.structs.fields(FaceSignals) if not field.name.endswith("_degrees")]


def _agreement_of(name: str, pairs: list[tuple[RankedPhoto | None, RankedPhoto | None, bool]]) -> float:
    """A signal alone; where it is equal or unknown it guesses, and is right half the time."""
    agreed = 0.0
    for first, second, first_is_kept in pairs:
        a = getattr(first.signals, name) if first else None
        b = getattr(second.signals, name) if second else None
        agreed += 0.5 if a is None or b is None or a == b else float((a > b) == first_is_kept)
    return agreed / len(pairs)

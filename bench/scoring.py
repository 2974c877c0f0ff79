"""Scores one labelled face of one photo, through the public parts of the package."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from math import hypot
from pathlib import Path

from photo_ranker.album import Album, AlbumPhoto
from photo_ranker.analysis.analyser import Analyser
from photo_ranker.ranker import RankedPhoto, score_photo
from photo_ranker.records import Match, PhotoRecord
from photo_ranker.settings import Settings

__all__ = ["Scorer", "rows_of"]

BENCH = Path(__file__).parent


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of the lists beside this file."""
    with (BENCH / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass(slots=True)
class Scorer:
    """Measures photos once and scores the face nearest to a labelled place."""

    analyser: Analyser
    settings: Settings
    _records: dict[Path, PhotoRecord] = field(default_factory=dict)

    def score(self, path: Path, x: float, y: float) -> RankedPhoto | None:
        """The score of the face at ``x``, ``y`` (shares of width and height); None when no face is there."""
        record = self._record(path)
        album = Album([AlbumPhoto(str(path), record)])
        near = sorted((_distance(face.box, record, x, y), number) for number, face in enumerate(album.faces))
        # A face further away than its own size is somebody else's.
        if not near or near[0][0] > 1:
            return None
        match = Match(photo=0, face=near[0][1], similarity=1.0, cosine=1.0, runner_up=None)
        return score_photo(album, match, self.settings)

    def _record(self, path: Path) -> PhotoRecord:
        if path not in self._records:
            self._records[path] = self.analyser.analyse(path)
        return self._records[path]


def _distance(box: tuple[float, float, float, float], record: PhotoRecord, x: float, y: float) -> float:
    across = box[0] + box[2] / 2 - x * record.width
    down = box[1] + box[3] / 2 - y * record.height
    return hypot(across, down) / max(box[2], box[3])

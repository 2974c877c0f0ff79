"""YuNet: finds faces, with five points on each.

The network detects faces well from 24 to 400 pixels (measured on real faces). So a picture is searched at the set
size, and at a quarter of it for faces that fill the picture. Then each candidate is detected again: small ones must be
confirmed in the largest picture available, and all others get better points.

It hardly sees faces that lie on their side, are upside down or tilted by 45 degrees. So where no face scores high, the
picture is turned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from photo_ranker.models import Closer, DetectedFace, EngineOptions, Picture
from photo_ranker.models.align import Matrix, cut, reduced
from photo_ranker.models.prepared import prepared_model, with_free_axes
from photo_ranker.models.sessions import OnnxModel

__all__ = ["YuNetDetector", "YuNetNetwork"]

_HINT = 0.25
"""Score from which a small candidate is checked: 8 of 10 faces of 9 px reach it, and few other things do."""
_SMALL = 32.0
"""px in the first search; smaller candidates need proof."""
_LARGE = 350
"""px; the network detects larger faces in parts, so they are searched for in a smaller picture."""
_SMALLEST = 8.0
"""px in the first search; a narrower strip shows no face."""
_PLAIN = 0.9
"""If the best face scores less, the picture may not be upright: nearly all such pictures do, and 1 to 5% of others."""
_LYING_SIDE, _LYING_HINT = 320, 0.5
"""px of the picture in which the right turn is looked for, and the score of a face that hints at it.

All of 210 pictures that lay on their side or upside down had such a face, 209 with the best score in the right turn; of
80 pictures without faces five had one.
"""
_TILTED_SIDE, _TILTED_HINT, _TILTED_LEAD = 224, 0.35, 0.02
"""px of the picture in which turns by 45 degrees are looked for, and the score of the others from which they are.

Nearly all tilted pictures have that score there, and half of the pictures without faces. The best score must lead by as
much as the third number, or four of 210 faces that lie on their side are lost.
"""
_CLEAR = 0.8
"""A turn is believed if its best face scores more, and more than the best before it.

Faces that scored less before the turn are then taken for mistakes. A turn by 45 degrees must show as many faces that
score more: it can take two heads side by side for one.
"""
_QUARTERS, _HALVES = (90, -90, 180), (45, -45, 135, -135)
"""Turns to try, in degrees clockwise."""


class YuNetDetector:
    """Finds faces from about 9 pixels on in the reduced picture, and of any size above."""

    def __init__(self, options: EngineOptions) -> None:
        self._side = options.detect_side
        self._threshold = options.detect_threshold
        self._network = YuNetNetwork(options.threads, options.device)
        self._second_look = SecondLook(self._network, min(_HINT, options.detect_threshold))

    def detect(self, picture: Picture, closer: Closer | None = None) -> list[DetectedFace]:
        """Every face, best score first."""
        if min(picture.shape[:2]) * self._scale(picture) < _SMALLEST:
            return []
        rows = self._upright(picture, closer)
        best_score = float(rows[:, SCORE].max(initial=0))
        if best_score < _PLAIN and (turn := self._likely_turn(picture)) is not None:
            nearer = None if closer is None else lambda gain: _turned(closer(gain), turn)
            turned = _turned_back(self._upright(_turned(picture, turn), nearer), picture, turn)
            clear, turned_clear = rows[rows[:, SCORE] >= _CLEAR], turned[turned[:, SCORE] >= _CLEAR]
            loses_some = turn in _HALVES and len(turned_clear) < len(clear)
            if turned_clear[:, SCORE].max(initial=0) > best_score and not loses_some:
                rows = without_doubles(np.concatenate([turned, clear]))
        return [_face(row) for row in rows]

    def _scale(self, picture: Picture) -> float:
        return min(1.0, self._side / float(max(picture.shape[:2])))

    def _likely_turn(self, picture: Picture) -> int | None:
        """The turn in which the picture's best face scores highest, in degrees; None if no turn shows a face."""
        scores = self._best_scores(picture, _LYING_SIDE, _QUARTERS)
        if max(scores.values()) >= _TILTED_HINT:
            tilted = self._best_scores(picture, _TILTED_SIDE, _HALVES)
            scores |= {turn: score - _TILTED_LEAD for turn, score in tilted.items()}
        turn = max(scores, key=scores.__getitem__)
        return turn if scores[turn] >= _LYING_HINT else None

    def _best_scores(self, picture: Picture, side: int, turns: Sequence[int]) -> dict[int, float]:
        """Turn -> the best score in the small picture, so turned."""
        small = reduced(picture, min(1.0, side / float(max(picture.shape[:2]))))
        looks = {turn: self._network.rows([_turned(small, turn)], _HINT)[0] for turn in turns}
        return {turn: float(rows[:, SCORE].max(initial=0)) for turn, rows in looks.items()}

    def _upright(self, picture: Picture, closer: Closer | None) -> Rows:
        """The faces of a picture that is the right way up, best first."""
        scale = self._scale(picture)
        seen = reduced(picture, scale)
        rows = self._first_look(seen)
        rows = rows[(rows[:, SCORE] >= self._threshold) | (sizes(rows) < _SMALL)]
        is_clear = sizes(rows) >= BEST_SIZE
        clear = self._second_look.look(seen, rows[is_clear], sizes(rows[is_clear]) < _SMALL, rows)
        unclear = self._nearer(picture, scaled(rows, 1 / scale), ~is_clear, _SMALL / scale, closer)
        rows = np.concatenate([scaled(clear, 1 / scale), unclear])
        return without_doubles(rows[rows[:, SCORE] >= self._threshold])

    def _nearer(
        self, picture: Picture, every: Rows, is_unclear: NDArray[np.bool_], small: float, closer: Closer | None
    ) -> Rows:
        """Detect unclear candidates again, in a larger picture if there is one.

        Decoding that takes time, so small candidates that the present picture does not confirm are dropped first.
        """
        gain, larger, rows = 1.0, picture, every[is_unclear]
        if closer:
            is_small = sizes(rows) < small
            rows = np.concatenate([rows[~is_small], self._second_look.proven(picture, rows[is_small])])
            if (sizes(rows) < BEST_SIZE).any():
                larger = closer(BEST_SIZE / float(sizes(rows).min()))
                gain = larger.shape[1] / picture.shape[1]
        looked = self._second_look.look(larger, scaled(rows, gain), sizes(rows) < small, scaled(every, gain))
        return scaled(looked, 1 / gain)

    def _first_look(self, picture: Picture) -> Rows:
        """Candidates in the whole picture, and in ever smaller copies for faces that fill it."""
        rows = self._network.rows([picture], min(_HINT, self._threshold))[0]
        found, shrink = [], 1
        while min(picture.shape[:2]) > _LARGE / 2 and max(picture.shape[:2]) > _LARGE:
            found.append(scaled(rows[sizes(rows) < _LARGE], shrink))
            picture, shrink = reduced(picture, 1 / 4), shrink * 4
            rows = self._network.rows([picture], self._threshold)[0]
            rows = rows[sizes(rows) >= BEST_SIZE]
        return without_doubles(np.concatenate([*found, scaled(rows, shrink)]))


def _face(row: NDArray[np.float32]) -> DetectedFace:
    x, y, width, height, *flat, score = (float(value) for value in row)
    one, two, three, four, five = zip(flat[0::2], flat[1::2], strict=True)
    return DetectedFace((x, y, width, height), (one, two, three, four, five), score)


# Looks at each candidate again: is it a face, where exactly, and how is the head tilted?
#
# YuNet's result depends on the size of the face, as measured on real faces:
#
# - At 64 px its points scatter least, but it hardly sees a tilt: for a head tilted by 20 degrees it reports 3.
#   Points that are wrong by 15 degrees cost more identity than anything else.
# - At 200 px it sees nine tenths of the tilt, with a scatter of 3.5 degrees.
#
# So each face is detected twice at 64 px, once mirrored. If that hints at a tilt, the tilt is measured at 200 px,
# and the face is detected twice again, turned upright.


BEST_SIZE = 64.0
"""px of a face at which YuNet's points scatter least."""
_BEST_SIDE = 128
"""px of the window for that."""
_TILT_SIZE = 200.0
"""px of a face at which its tilt is measured."""
_TILT_SIDE = 288
"""px of the window for that."""
_ENLARGED = 2.0
"""A face is enlarged at most this many times to be checked: more shows no more detail."""
_NEAR = 0.1
"""Detections whose points differ by less than this share of the face's size are the same face."""

# Tilt = a * slope of the eyes + b * slope of the line from eyes to mouth. At 64 px fitted on 200 faces turned by up
# to 60 degrees and judged on 200 others: 6 degrees of scatter for tilts up to 15. At 200 px the inverse of both
# slopes on 100 faces turned by up to 30 degrees: 3.5 degrees of scatter.
_TILT_BY_64 = (0.82, 2.31)
_TILT_BY_200 = (0.54, 0.54)
_TILTED = 8.0
"""Degrees; a smaller tilt is left as it is."""
_SURE = 0.88
"""99% of upright faces score more at 64 px, but only 5% of those tilted by 40 degrees and more."""
_LARGE_TILT = 20.0
"""Degrees; a larger tilt is measured again after turning."""
_TURNS = 3
"""Most measurements of a tilt."""


class SecondLook:
    """Detects candidates again, in windows around them."""

    def __init__(self, network: YuNetNetwork, threshold: float) -> None:
        self._network = network
        self._threshold = threshold

    def look(self, picture: Picture, rows: Rows, needs_proof: NDArray[np.bool_], every: Rows) -> Rows:
        """The candidates with better points; those that need proof and are not detected again are dropped.

        ``every`` holds all candidates of the picture, so that no candidate takes over the points of another.
        """
        placed = [
            self._upright(picture, _mean(answers) if proof else _averaged(row, answers), answers, every)
            for row, answers, proof in zip(rows, self._answers(picture, rows), needs_proof, strict=True)
            if len(answers) or not proof
        ]
        return _rows(placed)

    def proven(self, picture: Picture, rows: Rows) -> Rows:
        """The candidates that are detected again."""
        return _rows([_mean(answers) for answers in self._answers(picture, rows) if len(answers)])

    def _answers(self, picture: Picture, rows: Rows) -> Iterator[Rows]:
        for start in range(0, len(rows), self._network.batch):
            part = rows[start : start + self._network.batch]
            yield from self._seen_twice([_window(picture, row, enlarged=_ENLARGED) for row in part])

    def _seen_twice(self, windows: Sequence[Window]) -> list[Rows]:
        """The detections of each window's face: up to two rows."""
        plain, mirrored = [window.pixels for window in windows], [window.mirrored for window in windows]
        seen = self._network.rows([*plain, *mirrored], self._threshold)
        return [
            np.concatenate([window.answer(one), window.answer_mirrored(other)])
            for window, one, other in zip(windows, seen[: len(windows)], seen[len(windows) :], strict=True)
        ]

    def _upright(self, picture: Picture, row: NDArray[np.float32], answers: Rows, every: Rows) -> NDArray[np.float32]:
        """The row with points that were detected with the head turned upright."""
        if len(answers):
            mean = _mean(answers)
            # Upright and sure: the row needs no better points.
            if abs(_tilt(mean, _TILT_BY_64)) < _TILTED and mean[SCORE] > _SURE:
                return row
        tilt = self._measured_tilt(picture, row)
        turned = self._seen_twice([_window(picture, row, tilt=tilt)])[0]
        if not len(turned) or _is_of_another(detected := _mean(turned), row, every):
            return row
        return np.concatenate([row[:4], detected[4:SCORE], row[SCORE:]])

    def _measured_tilt(self, picture: Picture, row: NDArray[np.float32]) -> float:
        """The tilt in degrees; a large one is measured in steps, as YuNet sees it fully only when most is removed."""
        tilt = 0.0
        for _ in range(_TURNS):
            window = Window(picture, row, face=_TILT_SIZE, side=_TILT_SIDE, tilt=tilt)
            seen = window.answer(self._network.rows([window.pixels], self._threshold)[0])
            if not len(seen):
                break
            before, tilt = tilt, _tilt(seen[0], _TILT_BY_200, upright=tilt)
            if abs(tilt - before) < _LARGE_TILT:
                break
        return tilt


def _window(picture: Picture, row: NDArray[np.float32], enlarged: float = np.inf, tilt: float = 0) -> Window:
    face = min(BEST_SIZE, float(min(row[2:4])) * enlarged)
    return Window(picture, row, face=face, side=_BEST_SIDE, tilt=tilt)


def _averaged(row: NDArray[np.float32], answers: Rows) -> NDArray[np.float32]:
    """The mean of the row and the detections near it; the score stays that of the whole picture."""
    reach = _NEAR * float(sizes(row[None])[0])
    near = np.abs(answers[:, 4:SCORE] - row[4:SCORE]).mean(axis=1) < reach
    mean = _mean(np.concatenate([row[None], answers[near]]))
    mean[SCORE] = row[SCORE]
    return mean


def _is_of_another(detected: NDArray[np.float32], row: NDArray[np.float32], every: Rows) -> bool:
    """Whether the points detected for a candidate lie nearer to those of a candidate beside it than to its own."""
    beside = every[_shared(row, every) <= _OVERLAP]
    places = np.concatenate([row[None], beside])[:, 4:SCORE].reshape(-1, 5, 2)
    distances = np.linalg.norm(places - detected[4:SCORE].reshape(5, 2), axis=2).mean(axis=1)
    return bool(distances.argmin() > 0)


def _tilt(row: NDArray[np.float32], weights: tuple[float, float], upright: float = 0.0) -> float:
    """The tilt in degrees, clockwise in the picture; ``upright`` is the part that the window removed."""
    left, right, _, mouth_left, mouth_right = row[4:SCORE].reshape(5, 2)
    across, down = right - left, (mouth_left + mouth_right - left - right) / 2
    slopes = np.degrees([np.arctan2(across[1], across[0]), np.arctan2(-down[0], down[1])])
    left_over = (slopes - upright + 180) % 360 - 180
    return upright + float(left_over @ weights)


def _rows(rows: list[NDArray[np.float32]]) -> Rows:
    return np.array(rows, np.float32).reshape(-1, COLUMNS)


def _mean(rows: Rows) -> NDArray[np.float32]:
    return cast("NDArray[np.float32]", rows.mean(axis=0))


# Windows: crops of a picture around one candidate each, at the size of face that YuNet detects best.


class Window:
    """A square crop around one candidate, scaled and turned upright."""

    def __init__(self, picture: Picture, row: NDArray[np.float32], *, face: float, side: int, tilt: float) -> None:
        """``face`` and ``side`` are in pixels of the window; ``tilt``, in degrees clockwise, is removed."""
        size = float(min(row[2:4]))
        self._side, self._face, self._zoom = side, face, face / size
        along = self._zoom * math.cos(math.radians(tilt))
        across = self._zoom * math.sin(math.radians(tilt))
        middle_x, middle_y = row[:2] + row[2:4] / 2
        matrix = np.array(
            [
                [along, across, side / 2 - along * middle_x - across * middle_y],
                [-across, along, side / 2 + across * middle_x - along * middle_y],
            ],
            np.float64,
        )
        self._back = cv2.invertAffineTransform(matrix)
        self.pixels = cut(picture, matrix, side)

    @property
    def mirrored(self) -> Picture:
        """The mirrored crop: the network's systematic errors have the opposite sign there."""
        return self.pixels[:, ::-1]

    def answer(self, seen: Rows) -> Rows:
        """The best detection of the window's own face, in pixels of the picture; or no row.

        Other faces in the window may be cut off, and have their own windows.
        """
        is_central = (np.abs(centres(seen) - self._side / 2) < self._face / 2).all(axis=1)
        has_right_size = np.abs(np.log2(sizes(seen) / self._face)) < 1
        seen = seen[is_central & has_right_size]
        best = seen[np.argsort(-seen[:, SCORE])[:1]]
        moved = best.copy()
        moved[:, 2:4] /= self._zoom
        moved[:, :2] = self._in_picture(centres(best)) - moved[:, 2:4] / 2
        moved[:, 4:SCORE] = self._in_picture(best[:, 4:SCORE].reshape(-1, 2)).reshape(-1, 10)
        return moved

    def answer_mirrored(self, seen: Rows) -> Rows:
        """The same for detections in the mirrored crop, with left and right swapped back."""
        rows = seen.copy()
        rows[:, 0] = self._side - 1 - rows[:, 0] - rows[:, 2]
        points = rows[:, 4:SCORE].reshape(-1, 5, 2)[:, [1, 0, 2, 4, 3]]
        points[:, :, 0] = self._side - 1 - points[:, :, 0]
        rows[:, 4:SCORE] = points.reshape(-1, 10)
        return self.answer(rows.reshape(-1, COLUMNS))

    def _in_picture(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        return cast("NDArray[np.float32]", (points @ self._back[:, :2].T + self._back[:, 2]).astype(np.float32))


# Candidates: the rows that the network returns, and how double detections are removed.

Rows = NDArray[np.float32]
"""One candidate per row: x, y, width, height, five times x and y, score."""

COLUMNS = 15
"""Numbers of one row."""
SCORE = 14
"""Column of the score."""

_OVERLAP = 0.3
"""Overlap (intersection over union) from which two boxes are one face."""
_PART = 0.6
"""A box smaller than this share of a surer one, and among its points, is that face's eye, nose or mouth."""


def without_doubles(rows: Rows) -> Rows:
    """The best row of each face, best first."""
    rest = rows[np.argsort(-rows[:, SCORE], kind="stable")]
    kept = []
    while len(rest):
        kept.append(rest[0])
        rest = rest[1:][_shared(rest[0], rest[1:]) <= _OVERLAP]
    best = np.array(kept, np.float32).reshape(-1, COLUMNS)
    return best[~_is_part(best)]


def sizes(rows: Rows) -> NDArray[np.float32]:
    """The shorter side of each box."""
    return cast("NDArray[np.float32]", rows[:, 2:4].min(axis=1))


def centres(rows: Rows) -> NDArray[np.float32]:
    """The middle of each box."""
    return cast("NDArray[np.float32]", rows[:, :2] + rows[:, 2:4] / 2)


def scaled(rows: Rows, scale: float) -> Rows:
    """The same rows in a picture that is ``scale`` times as large."""
    factors = np.full(COLUMNS, scale, np.float32)
    factors[SCORE] = 1
    return cast("Rows", rows * factors)


def _turned(picture: Picture, turn: int) -> Picture:
    """The whole picture, turned by so many degrees clockwise."""
    if turn % 90 == 0:
        return np.ascontiguousarray(np.rot90(picture, -turn // 90))
    matrix, size = _turning(picture, turn)
    return cast("Picture", cv2.warpAffine(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE))


def _turning(picture: Picture, turn: int) -> tuple[Matrix, tuple[int, int]]:
    """Maps pixels of the picture to those of the turned one; and the width and height of that."""
    height, width = picture.shape[:2]
    cosine, sine = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    size = round(width * abs(cosine) + height * abs(sine)), round(width * abs(sine) + height * abs(cosine))
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    shift = (np.array(size) - 1) / 2 - rotation @ ((np.array([width, height]) - 1) / 2)
    return np.column_stack([rotation, shift]), size


def _turned_back(rows: Rows, picture: Picture, turn: int) -> Rows:
    """Rows found in the turned picture, in pixels of the picture before the turn."""
    back = cv2.invertAffineTransform(_turning(picture, turn)[0])
    spots = np.concatenate([centres(rows), rows[:, 4:SCORE]], axis=1).reshape(-1, 6, 2)
    spots = spots @ back[:, :2].T + back[:, 2]
    # The box around the ellipse in the turned box.
    sides = np.sqrt(rows[:, 2:4] ** 2 @ back[:, :2].T ** 2)
    found = [spots[:, 0] - sides / 2, sides, spots[:, 1:].reshape(-1, 10), rows[:, SCORE:]]
    return np.concatenate(found, axis=1, dtype=np.float32)


def _shared(one: NDArray[np.float32], others: Rows) -> NDArray[np.float32]:
    """Intersection over union of one box with others."""
    low = np.maximum(one[:2], others[:, :2])
    high = np.minimum(one[:2] + one[2:4], others[:, :2] + others[:, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    both = np.prod(one[2:4]) + np.prod(others[:, 2:4], axis=1) - shared
    return cast("NDArray[np.float32]", shared / np.maximum(both, 1e-9))


def _is_part(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are an eye, a nose or a mouth of another row; ``rows`` are sorted, best first."""
    points = rows[:, 4:14].reshape(-1, 5, 2)
    low, high = points.min(axis=1), points.max(axis=1)
    middle = centres(rows)[:, None]
    is_inside = ((middle >= low) & (middle <= high)).all(axis=2)
    side = sizes(rows)
    much_smaller = side[:, None] < _PART * side
    return cast("NDArray[np.bool_]", np.tril(is_inside & much_smaller, -1).any(axis=1))


# The network: pictures of one size go in, rows of candidates come out.

FILE = "face_detection_yunet_2023mar_int8bq.onnx"
_STRIDES = (8, 16, 32)
"""px between the cells of each grid."""

Outputs = dict[str, NDArray[np.float32]]


class YuNetNetwork:
    """Runs the network and reads its three grids."""

    def __init__(self, threads: int, device: str) -> None:
        model = prepared_model(FILE, with_free_axes({0: "batch", 2: "height", 3: "width"}))
        self._model = OnnxModel(model, threads, device)
        self.batch = self._model.batch
        """Faces per call."""

    def rows(self, pictures: Sequence[Picture], threshold: float) -> list[Rows]:
        """All candidates above the threshold in each picture, with double detections."""
        batch = _batch(pictures)
        outputs = self._model.run(batch)
        columns = batch.shape[3]
        grids = [_decoded(outputs, stride, columns // stride, threshold) for stride in _STRIDES]
        numbers = np.concatenate([grid[0] for grid in grids])
        rows = np.concatenate([grid[1] for grid in grids])
        return [rows[numbers == number] for number in range(len(pictures))]


def _batch(pictures: Sequence[Picture]) -> NDArray[np.float32]:
    """Pictures as the network takes them: BGR, 0..255, padded with black to sides that are multiples of 32."""
    height, width = pictures[0].shape[:2]
    batch = np.zeros((len(pictures), 3, _filled_up(height), _filled_up(width)), np.float32)
    for number, picture in enumerate(pictures):
        batch[number, :, :height, :width] = picture[:, :, ::-1].transpose(2, 0, 1)
    return batch


def _filled_up(length: int) -> int:
    return -(-length // 32) * 32


def _decoded(outputs: Outputs, stride: int, columns: int, threshold: float) -> tuple[NDArray[np.intp], Rows]:
    """The candidates of one grid: numbers of their pictures, and rows."""
    classes, objects = outputs[f"cls_{stride}"][..., 0], outputs[f"obj_{stride}"][..., 0]
    scores = np.sqrt(np.clip(classes, 0, 1) * np.clip(objects, 0, 1))
    numbers, places = np.nonzero(scores >= threshold)
    corner = np.stack([places % columns, places // columns], axis=1).astype(np.float32)
    box = outputs[f"bbox_{stride}"][numbers, places]
    size = np.exp(box[:, 2:]) * stride
    left_top = (corner + box[:, :2]) * stride - size / 2
    points = (outputs[f"kps_{stride}"][numbers, places].reshape(-1, 5, 2) + corner[:, None]) * stride
    rows = [left_top, size, points.reshape(-1, 10), scores[numbers, places][:, None]]
    return numbers, np.concatenate(rows, axis=1, dtype=np.float32).reshape(-1, COLUMNS)

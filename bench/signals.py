"""Do the signals of a face agree with people on smile, open eyes and facing, and what cannot be known?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bench.figures import Figure, share
from bench.judging import auc
from bench.labels import Labelled, downcast, eyes, genki, hidden, is_for_fitting, listed, mtfl
from photo_ranker.ranker import FaceSignals, face_signals
from photo_ranker.ranker.reasons import BAD, GOOD, WEAK
from photo_ranker.settings import Settings

__all__ = ["measure"]

Judged = tuple[dict[str, str], FaceSignals]


def measure(data: Path) -> Iterator[Figure]:
    """All figures of the signals; a missing value counts as wrong."""
    yield from _genki(_judged(genki(data)))
    yield from _mtfl(_judged(mtfl(data)))
    yield from _eyes(_judged(eyes(data)))
    yield from _unknown(data)
    yield from _hidden(_judged(hidden(data)))
    yield from _downcast(_judged(downcast(data)))


def _judged(labelled: Iterable[Labelled]) -> list[Judged]:
    settings = Settings()
    nothing = FaceSignals()
    judged = []
    for item in labelled:
        found = face_signals(item.face, item.record, settings) if item.face and item.record else nothing
        judged.append((item.row, found))
    return judged


def _genki(faces: Sequence[Judged]) -> Iterator[Figure]:
    yield _smile_auc("GENKI", faces, 0.981)
    unseen = [item for item in faces if not is_for_fitting(item[0]["file"])]
    yield _smile_auc("  the half that nothing was fitted on", unseen, None)
    right = sum(found.smile is not None and (found.smile >= 0.5) == (row["smile"] == "1") for row, found in faces)
    value, error = share(right, len(faces))
    yield Figure("signals", "smile, GENKI, accuracy at 0.5", value, error, 0.94, note=f"{len(faces)} faces")
    yield _share_unknown("smile, GENKI, unknown", [found.smile for _, found in faces], at_most=0.02)


def _smile_auc(name: str, faces: Sequence[Judged], floor: float | None) -> Figure:
    value, error = auc(
        [found.smile for row, found in faces if row["smile"] == "1"],
        [found.smile for row, found in faces if row["smile"] == "0"],
    )
    return Figure("signals", f"smile, {name}, AUC", value, error, floor, note=f"{len(faces)} faces")


def _mtfl(faces: Sequence[Judged]) -> Iterator[Figure]:
    yield _smile_auc("MTFL", faces, 0.912)
    unseen = [item for item in faces if not is_for_fitting(item[0]["file"])]
    yield _smile_auc("  the half that nothing was fitted on", unseen, None)
    value, error = auc(
        [found.facing for row, found in faces if row["head_pose"] == "frontal"],
        [found.facing for row, found in faces if row["head_pose"] != "frontal"],
    )
    yield Figure("signals", "facing, MTFL frontal / rest, AUC", value, error, 0.956, note=f"{len(faces)} faces")


def _eyes(faces: Sequence[Judged]) -> Iterator[Figure]:
    scores = {
        label: [found.eyes_open for row, found in faces if row["label"] == label]
        for label in ("closed", "open", "open_squint")
    }
    for label, name, floor in (("open", "open", 0.995), ("open_squint", "laughing squint", 0.86)):
        value, error = auc(scores[label], scores["closed"])
        note = f"{len(scores['closed'])} closed, {len(scores[label])} {name}"
        yield Figure("signals", f"eyes, closed / {name}, AUC", value, error, floor, note=note)
        known, error = auc(_known(scores[label]), _known(scores["closed"]))
        yield Figure("signals", "  of those that are known", known, error)
    for label in ("closed", "open", "open_squint"):
        yield _called_closed(f"eyes, {label.replace('_', ' ')}, called closed or half closed", scores[label])
    yield _share_unknown("eyes, unknown on the eyes set", [found.eyes_open for _, found in faces], at_most=0.05)


def _called_closed(name: str, values: Sequence[float | None]) -> Figure:
    value, error = share(sum(one is not None and one < WEAK for one in values), len(values))
    return Figure("signals", name, value, error, note=f"{len(values)} faces")


def _known(values: Sequence[float | None]) -> list[float | None]:
    return [value for value in values if value is not None]


def _unknown(data: Path) -> Iterator[Figure]:
    glasses = _judged(listed(data, "dark_sunglasses.csv"))
    dark = [found.eyes_open for row, found in glasses if row["kind"] == "dark"]
    clear = [found.eyes_open for row, found in glasses if row["kind"] == "clear"]
    profiles = [found.eyes_open for _, found in _judged(listed(data, "profiles.csv"))]
    yield _share_unknown("eyes, unknown behind dark glasses", dark, at_least=0.9)
    yield _share_unknown("eyes, unknown behind clear glasses", clear)
    yield _share_unknown("eyes, unknown in profile", profiles, at_least=0.9)
    hidden = {row["file"] for row, _ in glasses if row["kind"] == "dark"}
    seen = [found.eyes_open for row, found in _judged(genki(data)) if row["file"] not in hidden]
    yield _share_unknown("eyes, unknown on GENKI without dark glasses", seen)


def _hidden(faces: Sequence[Judged]) -> Iterator[Figure]:
    """A face is called hidden below the middle of the curve; one whose signal is unknown is not."""
    for kind in ("covered", "uncovered"):
        found = [signals.visible for row, signals in faces if row["kind"] == kind]
        value, error = share(sum(one is not None and one < 0.5 for one in found), len(found))
        yield Figure("signals", f"called hidden, {kind} faces", value, error, note=f"{len(found)} faces")


def _downcast(faces: Sequence[Judged]) -> Iterator[Figure]:
    """Who looks down with open lids neither looks at the camera nor has closed eyes."""
    looking, eyes_open = ([getattr(found, name) for _, found in faces] for name in ("looking", "eyes_open"))
    value, error = share(sum(one is not None and one >= GOOD for one in looking), len(faces))
    yield Figure("signals", "downcast, said to look at us", value, error, 0.1, at_most=True, note=f"{len(faces)} faces")
    value, error = share(sum(one is not None and one < WEAK for one in eyes_open), len(faces))
    yield Figure("signals", "downcast, called closed", value, error, 0.05, at_most=True, note=f"{len(faces)} faces")
    value, error = share(sum(one is not None and one < BAD for one in eyes_open), len(faces))
    yield Figure("signals", "  not only half closed", value, error, note=f"{len(faces)} faces")


def _share_unknown(
    name: str, values: Sequence[float | None], *, at_most: float | None = None, at_least: float | None = None
) -> Figure:
    value, error = share(sum(found is None for found in values), len(values))
    floor = at_least if at_most is None else at_most
    return Figure("signals", name, value, error, floor, at_most is not None, f"{len(values)} faces")

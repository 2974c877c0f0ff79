"""deepface's emotion "happy", as a second opinion on smiles.

The only file that imports deepface, and only on request. It runs on ONNX Runtime.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from photo_ranker.errors import ModelUnavailable
from photo_ranker.models.base import DetectedFace, Picture
from photo_ranker.models.sessions import chosen_device, no_stdout
from photo_ranker.models.sources import is_reachable

__all__ = ["Happiness", "emotion_file"]


def emotion_file() -> Path:
    """The path where deepface keeps its model."""
    home = os.environ.get("DEEPFACE_HOME") or Path.home()
    return Path(home, ".deepface", "weights", "facial_expression_model_weights.onnx")


class Happiness:
    """Measures how happy faces look."""

    def __init__(self, device: str) -> None:
        # If TensorFlow or PyTorch is installed, deepface would prefer it, and give other values.
        os.environ["DEEPFACE_BACKEND_ENGINE"] = "onnx"
        os.environ["DEEPFACE_ONNX_PROVIDERS"] = chosen_device(device)
        with _failures(), no_stdout():
            from deepface import DeepFace

            _check_source()
            DeepFace.build_model(task="facial_attribute", model_name="Emotion")
        self._deepface: Any = DeepFace

    def measure(self, picture: Picture, faces: Sequence[DetectedFace]) -> list[float | None]:
        """A value from 0 to 1 per face; ``None`` if the face is outside the picture."""
        return [self._of(_crop(picture, face)) for face in faces]

    def _of(self, crop: Picture) -> float | None:
        if not crop.size:
            return None
        with no_stdout():
            found = self._deepface.analyze(
                np.ascontiguousarray(crop[:, :, ::-1]),
                actions=["emotion"],
                detector_backend="skip",
                enforce_detection=False,
                silent=True,
            )
        return round(float(found[0]["emotion"]["happy"]) / 100, 4)


def _crop(picture: Picture, face: DetectedFace) -> Picture:
    x, y, width, height = face.box
    left, top, right, bottom = (max(0, round(edge)) for edge in (x, y, x + width, y + height))
    return picture[top:bottom, left:right]


def _check_source() -> None:
    """Fail at once if no host can be reached: deepface would wait a minute for each."""
    if emotion_file().is_file():
        return
    from deepface.models.demography.onnx.Emotion import WEIGHTS_URL

    if not any(map(is_reachable, WEIGHTS_URL)):
        raise OSError(f"{WEIGHTS_URL[0]} cannot be reached")


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ImportError:
        raise
    except Exception as error:
        path = emotion_file()
        advice = f"remove {path} and try again"
        if not path.is_file():
            advice = f"connect to the internet, or put {path.name} into {path.parent} by hand"
        reason = str(error.__cause__ or error).splitlines()[0]
        raise ModelUnavailable(f"deepface's model of emotions cannot be used: {reason}", advice) from error

"""Photos of invented people, measured without models: ``who=anna,ben`` in the picture's orders says who is in it.

A name in capitals is that of a face which is larger than the others.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec
import numpy as np
import pytest

from builders import a_face
from fakes import FakeMeasurer, FakePhoto, FakeSpec, write_photo
from people.crowds import unit
from photo_ranker.cli import main
from photo_ranker.core.codec import encode_array
from photo_ranker.records import Face

__all__ = ["WHO", "Asked", "FolkSpec", "a_photo_of", "use"]

WHO = ("anna", "ben", "carl", "dora")


class FolkSpec(FakeSpec, frozen=True):
    """Finds the people that the files name."""

    parts: dict[str, str] = msgspec.field(default_factory=lambda: {"detect": "folk.1", "picture": "folk.1"})
    shift: float = 0.0
    """By so many pixels another detector finds the same faces elsewhere."""

    def open(self) -> FakeMeasurer:
        return _FolkMeasurer(self)


class _FolkMeasurer(FakeMeasurer):
    _spec: FolkSpec

    def _faces(self, photo: FakePhoto) -> tuple[Face, ...]:
        names = photo.orders.get("who", "").split(",")
        return tuple(_face(photo.stamp.hash, place, name, self._spec.shift) for place, name in enumerate(names) if name)


def _face(digest: str, place: int, name: str, shift: float) -> Face:
    middle = np.random.default_rng(crc32(name.lower().encode())).normal(size=128)
    noise = np.random.default_rng(crc32(f"{digest}{place}".encode())).normal(size=128)
    row = unit(unit(middle) + 0.6 * unit(noise))
    box = (10.0 + 200 * place + shift, 20.0, 112.0 if name.isupper() else 100.0, 120.0)
    return a_face(f"f{digest[:8]}-{place}{'' if not shift else 'x'}", box, embedding=encode_array(row))


def a_photo_of(path: Path, *names: str, number: int = 0) -> Path:
    """A photo that shows these people, from the left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_photo(path, f"who={','.join(names)} number={number}")


def use(monkeypatch: pytest.MonkeyPatch, spec: FolkSpec) -> None:
    monkeypatch.setattr("photo_ranker.analysis.AnalyserSpec", lambda _settings, **_: spec)


class Asked:
    """Runs commands and reads what they print."""

    def __init__(self, capfd: pytest.CaptureFixture[str], album: Path) -> None:
        self._capfd, self.album = capfd, album

    def __call__(self, *words: str, code: int = 0) -> str:
        assert main(list(words)) == code, self._capfd.readouterr().err
        return self._capfd.readouterr().out

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json", "--quiet"))

    def people(self, *more: str) -> dict[str, dict[str, Any]]:
        """Everyone, by the name of the first photo that shows the person alone."""
        found = self.json("people", "list", str(self.album), "--recursive", *more)["people"]
        return {_who(person["faces"]): person for person in found}

    def say(self, action: str, *words: str, code: int = 0) -> str:
        return self("people", action, *words, "--photos", str(self.album), "--recursive", code=code)


def _who(faces: Sequence[dict[str, Any]]) -> str:
    names = sorted(Path(face["path"]).stem[:-1] for face in faces if not Path(face["path"]).stem.startswith("all"))
    return names[0] if names else "?"

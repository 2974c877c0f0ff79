"""What runs in a worker of the cluster: it holds the models, reads one photo ahead and measures one at a time."""

from __future__ import annotations

import os
import threading
from typing import Any

from photo_ranker.indexing.worker import Stage, measure, open_measurer, read, silence
from photo_ranker.indexing.worker_process import ENVIRONMENT
from photo_ranker.records import PhotoRecord

__all__ = ["AHEAD", "RemoteWorker"]

AHEAD = 2
"""Photos that are in a worker at once: one is read and decoded while the other is measured."""

Said = tuple[Stage, Any]


class RemoteWorker:
    """Measures photos by path, by the same functions as the worker processes of one machine."""

    def __init__(self, spec: bytes) -> None:
        self._spec = spec
        self._measurer: Any = None
        self._models = threading.Lock()
        self._loaded = threading.Event()

    def load(self) -> Said:
        """Load the models; READY, or why not."""
        silence()
        os.environ.update(ENVIRONMENT)
        stage, opened = open_measurer(self._spec)
        if stage is not Stage.DONE:
            return stage, opened
        self._measurer = opened
        self._loaded.set()
        return Stage.READY, None

    def look(self, path: str, known: PhotoRecord | None) -> Said:
        """The record of a photo, or why there is none."""
        self._loaded.wait()
        stage, photo = read(self._measurer, path, known)
        if stage is not Stage.DONE:
            return stage, photo
        with self._models:
            return measure(self._measurer, photo, known)

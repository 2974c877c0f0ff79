"""The results as JSON lines: one object per line, the same as in the JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.exporters.document import result_objects
from photo_ranker.terminal import escaped

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking

__all__ = ["render"]


def render(ranking: Ranking) -> Iterator[bytes]:
    """One line per result."""
    for result in result_objects(ranking):
        yield escaped(msgspec.json.encode(result)) + b"\n"

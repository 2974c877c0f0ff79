"""Only the paths, byte for byte as in the file system."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking

__all__ = ["render", "render_print0"]


def render(ranking: Ranking) -> Iterator[bytes]:
    """One path per line; names that contain a line break need :func:`render_print0`."""
    return (os.fsencode(item.path) + b"\n" for item in ranking.results)


def render_print0(ranking: Ranking) -> Iterator[bytes]:
    """Paths that each end with a zero byte, for ``xargs -0``."""
    return (os.fsencode(item.path) + b"\0" for item in ranking.results)

"""The ranking as one JSON document with one result per line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from photo_ranker.exporters.document import head_object, result_objects
from photo_ranker.terminal import escaped

if TYPE_CHECKING:
    from photo_ranker.answer import Ranking

__all__ = ["render"]


def render(ranking: Ranking) -> Iterator[bytes]:
    """The document in pieces."""
    yield escaped(msgspec.json.encode(head_object(ranking))).removesuffix(b"}") + b',"results":['
    for number, result in enumerate(result_objects(ranking)):
        yield (b",\n" if number else b"\n") + escaped(msgspec.json.encode(result))
    yield b"\n]}\n"

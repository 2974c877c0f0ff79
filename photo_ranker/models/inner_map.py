"""The inner map of the mesh network as one more output of its model, which as published gives points alone.

A LiteRT model is a FlatBuffer: tables whose fields refer, by offsets, to vectors behind them. A longer list of outputs
is put at the end and the offset turned to it; everything else stays byte by byte.
"""

from __future__ import annotations

import hashlib
import struct

from photo_ranker.errors import ModelUnavailable

__all__ = ["CHANNELS", "PREPARED_SHA256", "SIDE", "with_inner_map"]

SIDE, CHANNELS = 8, 128
_TENSOR = 408
"""The last activation of 8 x 8 x 128 in ``face_landmarks_detector.tflite``: fine enough for lips and lids."""

PREPARED_SHA256 = "5df8ee56dda7ffdce355a913374dbef6d2ed6f4dd87bded068b8b370c3667847"
"""Of the prepared model; another file from its home would have its maps elsewhere."""

_SUBGRAPHS, _OUTPUTS = 2, 2
"""Numbers of the fields in the tables ``Model`` and ``SubGraph`` of LiteRT's schema."""


def with_inner_map(content: bytes) -> bytes:
    """The model with its inner map as the last output."""
    prepared = _with_output(content, _TENSOR)
    if hashlib.sha256(prepared).hexdigest() != PREPARED_SHA256:
        raise ModelUnavailable("the face mesh network is not the one that is known", "fetch its file anew")
    return prepared


def _with_output(content: bytes, tensor: int) -> bytes:
    model = bytearray(content)
    model += bytes(-len(model) % 4)
    graphs = _target(model, _field(model, _target(model, 0), _SUBGRAPHS))
    outputs = _field(model, _target(model, graphs + 4), _OUTPUTS)
    old = _target(model, outputs)
    tensors = struct.unpack_from(f"<{_number(model, old)}i", model, old + 4)
    struct.pack_into("<I", model, outputs, len(model) - outputs)
    return bytes(model + struct.pack(f"<I{len(tensors) + 1}i", len(tensors) + 1, *tensors, tensor))


def _field(model: bytearray, table: int, number: int) -> int:
    """Where a field of a table lies: the table begins with the way back to its list of places."""
    places: int = table - struct.unpack_from("<i", model, table)[0]
    place: int = struct.unpack_from("<H", model, places + 4 + 2 * number)[0]
    return table + place


def _target(model: bytearray, offset: int) -> int:
    """What an offset refers to."""
    return offset + _number(model, offset)


def _number(model: bytearray, place: int) -> int:
    found: int = struct.unpack_from("<I", model, place)[0]
    return found

"""Makes the inner map of the mesh network an output of its model, which as published only gives points.

A LiteRT model is a FlatBuffer: tables whose fields point to vectors by offsets. A longer list of outputs is appended,
and the offset is changed to point to it; all other bytes stay the same.
"""

from __future__ import annotations

import hashlib
import struct

from photo_ranker.errors import ModelUnavailable

__all__ = ["CHANNELS", "PREPARED_SHA256", "SIDE", "with_inner_map"]

SIDE, CHANNELS = 8, 128
"""Shape of the map: side x side x channels."""
_TENSOR = 408
"""The last activation of 8 x 8 x 128 in ``face_landmarks_detector.tflite``: fine enough for lips and lids."""

PREPARED_SHA256 = "5df8ee56dda7ffdce355a913374dbef6d2ed6f4dd87bded068b8b370c3667847"
"""SHA-256 of the changed model; another version of the file would have its maps elsewhere."""

_SUBGRAPHS, _OUTPUTS = 2, 2
"""Field numbers in the tables ``Model`` and ``SubGraph`` of LiteRT's schema."""


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
    """The offset of a field of a table: the table begins with the distance back to its list of fields."""
    places: int = table - struct.unpack_from("<i", model, table)[0]
    place: int = struct.unpack_from("<H", model, places + 4 + 2 * number)[0]
    return table + place


def _target(model: bytearray, offset: int) -> int:
    """Where an offset points to; offsets count from their own place."""
    return offset + _number(model, offset)


def _number(model: bytearray, place: int) -> int:
    found: int = struct.unpack_from("<I", model, place)[0]
    return found

"""EXIF's eight orientations: how a stored picture, and a box in it, is turned to become upright."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Area", "Turn", "stored_area", "swaps_sides", "turn_of", "upright_area"]

Area = tuple[float, float, float, float]
"""Left, top, width and height in shares of the picture's sides, 0 to 1."""


class Turn(NamedTuple):
    """What makes a stored picture upright: first transpose it, then mirror it."""

    transposes: bool
    """Exchange rows and columns."""
    mirrors_x: bool
    """Exchange left and right."""
    mirrors_y: bool
    """Exchange top and bottom."""


_TURNS = {
    # The keys are the values of EXIF's tag 0x0112.
    1: Turn(transposes=False, mirrors_x=False, mirrors_y=False),
    2: Turn(transposes=False, mirrors_x=True, mirrors_y=False),
    3: Turn(transposes=False, mirrors_x=True, mirrors_y=True),
    4: Turn(transposes=False, mirrors_x=False, mirrors_y=True),
    5: Turn(transposes=True, mirrors_x=False, mirrors_y=False),
    6: Turn(transposes=True, mirrors_x=True, mirrors_y=False),  # a quarter clockwise
    7: Turn(transposes=True, mirrors_x=True, mirrors_y=True),
    8: Turn(transposes=True, mirrors_x=False, mirrors_y=True),  # a quarter counter-clockwise
}


def turn_of(orientation: int) -> Turn:
    """The turn of an orientation; a number that EXIF does not know turns nothing."""
    return _TURNS.get(orientation, _TURNS[1])


def swaps_sides(orientation: int) -> bool:
    """Whether the upright picture is as wide as the stored one is high."""
    return turn_of(orientation).transposes


def upright_area(area: Area, orientation: int) -> Area:
    """An area of the stored picture in the upright one."""
    turn = turn_of(orientation)
    x, y, w, h = area
    return _mirrored((y, x, h, w) if turn.transposes else area, turn)


def stored_area(area: Area, orientation: int) -> Area:
    """An area of the upright picture in the stored one; the inverse of :func:`upright_area`."""
    turn = turn_of(orientation)
    x, y, w, h = _mirrored(area, turn)
    return (y, x, h, w) if turn.transposes else (x, y, w, h)


def _mirrored(area: Area, turn: Turn) -> Area:
    x, y, w, h = area
    return 1 - x - w if turn.mirrors_x else x, 1 - y - h if turn.mirrors_y else y, w, h

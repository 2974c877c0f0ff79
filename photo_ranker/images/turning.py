"""Turning a stored picture upright by its EXIF orientation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from photo_ranker.core.orientation import turn_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["upright"]


def upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The picture as the camera's owner saw it; orientation 1 to 8 as EXIF counts them."""
    import cv2
    import numpy as np

    turn = turn_of(orientation)
    turned: Any = pixels
    # OpenCV turns in one pass and ten times as fast as NumPy copies a transposed view.
    if turn.transposes and turn.mirrors_x != turn.mirrors_y:
        turned = cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE if turn.mirrors_x else cv2.ROTATE_90_COUNTERCLOCKWISE)
    else:
        if turn.transposes:
            turned = cv2.transpose(pixels)
        if turn.mirrors_x or turn.mirrors_y:
            turned = cv2.flip(turned, -1 if turn.mirrors_x and turn.mirrors_y else int(turn.mirrors_x))
    return np.ascontiguousarray(turned)

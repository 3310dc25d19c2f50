"""Values of a sheet: its boxes, the fields that they form, and the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Picture of a sheet, (H, W) grey or (H, W, 3) RGB.
Picture = NDArray[np.uint8]

# Points (..., 2), each x and y in pixels; and a homography (3, 3).
Points = NDArray[np.float64]
Homography = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """A box for a character: its corners and its place in reading order.

    Shapes: ``corners`` (4, 2), x and y in pixels of the picture, clockwise from the top left one
    of the upright page.
    """

    corners: Points
    row: int
    col: int


@dataclass(frozen=True, slots=True)
class Field:
    """Neighbouring boxes of one size that form a number, in reading order."""

    boxes: Sequence[Box]


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The boxes of a page in reading order.

    Shapes: ``transform`` (3, 3) maps pixels of the picture to the rectified page, on which rules
    are parallel to the sides. Units: ``width`` and ``height`` in pixels of the picture;
    ``quarter_turns`` is the clockwise rotation that makes the picture upright, in units of 90
    degrees, before the remaining skew.
    """

    width: int
    height: int
    transform: Homography
    boxes: Sequence[Box]
    fields: Sequence[Field] = ()
    quarter_turns: int = 0

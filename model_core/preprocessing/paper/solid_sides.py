"""Solid sides: thick borders of one level on two or three sides of a cell."""

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.order_statistics import midpoint_median
from model_core.preprocessing.image_ops.types import Box, Grey32

# Sides that are solid: one alone may be a stroke, and four are the paper around a digit.
MIN_SIDES, MAX_SIDES = 2, 3

# Pixels: in a picture with a shorter side a bold letter's strokes look like solid sides.
MIN_SIDE = 32

# Share of the picture's side: how thick a solid side is at most. Chosen so that a cell's thickest
# borders are thinner.
MAX_THICKNESS = 0.2

# Share of the contrast: pixels that differ by less have the same level. Chosen so that the noise of
# a camera does not count.
SAME_LEVEL = 0.25

# Share of the pixels of a row of a solid side that have its level. Chosen so that the end of a
# stroke, or of another cell's line, may reach into it.
MIN_SOLID_SHARE = 0.92

# Share of the pixels of a row along the other sides that have another level. Chosen so that bare
# paper into which a digit reaches has less.
MIN_OTHER_SHARE = 0.6

# Rows along the other sides of which one has another level: chosen so that a line of a pixel or two
# may run along them.
OTHER_ROWS = 4

# Rows beside a solid side that belong to it: its soft edge.
EDGE_ROWS = 1


def find_solid_sides(image: GreyImage) -> Box | None:
    """Return the part of a picture within its solid sides; None unless there are two or three.

    All of them have one level, and along the other sides is mostly another one.
    """
    low, high = image.trimmed_range
    apart = SAME_LEVEL * (high - low)
    grey = image.pixels
    if min(grey.shape) < MIN_SIDE:
        return None
    depths = [_solid_rows(side, apart) for side in _sides(grey)]
    levels = [_level(side[0]) for side, depth in zip(_sides(grey), depths, strict=True) if depth]
    if not MIN_SIDES <= len(levels) <= MAX_SIDES or max(levels) - min(levels) > apart:
        return None
    top, bottom, left, right = depths
    inner = (slice(top, grey.shape[0] - bottom), slice(left, grey.shape[1] - right))
    within = zip(_sides(grey[inner]), depths, strict=True)
    others = all(_is_other(side, levels[0], apart) for side, depth in within if not depth)
    return inner if others else None


def _sides(grey: Grey32) -> tuple[Grey32, ...]:
    """Return the picture turned so that its top, bottom, left and right side come first."""
    return grey, grey[::-1], grey.T, grey.T[::-1]


def _level(row: Grey32) -> float:
    """Return the median of a row."""
    return float(midpoint_median(np.sort(row)))


def _solid_rows(grey: Grey32, apart: float) -> int:
    """Return the number of rows from the first that are solid, with their edge; 0 if too many."""
    level = np.float32(_level(grey[0]))
    if np.count_nonzero(abs(grey[0] - level) < apart) / len(grey[0]) < MIN_SOLID_SHARE:
        return 0  # most often
    rows = grey[: int(MAX_THICKNESS * len(grey))]
    solid = np.add.reduce(abs(rows - level) < apart, axis=1, dtype=np.intp)
    same = solid / rows.shape[1] >= MIN_SOLID_SHARE
    return 0 if same.all() else int(same.argmin()) + EDGE_ROWS


def _is_other(grey: Grey32, level: float, apart: float) -> bool:
    """Tell whether one of the first rows has another level than the solid sides."""
    other = abs(grey[:OTHER_ROWS] - np.float32(level)) > apart
    return bool(other.mean(axis=1).max() >= MIN_OTHER_SHARE)

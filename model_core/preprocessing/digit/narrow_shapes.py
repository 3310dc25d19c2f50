"""Tall and narrow digits: they are widened, as their strokes grow together at MNIST's size."""

import numpy as np

from model_core.preprocessing.image_ops.line_fit import stray_from_line
from model_core.preprocessing.image_ops.order_statistics import midpoint_median
from model_core.preprocessing.image_ops.types import Flags, Grey32, Integers, Mask, Numbers

# Width by height: a narrower shape is widened to this, if it is more than a stem. Chosen so that at
# 14x14 two strokes have a column between them.
MIN_ASPECT = 0.5

# Widths by height between which a shape is narrow: chosen so that ordinary digits stay as they are,
# and a 1 that is hardly wider than its stroke is no bow.
NARROW_ASPECTS = (0.14, 0.38)

# Pixels: a lower digit is hardly scaled down, so that its strokes do not grow together.
MIN_HEIGHT = 26

# Share of full ink: pixels with more are strokes.
STROKE_SHARE = 0.35

# Share of the width that a stroke takes at most: with more, there is no room for several, or enough
# pixels are left at MNIST's size.
MAX_STROKE = 0.3

# Share of its bounding box that a shape fills at most. Chosen so that a bold 1 in a pen that skips,
# whose rows look like several strokes, is none of them.
MAX_EXTENT = 0.42

# Share of the height: below, a 1 is its stem alone, and above is its flag.
FLAG_SHARE = 0.35

# Share of the rows below that hold more than a stem at most, and how much wider than the stroke a
# stem's row is at most. Chosen so that a thick end of a stem is part of it.
MAX_ROWS_BESIDE = 0.05
MAX_STEM_WIDTH = 2.0

# Share of the width by which the middle of a stem strays from a straight line at most, as root mean
# square. Chosen so that a bent 1 is a stem, and the bow of a 3 is none.
MAX_STRAY = 0.15

# Share of the width at the left in which a bar ends, and by which it lies lower there than at its
# highest, at most, if a stem has one, as a 7. Chosen so that the slanting flag of a 1 is none.
BAR_END = 0.2
MAX_BAR_DROP = 0.4


def aspect_to_keep(digit: Grey32) -> float:
    """Return the width by height at which a digit is placed: its own, or more if it is narrow.

    Shapes: ``digit`` (H, W) float32, the share of each pixel that is ink.
    """
    height, width = digit.shape
    own: float = width / height
    if height < MIN_HEIGHT or not NARROW_ASPECTS[0] <= own <= NARROW_ASPECTS[1]:
        return own
    return MIN_ASPECT if _is_more_than_a_stem(digit > STROKE_SHARE) else own


def _is_more_than_a_stem(mask: Mask) -> bool:
    """Tell whether a narrow mask is something else than a stem, with or without a slanting flag."""
    if np.count_nonzero(mask) > MAX_EXTENT * mask.size:
        return False
    runs = mask[:, 0] + np.count_nonzero(mask[:, 1:] & ~mask[:, :-1], axis=1)
    covered = np.count_nonzero(mask, axis=1)
    stroke = float(midpoint_median(np.sort(covered / np.maximum(runs, 1))))
    if not 0 < stroke <= MAX_STROKE * int(mask.shape[1]):
        return False
    flag = int(FLAG_SHARE * len(mask))
    if _has_bar(mask[:flag]):
        return True
    beside: Flags = (runs[flag:] > 1) | (covered[flag:] > MAX_STEM_WIDTH * stroke)
    if np.count_nonzero(beside) > MAX_ROWS_BESIDE * len(beside):
        return True
    return _stray(mask[flag:], covered[flag:]) > MAX_STRAY * int(mask.shape[1])


def _has_bar(mask: Mask) -> bool:
    """Tell whether the upper part of a stem has a level bar to the left."""
    at_left = mask[:, : max(1, int(BAR_END * mask.shape[1]))].any(axis=1)
    drop = int(at_left.argmax()) - int(mask.any(axis=1).argmax())
    return bool(at_left.any()) and drop <= MAX_BAR_DROP * mask.shape[1]


def _stray(mask: Mask, covered: Integers) -> float:
    """Return by how many pixels the middles of the rows stray from a straight line."""
    inked = covered > 0
    middles: Numbers = (mask @ np.arange(mask.shape[1]))[inked] / covered[inked]
    return stray_from_line(np.flatnonzero(inked), middles)

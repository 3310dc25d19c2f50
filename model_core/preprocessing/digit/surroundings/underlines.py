"""Underlines: long flat components below a digit that are no part of it."""

import numpy as np

from model_core.preprocessing.image_ops.component_properties import ComponentProperties
from model_core.preprocessing.image_ops.types import Flags

# Width by thickness of a line at least. Chosen so that a dash of a skipping pen is none.
MIN_LINE_ELONGATION = 3

# Lines at most: with more, among these dashes, the picture is a pattern, and it takes time.
MAX_LINES = 6

# Runs by rows of a line at most: a row of printed letters that have grown together has more.
MAX_RUNS_PER_ROW = 1.6

# How far a line climbs by its width at most: 0.2 are 11 degrees, for a careless line.
MAX_LINE_SLOPE = 0.2

# Share of the line's width: the digit above is higher. Chosen so that a line under a whole word
# belongs to no digit.
MIN_DIGIT_HEIGHT = 0.25

# Thicknesses of the line: the digit above is higher.
MIN_THICKNESSES = 2

# Share of the digit's height between the digit and the line at most. Chosen so that the second of
# two lines is near enough, and the line of a form farther below is left to others.
MAX_DISTANCE = 0.6

# Share of the digit's height: a line that is no farther away, and is no wider than the digit on
# both sides, may be its base, torn off. Chosen so that a pen that skips leaves less.
MIN_DISTANCE = 0.04

# Pixels: the same at least. Parts of a stroke with a row of paper between them are 2 apart.
MIN_DISTANCE_PIXELS = 2

# Share of the digit's width that lies above the line at least.
MIN_OVERLAP = 0.5


def is_underline(components: ComponentProperties, eligible: Flags) -> Flags:
    """Tell which components are lines below a digit.

    Shapes: ``eligible`` (N,), the components that may be a digit or a line -> (N,).
    """
    height, width = components.height, components.width
    result = np.zeros(components.count, np.bool_)
    flat: Flags = (
        eligible
        & (width * width >= MIN_LINE_ELONGATION * components.area)
        & (height - components.area / width <= MAX_LINE_SLOPE * width)
    )
    if not 0 < np.count_nonzero(flat) <= MAX_LINES:
        return result
    runs = np.bincount(components.runs.label, minlength=components.count)
    flat &= runs <= MAX_RUNS_PER_ROW * height
    for line in np.flatnonzero(flat):
        result[line] = _is_below_a_digit(components, int(line), eligible & ~flat)
    return result


def _is_below_a_digit(components: ComponentProperties, line: int, digits: Flags) -> bool:
    """Tell whether a component of a digit's size stands above a line, and is not joined to it."""
    left, right = components.left, components.right
    thickness = components.area[line] / components.width[line]
    size = max(MIN_DIGIT_HEIGHT * components.width[line], MIN_THICKNESSES * thickness)
    gap = (components.top[line] + components.bottom[line] - thickness) / 2 - components.bottom
    overlap = np.minimum(right, right[line]) - np.maximum(left, left[line]) + 1
    wider = (left > left[line]) & (right < right[line])
    least = np.maximum(MIN_DISTANCE * components.height, MIN_DISTANCE_PIXELS)
    apart = (components.top[line] - components.bottom > least) | (wider & (gap > 0))
    above = digits & (components.height >= size) & (overlap >= MIN_OVERLAP * components.width)
    return bool((above & apart & (gap <= MAX_DISTANCE * components.height)).any())

"""Joining strokes: what leads from the top of a digit to the next one is cut off beside it."""

import math

import numpy as np

from model_core.preprocessing.image_ops.types import Box, Integers, Mask

# Pixels: a lower digit is too coarse for strokes to be told apart.
MIN_HEIGHT = 24

# Strokes' thicknesses: a column in which the ink is higher is no longer a joining stroke alone.
# Chosen so that one that climbs at 45 degrees is.
MAX_THICKNESSES = 1.8

# Share of the digit's height: in a bolder pen strokes are not told apart.
MAX_THICKNESS = 0.26

# Share of the digit's height: a shorter end is left as it is. Chosen so that the end of a digit's
# own stroke is.
MIN_LENGTH = 0.15

# Share of the digit's height within which a joining stroke begins; and within which it begins at a
# ring. Chosen so that the tail of a 2 and the bar of a 4 do not.
MAX_START = 0.35
MAX_RING_START = 0.6

# How far a joining stroke climbs or falls by its length at most. Chosen so that the stem of an open
# 4 is none.
MAX_SLOPE = 0.6

# Shares of the digit's height and of its ink that are left at least.
MIN_HEIGHT_LEFT = 0.8
MIN_INK_LEFT = 0.55

# Share of the rows in the middle half that hold two strokes, if what is left is a ring. Chosen so
# that a 0 is one, and a 5, whose bar looks like a joining stroke, is none.
MIN_DOUBLE_ROWS = 0.7

# Width by height of what is left, if the stroke begins at its top, within this share of the height.
# Chosen so that the corner of a frame does not become a 1.
MIN_WIDTH_LEFT = 0.2
MIN_CORNER_START = 0.06

# A stroke leaves the picture if it ends within 1 / this of its width of the border, and the digit
# is not as near above or below, as one that is cropped tightly: then it need not begin at a ring.
BORDER_DIVISOR = 40


def columns_without_joining_stroke(mask: Mask, box: Box) -> int:
    """Return the column of a picture at which a joining stroke at a digit's right begins.

    Shapes: ``mask`` (H, W) bool, ``box`` the bounding box of its ink. Without such a stroke it is
    the column after the box.
    """
    digit, end = mask[box], box[1].stop
    if len(digit) < MIN_HEIGHT:
        return int(end)
    length, start = _stroke_at_left(digit[:, ::-1])
    rest = digit[:, : digit.shape[1] - length]
    if not length or not _is_a_digit(rest, digit):
        return int(end)
    corner = len(rest.T) < MIN_WIDTH_LEFT * len(digit) and start < MIN_CORNER_START
    leaves = _is_only_near_the_right(mask, box) and not corner
    joins = start < MAX_RING_START if _is_ring(rest) else leaves and start < MAX_START
    return box[1].start + rest.shape[1] if joins else int(end)


def _is_only_near_the_right(mask: Mask, box: Box) -> bool:
    """Tell whether a box ends at the right border, and has paper above and below it."""
    (rows, columns), (tall, wide) = box, mask.shape
    zone = tall // BORDER_DIVISOR
    apart = rows.start > zone and rows.stop < tall - zone
    return bool(apart and columns.stop >= wide - wide // BORDER_DIVISOR)


def _stroke_at_left(digit: Mask) -> tuple[int, float]:
    """Return how many columns at the left hold a level stroke alone, and where it meets the rest.

    Units: columns, 0 if there is none; the share of the height from the top.
    """
    tall = len(digit)
    if _is_high_at(digit, math.ceil(MIN_LENGTH * tall) - 1):
        return 0, 0.0
    thickness = _thickness(digit)
    if thickness > MAX_THICKNESS * tall:
        return 0, 0.0
    tops: Integers = digit.argmax(axis=0)
    extents: Integers = tall - digit[::-1].argmax(axis=0) - tops
    length = int((extents > MAX_THICKNESSES * thickness).argmax())
    if length < MIN_LENGTH * tall:
        return 0, 0.0
    start, end = int(tops[length - 1]), int(tops[0])
    return (length if abs(start - end) <= MAX_SLOPE * length else 0), start / tall


def _is_high_at(digit: Mask, column: int) -> bool:
    """Tell whether the ink in a column is higher than any joining stroke; it is if it has none.

    This is quick, and holds for most digits in the last column that the shortest stroke has.
    """
    if column >= digit.shape[1]:
        return True
    inked = digit[:, column].nonzero()[0]
    limit = MAX_THICKNESSES * MAX_THICKNESS * len(digit)
    return not len(inked) or bool(inked[-1] - inked[0] + 1 > limit)


def _thickness(digit: Mask) -> float:
    """Return the mean thickness of strokes, in pixels: by the runs across or down, the smaller."""
    across = np.count_nonzero(digit[:, 1:] & ~digit[:, :-1]) + np.count_nonzero(digit[:, 0])
    down = np.count_nonzero(digit[1:] & ~digit[:-1]) + np.count_nonzero(digit[0])
    return float(np.count_nonzero(digit) / max(across, down))


def _is_a_digit(rest: Mask, digit: Mask) -> bool:
    """Tell whether what is left is about as high as before, and has most of the ink."""
    inked = np.flatnonzero(rest.any(axis=1))
    height = int(inked[-1]) - int(inked[0]) + 1 if len(inked) else 0
    ink = np.count_nonzero(rest) >= MIN_INK_LEFT * np.count_nonzero(digit)
    return bool(height >= MIN_HEIGHT_LEFT * len(digit) and ink)


def _is_ring(mask: Mask) -> bool:
    """Tell whether most rows in the middle hold two strokes."""
    middle = mask[len(mask) // 4 : -(len(mask) // 4)]
    runs = middle[:, 0] + np.count_nonzero(middle[:, 1:] & ~middle[:, :-1], axis=1)
    return bool(np.count_nonzero(runs > 1) >= MIN_DOUBLE_ROWS * len(middle))

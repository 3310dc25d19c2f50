"""Pieces of lines: ruled lines that cannot be removed one by one, and what is left of others."""

import numpy as np

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.digit.ruled_lines import (
    MAX_CLIMB,
    MAX_LINE_CONTRAST,
    MAX_LINE_PIXELS,
    MAX_LINE_SHARE,
    MIN_COVERED,
    MIN_LINE_CONTRAST,
    MIN_SIDE,
    near_strokes,
)
from model_core.preprocessing.image_ops.morphology import grey_erosion, window_size
from model_core.preprocessing.image_ops.types import Box

# Share of the inked pixels that are lines at least if there are any. Chosen so that no time is
# spent on ink without lines.
MIN_LINES_SHARE = 0.1

# Lines hold no square with sides of 1 / this of the picture's longer side. Chosen so that blurred
# lines hold none where they cross, and the soft edges of bold strokes do.
THICK_DIVISOR = 14


def keep_strokes(ink: Ink) -> Ink | None:
    """Return the ink without all that is as faint as ruled lines, away from darker strokes.

    None if there is little so faint, if it is too thick, or if the picture is too coarse for lines.
    It serves where ink hides the lines, or they are too crooked to be found.
    """
    if min(ink.contrast.shape) < MIN_SIDE:
        return None
    contrast = ink.contrast * near_strokes(ink.contrast, MAX_LINE_CONTRAST * ink.peak)
    inked = ink.contrast >= ink.threshold
    lines = inked & (contrast < ink.threshold)
    if np.count_nonzero(lines) < MIN_LINES_SHARE * np.count_nonzero(inked):
        return None
    window = window_size(lines.shape, THICK_DIVISOR)
    if grey_erosion(lines.astype(np.float32), window).any():
        return None
    return ink._replace(contrast=contrast)


def is_piece_of_line(ink: Ink, box: Box) -> bool:
    """Tell whether what is in a box is narrow, and goes on as a line beyond both of its ends."""
    rows, columns = box
    contrast, across = ink.contrast, columns
    if rows.stop - rows.start < columns.stop - columns.start:
        contrast, across = contrast.T, rows
    if across.stop - across.start > max(MAX_LINE_PIXELS, MAX_LINE_SHARE * contrast.shape[1]):
        return False
    climb = int(MAX_CLIMB * len(contrast))
    beside = contrast[:, max(0, across.start - climb) : across.stop + climb]
    covered = beside.max(axis=1) > MIN_LINE_CONTRAST * ink.peak
    return bool(covered.mean() > MIN_COVERED)

"""Ruled lines: fainter than ink, and running from side to side."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.digit.ink import Ink

Grey = NDArray[np.float32]
Flags = NDArray[np.bool_]

# A line is seen in so many of the strips that a picture is cut into, or one less
# if the outermost are among them.
STRIPS, SEEN = 6, 5
# It climbs by at most this share of the picture's width, and has this share of the ink's contrast.
CLIMB = 0.05
LEAST, MOST = 0.15, 0.6
# It is at most so thick, as a share of the picture's height.
THICK = 0.05
# It is so much of a strip's row; what differs from it by more than this is the digit.
EVEN = 0.75
DIGIT = 1.8

# A picture with shorter sides is too coarse for lines to be told from strokes.
SHORTEST = 32


def without_rulings(ink: Ink) -> Ink | None:
    """Return the ink without the lines across and down the picture; None if it has none."""
    contrast = ink.contrast
    if min(contrast.shape) < SHORTEST:
        return None
    across, down = _limits(contrast, ink.peak), _limits(contrast.T, ink.peak)
    if across is None and down is None:
        return None
    left = contrast.copy()
    if across is not None:
        left[contrast < across] = 0
    if down is not None:
        left[contrast < down.T] = 0
    return replace(ink, contrast=left)


def _limits(contrast: Grey, peak: float) -> Grey | None:
    """Return what a digit's contrast is at least where a line runs from left to right, else 0."""
    if not _may_have(contrast, peak):
        return None
    strips = np.array_split(contrast, STRIPS, axis=1)
    levels = np.stack([np.median(strip, axis=1) for strip in strips])
    even = [
        np.mean(strip > level[:, None] / 2, axis=1) >= EVEN
        for strip, level in zip(strips, levels, strict=True)
    ]
    lines = _thin(np.stack(even) & (levels > LEAST * peak) & (levels < MOST * peak))
    limits = np.zeros_like(contrast)
    most = int(CLIMB * contrast.shape[1])
    for climb in range(-most, most + 1):
        ends = _seen(lines, climb, slice(0, None, STRIPS - 1)) == 2
        for row in np.flatnonzero(_seen(lines, climb) + ends >= SEEN):
            _mark(limits, levels, int(row), climb)
    return limits if limits.any() else None


def _may_have(contrast: Grey, peak: float) -> bool:
    """Tell whether anything is wide enough on both sides: a quick look at three columns of each."""
    side = contrast.shape[1] // STRIPS
    left = np.array([side // 4, side // 2, 3 * side // 4])
    ends = (contrast[:, left], contrast[:, -1 - left])
    return all(float(end.min(axis=1).max()) > LEAST * peak for end in ends)


def _thin(lines: Flags) -> Flags:
    """Return the rows of each strip that are not among too many in a row, as in a shade."""
    height = lines.shape[1]
    most = max(3, round(THICK * height)) + 1
    windows = np.lib.stride_tricks.sliding_window_view(lines, most, axis=1).all(axis=2)
    thin = lines.copy()
    for start in range(most):
        thin[:, start : start + windows.shape[1]] &= ~windows
    return thin


def _seen(lines: Flags, climb: int, strips: slice = slice(None)) -> NDArray[np.intp]:
    """Return for each row in the middle in how many strips there is a line of some climb."""
    height = lines.shape[1]
    seen = np.zeros(height, np.intp)
    for line, move in zip(lines[strips], _moves(climb, STRIPS)[strips], strict=True):
        start, stop = max(0, -move), height - max(0, move)
        seen[start:stop] += line[start + move : stop + move]
    return seen


def _moves(climb: int, count: int) -> list[int]:
    """Return how far a line has climbed in the middle of each of ``count`` strips or columns."""
    return [round(climb * ((number + 0.5) / count - 0.5)) for number in range(count)]


def _mark(limits: Grey, levels: Grey, row: int, climb: int) -> None:
    """Set, along a line, the contrast that a digit must have to be more than the line."""
    height, width = limits.shape
    rows = np.clip(row + np.array(_moves(climb, STRIPS)), 0, height - 1)
    level = float(np.median(levels[np.arange(STRIPS), rows]))
    along = row + np.array(_moves(climb, width))
    columns = np.flatnonzero((along >= 0) & (along < height))
    limits[along[columns], columns] = DIGIT * level

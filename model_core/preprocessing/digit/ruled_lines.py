"""Removal of ruled lines, which are fainter than ink and run from side to side."""

from dataclasses import replace

import numpy as np

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.image_ops.types import Flags, Grey32, Integers

# Strips into which a picture is cut across a line's direction: chosen so that a digit covers some
# of them, and not all.
STRIPS = 6

# Strips in which a line is seen at least, or one less if the two outermost are among them: chosen
# so that a digit may hide it in one.
MIN_STRIPS = 5

# Share of the picture's width: how far a line climbs at most. 5 % are 2.9 degrees, for paper that
# lies a little askew (`benchmarks.scenery` turns squared paper by up to 2.5).
MAX_CLIMB = 0.05

# Share of the ink's greatest contrast: a line has more. Chosen so that a line just below the ink's
# threshold, which is a fifth of that contrast, is removed, too.
MIN_LINE_CONTRAST = 0.15

# Share of the ink's greatest contrast: a line has less. Chosen so that strokes are no lines.
MAX_LINE_CONTRAST = 0.6

# Share of the picture's height: how thick a line is at most. Chosen so that a shade is none.
MAX_LINE_SHARE = 0.05

# Pixels: how thick a line may be even where the above is less.
MAX_LINE_PIXELS = 3

# Share of a strip's row that a line covers at least: chosen so that a crossing stroke may hide
# some.
MIN_COVERED = 0.75

# Share of the row's median level that a covered pixel has at least: half way from paper to line.
MIN_LEVEL_SHARE = 0.5

# Times a line's level: a darker pixel on a line is the digit's. Chosen so that a stroke which
# crosses a line stays.
MIN_DIGIT_LEVEL = 1.8

# Pixels: a picture with a shorter side is too coarse for lines to be told from strokes.
MIN_SIDE = 32

# Quarters of the outermost strips where columns are looked at for a first hint of a line: chosen so
# that they are spread over the strip.
HINT_QUARTERS = (1, 2, 3)


def remove_ruled_lines(ink: Ink) -> Ink | None:
    """Return the ink without the lines across and down the picture; None if it has none."""
    contrast = ink.contrast
    if min(contrast.shape) < MIN_SIDE:
        return None
    across, down = _digit_limits(contrast, ink.peak), _digit_limits(contrast.T, ink.peak)
    if across is None and down is None:
        return None
    left = contrast.copy()
    if across is not None:
        left[contrast < across] = 0
    if down is not None:
        left[contrast < down.T] = 0
    return replace(ink, contrast=left)


def _digit_limits(contrast: Grey32, peak: float) -> Grey32 | None:
    """Return a digit's least contrast where a line runs from left to right, 0 elsewhere."""
    if not _has_hint(contrast, peak):
        return None
    levels, lines = _lines_of_strips(contrast, peak)
    limits = np.zeros_like(contrast)
    most = int(MAX_CLIMB * contrast.shape[1])
    for climb in range(-most, most + 1):
        at_both_ends = _count_strips(lines, climb, slice(0, None, STRIPS - 1)) == 2
        seen = _count_strips(lines, climb) + at_both_ends
        for row in np.flatnonzero(seen >= MIN_STRIPS):
            _mark_line(limits, levels, int(row), climb)
    return limits if limits.any() else None


def _has_hint(contrast: Grey32, peak: float) -> bool:
    """Tell whether something spans both outermost strips, by three columns of each."""
    side = contrast.shape[1] // STRIPS
    left = np.array([quarter * side // 4 for quarter in HINT_QUARTERS])
    ends = (contrast[:, left], contrast[:, -1 - left])
    return all(float(end.min(axis=1).max()) > MIN_LINE_CONTRAST * peak for end in ends)


def _lines_of_strips(contrast: Grey32, peak: float) -> tuple[Grey32, Flags]:
    """Return each strip's level in each row, and whether a line may run there, (STRIPS, H) both."""
    strips = np.array_split(contrast, STRIPS, axis=1)
    levels = np.stack([np.median(strip, axis=1) for strip in strips])
    covered = [
        np.mean(strip > level[:, None] * MIN_LEVEL_SHARE, axis=1) >= MIN_COVERED
        for strip, level in zip(strips, levels, strict=True)
    ]
    faint = (levels > MIN_LINE_CONTRAST * peak) & (levels < MAX_LINE_CONTRAST * peak)
    return levels, _thin_lines(np.stack(covered) & faint)


def _thin_lines(lines: Flags) -> Flags:
    """Return the rows of each strip that are not among too many in a row, as in a shade."""
    height = lines.shape[1]
    too_many = max(MAX_LINE_PIXELS, round(MAX_LINE_SHARE * height)) + 1
    windows = np.lib.stride_tricks.sliding_window_view(lines, too_many, axis=1).all(axis=2)
    thin = lines.copy()
    for start in range(too_many):
        thin[:, start : start + windows.shape[1]] &= ~windows
    return thin


def _count_strips(lines: Flags, climb: int, strips: slice = slice(None)) -> Integers:
    """Return for each row in the middle the number of strips with a line of some climb."""
    height = lines.shape[1]
    count = np.zeros(height, np.intp)
    for line, offset in zip(lines[strips], _offsets(climb, STRIPS)[strips], strict=True):
        start, stop = max(0, -offset), height - max(0, offset)
        count[start:stop] += line[start + offset : stop + offset]
    return count


def _offsets(climb: int, count: int) -> list[int]:
    """Return how far a line has climbed in the middle of each of ``count`` strips or columns."""
    return [round(climb * ((number + 0.5) / count - 0.5)) for number in range(count)]


def _mark_line(limits: Grey32, levels: Grey32, row: int, climb: int) -> None:
    """Set, along a line, the contrast that a digit must have to be more than the line."""
    height, width = limits.shape
    rows = np.clip(row + np.array(_offsets(climb, STRIPS)), 0, height - 1)
    level = float(np.median(levels[np.arange(STRIPS), rows]))
    along = row + np.array(_offsets(climb, width))
    columns = np.flatnonzero((along >= 0) & (along < height))
    limits[along[columns], columns] = MIN_DIGIT_LEVEL * level

"""Removal of ruled lines, which are fainter than ink and run from side to side."""

import math
from functools import lru_cache, reduce

import numpy as np

from model_core.preprocessing.digit.ink import Ink
from model_core.preprocessing.image_ops.morphology import binary_dilation
from model_core.preprocessing.image_ops.order_statistics import midpoint_median
from model_core.preprocessing.image_ops.types import Flags, Grey32, Integers, Mask

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

# Lines within 1 / this of the picture's side along its border are no rulings but a cell's edge:
# chosen so that a cell's soft print may be fainter than the edge.
BORDER_DIVISOR = 6

# Quarters of the outermost strips where columns are looked at for a first hint of a line: chosen so
# that they are spread over the strip.
HINT_QUARTERS = (1, 2, 3)

# Pictures' widths whose lines' offsets are kept: chosen as the pixels of a reduced picture's side.
CACHED_WIDTHS = 96

# Pixels from a stroke that is darker than any line: a fainter one is the stroke's own if it is no
# farther. Chosen so that the soft edges of strokes stay.
EDGE_PIXELS = 2


def remove_ruled_lines(ink: Ink) -> Ink | None:
    """Return the ink without the lines across and down the picture; None if it has none."""
    contrast = ink.contrast
    if min(contrast.shape) < MIN_SIDE:
        return None
    across, down = _digit_limits(contrast, ink.peak), _digit_limits(contrast.T, ink.peak)
    found = [limits for limits in (across, None if down is None else down.T) if limits is not None]
    if not found:
        return None
    left = contrast.copy()
    for limits in found:
        left[contrast < limits] = 0
    least = max(map(_greatest_within, found))
    left *= near_strokes(left, min(least, MAX_LINE_CONTRAST * ink.peak))
    return ink._replace(contrast=left)


def near_strokes(contrast: Grey32, least: float) -> Mask:
    """Return which pixels are darker than any line, or near such a pixel.

    Shapes: (H, W) float32 -> (H, W) bool. Units: ``least``, a stroke's least contrast. What else is
    left is pieces of lines, as where they are crooked or cross.
    """
    near = contrast >= least
    for _ in range(EDGE_PIXELS):
        near = binary_dilation(near)
    return near


def _greatest_within(limits: Grey32) -> float:
    """Return the greatest limit away from the border, where lines may be darker than the ink."""
    tall, wide = (side // BORDER_DIVISOR for side in limits.shape)
    return float(limits[tall : len(limits) - tall, wide : limits.shape[1] - wide].max())


def _digit_limits(contrast: Grey32, peak: float) -> Grey32 | None:
    """Return a digit's least contrast where a line runs from left to right, 0 elsewhere."""
    if not _has_hint(contrast, peak):
        return None
    levels, lines = _lines_of_strips(contrast, peak)
    if not _may_hold_lines(lines):
        return None
    climbs, in_strips = _climbs(contrast.shape[1])
    numbers, rows = _find_lines(lines, in_strips)
    if not len(rows):
        return None
    return _mark_lines(levels, rows, climbs[numbers], contrast.shape[1])


def _has_hint(contrast: Grey32, peak: float) -> bool:
    """Tell whether something spans both outermost strips, by three columns of each."""
    side = contrast.shape[1] // STRIPS
    left = [quarter * side // 4 for quarter in HINT_QUARTERS]
    right = [-1 - column for column in left]
    least = MIN_LINE_CONTRAST * peak
    return all(
        np.maximum.reduce(reduce(np.minimum, [contrast[:, column] for column in columns])) > least
        for columns in (left, right)
    )


def _lines_of_strips(contrast: Grey32, peak: float) -> tuple[Grey32, Flags]:
    """Return each strip's level in each row, and whether a line may run there, (STRIPS, H) both."""
    ordered = [np.sort(strips, axis=2) for strips in _cut_into_strips(contrast)]
    levels = np.concatenate([midpoint_median(strips) for strips in ordered], axis=1).T
    # the lowest level among the pixels that a line covers at least
    least = np.concatenate(
        [strips[..., -math.ceil(MIN_COVERED * strips.shape[2])] for strips in ordered], axis=1
    ).T
    covered = least > levels * MIN_LEVEL_SHARE
    faint = (levels > MIN_LINE_CONTRAST * peak) & (levels < MAX_LINE_CONTRAST * peak)
    return levels, _thin_lines(covered & faint)


def _cut_into_strips(contrast: Grey32) -> list[Grey32]:
    """Return the strips from left to right, those of one width together: (H, number, width) each.

    The first ones may be a pixel wider. All of one width are sorted in one call: six small ones
    took several times as long.
    """
    height, width = contrast.shape
    narrow, wider = divmod(width, STRIPS)
    border = wider * (narrow + 1)
    strips = (
        contrast[:, :border].reshape(height, wider, narrow + 1),
        contrast[:, border:].reshape(height, STRIPS - wider, narrow),
    )
    return [part for part in strips if part.size]


def _thin_lines(lines: Flags) -> Flags:
    """Return the rows of each strip that are not among too many in a row, as in a shade."""
    height = lines.shape[1]
    too_many = max(MAX_LINE_PIXELS, round(MAX_LINE_SHARE * height)) + 1
    windows = height - too_many + 1
    shade = lines[:, :windows].copy()
    for start in range(1, too_many):
        shade &= lines[:, start : start + windows]
    if not shade.any():
        return lines
    thin = lines.copy()
    for start in range(too_many):
        thin[:, start : start + windows] &= ~shade
    return thin


@lru_cache(maxsize=CACHED_WIDTHS)
def _climbs(width: int) -> tuple[Integers, Integers]:
    """Return the pixels by which lines may climb from left to right, and their offsets in strips.

    Shapes: (N,), ascending, and (N, STRIPS). A climb of one pixel is left out: half of it lies on
    either side of the middle, and rounds to 0.
    """
    most = int(MAX_CLIMB * width)
    climbs = np.arange(-most, most + 1)
    climbs = climbs[abs(climbs) != 1]
    return climbs, _offsets(climbs, STRIPS)


def _find_lines(lines: Flags, offsets: Integers) -> tuple[Integers, Integers]:
    """Return each line's climb, as an index, and its row in the middle, climb after climb.

    Shapes: ``lines`` (STRIPS, H), ``offsets`` (N, STRIPS) of N climbs. All climbs are looked at in
    one call, and so are all strips: a loop took ten times as long.
    """
    height, most = lines.shape[1], int(offsets[-1, -1])
    padded = np.zeros((STRIPS, height + 2 * most), np.bool_)
    padded[:, most : most + height] = lines
    starts = np.arange(STRIPS) * padded.shape[1] + most + offsets
    there = padded.ravel()[starts[:, :, None] + np.arange(height)]
    at_both_ends = there[:, 0] & there[:, -1]
    numbers, rows = np.nonzero(np.add.reduce(there, axis=1) + at_both_ends >= MIN_STRIPS)
    return numbers, rows


def _may_hold_lines(lines: Flags) -> bool:
    """Tell whether enough strips have a line somewhere; in most pictures without lines few do."""
    strips = np.logical_or.reduce(lines, axis=1)
    at_both_ends = bool(strips[0] and strips[-1])
    return bool(np.count_nonzero(strips) + at_both_ends >= MIN_STRIPS)


def _offsets(climbs: Integers, count: int) -> Integers:
    """Return how far lines have climbed in the middle of each of ``count`` strips or columns.

    Shapes: ``climbs`` (N,) -> (N, count). Units: pixels, 0 in the middle.
    """
    places = (np.arange(count) + 0.5) / count - 0.5
    return np.rint(climbs[:, None] * places).astype(np.intp)


def _mark_lines(levels: Grey32, rows: Integers, climbs: Integers, width: int) -> Grey32:
    """Return, along lines, the contrast that a digit must have to be more than the line.

    Shapes: ``levels`` (STRIPS, H), ``rows`` and ``climbs`` (N,) -> (H, width). Where lines cross,
    the last one counts.
    """
    height, most = levels.shape[1], int(MAX_CLIMB * width)
    in_strips = np.clip(rows[:, None] + _offsets(climbs, STRIPS), 0, height - 1)
    level = midpoint_median(np.sort(levels[np.arange(STRIPS), in_strips], axis=1))
    limits = np.zeros((height + 2 * most, width), np.float32)  # lines may leave the picture
    along = rows[:, None] + _offsets(climbs, width)
    limits[most + along, np.arange(width)] = MIN_DIGIT_LEVEL * level.astype(np.float64)[:, None]
    return limits[most : most + height]

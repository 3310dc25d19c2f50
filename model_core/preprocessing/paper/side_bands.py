"""Bands among the columns along a picture's left and right side that are no paper."""

from typing import NamedTuple

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.order_statistics import midpoint_median
from model_core.preprocessing.image_ops.types import WHITE, Flags, Grey32

# Share of the width: a band ends no farther from the side. Chosen so that a stem in the middle is
# no band.
REACH = 0.3

# Share of the width: a wider band is no line, and needs bare paper around it. Chosen so that the
# border of a cell is a line.
MAX_LINE_WIDTH = 0.12

# Pixels: a narrower picture has no bands, it would be all border.
MIN_SIDE = 12

# Share of the contrast: levels that differ by less are the same. Chosen so that noise does not
# count.
SAME_LEVEL = 0.25

# Share of the contrast: a band's median differs by more from the paper. Half, so that it is nearer
# to the ink's level.
MIN_BAND_CONTRAST = 0.5

# Share of the contrast: a column beside a band that differs by more from the paper belongs to it.
# Chosen so that the soft edge of a line does.
MIN_EDGE_CONTRAST = 0.15

# Share of the contrast: a column that differs by more, near both of its ends, is a hint of a band.
# Chosen lower than for a band, so that none is missed.
MIN_HINT_CONTRAST = 0.35

# Share of the pixels between bands that have one level if the paper is even. Chosen so that a digit
# may cover the rest.
MIN_EVEN_SHARE = 0.65

# Share of the pixels near the ends of columns that have the paper's level if it is bare. Chosen so
# that the strips of "mnist_c_stripe" are found (`benchmarks.ablation`: without bands .222 are right
# instead of .980), and digits are not.
MIN_BARE_SHARE = 0.97

# Share of the pixels at each end of a column that have its median's level if it is a band. Chosen
# so that a band may be crossed by a stroke.
MIN_BAND_SHARE = 0.7

# Share of the pixels of a row that have the paper's level although the row is a band at the top or
# bottom. Chosen so that a line of a few pixels may end there.
MAX_CROSSED_SHARE = 0.1

# The paper's level is read from the ends of columns, 1 / this of the height each. Chosen so that
# digits leave them bare.
PAPER_END_DIVISOR = 10

# Rows of these ends at least, in a picture of a few pixels.
MIN_PAPER_END_ROWS = 2

# A band reaches both ends of its columns, 1 / this of the height each: chosen so that a stroke that
# ends before does not.
BAND_END_DIVISOR = 7

# Rows that are looked at for a hint: 1 / these of the height from either end. Chosen so that they
# lie within a band's ends; the medians of all columns took a third of the time of a small picture.
HINT_ROW_DIVISORS = (16, 7)


class SideBands(NamedTuple):
    """Bands among the columns of a picture (or of its transpose).

    Shapes: ``columns`` (W,) bool, the columns that are bands; ``medians`` (W,) float32, each
    column's median. Units: ``paper``, the level between the bands, in grey levels. ``inner`` is the
    columns between the bands.
    """

    columns: Flags
    medians: Grey32
    paper: float
    inner: slice

    @property
    def sides(self) -> int:
        """The number of sides (0..2) with a band."""
        return int(self.inner.start > 0) + int(self.inner.stop < len(self.columns))

    def negative(self) -> "SideBands":
        """Return the same bands of the negative picture."""
        return self._replace(medians=WHITE - self.medians, paper=WHITE - self.paper)


def find_side_bands(image: GreyImage) -> SideBands:
    """Return the columns at the left and right whose median differs from the paper's level."""
    grey = image.pixels
    width = grey.shape[1]
    none = SideBands(np.zeros(width, np.bool_), grey[0], 0.0, slice(0, width))
    low, high = image.trimmed_range
    contrast = high - low
    if not _has_hint(grey, contrast):
        return none
    reach = int(REACH * width)
    paper, even, bare = _find_paper(grey, slice(reach, width - reach), contrast)
    medians = midpoint_median(np.sort(grey.T, axis=1))
    columns = abs(medians - paper) > MIN_BAND_CONTRAST * contrast
    columns[reach : width - reach] = False
    wide = max(columns[:reach].sum(), columns[width - reach :].sum()) > MAX_LINE_WIDTH * width
    if not columns.any() or ((wide or not even) and not bare):
        return none
    columns = _whole_bands(grey, SideBands(columns, medians, paper, none.inner), contrast)
    return SideBands(columns, medians, paper, _between(columns))


def _has_hint(grey: Grey32, contrast: float) -> bool:
    """Tell whether a column stands out both near its top and near its bottom, in a few rows."""
    if min(grey.shape) < MIN_SIDE:
        return False
    reach = int(REACH * grey.shape[1])
    near, far = (len(grey) // divisor for divisor in HINT_ROW_DIVISORS)
    rows = grey[[near, far, -1 - near, -1 - far]]
    middle = np.sort(rows[:, reach : rows.shape[1] - reach], axis=1)
    stands_out = abs(rows - middle[:, middle.shape[1] // 2, None]) > MIN_HINT_CONTRAST * contrast
    stands_out[:, reach : rows.shape[1] - reach] = False
    return bool((stands_out[:2] & stands_out[2:]).any())


def _find_paper(grey: Grey32, middle: slice, contrast: float) -> tuple[float, bool, bool]:
    """Return the paper's level in the middle columns, whether it is even, and its ends bare.

    Where their ends are not bare, they are looked at without bands at the top and bottom.
    """
    level = float(midpoint_median(np.sort(grey[:, middle], axis=None)))
    found = _level_of_paper(grey[:, middle], level, contrast)
    if found[2]:
        return found
    between = _between_end_bands(grey, middle, level, contrast)
    if len(between) == len(grey):
        return found
    return _level_of_paper(between, float(midpoint_median(np.sort(between, axis=None))), contrast)


def _level_of_paper(middle: Grey32, paper: float, contrast: float) -> tuple[float, bool, bool]:
    """Return the paper's level in columns, whether it is even, and their ends bare.

    ``paper`` is the columns' median, which is the level of even paper.
    """
    end = max(MIN_PAPER_END_ROWS, len(middle) // PAPER_END_DIVISOR)
    ends = np.concatenate([middle[:end], middle[-end:]])
    even = _share_at(middle, paper, contrast) >= MIN_EVEN_SHARE
    if not even:
        paper = float(midpoint_median(np.sort(ends, axis=None)))
    return paper, even, _share_at(ends, paper, contrast) >= MIN_BARE_SHARE


def _between_end_bands(grey: Grey32, middle: slice, level: float, contrast: float) -> Grey32:
    """Return the middle columns, whose median is ``level``, without rows at either end in bands."""
    difference = np.sort(abs(grey - np.float32(level)), axis=1)
    paper = difference[:, int(MAX_CROSSED_SHARE * grey.shape[1])] <= MIN_EDGE_CONTRAST * contrast
    reach = int(REACH * len(grey))
    first, last = (
        int(side.argmax()) if side.any() else 0 for side in (paper[:reach], paper[::-1][:reach])
    )
    return grey[first : len(grey) - last, middle]


def _share_at(grey: Grey32, level: float, contrast: float) -> float:
    """Return the share of pixels that have about this level."""
    return np.count_nonzero(abs(grey - level) < SAME_LEVEL * contrast) / grey.size


def _whole_bands(grey: Grey32, bands: SideBands, contrast: float) -> Flags:
    """Return the columns of bands that run from end to end, and their soft edges."""
    end = -(-len(grey) // BAND_END_DIVISOR)
    alike = abs(grey - bands.medians) < SAME_LEVEL * contrast
    whole = bands.columns.copy()
    for part in (alike[:end], alike[-end:]):
        whole &= part.mean(axis=0) > MIN_BAND_SHARE
    beside = whole.copy()
    beside[1:] |= whole[:-1]
    beside[:-1] |= whole[1:]
    return beside & (abs(bands.medians - bands.paper) > MIN_EDGE_CONTRAST * contrast)


def _between(columns: Flags) -> slice:
    """Return the columns between the innermost bands of the left and of the right half."""
    half = len(columns) // 2
    left, right = np.flatnonzero(columns[:half]), np.flatnonzero(columns[half:])
    start = int(left[-1]) + 1 if len(left) else 0
    return slice(start, half + int(right[0]) if len(right) else len(columns))

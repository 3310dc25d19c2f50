"""Border bands: rows and columns along the border that are no paper (a frame, a table's edge)."""

from typing import NamedTuple

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage, corners
from model_core.preprocessing.image_ops.order_statistics import median, midpoint_median
from model_core.preprocessing.image_ops.types import Box, Flags, Grey32
from model_core.preprocessing.paper.side_bands import SAME_LEVEL, SideBands, find_side_bands
from model_core.preprocessing.paper.solid_sides import find_solid_sides

# Sides with a band at least: one alone may be the stroke of a digit.
MIN_SIDES = 2

# Share of the range between the bands: a corner's median differs by less from the paper's level.
# Chosen so that a corner full of ink is no paper.
MAX_CORNER_CONTRAST = 0.3

# Grey levels: the least contrast of a picture whose solid sides are cut off. Chosen so that the
# soft, pale lines of newsprint's cells have less: more of a blurred digit is kept beside them.
MIN_SOLID_CONTRAST = 100


class BorderBands(NamedTuple):
    """Bands along the border of a picture: rows at top and bottom, columns at left and right."""

    rows: SideBands
    columns: SideBands

    @property
    def sides(self) -> int:
        """The number of sides (0..4) with a band."""
        return self.rows.sides + self.columns.sides

    @property
    def inner(self) -> Box:
        """The part of the picture between the bands."""
        return self.rows.inner, self.columns.inner

    def negative(self) -> "BorderBands":
        """Return the same bands of the negative picture."""
        return BorderBands(self.rows.negative(), self.columns.negative())


def find_border_bands(image: GreyImage) -> BorderBands | None:
    """Return the bands along the border if they are on at least two sides, else None.

    Between them must be paper in all four corners: otherwise the bands are paper, and the rest ink.
    """
    low, high = image.trimmed_range
    contrast = high - low
    if _has_bare_border(image, contrast):
        return None
    columns = find_side_bands(image)
    within = image.crop((slice(None), columns.inner)) if columns.sides else image
    rows = find_side_bands(within.transposed())
    bands = BorderBands(rows, columns)
    if bands.sides >= MIN_SIDES:
        paper = columns.paper if columns.sides else rows.paper
        if _has_paper_corners(image.pixels[bands.inner], paper):
            return bands
    return _solid_bands(image) if contrast >= MIN_SOLID_CONTRAST else None


def _solid_bands(image: GreyImage) -> BorderBands | None:
    """Return solid sides as bands; None if there are none."""
    inner = find_solid_sides(image)
    if inner is None:
        return None
    paper = median(np.sort(GreyImage(image.pixels[inner]).border))
    rows, columns = (
        SideBands(_outside(side, len(grey)), midpoint_median(np.sort(grey, axis=1)), paper, side)
        for side, grey in zip(inner, (image.pixels[:, inner[1]], image.pixels.T), strict=True)
    )
    return BorderBands(rows, columns)


def _outside(inner: slice, length: int) -> Flags:
    """Return which of ``length`` rows are not among the inner ones."""
    outside = np.ones(length, np.bool_)
    outside[inner] = False
    return outside


def _has_bare_border(image: GreyImage, contrast: float) -> bool:
    """Tell whether the border has one level, which is also that of the corners: no band ends there.

    This is quick, and holds for most pictures.
    """
    low, high = float(np.minimum.reduce(image.border)), float(np.maximum.reduce(image.border))
    if high - low > SAME_LEVEL * contrast:
        return False
    return all(low <= corner <= high for corner in image.corner_means)


def _has_paper_corners(inner: Grey32, paper: float) -> bool:
    """Tell whether all four corners between the bands have the paper's level."""
    limit = MAX_CORNER_CONTRAST * float(np.ptp(inner))
    levels = (float(midpoint_median(np.sort(corner, axis=None))) for corner in corners(inner))
    return not any(abs(level - paper) > limit for level in levels)

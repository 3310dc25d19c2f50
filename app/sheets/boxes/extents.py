"""Extents of boxes on a rectified page: overlaps, sizes, non-maximum suppression."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Integers, Mask, Numbers

# A number for each two of N boxes, (N, N).
Shares = NDArray[np.float32]

# Sides are alike if they differ by less than this part.
ALIKE = 0.12

# Two boxes exclude each other if they share more than this part of the smaller one.
MAX_OVERLAP = 0.2

# Edges of boxes coincide if they differ by less than this part of the shorter side.
SAME_EDGE = 0.15


class Extents(NamedTuple):
    """Left, top, right and bottom edges of N boxes (N,) on the rectified page: means of corners."""

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers

    @property
    def width(self) -> Numbers:
        """Return the boxes' widths."""
        return self.right - self.left

    @property
    def height(self) -> Numbers:
        """Return the boxes' heights."""
        return self.bottom - self.top


def extents(corners: Points) -> Extents:
    """Return the edges of boxes (N, 4, 2)."""
    x, y = corners[..., 0], corners[..., 1]
    return Extents(
        (x[:, 0] + x[:, 3]) / 2,
        (y[:, 0] + y[:, 1]) / 2,
        (x[:, 1] + x[:, 2]) / 2,
        (y[:, 2] + y[:, 3]) / 2,
    )


def overlaps(edges: Extents, others: Extents | None = None) -> Shares:
    """Return the area that boxes share with others, as a part of the smaller one.

    Shapes: N and M boxes -> (N, M); without others, with each other, (N, N).
    """
    left, top, right, bottom = (edge.astype(np.float32)[:, None] for edge in edges)
    begin, upper, end, lower = (edge.astype(np.float32) for edge in others or edges)
    wide = np.minimum(right, end)
    wide -= np.maximum(left, begin)
    high = np.minimum(bottom, lower)
    high -= np.maximum(top, upper)
    np.maximum(wide, 0, out=wide)
    wide *= np.maximum(high, 0, out=high)
    area = np.minimum((right - left) * (bottom - top), (end - begin) * (lower - upper))
    return np.asarray(np.divide(wide, np.maximum(area, 1, out=area), out=wide))


def true_places(mask: Mask) -> tuple[Integers, Integers]:
    """Return row and column of what is true in a mask (np.nonzero takes several times as long)."""
    row, column = np.divmod(np.flatnonzero(mask), max(1, mask.shape[1]))
    return row, column


def alike(edges: Extents) -> Mask:
    """Tell which boxes have the same width and height, about: (N, N)."""
    sides = [np.log(np.maximum(side, 1)).astype(np.float32) for side in (edges.width, edges.height)]
    return np.asarray(
        (np.abs(sides[0][:, None] - sides[0]) < ALIKE)
        & (np.abs(sides[1][:, None] - sides[1]) < ALIKE)
    )


def non_maximum_suppression(score: Numbers, overlap: Shares) -> Integers:
    """Non-maximum suppression: of overlapping boxes only the one with the highest score is kept.

    Returns the numbers of the kept boxes, by falling score.
    """
    free = np.ones(len(score), bool)
    kept = []
    for number in np.argsort(-score, kind="stable").tolist():
        if free[number]:
            kept.append(number)
            free &= overlap[number] <= MAX_OVERLAP
    return np.array(kept, np.intp)

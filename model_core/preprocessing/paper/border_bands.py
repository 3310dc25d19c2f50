"""Bands along the border that are no paper: a frame, a table's edge, an inverted strip."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.order_statistics import extremes, in_order
from model_core.preprocessing.paper.polarity import Edge, corners_of

Grey = NDArray[np.float32]

# How far from the border a band may lie, and how wide a line is at most, as shares of the side.
REACH = 0.3
LINE = 0.12

# A picture narrower than this has no bands: it would be all border.
NARROW = 12


@dataclass(frozen=True, slots=True)
class Bands:
    """Which columns are bands, the median of each column, and the level of the paper between.

    ``inner`` is what lies between the bands.
    """

    where: NDArray[np.bool_]
    medians: Grey
    paper: float
    inner: slice

    def sides(self) -> int:
        """Return on how many of the two sides there is a band."""
        return int(self.inner.start > 0) + int(self.inner.stop < len(self.where))

    def negative(self) -> "Bands":
        """Return the same bands of the negative picture."""
        return replace(self, medians=255 - self.medians, paper=255 - self.paper)


def find_bands(grey: Grey, levels: Grey, edge: Edge) -> tuple[Bands, Bands] | None:
    """Return bands among the rows and the columns if they are on at least two sides, else None.

    Shapes: ``grey`` (H, W) float32; ``levels`` (H * W,) are the same in order.
    Between them must be paper in all four corners: else they are the paper, and the rest is ink.
    """
    low, high = extremes(levels)
    if _is_bare(edge, high - low):
        return None
    if not (_may_have(grey, high - low) or _may_have(grey.T, high - low)):
        return None
    columns = _find(grey, levels)
    inner = grey[:, columns.inner]
    rows = _find(inner.T, in_order(inner) if columns.sides() else levels)
    if rows.sides() + columns.sides() < 2:
        return None
    paper = columns.paper if columns.sides() else rows.paper
    inner = grey[rows.inner, columns.inner]
    limit = 0.3 * float(np.ptp(inner))
    if any(abs(float(np.median(corner)) - paper) > limit for corner in corners_of(inner)):
        return None
    return rows, columns


def _find(grey: Grey, levels: Grey) -> Bands:
    """Return the columns whose median differs from the paper's level by more than half of all."""
    height, width = grey.shape
    none = Bands(np.zeros(width, np.bool_), grey[0], 0.0, slice(0, width))
    low, high = extremes(levels)
    contrast = high - low
    reach, end = int(REACH * width), max(2, height // 10)
    if not _may_have(grey, contrast):
        return none
    medians = np.median(grey, axis=0)
    middle = grey[:, reach : width - reach]
    ends = np.concatenate([middle[:end], middle[-end:]])
    paper = float(np.median(middle))
    even = (abs(middle - paper) < 0.25 * contrast).mean() >= 0.65
    if not even:
        paper = float(np.median(ends))
    where = abs(medians - paper) > 0.5 * contrast
    where[reach : width - reach] = False
    wide = max(where[:reach].sum(), where[width - reach :].sum()) > LINE * width
    bare = (abs(ends - paper) < 0.25 * contrast).mean() >= 0.97
    if not where.any() or ((wide or not even) and not bare):
        return none
    where = _whole(grey, where, medians, paper, contrast)
    return Bands(where, medians, paper, _between(where))


def _between(where: NDArray[np.bool_]) -> slice:
    half = len(where) // 2
    low, high = np.flatnonzero(where[:half]), np.flatnonzero(where[half:])
    start = int(low[-1]) + 1 if len(low) else 0
    return slice(start, half + int(high[0]) if len(high) else len(where))


def _is_bare(edge: Edge, contrast: float) -> bool:
    """Tell whether all around is one level, as deep as the corners: no band ends there."""
    low, high = float(np.minimum.reduce(edge.border)), float(np.maximum.reduce(edge.border))
    if high - low > 0.25 * contrast:
        return False
    return all(low <= corner <= high for corner in edge.corners)


def _may_have(grey: Grey, contrast: float) -> bool:
    """Tell whether a column stands out both near its top and near its bottom: a quick look."""
    if min(grey.shape) < NARROW:
        return False
    reach = int(REACH * grey.shape[1])
    near, far = len(grey) // 16, len(grey) // 7
    rows = grey[[near, far, -1 - near, -1 - far]]
    middle = np.sort(rows[:, reach : rows.shape[1] - reach], axis=1)
    stands_out = abs(rows - middle[:, middle.shape[1] // 2, None]) > 0.35 * contrast
    stands_out[:, reach : rows.shape[1] - reach] = False
    return bool((stands_out[:2] & stands_out[2:]).any())


def _whole(
    grey: Grey, where: NDArray[np.bool_], medians: Grey, paper: float, contrast: float
) -> NDArray[np.bool_]:
    """Keep the bands that run from end to end; add the columns beside them that are half band."""
    end = -(-len(grey) // 7)
    alike = abs(grey - medians) < 0.25 * contrast
    whole = where & (alike[:end].mean(axis=0) > 0.7) & (alike[-end:].mean(axis=0) > 0.7)
    beside = whole.copy()
    beside[1:] |= whole[:-1]
    beside[:-1] |= whole[1:]
    result: NDArray[np.bool_] = beside & (abs(medians - paper) > 0.15 * contrast)
    return result


def even_out(grey: Grey, bands: Bands) -> tuple[Grey, slice]:
    """Return light ink on even paper, and the columns that are left if bare bands are cut off.

    Within a band, ink is whatever differs from the band.
    """
    evened = grey.copy()
    evened[:, bands.where] = bands.paper + abs(grey[:, bands.where] - bands.medians[bands.where])
    start, stop = bands.inner.start, bands.inner.stop
    limit = bands.paper + 0.3 * (float(evened[:, bands.inner].max()) - bands.paper)
    if start and (evened[:, :start] > limit).mean() > 0.05:
        start = 0
    if stop < grey.shape[1] and (evened[:, stop:] > limit).mean() > 0.05:
        stop = grey.shape[1]
    return evened, slice(start, stop)

"""Bands along the border that are no paper: a frame, a table's edge, an inverted strip."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.background import extremes

Grey = NDArray[np.float32]

# How far from the border a band may lie, and how wide a line is at most, as shares of the side.
REACH = 0.3
LINE = 0.12

# A picture narrower than this has no bands: it would be all border.
NARROW = 12


@dataclass(frozen=True, slots=True)
class Bands:
    """Which columns are bands, the median of each column, and the level of the paper between."""

    where: NDArray[np.bool_]
    levels: Grey
    paper: float

    @property
    def inner(self) -> slice:
        """What lies between the bands."""
        half = len(self.where) // 2
        low, high = np.flatnonzero(self.where[:half]), np.flatnonzero(self.where[half:])
        start = int(low[-1]) + 1 if len(low) else 0
        return slice(start, half + int(high[0]) if len(high) else len(self.where))

    def sides(self) -> int:
        """Return on how many of the two sides there is a band."""
        inner = self.inner
        return int(inner.start > 0) + int(inner.stop < len(self.where))

    def negative(self) -> "Bands":
        """Return the same bands of the negative picture."""
        return replace(self, levels=255 - self.levels, paper=255 - self.paper)


def find_bands(grey: Grey) -> tuple[Bands, Bands] | None:
    """Return bands among the rows and the columns if they are on at least two sides, else None.

    Between them must be paper in all four corners: else they are the paper, and the rest is ink.
    """
    columns = _find(grey)
    rows = _find(grey[:, columns.inner].T)
    if rows.sides() + columns.sides() < 2:
        return None
    paper = columns.paper if columns.sides() else rows.paper
    inner = grey[rows.inner, columns.inner]
    tall, wide = (-(-side // 8) for side in inner.shape)
    corners = [
        part for row in (inner[:tall], inner[-tall:]) for part in (row[:, :wide], row[:, -wide:])
    ]
    limit = 0.3 * float(np.ptp(inner))
    if any(abs(float(np.median(corner)) - paper) > limit for corner in corners):
        return None
    return rows, columns


def _find(grey: Grey) -> Bands:
    """Return the columns whose median differs from the paper's level by more than half of all."""
    height, width = grey.shape
    none = np.zeros(width, np.bool_)
    if min(height, width) < NARROW:
        return Bands(none, grey[0], 0.0)
    low, high = extremes(grey)
    contrast = high - low
    reach, end = int(REACH * width), max(2, height // 10)
    if not _may_have(grey, reach, 0.35 * contrast):
        return Bands(none, grey[0], 0.0)
    levels = np.median(grey, axis=0)
    middle = grey[:, reach : width - reach]
    ends = np.concatenate([middle[:end], middle[-end:]])
    paper = float(np.median(middle))
    even = (abs(middle - paper) < 0.25 * contrast).mean() >= 0.65
    if not even:
        paper = float(np.median(ends))
    where = abs(levels - paper) > 0.5 * contrast
    where[reach : width - reach] = False
    wide = max(where[:reach].sum(), where[width - reach :].sum()) > LINE * width
    bare = (abs(ends - paper) < 0.25 * contrast).mean() >= 0.97
    if not where.any() or ((wide or not even) and not bare):
        return Bands(none, levels, paper)
    return Bands(_whole(grey, where, levels, paper, contrast), levels, paper)


def _may_have(grey: Grey, reach: int, least: float) -> bool:
    """Tell whether a column stands out both near its top and near its bottom: a quick look."""
    near, far = len(grey) // 16, len(grey) // 7
    rows = grey[[near, -1 - near, far, -1 - far]]
    ordered = np.sort(rows[:, reach : len(grey[0]) - reach], axis=1)
    stands_out = abs(rows - ordered[:, ordered.shape[1] // 2, None]) > least
    apart = (stands_out[0] & stands_out[1]) | (stands_out[2] & stands_out[3])
    apart[reach : len(apart) - reach] = False
    return bool(apart.any())


def _whole(
    grey: Grey, where: NDArray[np.bool_], levels: Grey, paper: float, contrast: float
) -> NDArray[np.bool_]:
    """Keep the bands that run from end to end; add the columns beside them that are half band."""
    end = -(-len(grey) // 7)
    alike = abs(grey - levels) < 0.25 * contrast
    whole = where & (alike[:end].mean(axis=0) > 0.7) & (alike[-end:].mean(axis=0) > 0.7)
    beside = whole.copy()
    beside[1:] |= whole[:-1]
    beside[:-1] |= whole[1:]
    result: NDArray[np.bool_] = beside & (abs(levels - paper) > 0.15 * contrast)
    return result


def even_out(grey: Grey, bands: Bands) -> tuple[Grey, slice]:
    """Return light ink on even paper, and the columns that are left if bare bands are cut off.

    Within a band, ink is whatever differs from the band.
    """
    evened = grey.copy()
    evened[:, bands.where] = bands.paper + abs(grey[:, bands.where] - bands.levels[bands.where])
    start, stop = bands.inner.start, bands.inner.stop
    limit = bands.paper + 0.3 * (float(evened[:, bands.inner].max()) - bands.paper)
    if start and (evened[:, :start] > limit).mean() > 0.05:
        start = 0
    if stop < grey.shape[1] and (evened[:, stop:] > limit).mean() > 0.05:
        stop = grey.shape[1]
    return evened, slice(start, stop)

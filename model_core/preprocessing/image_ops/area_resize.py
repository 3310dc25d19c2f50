"""Scaling by area: every new pixel is the mean of the area that it covers in the old picture."""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Up to so many pixels one call for all rows is faster, though it copies the picture eightfold.
_SMALL = 2**15


def resample(pixels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture at another size, larger or smaller; beside it takes little memory.

    Shapes: ``pixels`` (H, W) uint8 -> ``shape`` uint8, the exact mean rounded to the nearest level.
    """
    height, width = pixels.shape
    if width > height:  # the longer side first, so that what is left for the other is small
        return resample(pixels.T, (shape[1], shape[0])).T
    sums = _cover(_cover(pixels, shape[0]).T, shape[1]).T
    return np.rint(sums / pixels.size).astype(np.uint8)


def _cover(values: NDArray[np.integer[Any]], count: int) -> NDArray[np.int64]:
    """Return (count, W): the sums of the rows that each new row covers, in ``count``-ths of them.

    New row ``i`` reaches from ``i * H / count`` to ``(i + 1) * H / count``: whole rows, less the
    part of the first that lies before it, and with the part of the next that lies within it.
    """
    rows, parts = np.divmod(np.arange(count + 1) * len(values), count)
    edges = parts[:, None] * values[np.minimum(rows, len(values) - 1)]
    covered: NDArray[np.int64] = count * _add_rows(values, rows) + edges[1:] - edges[:-1]
    return covered


def _add_rows(values: NDArray[np.integer[Any]], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (len(rows) - 1, W): the sums from each of ``rows`` up to the next."""
    if values.size <= _SMALL:
        sums = np.add.reduceat(values, rows[:-1], axis=0, dtype=np.int64)
        sums[rows[:-1] == rows[1:]] = 0  # reduceat gives the row itself
        return sums
    pieces = [values[start:end] for start, end in pairwise(rows.tolist())]
    return np.array([np.add.reduce(piece, axis=0, dtype=np.int64) for piece in pieces])

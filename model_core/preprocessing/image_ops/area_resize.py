"""Resizing by area: each new pixel is the mean of the area that it covers in the old picture."""

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_core.preprocessing.image_ops.types import Grey8, Grey32

# Pixels: up to here one call for all rows is faster than one for each, though it copies the picture
# eightfold (scaling to 28x28 took 69 us instead of 171 at 128x128, 233 instead of 160 at 256x256).
MAX_PIXELS_AT_ONCE = 2**15

# Matrices of weights that are kept, one for each pair of old and new length: chosen so that all
# lengths up to 96 in which a picture is scaled to 20 have room.
CACHED_WEIGHTS = 512


def area_resize(pixels: Grey8, shape: tuple[int, int]) -> Grey8:
    """Return the picture at another size by exact area means, in memory linear in its pixels.

    Shapes: ``pixels`` (H, W) uint8 -> ``shape`` uint8, the exact mean rounded to the nearest level.
    """
    height, width = pixels.shape
    if width > height:  # the longer side first, so that what is left for the other is small
        return area_resize(pixels.T, (shape[1], shape[0])).T
    sums = _cover(_cover(pixels, shape[0]).T, shape[1]).T
    return np.rint(sums / pixels.size).astype(np.uint8)


def area_resize_small(grey: Grey32, shape: tuple[int, int]) -> Grey32:
    """Return the picture at another size by area means, as two products of matrices.

    Shapes: ``grey`` (H, W) float32 -> ``shape`` float32. For small pictures: the weights take
    (H * height + W * width) numbers.
    """
    rows, columns = area_weights(grey.shape[0], shape[0]), area_weights(grey.shape[1], shape[1])
    return (rows @ grey @ columns.T).astype(np.float32, copy=False)


@lru_cache(maxsize=CACHED_WEIGHTS)
def area_weights(length: int, new_length: int) -> Grey32:
    """Return the share of each old pixel in each new one along a side, (new_length, length)."""
    step = length / new_length
    starts = np.arange(new_length)[:, None] * step
    old = np.arange(length)
    overlap = np.minimum(starts + step, old + 1) - np.maximum(starts, old)
    share: NDArray[np.float64] = np.maximum(overlap, 0) / step
    return share.astype(np.float32)


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
    if values.size <= MAX_PIXELS_AT_ONCE:
        sums = np.add.reduceat(values, rows[:-1], axis=0, dtype=np.int64)
        sums[rows[:-1] == rows[1:]] = 0  # reduceat gives the row itself
        return sums
    pieces = [values[start:end] for start, end in pairwise(rows.tolist())]
    return np.array([np.add.reduce(piece, axis=0, dtype=np.int64) for piece in pieces])

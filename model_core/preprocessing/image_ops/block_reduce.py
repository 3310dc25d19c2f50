"""Block reduction: the mean, or the extremes, of each square block of pixels."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from model_core.preprocessing.image_ops.types import WHITE, Grey8, Grey32


def block_mean(pixels: Grey8, block: int, *, negative: bool = False) -> Grey32:
    """Return the mean of each block of ``block`` x ``block`` pixels; the last ones may be smaller.

    Shapes: ``pixels`` (H, W) uint8 -> (ceil(H / block), ceil(W / block)) float32.
    With ``negative``, of 255 - pixels: the sums are whole numbers, so that the means of a picture
    and those of its negative's negative are the same to the bit.
    """
    if len(pixels) < block:  # the other side first, so that what is left is small
        sums = _add_blocks(_add_blocks(pixels.T, block).T, block)
    else:
        sums = _add_blocks(_add_blocks(pixels, block).T, block).T
    counts = (np.diff(np.append(np.arange(0, side, block), side)) for side in pixels.shape)
    sizes = np.outer(*counts)
    if negative:
        sums = WHITE * sizes - sums
    return (sums / sizes).astype(np.float32)


def block_extremes(pixels: Grey8, block: int) -> tuple[Grey8, Grey8]:
    """Return the minimum and the maximum of each block; shapes as ``block_mean``, uint8."""
    lowest, highest = (
        _reduce_rows(select, np.ascontiguousarray(_reduce_rows(select, pixels, block).T), block).T
        for select in (np.minimum, np.maximum)
    )
    return np.ascontiguousarray(lowest), np.ascontiguousarray(highest)


def _add_blocks(values: NDArray[np.integer[Any]], block: int) -> NDArray[np.integer[Any]]:
    """Return the sums of every ``block`` rows; the last may have fewer."""
    if values.dtype != np.uint8:
        return _reduce_rows(np.add, np.ascontiguousarray(values), block, np.int64)
    fits = WHITE * block <= np.iinfo(np.uint16).max  # to add in fewer bytes is twice as fast
    return _reduce_rows(np.add, values, block, np.uint16 if fits else np.uint32)


def _reduce_rows(
    operation: np.ufunc, values: NDArray[Any], block: int, dtype: DTypeLike | None = None
) -> NDArray[Any]:
    """Return the sums, minima or maxima of every ``block`` rows; the last may have fewer."""
    whole = len(values) // block * block
    blocks = values[:whole].reshape(-1, block, values.shape[1])
    rows: NDArray[Any] = operation.reduce(blocks, axis=1, dtype=dtype)
    if whole == len(values):
        return rows
    rest = operation.reduce(values[whole:], axis=0, dtype=dtype)
    return np.concatenate([rows, rest[None]])

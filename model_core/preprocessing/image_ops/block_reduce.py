"""Reducing first: everything is decided on a picture of at most 96 pixels a side."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

LONGEST = 96

# Grey levels: single pixels with less contrast than this are no thin stroke.
THIN = 60


def block_size(shape: tuple[int, ...]) -> int:
    """Return how many pixels go into one along each side."""
    return -(-max(shape) // LONGEST)


def reduce(pixels: NDArray[np.uint8], *, negative: bool) -> tuple[Grey, int]:
    """Return the means of blocks, and how many pixels a block has along its side.

    Shapes: ``pixels`` (H, W) uint8 -> at most 96x96 float32. With ``negative`` of 255 - pixels;
    the sums are whole numbers, so that both ways round to the same means.
    """
    block = block_size(pixels.shape)
    if block == 1:
        return (255 - pixels if negative else pixels).astype(np.float32), 1
    if len(pixels) < block:  # the other side first, so that what is left is small
        sums = _add_blocks(_add_blocks(pixels.T, block).T, block)
    else:
        sums = _add_blocks(_add_blocks(pixels, block).T, block).T
    sizes = np.outer(*(_block_sizes(side, block) for side in pixels.shape))
    if negative:
        sums = 255 * sizes - sums
    return (sums / sizes).astype(np.float32), block


def reduce_thin(pixels: NDArray[np.uint8], *, negative: bool) -> Grey | None:
    """Return the darkest or the lightest pixel of each block, whichever stands out; or None.

    Shapes: as ``reduce``. In the mean of a large block a thin stroke vanishes; here it stays.
    """
    block = block_size(pixels.shape)
    darkest, lightest = (
        _choose(choose, _choose(choose, pixels, block), block)
        for choose in (np.minimum, np.maximum)
    )
    if negative:
        darkest, lightest = 255 - lightest, 255 - darkest
    dark, light = np.median(darkest) - darkest.min(), lightest.max() - np.median(lightest)
    if max(dark, light) < THIN:
        return None
    return (darkest if dark >= light else lightest).astype(np.float32)


def _choose(choose: np.ufunc, values: NDArray[np.uint8], block: int) -> NDArray[np.uint8]:
    """Return the least or greatest of every ``block`` rows, as columns."""
    starts = range(0, len(values), block)
    rows = [choose.reduce(values[start : start + block], axis=0) for start in starts]
    return np.stack(rows, axis=1)


def _add_blocks(values: NDArray[np.integer[Any]], block: int) -> NDArray[np.int64]:
    """Return the sums of every ``block`` rows; the last may have fewer."""
    whole = len(values) // block * block
    wide = np.uint32 if values.dtype == np.uint8 else np.int64
    blocks = values[:whole].reshape(-1, block, values.shape[1])
    sums: NDArray[np.int64] = blocks.sum(axis=1, dtype=wide)
    if whole == len(values):
        return sums
    rest = values[whole:].sum(axis=0, dtype=wide)
    joined: NDArray[np.int64] = np.concatenate([sums, rest[None]])
    return joined


def _block_sizes(side: int, block: int) -> NDArray[np.int64]:
    sizes: NDArray[np.int64] = np.diff(np.append(np.arange(0, side, block), side))
    return sizes

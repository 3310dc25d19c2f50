"""Scaling by area: every new pixel is the mean of the area that it covers in the old picture."""

import numpy as np
from numpy.typing import NDArray


def resample(pixels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the picture at another size, larger or smaller.

    Shapes: ``pixels`` (H, W) uint8 -> ``shape`` uint8, rounded to the nearest grey level.
    """
    rows, columns = (_coverage(*sides) for sides in zip(pixels.shape, shape, strict=True))
    scaled: NDArray[np.float32] = rows @ pixels.astype(np.float32) @ columns.T
    return np.rint(scaled).astype(np.uint8)


def _coverage(length: int, new_length: int) -> NDArray[np.float32]:
    """Return (new_length, length): which share of each new pixel every old pixel makes up."""
    scale = length / new_length
    starts = np.arange(new_length)[:, None] * scale
    old = np.arange(length)
    overlap = np.minimum(starts + scale, old + 1) - np.maximum(starts, old)
    share: NDArray[np.float64] = np.maximum(overlap, 0) / scale
    return share.astype(np.float32)

"""Sliding windows of images (im2col) and their adjoint, the overlapping sum (col2im).

Images here are (C, N, H, W), channels first in memory: the convolution of all windows of all images
is one matrix product whose result needs no rearranging.
"""

from functools import lru_cache

import numpy as np

from model_core.parameter import Array


def windows(x: Array, size: int, step: int) -> Array:
    """Return a view of all sliding windows of ``size`` x ``size`` pixels with stride ``step``.

    Shapes: ``x`` (C, N, H, W), contiguous -> (C, size, size, N, H', W'): [c, i, j, n, h, w] is
    ``x[c, n, h * step + i, w * step + j]``. It is a view: do not write to it.
    """
    # np.ndarray makes a strided view in 15 microseconds less than as_strided
    shape, strides = _layout(x.shape, x.strides, size, step)
    return np.ndarray(shape, x.dtype, x, strides=strides)


@lru_cache(maxsize=64)
def _layout(
    shape: tuple[int, ...], strides: tuple[int, ...], size: int, step: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return shape and strides of the view, cached: they are the same for every batch."""
    channels, n, height, width = shape
    c, image, row, pixel = strides
    across, down = (height - size) // step + 1, (width - size) // step + 1
    view = (channels, size, size, n, across, down)
    return view, (c, row, pixel, image, step * row, step * pixel)


def add_windows(shares: Array, out: Array, step: int) -> None:
    """Overwrite images with the sum of their overlapping windows: the adjoint of ``windows``.

    Shapes: ``shares`` (C, size, size, N, H', W'), ``out`` (C, N, H, W).
    """
    size, (height, width) = shares.shape[1], shares.shape[4:]
    out[...] = 0
    for i in range(size):
        for j in range(size):
            rows = slice(i, i + step * height, step)
            columns = slice(j, j + step * width, step)
            out[:, :, rows, columns] += shares[:, i, j]


def channels_first(x: Array, padding: int = 0) -> Array:
    """Return (N, C, H, W) as (C, N, H, W), contiguous and zero-padded."""
    x = x.transpose(1, 0, 2, 3)
    if not padding:
        return np.ascontiguousarray(x)
    channels, n, height, width = x.shape
    padded = np.zeros((channels, n, height + 2 * padding, width + 2 * padding), x.dtype)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    return padded

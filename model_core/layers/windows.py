"""Sliding windows of images (im2col) and their adjoint, the overlapping sum (col2im).

Images here are (C, H, W, N), images last in memory: the convolution of all windows of all images is
one matrix product whose result needs no rearranging, and the pixels of a row of all images are
copied at once.
"""

from functools import lru_cache

import numpy as np

from model_core.parameter import Array


def windows(x: Array, size: int, step: int) -> Array:
    """Return a view of all sliding windows of ``size`` x ``size`` pixels with stride ``step``.

    Shapes: ``x`` (C, H, W, N), contiguous -> (C, size, size, H', W', N): [c, i, j, h, w, n] is
    ``x[c, h * step + i, w * step + j, n]``. It is a view: do not write to it.
    """
    # np.ndarray makes a strided view in 15 microseconds less than as_strided
    shape, strides = _layout(x.shape, x.strides, size, step)
    return np.ndarray(shape, x.dtype, x, strides=strides)


@lru_cache(maxsize=64)
def _layout(
    shape: tuple[int, ...], strides: tuple[int, ...], size: int, step: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return shape and strides of the view, cached: they are the same for every batch."""
    channels, height, width, n = shape
    c, row, pixel, image = strides
    across, down = (height - size) // step + 1, (width - size) // step + 1
    view = (channels, size, size, across, down, n)
    return view, (c, row, pixel, step * row, step * pixel, image)


def add_windows(shares: Array, out: Array, step: int) -> None:
    """Overwrite images with the sum of their overlapping windows: the adjoint of ``windows``.

    Shapes: ``shares`` (C, size, size, H', W', N), ``out`` (C, H, W, N).
    """
    size, (height, width) = shares.shape[1], shares.shape[3:5]
    out[...] = 0
    for i in range(size):
        for j in range(size):
            rows = slice(i, i + step * height, step)
            columns = slice(j, j + step * width, step)
            out[:, rows, columns] += shares[:, i, j]


def images_last(batches: Array, padding: int = 0) -> Array:
    """Return images with their batch as the last axis, contiguous and zero-padded.

    Shapes: (B, N, C, H, W) -> (B, C, H, W, N).
    """
    x = batches.transpose(0, 2, 3, 4, 1)
    if not padding:
        return np.ascontiguousarray(x)
    count, channels, height, width, n = x.shape
    padded = np.zeros((count, channels, height + 2 * padding, width + 2 * padding, n), x.dtype)
    padded[:, :, padding : padding + height, padding : padding + width] = x
    return padded


def images_first(x: Array) -> Array:
    """Return a view of (C, H, W, N) as (N, C, H, W)."""
    return x.transpose(3, 0, 1, 2)

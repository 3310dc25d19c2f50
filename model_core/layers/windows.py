"""Sliding windows of images (im2col) and their adjoint, the overlapping sum (col2im).

Images here are (H, C, W, N) in memory: rows first, images last. The windows that begin in one row
of the image then cover rows that are neighbours in memory. It is therefore enough to cut each row
once: a product with all rows below the window's first one needs no copy of them.
"""

from functools import partial

import numpy as np

from model_core.layers.plan import Operation, Workspace
from model_core.parameter import Array


def rows_first(x: Array) -> Array:
    """Return a view of (N, C, H, W) as (H, C, W, N)."""
    return x.transpose(2, 1, 3, 0)


def images_first(x: Array) -> Array:
    """Return a view of (H, C, W, N) as (N, C, H, W)."""
    return x.transpose(3, 1, 0, 2)


def plan_rows(x: Array, padding: int, memory: Workspace) -> tuple[Array, list[Operation]]:
    """Return images as contiguous rows, zero-padded, and the operations that fill them.

    Shapes: (N, C, H, W) -> (H, C, W, N).
    """
    rows = rows_first(x)
    if not padding and rows.flags.c_contiguous:
        return rows, []
    height, channels, width, n = rows.shape
    padded = memory.empty((height + 2 * padding, channels, width + 2 * padding, n), x.dtype)
    inner = padded[padding : padding + height, :, padding : padding + width]
    copy = partial(np.copyto, inner, rows)
    return padded, [partial(padded.fill, 0), copy] if padding else [copy]


def windows(rows: Array, size: int, step: int) -> Array:
    """Return a view of the windows of each row: ``size`` pixels wide, one pixel high.

    Shapes: ``rows`` (H, C, W, N) -> (H, C, size, W', N): [h, c, j, w, n] is
    ``rows[h, c, w * step + j, n]``. It is a view: do not write to it.
    """
    height, channels, width, n = rows.shape
    row, channel, pixel, image = rows.strides
    shape = (height, channels, size, (width - size) // step + 1, n)
    return np.ndarray(shape, rows.dtype, rows, strides=(row, channel, pixel, step * pixel, image))


def columns(cut: Array, size: int, step: int) -> Array:
    """Return a view of all windows as matrices, one for each row of windows.

    Shapes: ``cut`` (H, C, size, W', N), contiguous -> (H', size * C * size, W' * N): the values of
    a window are in the order row, channel, column. It is a view: do not write to it.
    """
    height, channels, _, width, n = cut.shape
    value, item = width * n * cut.itemsize, cut.itemsize
    shape = ((height - size) // step + 1, size * channels * size, width * n)
    return np.ndarray(shape, cut.dtype, cut, strides=(step * cut.strides[0], value, item))


def add_windows(shares: Array, out: Array, step: int) -> None:
    """Add one row of overlapping windows to the rows of pixels that it covers, in place.

    Shapes: ``shares`` (size, C, size, W', N), ``out`` (size, C, W, N).
    """
    size, width = shares.shape[2:4]
    for pixel in range(size):
        out[:, :, pixel : pixel + step * width : step] += shares[:, :, pixel]

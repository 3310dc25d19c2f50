"""Morphological operations with square structuring elements: grey opening, binary dilation."""

import numpy as np

from model_core.preprocessing.image_ops.types import Grey32, Mask

# Pixels: a window with sides shorter than this would open nothing.
MIN_WINDOW = 3


def grey_opening(grey: Grey32, window: int) -> Grey32:
    """Return the greyscale opening with a square: light parts that hold no such square are gone.

    Shapes: (H, W) float32 -> the same. Units: ``window`` in pixels, odd; beyond the border nothing
    counts. Erosion and dilation are separable, so that the cost does not depend on the square.
    """
    lowest = grey_erosion(grey, window)
    return _slide(np.maximum, _slide(np.maximum, lowest, window).T, window).T


def grey_erosion(grey: Grey32, window: int) -> Grey32:
    """Return the greyscale erosion with a square: the minimum around each pixel.

    Shapes and units: as ``grey_opening``.
    """
    return _slide(np.minimum, _slide(np.minimum, grey, window).T, window).T


def window_size(shape: tuple[int, ...], divisor: int) -> int:
    """Return the odd window of about one ``divisor``-th of the longer side, in pixels."""
    return max(MIN_WINDOW, max(shape) // divisor) | 1


def binary_dilation(mask: Mask) -> Mask:
    """Return the binary dilation with a square of 3x3: a mask with one pixel more all around."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), np.bool_)
    padded[1:-1, 1:-1] = mask
    tall = padded[:-2] | padded[1:-1]
    tall |= padded[2:]
    dilated: Mask = tall[:, :-2] | tall[:, 1:-1]
    dilated |= tall[:, 2:]
    return dilated


def _slide(select: np.ufunc, grey: Grey32, window: int) -> Grey32:
    """Return the minimum or maximum over ``window`` rows around each, by doubling the span."""
    half = window // 2
    outside = -np.inf if select is np.maximum else np.inf
    rows = np.full((len(grey) + 2 * half, grey.shape[1]), outside, np.float32)
    rows[half : half + len(grey)] = grey
    span = 1
    while span < window:
        step = min(span, window - span)
        rows = select(rows[:-step], rows[step:])
        span += step
    return rows

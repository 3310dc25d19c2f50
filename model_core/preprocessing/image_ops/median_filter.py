"""Median filter of 3x3 pixels, which removes single wrong pixels (salt-and-pepper noise)."""

import numpy as np

from model_core.preprocessing.image_ops.types import Grey32


def median_filter(grey: Grey32) -> Grey32:
    """Return the median of 3x3 pixels around each one; the picture's edge is repeated outwards.

    Shapes: (H, W) float32 -> the same.
    """
    padded = np.pad(grey, 1, mode="edge")
    height, width = grey.shape
    windows = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    middle = len(windows) // 2
    median: Grey32 = np.partition(np.stack(windows), middle, axis=0)[middle]
    return median

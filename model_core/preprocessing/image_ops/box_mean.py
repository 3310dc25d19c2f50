"""Box filter: the mean of a square around each pixel."""

import numpy as np

from model_core.preprocessing.image_ops.types import Grey32


def box_mean(grey: Grey32, window: int) -> Grey32:
    """Return the mean of the ``window`` x ``window`` pixels around each, without those outside.

    Shapes: (H, W) float32 -> the same. Units: ``window`` in pixels, odd. By running sums, so that
    the cost does not depend on the window.
    """
    return _mean_of_rows(_mean_of_rows(grey, window).T, window).T


def _mean_of_rows(grey: Grey32, window: int) -> Grey32:
    """Return the mean of ``window`` rows around each, of fewer near the first and the last."""
    count, half = len(grey), window // 2
    sums = np.zeros((count + 1, grey.shape[1]))
    np.cumsum(grey, axis=0, out=sums[1:])
    rows = np.arange(count)
    first, last = np.maximum(rows - half, 0), np.minimum(rows + half + 1, count)
    mean: Grey32 = ((sums[last] - sums[first]) / (last - first)[:, None]).astype(np.float32)
    return mean

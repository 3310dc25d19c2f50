"""Ink of a box: what is mostly within its frame; that of its neighbours is removed."""

import cv2
import numpy as np

from app.sheets.cropping.quantiles import quantiles
from model_core.preprocessing.image_ops.types import Flags, Grey8, Integers

# Darkness of ink: at least this, this part of the darkest in the box, and this many times the
# spread of the paper's noise.
MIN_INK, INK_SHARE, NOISE_FACTOR = 26.0, 0.3, 6.0

# Darkness that a tenth of a box's ink has, at least: paler marks are smudges.
MIN_PEAK = 42.0

# Pixels: noise is smoothed with a Gaussian of this standard deviation before ink is searched.
SMOOTH = 1.0

# Part of a mark's pixels that is within the frame, at least.
MIN_WITHIN = 0.5

# Size of a mark, in parts of the box's shorter side, from which on it is no speck; and from which
# on a box is not empty.
MIN_SPECK, MIN_MARK = 0.06, 0.2

# What is all of it this near to the frame, in margins, is a rest of it.
FRAME_REACH = 0.7

# Pixels around ink that are kept, for its soft edges.
SOFT = 2


def keep_own_ink(dark: Grey8, margin: int) -> Grey8:
    """Return a patch with the ink of its box alone; without any ink, all pixels are 0.

    Shapes: ``dark`` (h, w), its frame ``margin`` pixels from each side and removed -> (h, w).
    """
    smooth = cv2.GaussianBlur(dark, (0, 0), SMOOTH)
    inner = smooth[margin:-margin, margin:-margin]
    low, paper, high = quantiles(inner[::2, ::2], (0.05, 0.25, 0.995))
    level = max(MIN_INK, INK_SHARE * high, paper + NOISE_FACTOR * (paper - low))
    mask = cv2.threshold(smooth, level, 255, cv2.THRESH_BINARY)[1]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    within = np.bincount(labels[margin:-margin, margin:-margin].ravel(), minlength=count)
    keep = within >= MIN_WITHIN * stats[:, cv2.CC_STAT_AREA]
    size = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    keep &= size >= MIN_SPECK * min(inner.shape)
    keep &= ~_beside_frame(stats, dark.shape, margin)
    keep[0] = False
    mark = keep & (size >= MIN_MARK * min(inner.shape))
    if not mark.any() or quantiles(smooth[mark[labels]], (0.9,))[0] < MIN_PEAK:
        return np.zeros_like(dark)
    return _with_soft_edges(dark, keep, labels.astype(np.intp))


def _beside_frame(stats: Integers, shape: tuple[int, ...], margin: int) -> Flags:
    """Tell which components are near one side of the frame: rests of it, or of a neighbour's."""
    left, top, width, height = stats.T[:4]
    reach = (1 + FRAME_REACH) * margin
    beside = (left + width < reach) | (left > shape[1] - reach)
    return np.asarray(beside | (top + height < reach) | (top > shape[0] - reach))


def _with_soft_edges(
    dark: Grey8, keep: Flags, labels: np.ndarray[tuple[int, ...], np.dtype[np.intp]]
) -> Grey8:
    """Return the darkness of the components that are kept, and of the pixels around them."""
    shape = np.ones((2 * SOFT + 1, 2 * SOFT + 1), np.uint8)
    own = cv2.dilate(keep[labels].astype(np.uint8), shape)
    other = (labels > 0) & ~keep[labels]
    return np.where((own > 0) & ~other, dark, 0).astype(np.uint8)

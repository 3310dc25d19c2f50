"""Rules of a rectified page: long, thin, dark lines along its two directions."""

from typing import NamedTuple

import cv2
import numpy as np

from model_core.preprocessing.image_ops.types import Grey8

# Share of a rule's length that is dark, at least, after gaps shorter than 1 / GAP_DIVISOR of the
# length are closed: rules are broken, dotted or worn.
MIN_FILL, GAP_DIVISOR = 0.78, 4

# Grey levels of darkness: the least threshold of a rule, and how many times the spread of the
# page's lower half it is above the median.
MIN_DARKNESS, NOISE_FACTOR = 11.0, 3.5

# Noise is measured on every n-th pixel of each n-th row, in tiles of so many of them; and the share
# of tiles that have less than a page's paper.
SAMPLED, TILE, PAPER_TILES = 6, 16, 0.35

# Darkness from which on pixels count alike: ink is darker than rules, and must not hide them.
MAX_DARKNESS = 64.0

# Pixels: the distance in which only the middle of a rule is the darkest.
MIDDLE = 2

# Pixels: standard deviation of the Gaussian across a rule before its middle is searched.
MIDDLE_SMOOTH = 1.15


class Level(NamedTuple):
    """Scale at which rules are searched: their least length and greatest width, in pixels."""

    length: int
    width: int


class Rules(NamedTuple):
    """Masks (H, W) uint8, 0 or 255: of rules and of their middles."""

    rules: Grey8
    middles: Grey8


def find_rules(dark: Grey8, level: Level) -> Rules:
    """Find the rules along x of at least a level's length, and of at most its width."""
    higher = np.ones((level.width + 1, 1), np.uint8)  # than structures that are thin along y
    thin = np.asarray(cv2.morphologyEx(dark, cv2.MORPH_TOPHAT, higher), np.uint8)
    cv2.min(thin, MAX_DARKNESS, dst=thin)
    smooth = cv2.blur(thin, (max(3, level.length // 6), 1))
    cv2.threshold(smooth, noise_threshold(smooth), 255, cv2.THRESH_BINARY, dst=smooth)
    found = long_runs(smooth, level)
    darkest = middles(thin, level)
    return Rules(found, cv2.bitwise_and(found, darkest, dst=darkest))


def long_runs(mask: Grey8, level: Level) -> Grey8:
    """Return the runs along x of a mask, which is overwritten, that are long enough for a rule."""
    gap = level.length // GAP_DIVISOR
    cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, gap + 1), np.uint8), dst=mask)
    slack = max(3, level.length // 12 | 1)
    tolerant = cv2.dilate(mask, np.ones((slack, 1), np.uint8), dst=mask)
    full = cv2.blur(tolerant, (level.length, 1))
    cv2.threshold(full, MIN_FILL * 255, 255, cv2.THRESH_BINARY, dst=full)
    cv2.dilate(full, np.ones((1, level.length), np.uint8), dst=full)
    return np.asarray(cv2.bitwise_and(full, tolerant, dst=full), np.uint8)


def middles(thin: Grey8, level: Level) -> Grey8:
    """Return the mask of pixels that are the darkest within a short distance along y."""
    length = max(3, level.length // 2)
    smooth = cv2.blur(thin, (length, 1))
    cv2.GaussianBlur(smooth, (1, 5), MIDDLE_SMOOTH, dst=smooth)
    darkest = cv2.dilate(smooth, np.ones((2 * MIDDLE + 1, 1), np.uint8))
    return np.asarray(cv2.compare(smooth, darkest, cv2.CMP_GE, dst=darkest), np.uint8)


def noise_threshold(thin: Grey8) -> float:
    """Return the darkness above which a pixel of paper is no noise: the lower half of its tile's.

    Most tiles of a page may show something else, such as a desk.
    """
    sampled = thin[::SAMPLED, ::SAMPLED]
    rows, columns = (max(1, side // TILE) for side in sampled.shape)
    side = min(TILE, *sampled.shape)
    tiles = sampled[: rows * side, : columns * side].reshape(rows, side, columns, side)
    ordered = np.sort(tiles.transpose(0, 2, 1, 3).reshape(rows * columns, -1), axis=1)
    count = ordered.shape[1]
    low, median = (ordered[:, int(share * count)].astype(float) for share in (0.16, 0.5))
    thresholds = median + NOISE_FACTOR * (median - low)
    return max(MIN_DARKNESS, float(np.quantile(thresholds, PAPER_TILES)))

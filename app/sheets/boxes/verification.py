"""Verification of cells: the quality of the rules around them."""

from typing import NamedTuple

import cv2
import numpy as np

from app.sheets.boxes.candidates import Candidates, shorter_sides, without_duplicates
from app.sheets.boxes.extents import extents
from app.sheets.boxes.interior import filled_shares
from app.sheets.boxes.support import measure_support
from app.sheets.page import Points
from app.sheets.rules.rules import noise_threshold
from model_core.preprocessing.image_ops.types import Grey8, Numbers

# Least share of a side that has a rule: of the worst side, and of all four.
MIN_SHARE, MIN_MEAN_SHARE = 0.5, 0.8

# Share of the best side from which on the others are measured by it: round corners have no rule.
MIN_ROUND = 0.7

# Weight of the worst side in the quality, beside the mean of all.
WEAKEST = 0.6

# How far a rule may bend, how wide it may be, both in parts of the shorter side, and how much its
# darkness may vary; beyond half of these, quality falls.
MAX_BEND, MAX_WIDTH, MAX_VARIATION = 0.05, 0.27, 1.2

# Darkness of a rule beside what is around it, in parts of the threshold of noise, and
# in grey levels.
RULE_DARKNESS, MIN_DARKNESS = 0.4, 9.0

# Share of a cell that may be filled; with a little less, quality falls.
MAX_FILLED = 0.6

# The penalty for cells whose sides are not parallel, at most; and the difference of opposite sides
# with which it is reached.
MAX_PENALTY, MAX_SKEW = 0.35, 0.4

# The logarithm by which the sides of a cell change, at most, where boxes of its size are beside it.
MAX_GROWTH = 0.16

# Pixels: a blurred rule is this much wider.
BLURRED = 3.0

# Pixels: what is wider in both directions is a shaded or filled area, for small cells (with a
# shorter side below the first number) and for large ones.
SMALL_CELL, SHADE_OF_SMALL, SHADE_OF_LARGE = 60.0, 17, 45


class Levelled(NamedTuple):
    """A page without shaded areas, to measure the rules of small and of large cells.

    Units: ``noise`` is the darkness that noise has at most.
    """

    small: Grey8
    large: Grey8
    noise: float


def levelled(dark: Grey8) -> Levelled:
    """Remove what is wider than rules; widen rules for large cells, which have fewer samples."""
    small, large = (_without_shade(dark, side) for side in (SHADE_OF_SMALL, SHADE_OF_LARGE))
    noise = noise_threshold(cv2.blur(large, (3, 3)))
    return Levelled(small, cv2.dilate(large, np.ones((3, 3), np.uint8)), noise)


def _without_shade(dark: Grey8, side: int) -> Grey8:
    shape = np.ones((side, side), np.uint8)
    return np.asarray(cv2.morphologyEx(dark, cv2.MORPH_TOPHAT, shape), np.uint8)


def verify(pages: Levelled, corners: Points, *, expected: bool = False) -> Candidates:
    """Return the cells that have rules along their sides, their corners moved onto these.

    ``expected`` ones, beside boxes of their size, keep it.
    """
    small = shorter_sides(corners) < SMALL_CELL
    least = max(MIN_DARKNESS, RULE_DARKNESS * pages.noise)
    fine, coarse = (
        measure_quality(page, corners[chosen], least, expected=expected)
        for page, chosen in ((pages.small, small), (pages.large, ~small))
    )
    return without_duplicates(fine.join(coarse))


def measure_quality(
    dark: Grey8, corners: Points, least: float, *, expected: bool = False
) -> Candidates:
    """Return the cells with rules of at least some darkness, and the quality of these."""
    support = measure_support(dark, corners, least, expected=expected)
    best = np.maximum(support.shares.max(axis=1, keepdims=True), MIN_ROUND)
    worst, mean = (support.shares / best).min(axis=1), (support.shares / best).mean(axis=1)
    bend = np.sort(support.bends, axis=1)[:, 2] / MAX_BEND
    width = np.median(support.widths, axis=1) / (
        MAX_WIDTH + BLURRED / np.maximum(shorter_sides(corners), 1)
    )
    variation = np.median(support.variations, axis=1) / MAX_VARIATION
    keep = (worst >= MIN_SHARE) & (mean >= MIN_MEAN_SHARE)
    keep &= (bend <= 1) & (width <= 1) & (variation <= 1)
    if expected:
        keep &= growth(corners, support.corners) < MAX_GROWTH
    low, high = support.tones.min(axis=1), support.tones.max(axis=1)
    filled = filled_shares(dark, support.corners, low, high) / MAX_FILLED
    keep &= filled <= 1
    quality = mean * (1 - WEAKEST + WEAKEST * worst)
    quality *= 1 - MAX_PENALTY * np.clip(skew(support.corners) / MAX_SKEW - 0.3, 0, 1)
    for excess in (bend, width, variation, filled - 0.2):
        quality *= 1 - np.maximum(excess - 0.5, 0)
    return Candidates(support.corners, quality.astype(float), low, high).take(keep)


def growth(before: Points, after: Points) -> Numbers:
    """Return by how much the sides of cells changed, the one that did most: logarithms (N,)."""
    sizes = [
        np.maximum([edges.width, edges.height], 1) for edges in (extents(before), extents(after))
    ]
    return np.asarray(np.abs(np.log(sizes[1] / sizes[0])).max(axis=0))


def skew(corners: Points) -> Numbers:
    """Return how much opposite sides differ in length, in parts of them: (N,)."""
    lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
    one, other = lengths[:, :2], lengths[:, 2:]
    return np.asarray((np.abs(one - other) / np.maximum(one + other, 1)).sum(axis=1) * 2)

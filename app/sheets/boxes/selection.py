"""Selection of boxes among candidates that overlap: the most typical ones of a page."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.sheets.boxes.candidates import Candidates
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Flags, Integers, Mask, Numbers

# The most candidates that are compared, the best first.
MAX_CANDIDATES = 2500

# Sides are alike if they differ by less than this part.
ALIKE = 0.12

# Two boxes exclude each other if they share more than this part of the smaller one.
MAX_OVERLAP = 0.2

# Edges of boxes coincide if they differ by less than this part of the shorter side.
SAME_EDGE = 0.15

# A division is a rule if the parts have more than this part of the whole's quality.
EQUAL_QUALITY = 0.9

# A box inside another one has at least this part of its area; and its other sides are the same
# within this part of the shorter side.
MIN_TIGHT, TIGHT_EDGE = 0.55, 0.06

# The parts are as common as the whole if there are this many times as many of their size.
AS_COMMON = 0.7

# A side is as dark as another within this factor; and the weight of boxes that ink cuts off.
OTHER_TONE, CUT_WEIGHT = 1.5, 0.2

# The quality counts with this power; and each side that a box shares with another one adds this.
QUALITY_POWER, NEIGHBOUR_GAIN = 4, 0.5

# Boxes are typical of a page if their score is at least this part of a quantile of all scores.
TYPICAL, TYPICAL_QUANTILE = 0.4, 0.75


class Extents(NamedTuple):
    """Left, top, right and bottom edges of N boxes (N,) on the rectified page: means of corners."""

    left: Numbers
    top: Numbers
    right: Numbers
    bottom: Numbers

    @property
    def width(self) -> Numbers:
        """Return the boxes' widths."""
        return self.right - self.left

    @property
    def height(self) -> Numbers:
        """Return the boxes' heights."""
        return self.bottom - self.top


def extents(corners: Points) -> Extents:
    """Return the edges of boxes (N, 4, 2)."""
    x, y = corners[..., 0], corners[..., 1]
    return Extents(
        (x[:, 0] + x[:, 3]) / 2,
        (y[:, 0] + y[:, 1]) / 2,
        (x[:, 1] + x[:, 2]) / 2,
        (y[:, 2] + y[:, 3]) / 2,
    )


def select_boxes(candidates: Candidates) -> tuple[Candidates, Candidates]:
    """Return the candidates that are boxes, the typical ones first, then others; none overlap."""
    best = np.argsort(-candidates.quality, kind="stable")[:MAX_CANDIDATES]
    candidates = candidates.take(best)
    edges = extents(candidates.corners)
    overlap = overlaps(edges)
    score = score_boxes(candidates, edges, overlap)
    kept = non_maximum_suppression(score, overlap)
    if not len(kept):
        return candidates, candidates
    typical = score[kept] >= TYPICAL * np.quantile(score[kept], TYPICAL_QUANTILE)
    return candidates.take(kept[typical]), candidates.take(np.argsort(-score, kind="stable"))


def score_boxes(candidates: Candidates, edges: Extents, overlap: NDArray[np.float32]) -> Numbers:
    """Return how likely each candidate is a box beside others of its kind, from 0: (N,)."""
    quality = candidates.quality
    common = count_alike(edges, overlap, quality**2)
    whole = ~is_divided(edges, overlap, quality, common)
    whole &= ~is_loose(edges, overlap, quality, common)
    typical = count_alike(edges, overlap, whole * quality**2)
    weight = (typical * np.where(whole, 1, 0.5) + 0.5) * quality**QUALITY_POWER
    weight[cut_by_ink(candidates, overlap, common)] *= CUT_WEIGHT
    return np.asarray(weight * (1 + NEIGHBOUR_GAIN * count_neighbours(edges, weight)))


def add_free(boxes: Candidates, others: Candidates) -> Candidates:
    """Return boxes, and of others, the first ones first, those that overlap with none before."""
    both = boxes.join(others)
    order = -np.arange(len(both.quality), dtype=float)
    return both.take(non_maximum_suppression(order, overlaps(extents(both.corners))))


def overlaps(edges: Extents) -> NDArray[np.float32]:
    """Return the area that each two boxes share, as a part of the smaller one: (N, N)."""
    left, top, right, bottom = (edge.astype(np.float32) for edge in edges)
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    area = (right - left) * (bottom - top)
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    return np.asarray(shared / np.maximum(np.minimum(area[:, None], area), 1))


def is_divided(
    edges: Extents, overlap: NDArray[np.float32], quality: Numbers, common: Numbers
) -> Flags:
    """Tell which boxes are the union of two others that are hardly worse or as common: (N,)."""
    width, height = edges.width, edges.height
    slack = SAME_EDGE * np.minimum(width, height)
    area = width * height
    divided = np.zeros(len(area), bool)
    inside = (overlap > 0.85) & (area < 0.9 * area[:, None])
    better = quality > EQUAL_QUALITY * quality[:, None]
    inside &= better | (common > AS_COMMON * common[:, None])
    for number in np.flatnonzero(inside.sum(axis=1) > 1).tolist():
        inner = np.flatnonzero(inside[number])
        divided[number] = _is_union(number, inner, edges, float(slack[number]))
    return divided


def is_loose(
    edges: Extents, overlap: NDArray[np.float32], quality: Numbers, common: Numbers
) -> Flags:
    """Tell which boxes have a rule of their own kind inside, near one side: (N,).

    That side is another box's, at a small distance.
    """
    area = edges.width * edges.height
    shorter = np.minimum(edges.width, edges.height)[:, None]
    within = (overlap > 0.9) & (area > MIN_TIGHT * area[:, None])
    within &= (quality > EQUAL_QUALITY * quality[:, None]) & (common > AS_COMMON * common[:, None])
    shifts = [np.abs(edge[:, None] - edge) for edge in edges]
    same = sum((shift < TIGHT_EDGE * shorter).astype(np.int8) for shift in shifts)
    moved = np.maximum.reduce(shifts) > 1.5 * TIGHT_EDGE * shorter
    return np.asarray((within & (area < area[:, None]) & (same == 3) & moved).any(axis=1))


def _is_union(number: int, inner: Integers, edges: Extents, slack: float) -> bool:
    left, top, right, bottom = (np.abs(edge[inner] - edge[number]) < slack for edge in edges)
    for start, end, low, high in (
        (left, right, top & bottom, (edges.left, edges.right)),
        (top, bottom, left & right, (edges.top, edges.bottom)),
    ):
        ends = high[1][inner[start & low & ~end]]
        begins = high[0][inner[end & low & ~start]]
        if len(ends) and len(begins) and np.abs(ends[:, None] - begins).min() < slack:
            return True
    return False


def cut_by_ink(candidates: Candidates, overlap: NDArray[np.float32], common: Numbers) -> Flags:
    """Tell which boxes are parts of another one with a side of another darkness: (N,)."""
    corners = candidates.corners
    area = np.abs(_cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]))
    within = (overlap > 0.85) & (area[:, None] < 0.9 * area) & (area[:, None] > 0.15 * area)
    within &= candidates.quality > EQUAL_QUALITY * candidates.quality[:, None]
    within &= common[:, None] < AS_COMMON * common
    darker = candidates.darkest[:, None] > OTHER_TONE * candidates.darkest
    paler = candidates.palest[:, None] * OTHER_TONE < candidates.palest
    return np.asarray((within & (darker | paler)).any(axis=1))


def _cross(one: Points, other: Points) -> Numbers:
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def count_alike(edges: Extents, overlap: NDArray[np.float32], weight: Numbers) -> Numbers:
    """Return for each box the weight of those elsewhere that have its size, copies once: (N,)."""
    same = alike(edges)
    copies = ((overlap > 0.7) & same) @ weight
    return np.asarray(
        (same & (overlap < MAX_OVERLAP)) @ (weight * weight / np.maximum(copies, 1e-6))
    )


def count_neighbours(edges: Extents, weight: Numbers) -> Numbers:
    """Return for each box how many of its sides are those of a box beside it, 0 to 4: (N,).

    A neighbour that is less typical counts less.
    """
    slack = (SAME_EDGE * np.minimum(edges.width, edges.height)).astype(np.float32)[:, None]
    left, top, right, bottom = (edge.astype(np.float32) for edge in edges)
    level = (np.abs(top[:, None] - top) < slack) & (np.abs(bottom[:, None] - bottom) < slack)
    upright = (np.abs(left[:, None] - left) < slack) & (np.abs(right[:, None] - right) < slack)
    single = weight.astype(np.float32)
    share = np.minimum(1, single / np.maximum(single[:, None], 1e-6))
    count = np.zeros(len(weight))
    for beside, one, other in (
        (level, right, left),
        (level, left, right),
        (upright, bottom, top),
        (upright, top, bottom),
    ):
        touching = beside & (np.abs(one[:, None] - other) < slack)
        count += np.where(touching, share, 0).max(axis=1, initial=0)
    return count


def alike(edges: Extents) -> Mask:
    """Tell which boxes have the same width and height, about: (N, N)."""
    sides = [np.log(np.maximum(side, 1)).astype(np.float32) for side in (edges.width, edges.height)]
    return np.asarray(
        (np.abs(sides[0][:, None] - sides[0]) < ALIKE)
        & (np.abs(sides[1][:, None] - sides[1]) < ALIKE)
    )


def non_maximum_suppression(score: Numbers, overlap: NDArray[np.float32]) -> Integers:
    """Return the boxes in order of their scores, without those that overlap with a better one."""
    free = np.ones(len(score), bool)
    kept = []
    for number in np.argsort(-score, kind="stable").tolist():
        if free[number]:
            kept.append(number)
            free &= overlap[number] <= MAX_OVERLAP
    return np.array(kept, np.intp)

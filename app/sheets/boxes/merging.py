"""Merging of cells that ink divides: their neighbours above or below are undivided."""

from collections.abc import Callable

import numpy as np

from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.selection import SAME_EDGE, Extents, extents
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Integers, Mask, Numbers

# Measures cells (N, 4, 2): returns those that have enough support.
Verify = Callable[[Points], Candidates]

# The places of a pair's corners (first or second, corner) in their union, for boxes side by side
# and one above the other.
_SIDE_BY_SIDE = ((0, 0), (1, 1), (1, 2), (0, 3))
_STACKED = ((0, 0), (0, 1), (1, 2), (1, 3))


def merge_divided(boxes: Candidates, verify: Verify) -> Candidates:
    """Return boxes in which both parts of each divided cell are replaced by the whole."""
    edges = extents(boxes.corners)
    turned = Extents(edges.top, edges.left, edges.bottom, edges.right)
    pairs = [(pair, _SIDE_BY_SIDE) for pair in divided_pairs(edges)]
    pairs += [(pair, _STACKED) for pair in divided_pairs(turned)]
    for pair, places in pairs:
        whole = np.stack([boxes.corners[pair[part], corner] for part, corner in places])
        found = verify(whole[None])
        if len(found.quality):
            boxes.corners[pair[0]] = found.corners[0]
            boxes.quality[list(pair)] = found.quality[0], -1
    return boxes.take(boxes.quality >= 0)


def divided_pairs(edges: Extents) -> list[tuple[int, int]]:
    """Return the pairs of boxes side by side that are, together, as wide as one above or below.

    No box above or below begins or ends where they divide.
    """
    slack = SAME_EDGE * np.minimum(edges.width, edges.height)
    first, second = np.nonzero(_side_by_side(edges, slack))
    stacked = _above_or_below(edges, slack)
    pairs = []
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        near = np.flatnonzero(stacked[one] | stacked[other])
        limit = min(slack[one], slack[other])
        if _fits(edges, near, one, other, limit):
            pairs.append((one, other))
    return pairs


def _fits(edges: Extents, near: Integers, one: int, other: int, slack: float) -> bool:
    whole = np.abs(edges.left[near] - edges.left[one]) < 2 * slack
    whole &= np.abs(edges.right[near] - edges.right[other]) < 2 * slack
    middle = edges.right[one]
    ends = np.abs(edges.left[near] - middle) < 2 * slack
    ends |= np.abs(edges.right[near] - middle) < 2 * slack
    return bool(whole.any() and not ends.any())


def _side_by_side(edges: Extents, slack: Numbers) -> Mask:
    limit = np.minimum(slack[:, None], slack)
    same = np.abs(edges.top[:, None] - edges.top) < limit
    same &= np.abs(edges.bottom[:, None] - edges.bottom) < limit
    return np.asarray(same & (np.abs(edges.right[:, None] - edges.left) < limit))


def _above_or_below(edges: Extents, slack: Numbers) -> Mask:
    limit = np.minimum(slack[:, None], slack)
    shared = np.minimum(edges.right[:, None], edges.right)
    shared = shared - np.maximum(edges.left[:, None], edges.left)
    touching = np.abs(edges.bottom[:, None] - edges.top) < limit
    touching |= np.abs(edges.top[:, None] - edges.bottom) < limit
    return np.asarray(touching & (shared > limit))

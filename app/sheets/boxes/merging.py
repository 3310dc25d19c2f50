"""Merging of cells that ink divides: their neighbours above or below are undivided."""

import numpy as np

from app.sheets.boxes.candidates import Candidates, Verify
from app.sheets.boxes.extents import SAME_EDGE, Extents, extents, true_places
from model_core.preprocessing.image_ops.types import Flags, Mask, Numbers

# Rounds of merging: a cell may fit one that was merged in the round before.
ROUNDS = 6

# The quality of cells counts with this power.
QUALITY_POWER = 4

# The places of a pair's corners (first or second, corner) in their union, for boxes side by side
# and one above the other.
_SIDE_BY_SIDE = ((0, 0), (1, 1), (1, 2), (0, 3))
_STACKED = ((0, 0), (0, 1), (1, 2), (1, 3))


def merge_divided(boxes: Candidates, verify: Verify) -> Candidates:
    """Return boxes in which both parts of each divided cell are replaced by the whole."""
    for _ in range(ROUNDS):
        count = len(boxes.corners)
        boxes = _merge_once(boxes, verify)
        if len(boxes.corners) == count:
            break
    return boxes


def _merge_once(boxes: Candidates, verify: Verify) -> Candidates:
    edges = extents(boxes.corners)
    turned = Extents(edges.top, edges.left, edges.bottom, edges.right)
    pairs = [(pair, _SIDE_BY_SIDE) for pair in divided_pairs(edges, boxes.quality)]
    pairs += [(pair, _STACKED) for pair in divided_pairs(turned, boxes.quality)]
    added, gone = boxes.take(np.zeros(0, np.intp)), np.zeros(len(boxes.quality), bool)
    for pair, places in pairs:
        whole = np.stack([boxes.corners[pair[part], corner] for part, corner in places])
        found = verify(whole[None])
        if len(found.quality) and not gone[list(pair)].any():
            added, gone[list(pair)] = added.join(found), True
    return boxes.take(~gone).join(added)


def divided_pairs(edges: Extents, quality: Numbers) -> list[tuple[int, int]]:
    """Return the pairs of boxes side by side that are one cell of a column.

    One above or below is as wide as both; and in the whole column, cells that are as wide have
    better rules than those that end where the pair divides.
    """
    slack = SAME_EDGE * np.minimum(edges.width, edges.height)
    first, second = true_places(_side_by_side(edges, slack))
    stacked = above_or_below(edges, slack)
    trust = np.maximum(quality, 0) ** QUALITY_POWER
    pairs = []
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        limit = 2 * min(slack[one], slack[other])
        left, right, middle = edges.left[one], edges.right[other], edges.right[one]
        whole = spans(edges, left, right, limit)
        parts = spans(edges, left, middle, limit) | spans(edges, middle, right, limit)
        touching = stacked[one] | stacked[other]
        if (whole & touching).any() and trust[whole].sum() > trust[parts].sum() / 2:
            pairs.append((one, other))
    return pairs


def spans(edges: Extents, left: float, right: float, slack: float) -> Flags:
    """Tell which boxes begin and end at two places."""
    return np.asarray((np.abs(edges.left - left) < slack) & (np.abs(edges.right - right) < slack))


def _side_by_side(edges: Extents, slack: Numbers) -> Mask:
    limit = np.minimum(slack[:, None], slack)
    same = np.abs(edges.top[:, None] - edges.top) < limit
    same &= np.abs(edges.bottom[:, None] - edges.bottom) < limit
    return np.asarray(same & (np.abs(edges.right[:, None] - edges.left) < limit))


def above_or_below(edges: Extents, slack: Numbers) -> Mask:
    """Tell which boxes touch each other above or below: (N, N)."""
    limit = np.minimum(slack[:, None], slack)
    shared = np.minimum(edges.right[:, None], edges.right)
    shared = shared - np.maximum(edges.left[:, None], edges.left)
    touching = np.abs(edges.bottom[:, None] - edges.top) < limit
    touching |= np.abs(edges.top[:, None] - edges.bottom) < limit
    return np.asarray(touching & (shared > limit))

"""Evidence for a box: how many others have its size, and how many share its sides."""

import numpy as np

from app.sheets.boxes.extents import MAX_OVERLAP, SAME_EDGE, Extents, Shares, alike, true_places
from model_core.preprocessing.image_ops.types import Numbers

# Two boxes of one size that share more than this part are copies.
COPY = 0.7


def count_alike(edges: Extents, overlap: Shares, weight: Numbers) -> Numbers:
    """Return for each box the weight of those elsewhere that have its size, copies once: (N,)."""
    same = alike(edges)
    copies = ((overlap > COPY) & same) @ weight
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
    count = np.zeros(len(weight))
    for beside, one, other in (
        (level, right, left),
        (level, left, right),
        (upright, bottom, top),
        (upright, top, bottom),
    ):
        box, neighbour = true_places(beside)
        touching = np.abs(one[box] - other[neighbour]) < slack[box, 0]
        box, neighbour = box[touching], neighbour[touching]
        best = np.zeros(len(weight), np.float32)
        np.maximum.at(best, box, single[neighbour] / np.maximum(single[box], np.float32(1e-6)))
        count += np.minimum(best, 1)
    return count

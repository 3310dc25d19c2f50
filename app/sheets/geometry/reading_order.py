"""Reading order of boxes: rows from top to bottom, columns from left to right."""

import numpy as np

from app.sheets.boxes.extents import SAME_EDGE, Extents, extents
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Integers, Mask, Numbers

# Boxes are in one row if they share this part of the lower one's height.
MIN_SHARED = 0.5

# Boxes of a row are linked up to this many heights apart: further away, paper may be curved.
MAX_DISTANCE = 6.0

# Two rows are one if their middles differ by less than this part of a height; and two columns of a
# table if their left edges differ by less than this part of a width.
SAME_ROW, SAME_COLUMN = 0.5, 0.35


def reading_order(corners: Points) -> tuple[Integers, Integers]:
    """Return row and column of boxes (N, 4, 2) of a rectified page, each (N,), from 0.

    Boxes of a table have the column of the table; others are counted from the left of their row.
    """
    edges = extents(corners)
    middle = (edges.top + edges.bottom) / 2
    rows = ranks(label(same_row(edges)), middle, edges.height, SAME_ROW)
    columns = np.zeros(len(corners), np.intp)
    for row in np.unique(rows).tolist():
        members = np.flatnonzero(rows == row)
        columns[members[np.argsort(edges.left[members], kind="stable")]] = np.arange(len(members))
    return rows, align_tables(rows, columns, edges)


def same_row(edges: Extents) -> Mask:
    """Tell which boxes are beside each other at a small distance: (N, N)."""
    shared = np.minimum(edges.bottom[:, None], edges.bottom)
    shared = shared - np.maximum(edges.top[:, None], edges.top)
    gap = np.maximum(edges.left[:, None], edges.left)
    gap = gap - np.minimum(edges.right[:, None], edges.right)
    lower = np.minimum(edges.height[:, None], edges.height)
    return np.asarray((shared > MIN_SHARED * lower) & (gap < MAX_DISTANCE * lower))


def label(linked: Mask) -> Integers:
    """Return the connected component, from 0, of each of N things that are linked (N, N)."""
    labels = np.arange(len(linked))
    while True:
        least = np.where(linked, labels, len(labels)).min(axis=1, initial=len(labels))
        least = np.minimum(least, labels)
        least = least[least]
        if np.array_equal(least, labels):
            return np.unique(labels, return_inverse=True)[1]
        labels = least


def ranks(groups: Integers, places: Numbers, sizes: Numbers, share: float) -> Integers:
    """Return the rank of each member's group by its mean place; groups at one place are the same.

    Shapes: all (N,). Groups are at one place within ``share`` of their members' mean size.
    """
    if not len(groups):
        return groups
    counts = np.bincount(groups)
    means, extent = np.bincount(groups, places) / counts, np.bincount(groups, sizes) / counts
    order = np.argsort(means)
    apart = np.diff(means[order], prepend=means[order[0]]) > share * extent[order]
    rank = np.empty(len(means), np.intp)
    rank[order] = np.cumsum(apart)
    return rank[groups]


def touching(edges: Extents) -> tuple[Mask, Mask]:
    """Tell which boxes end where another begins, to its right and below it: (N, N) each."""
    slack = SAME_EDGE * np.minimum(edges.width, edges.height)[:, None]
    level = np.minimum(edges.bottom[:, None], edges.bottom)
    level = level - np.maximum(edges.top[:, None], edges.top) > slack
    upright = np.minimum(edges.right[:, None], edges.right)
    upright = upright - np.maximum(edges.left[:, None], edges.left) > slack
    right = level & (np.abs(edges.right[:, None] - edges.left) < slack)
    below = upright & (np.abs(edges.bottom[:, None] - edges.top) < slack)
    return np.asarray(right), np.asarray(below)


def align_tables(rows: Integers, columns: Integers, edges: Extents) -> Integers:
    """Return columns, aligned where boxes touch others beside and below them."""
    right, below = touching(edges)
    tables = label(right | right.T | below | below.T)
    slack = SAME_COLUMN * np.minimum(edges.width[:, None], edges.width)
    upright = label((below | below.T) & (np.abs(edges.left[:, None] - edges.left) < slack))
    aligned = columns.copy()
    for table in np.unique(tables).tolist():
        members = np.flatnonzero(tables == table)
        if len(np.unique(rows[members])) > 1 and right[np.ix_(members, members)].any():
            groups = np.unique(upright[members], return_inverse=True)[1]
            places = ranks(groups, edges.left[members], edges.width[members], SAME_COLUMN)
            aligned[members] = places + int(columns[members[places == 0]].min())
    return aligned

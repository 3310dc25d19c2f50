"""Fields: neighbouring boxes of one size in a row, which form a number."""

import numpy as np

from app.sheets.boxes.extents import alike, extents
from app.sheets.geometry.reading_order import label
from app.sheets.page import Box, Field, Points

# The gap between boxes of a field, at most, in widths of a box.
MAX_GAP = 0.35

# Boxes of a field are as far up as their neighbour, within this part of their height.
MAX_STEP = 0.25


def find_fields(boxes: tuple[Box, ...], corners: Points) -> tuple[Field, ...]:
    """Return the fields of boxes whose corners (N, 4, 2) on the rectified page are given.

    Boxes that have others above or below them at the same distance are cells of a grid, and form
    none.
    """
    edges = extents(corners)
    gap = edges.left - edges.right[:, None]
    level = np.abs(edges.top - edges.top[:, None]) < MAX_STEP * edges.height[:, None]
    width = edges.width[:, None]
    after = alike(edges) & level & (gap > -0.2 * width) & (gap < MAX_GAP * width)
    groups = label(after | after.T)
    stacked = _stacked(corners)
    fields = []
    for group in np.unique(groups).tolist():
        members = np.flatnonzero(groups == group)
        if len(members) > 1 and not stacked[members].mean() > 0.5:
            ordered = members[np.argsort(edges.left[members])]
            fields.append(Field(tuple(boxes[place] for place in ordered.tolist())))
    return tuple(sorted(fields, key=lambda field: (field.boxes[0].row, field.boxes[0].col)))


def _stacked(corners: Points) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Tell which boxes (N,) touch one of their size above or below them."""
    edges = extents(corners)
    slack = 0.2 * np.minimum(edges.width, edges.height)[:, None]
    below = np.abs(edges.bottom[:, None] - edges.top) < slack
    below &= (np.abs(edges.left[:, None] - edges.left) < slack) & alike(edges)
    return np.asarray((below | below.T).any(axis=1))

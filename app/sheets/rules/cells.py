"""Cells: quadrilaterals of four crossings that rules connect in a ring."""

import numpy as np
from numpy.typing import NDArray

from app.sheets.page import Points
from app.sheets.rules.crossings import Links
from model_core.preprocessing.image_ops.types import Integers

# Cells that start at one crossing: the box, one that ink splits off, and the unions of neighbours.
MAX_OF_EACH = 5


def find_cells(points: Points, along: Links, across: Links) -> Points:
    """Return the corners (M, 4, 2) of all cells, clockwise from the top left.

    ``along`` connects points from left to right, ``across`` from top to bottom.
    """
    count = len(points)
    row, low_left = expand(along.first, across, count)
    left, right = along.first[row], along.second[row]
    row, low_right = expand(right, across, count)
    closed = np.isin(low_left[row] * count + low_right, along.first * count + along.second)
    row = row[closed]
    corners = (left[row], right[row], low_right[closed], low_left[row])
    return smallest_of_each(points[np.stack(corners, axis=1)], left[row])


def smallest_of_each(cells: Points, starts: Integers) -> Points:
    """Keep the few smallest of the cells (M, 4, 2) that start at one crossing."""
    way = cells[:, 2] - cells[:, 0]
    order = np.lexsort((np.abs(way[:, 0] * way[:, 1]), starts))
    ranked = starts[order]
    first = np.searchsorted(ranked, ranked)
    return cells[order[np.arange(len(order)) - first < MAX_OF_EACH]]


def expand(starts: Integers, links: Links, count: int) -> tuple[Integers, Integers]:
    """Return for all starts the links that begin there: the start's place, and the link's end."""
    order = np.argsort(links.first, kind="stable")
    ends = links.second[order]
    begin = np.searchsorted(links.first[order], np.arange(count + 1))
    sizes: NDArray[np.intp] = begin[starts + 1] - begin[starts]
    row = np.repeat(np.arange(len(starts)), sizes)
    within = np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return row, ends[begin[starts][row] + within]

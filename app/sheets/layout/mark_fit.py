"""Registration of a page by its marks: the homographies from the layout to the picture."""

from itertools import combinations

import numpy as np

from app.sheets.layout.layout import Layout
from app.sheets.layout.marks import Marks
from app.sheets.layout.quadrilateral import Views, clockwise, is_convex, side_lengths, views
from app.sheets.layout.registration import project
from app.sheets.page import Homography, Points
from model_core.preprocessing.image_ops.types import Numbers

# How much the size of a mark may differ from the layout's, as a factor: the side of a cross and of
# a blurred mark is not exact. Marks of one page differ from each other by less.
MAX_SIZE, MAX_SPREAD = 1.6, 1.5

# How far a mark may be from its place, in its sides.
MAX_DISTANCE = 0.75

# The largest quadrilaterals of marks that are compared with the layout.
COMPARED = 100


def fit_marks(layout: Layout, marks: Marks) -> Views:
    """Return the homographies from a layout to the picture by each possible quarter turn.

    Its four outer marks are the outermost ones of the picture (N, 3) that fit: their distances,
    sizes and the other marks. Empty if there are none.
    """
    plain = np.array([[mark.x, mark.y, mark.size] for mark in layout.marks], np.float64)
    outer = layout.outer_marks()
    for corners in _quadrilaterals(plain[list(outer)], marks):
        found = views(plain[list(outer), :2], corners)
        found = {turn: one for turn, one in found.items() if _fits(plain, marks, one)}
        if found:
            return found
    return {}


def _quadrilaterals(plain: Marks, marks: Marks) -> Points:
    """Return the corners of four marks that may be the outer ones, the largest first."""
    if len(marks) < 4:
        return np.zeros((0, 4, 2))
    chosen = np.array(list(combinations(range(len(marks)), 4)))
    corners = clockwise(marks[chosen, :2])
    lengths = side_lengths(corners)
    areas, ours = lengths.prod(axis=1), side_lengths(plain[:, :2]).prod()
    expected = np.sqrt((plain[:, 2] ** 2).mean() * areas / ours)
    sizes = np.sqrt((marks[chosen, 2] ** 2).mean(axis=1))
    near = np.abs(np.log(sizes / np.maximum(expected, 1e-6))) < np.log(MAX_SIZE)
    places = np.flatnonzero(near & is_convex(corners))
    return corners[places[np.argsort(-areas[places], kind="stable")[:COMPARED]]]


def _fits(plain: Marks, marks: Marks, to_picture: Homography) -> bool:
    """Tell whether all marks of a layout are on the picture, in sizes of one ratio."""
    places, sizes = project(to_picture, plain[:, :2]), _projected_sizes(plain, to_picture)
    away = np.linalg.norm(places[:, None] - marks[:, :2], axis=2)
    nearest = away.argmin(axis=1)
    if (away.min(axis=1) > MAX_DISTANCE * sizes).any():
        return False
    ratio = marks[nearest, 2] / sizes
    alike = ratio.max() < MAX_SPREAD * ratio.min()
    return bool(alike and abs(np.log(ratio).mean()) < np.log(MAX_SIZE))


def _projected_sizes(plain: Marks, to_picture: Homography) -> Numbers:
    """Return the sides of marks in pixels: the square roots of their areas."""
    half = plain[:, None, 2:] / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = project(to_picture, plain[:, None, :2] + half)
    first, second = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    area = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    return np.asarray(np.sqrt(area))

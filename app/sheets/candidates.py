"""Candidates for boxes: cells of all scales whose sides have rules."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.cells import find_cells
from app.sheets.crossings import Links, find_crossings, link_along_x
from app.sheets.page import Points
from app.sheets.rules import MAX_DARKNESS, Level, find_rules
from app.sheets.support import measure_support
from model_core.preprocessing.image_ops.types import Grey8

# Scales of rules: on the page itself, and on copies of a half and a quarter of its size.
OCTAVES = (
    (Level(11, 6), Level(17, 8), Level(25, 12)),
    (Level(18, 9), Level(27, 13)),
    (Level(20, 10), Level(30, 13)),
)

# Share of a side that has a rule, at least: of the worst side, and of all four.
MIN_SHARE, MIN_MEAN_SHARE = 0.6, 0.75

# Ratio of the darkness of the palest rule of a cell to that of the darkest one, at least.
MIN_EVENNESS = 0.2

# Cells are the same if no corner differs by this part of their shorter side.
SAME = 0.08

# The most cells that are verified: more is no form.
MAX_CELLS = 6000


class Candidates(NamedTuple):
    """Corners (N, 4, 2) of cells on the rectified page, clockwise, and their quality (N,), 0 to 1."""

    corners: Points
    quality: NDArray[np.float64]


def find_candidates(dark: Grey8) -> Candidates:
    """Find the cells of a rectified page whose sides have rules."""
    found: list[Points] = []
    for octave, levels in enumerate(OCTAVES):
        scale = 2**octave
        small = pool(dark, scale)
        turned = cv2.transpose(small)
        for level in levels:
            found.append((cells_of_level(small, turned, level) + 0.5) * scale - 0.5)
    return verify(dark, without_duplicates(np.concatenate(found))[:MAX_CELLS])


def without_duplicates(corners: Points) -> Points:
    """Return cells (N, 4, 2) without those that another one is within some pixels."""
    width = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    height = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    step = 2.0 ** np.rint(np.log2(np.maximum(np.minimum(width, height), 8) * SAME))
    keys = np.rint(corners / step[:, None, None]).reshape(len(corners), 8)
    return corners[np.unique(keys, axis=0, return_index=True)[1]]


def cells_of_level(dark: Grey8, turned: Grey8, level: Level) -> Points:
    """Return the corners (N, 4, 2) of the cells between rules of one scale."""
    along, upright = find_rules(dark, level), find_rules(turned, level)
    across = type(along)(*(cv2.transpose(mask) for mask in upright))
    points = find_crossings(along, across, level)
    links = link_along_x(points, along.rules, level)
    down = link_along_x(points[:, ::-1], upright.rules, level)
    return find_cells(points, links, down)


def pool(dark: Grey8, scale: int) -> Grey8:
    """Return a page reduced by a whole factor, with the darkest pixel of each block."""
    if scale == 1:
        return dark
    height, width = (side // scale for side in dark.shape)
    spread = cv2.dilate(dark, np.ones((scale, scale), np.uint8), anchor=(0, 0))
    return np.ascontiguousarray(spread[: height * scale : scale, : width * scale : scale])


def verify(dark: Grey8, corners: Points) -> Candidates:
    """Return the cells that have rules along their sides, their corners moved onto these."""
    support = measure_support(cv2.min(dark, MAX_DARKNESS), corners)
    least, mean = support.shares.min(axis=1), support.shares.mean(axis=1)
    even = support.darkness.min(axis=1) / np.maximum(support.darkness.max(axis=1), 1)
    keep = (least >= MIN_SHARE) & (mean >= MIN_MEAN_SHARE) & (even >= MIN_EVENNESS)
    return Candidates(support.corners[keep], (mean * least)[keep].astype(float))

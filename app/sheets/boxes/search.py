"""Search for candidates: cells of all scales whose sides have rules."""

import cv2
import numpy as np

from app.sheets.boxes.candidates import Candidates, distinct_indices
from app.sheets.boxes.verification import Levelled, verify
from app.sheets.page import Points
from app.sheets.rules.cells import find_cells
from app.sheets.rules.crossings import find_crossings, link_along_x
from app.sheets.rules.rules import Level, find_rules
from model_core.preprocessing.image_ops.types import Grey8

# Scales of rules: on the page itself, and on copies of a half and a quarter of its size.
OCTAVES = (
    (Level(11, 6), Level(18, 9)),
    (Level(14, 8), Level(23, 12)),
    (Level(18, 10), Level(29, 13)),
)

# The most cells that are verified: more is no form.
MAX_CELLS = 4000


def find_candidates(dark: Grey8, pages: Levelled) -> Candidates:
    """Find the cells of a rectified page whose sides have rules."""
    found: list[Points] = []
    for octave, levels in enumerate(OCTAVES):
        scale = 2**octave
        small = pool(dark, scale)
        turned = cv2.transpose(small)
        for level in levels:
            found.append((cells_of_level(small, turned, level) + 0.5) * scale - 0.5)
    cells = np.concatenate(found)
    return verify(pages, cells[distinct_indices(cells)[:MAX_CELLS]])


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

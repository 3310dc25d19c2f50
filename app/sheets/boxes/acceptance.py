"""False-positive filter of boxes: a single box needs clearer rules than a box of a grid."""

import cv2
import numpy as np

from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.evidence import count_alike, count_neighbours
from app.sheets.boxes.extents import Extents, extents, overlaps
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Flags, Grey8, Numbers

# Evidence (boxes of the same size count a sixth, those that share a side fully), and the quality
# that a box needs with as much of it.
EVIDENCE, MIN_QUALITY = (0.0, 1.0, 3.0), (0.88, 0.72, 0.5)

# Evidence of four dark corners, in a small box with others like it.
SQUARE = 1.0

# Boxes of the same size that count, at most.
MAX_ALIKE = 9

# Ratio of the sides of a box that stands alone, at most: longer frames are for words.
MAX_ASPECT = 3.2

# Pixels: no box is smaller than the first; one smaller than the second has square corners, which
# letters have not.
SMALLEST, SMALL, CORNER, MIN_CORNERS = 16.0, 34.0, 2, 3

# A box this many times as high as most others, and with few like it, is a frame.
MAX_SIZE, MIN_COMMON = 2.5, 0.25


def accept(boxes: Candidates, dark: Grey8) -> Candidates:
    """Return the boxes that are no letters, frames or parts of pictures.

    ``dark`` is the rectified page, its darkness limited.
    """
    edges = extents(boxes.corners)
    trusted = (boxes.quality >= MIN_QUALITY[-1]).astype(float) * boxes.quality
    alike = np.minimum(count_alike(edges, overlaps(edges), trusted), MAX_ALIKE)
    beside = count_neighbours(edges, boxes.quality)
    shorter = np.minimum(edges.width, edges.height)
    small = shorter < SMALL
    square = dark_corners(dark, boxes.corners)
    evidence = beside + alike / 6 + (small & (square == 4) & (alike > 2)) * SQUARE
    needed = np.interp(evidence, EVIDENCE, MIN_QUALITY)
    aspect = np.maximum(edges.width / edges.height, edges.height / edges.width)
    keep = (boxes.quality >= needed) & ((aspect <= MAX_ASPECT) | (beside > 0.5))
    keep &= ~small | (square >= MIN_CORNERS) | ((beside > 0.5) & (alike > 5))
    keep &= (shorter >= SMALLEST) & ((beside > 0.5) | ~are_finder_patterns(dark, boxes))
    keep[keep] &= ~are_frames(Extents(*(edge[keep] for edge in edges)), alike[keep])
    return boxes.take(keep)


def are_frames(edges: Extents, alike: Numbers) -> Flags:
    """Tell which boxes are much larger than most, and few."""
    side = np.minimum(edges.width, edges.height)
    if not len(side):
        return np.zeros(0, bool)
    large = side > MAX_SIZE * np.median(side)
    few = np.minimum(alike, MAX_ALIKE) < MIN_COMMON * min(len(side), MAX_ALIKE * 4)
    return np.asarray(large & few)


def are_finder_patterns(dark: Grey8, boxes: Candidates) -> Flags:
    """Tell which boxes are corners of a QR code: a thick frame, a light ring, a dark square."""
    least = 0.6 * boxes.darkest[:, None]
    square = _values(dark, _inside(boxes.corners, _ring(0.12) + _ring(0.0)))
    ring = _values(dark, _inside(boxes.corners, _ring(0.33)))
    frame = _values(dark, _inside(boxes.corners, _ring(0.44)))
    filled = (square >= least).all(axis=1) & (frame >= least).all(axis=1)
    return np.asarray(filled & ((ring < least).sum(axis=1) >= 7))


def _ring(reach: float) -> list[tuple[float, float]]:
    """Return the places of eight points around the middle of a box."""
    ends = (0.5 - reach, 0.5, 0.5 + reach)
    return [(x, y) for x in ends for y in ends if (x, y) != (0.5, 0.5)]


def _inside(corners: Points, places: list[tuple[float, float]]) -> Points:
    """Return points of boxes (N, 4, 2) at places across and down, 0 to 1: (N, M, 2)."""
    x, y = np.array(places).T
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y])
    return np.asarray(np.einsum("ncd,cm->nmd", corners, weights))


def dark_corners(dark: Grey8, corners: Points) -> Numbers:
    """Return how many corners of each box are as dark as a part of the rules beside them."""
    spread = cv2.dilate(dark, np.ones((2 * CORNER + 1, 2 * CORNER + 1), np.uint8))
    at_corner = _values(cv2.dilate(dark, np.ones((3, 3), np.uint8)), corners)
    middles = (corners + np.roll(corners, -1, axis=1)) / 2
    least = 0.5 * np.median(_values(spread, middles), axis=1)
    return np.asarray((at_corner >= least[:, None]).sum(axis=1), float)


def _values(dark: Grey8, points: Points) -> Numbers:
    """Return the pixels at points (N, 4, 2), or the nearest ones on the page."""
    height, width = dark.shape
    columns = np.clip(np.rint(points[..., 0]).astype(int), 0, width - 1)
    rows = np.clip(np.rint(points[..., 1]).astype(int), 0, height - 1)
    return np.asarray(dark[rows, columns], float)

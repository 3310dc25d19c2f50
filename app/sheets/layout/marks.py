"""Registration marks of a picture: filled squares and discs, crosses, and ArUco markers."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.geometry.reduction import grey_copy
from app.sheets.page import Picture
from model_core.preprocessing.image_ops.types import Grey8, Mask

# Pixels of the copy in which marks are searched: a sheet of A4 has 100 dpi.
MARK_PIXELS = 1_000_000

# Pixels of that copy: the least side of a mark, and the greatest one as a part of the picture's
# shorter side; and the share of a mark's bounding box that is ink: a thin cross has the least.
MIN_SIDE, MAX_SIDE, MIN_INK = 6, 1 / 6, 0.08

# The greatest ratio of the sides of a mark's bounding box.
MAX_ASPECT = 1.6

# The neighbourhood with whose mean a pixel is compared, as a part of the shorter side, and how many
# grey levels ink is darker than it.
NEIGHBOURHOOD, MIN_CONTRAST = 1 / 6, 25

# Dark share of a mark within its outline: frames of boxes have less, ArUco markers more.
MIN_FILL = 0.5

# Share of a mark that is as near as a part of its side to the same mark turned by 90 degrees; less
# than all, because marks are seen from one side.
MIN_SYMMETRY, NEAR = 0.85, 0.12

# The largest components of ink that are examined, and the marks that are returned, at most.
EXAMINED, MAX_MARKS = 400, 24

# Marks (N, 3): x and y of the centre, and the side or diameter.
Marks = NDArray[np.float64]


def find_marks(picture: Picture) -> Marks:
    """Find dark, filled, symmetric shapes in a picture: the largest ones, (N, 3), in its pixels."""
    grey, scale = grey_copy(picture, MARK_PIXELS)
    ink = _ink(grey)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    found: list[tuple[float, float, float]] = []
    for number in _candidates(stats[1:], min(ink.shape)) + 1:
        left, top, width, height, _ = stats[number].tolist()
        part = labels[top : top + height, left : left + width] == number
        mark = _mark(part)
        if mark is not None:
            x, y, side = mark
            found.append((left + x + 0.5, top + y + 0.5, side))
    best = sorted(found, key=lambda one: -one[2])[:MAX_MARKS]
    return np.array(best, np.float64).reshape(-1, 3) / scale


def _ink(grey: Grey8) -> Grey8:
    """Return 1 where a picture is darker than its neighbourhood."""
    block = 2 * max(2, round(NEIGHBOURHOOD * min(grey.shape) / 2)) + 1
    method = cv2.ADAPTIVE_THRESH_MEAN_C
    ink = cv2.adaptiveThreshold(grey, 1, method, cv2.THRESH_BINARY_INV, block, MIN_CONTRAST)
    return np.asarray(ink, np.uint8)


def _candidates(stats: NDArray[np.int32], side: int) -> NDArray[np.intp]:
    """Return the components, (N, 5) of OpenCV's statistics, that have the size of a mark."""
    width, height, area = stats[:, 2], stats[:, 3], stats[:, 4]
    long, short = np.maximum(width, height), np.minimum(width, height)
    fits = (long >= MIN_SIDE) & (long <= MAX_SIDE * side) & (long <= MAX_ASPECT * short)
    fits &= area >= MIN_INK * width * height
    places = np.flatnonzero(fits)
    return places[np.argsort(-long[places], kind="stable")[:EXAMINED]]


def _mark(part: Mask) -> tuple[float, float, float] | None:
    """Return centre and side of a component that is a mark, or None."""
    padded = np.pad(part.astype(np.uint8), 1)
    outline, _ = cv2.findContours(padded, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = cv2.drawContours(np.zeros_like(padded), outline, -1, 1, cv2.FILLED)
    if padded.sum() < MIN_FILL * filled.sum():
        return None
    moments = cv2.moments(np.asarray(filled), binaryImage=True)
    x, y = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    half = max(part.shape) / 2 + 1
    if _symmetry(np.asarray(filled, np.uint8), x, y, half) < MIN_SYMMETRY:
        return None
    _, sides, _ = cv2.minAreaRect(outline[0])
    return x - 1, y - 1, sum(sides) / 2 + 1


def _symmetry(filled: Grey8, x: float, y: float, half: float) -> float:
    """Return the share of a shape that is near to the shape turned by 90 degrees."""
    side = 2 * math.ceil(half * math.sqrt(2)) + 1
    move = np.array([[1, 0, side // 2 - x], [0, 1, side // 2 - y]])
    own = np.asarray(cv2.warpAffine(filled * 255, move, (side, side)) > 127)
    reach = 2 * max(1, round(2 * NEAR * half)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    near = cv2.dilate(np.rot90(own).astype(np.uint8), kernel)
    return float(near[own].mean()) if own.any() else 0.0

"""Rectification: the homography after which rules are parallel to the sides of the page."""

import math
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.page import Homography, Points
from model_core.preprocessing.image_ops.types import Grey8

# Pixels of the copy in which line segments are searched, and their least length in it.
SEGMENT_PIXELS, MIN_LENGTH = 500_000, 14.0

# Pixels: gaps of dashed rules that are joined in this copy, if all segments together are shorter
# than this many times its width and height.
JOINED, ENOUGH = 7, 3.0

# Degrees: bin of the histogram of directions, and the difference from the dominant direction up to
# which a segment belongs to it.
BIN, MAX_DIFFERENCE = 0.5, 14.0

# Steps of the robust fit, and its scale: the tangent of an angle beyond which segments count less.
FIT_STEPS, FIT_SCALE = 12, 0.01

# Least weight of segments, in lengths of the half diagonal, for which perspective is estimated; and
# its limit: the change of scale over half a diagonal.
MIN_EVIDENCE, MAX_PERSPECTIVE = 0.5, 0.45

# The largest area of a rectified page, relative to that before.
MAX_GROWTH = 1.9

# Pixels: a page is left as it is if no corner would move further.
MIN_SHIFT = 1.5


class Segments(NamedTuple):
    """Line segments: middles and unit directions (N, 2), and lengths (N,)."""

    middles: Points
    directions: Points
    lengths: NDArray[np.float64]


class Rectification(NamedTuple):
    """A homography and the size (width, height) of the page after it."""

    transform: Homography
    size: tuple[int, int]


def find_rectification(dark: Grey8) -> Rectification:
    """Return the homography that makes the rules of a page parallel to its sides.

    The page is turned by less than 45 degrees. Without line segments it stays as it is.
    """
    height, width = dark.shape
    identity = Rectification(np.eye(3), (width, height))
    half = math.hypot(width, height) / 2
    segments = find_segments(dark)
    if not len(segments.lengths):
        return identity
    angle = dominant_angle(segments)
    turn = to_unit(width, height, half, angle)
    along, across = (vanishing_point(segments, turn, half, angle, side) for side in (0, 1))
    back = np.array([[1, across[0], 0], [along[0], 1, 0], [-along[1], -across[1], 1]])
    for unrolled in (back, np.eye(3)):
        found = fit_page(np.linalg.inv(unrolled) @ turn, (width, height), half)
        if found is not None:
            return found if moves(found, (width, height)) else identity
    return identity


def moves(found: Rectification, size: tuple[int, int]) -> bool:
    """Tell whether a homography moves a corner of the page by more than a little."""
    corners = page_corners(*size)
    shift = cv2.perspectiveTransform(corners[None], found.transform)[0] - corners
    return bool(np.abs(shift).max() > MIN_SHIFT)


def page_corners(width: float, height: float) -> Points:
    """Return the corners of a picture, clockwise from the top left one."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], float)


def find_segments(dark: Grey8) -> Segments:
    """Find line segments (LSD, Grompone von Gioi et al. 2012) in a reduced copy of a page."""
    scale = min(1.0, math.sqrt(SEGMENT_PIXELS / dark.size))
    small = cv2.resize(dark, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    found = detect_segments(small)
    if len(found.lengths) and found.lengths.sum() < ENOUGH * sum(small.shape):
        gap = np.ones((JOINED, JOINED), np.uint8)
        found = detect_segments(cv2.morphologyEx(small, cv2.MORPH_CLOSE, gap))
    return Segments(found.middles / scale, found.directions, found.lengths / scale)


def detect_segments(small: Grey8) -> Segments:
    """Return the line segments of a picture that are not too short."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_NONE).detect(small)[0]
    lines = np.zeros((0, 4)) if found is None else np.asarray(found, float).reshape(-1, 4)
    vectors = lines[:, 2:] - lines[:, :2]
    lengths = np.hypot(vectors[:, 0], vectors[:, 1])
    keep = lengths >= MIN_LENGTH
    middles = (lines[keep, :2] + lines[keep, 2:]) / 2
    return Segments(middles, vectors[keep] / lengths[keep, None], lengths[keep])


def dominant_angle(segments: Segments) -> float:
    """Return the direction of most segments in degrees, -45 to 45, perpendicular ones included."""
    angles = np.degrees(np.arctan2(segments.directions[:, 1], segments.directions[:, 0])) % 90
    bins = round(90 / BIN)
    counts = np.bincount((angles / BIN).astype(int) % bins, segments.lengths**2, minlength=bins)
    kernel = np.array([1.0, 2, 3, 4, 3, 2, 1])
    smooth = np.convolve(np.concatenate([counts[-3:], counts, counts[:3]]), kernel, "valid")
    angle = (int(smooth.argmax()) + 0.5) * BIN
    return angle if angle <= 45 else angle - 90


def to_unit(width: int, height: int, half: float, angle: float) -> Homography:
    """Return the map to coordinates about the middle of a page, turned and in half diagonals."""
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    middle = np.array([[1, 0, -width / 2], [0, 1, -height / 2], [0, 0, half]])
    return np.asarray(turn @ middle)


def vanishing_point(
    segments: Segments, turn: Homography, half: float, angle: float, side: int
) -> tuple[float, float]:
    """Return slope and convergence of the lines along x (side 0) or y (side 1) of a page.

    A line along x at height y has the slope ``slope + convergence * y``; robust weighted least
    squares.
    """
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    directions = segments.directions @ np.array([[cos, -sin], [sin, cos]])
    near = np.abs(directions[:, 1 - side]) < math.sin(math.radians(MAX_DIFFERENCE))
    if not near.any():
        return 0.0, 0.0
    directions = directions[near]
    middles = cv2.perspectiveTransform(segments.middles[near][None], turn)[0]
    slopes = directions[:, 1 - side] / directions[:, side]
    offsets = middles[:, 1 - side] - slopes * middles[:, side]
    lengths = segments.lengths[near] / half
    return fit_slopes(slopes, offsets, lengths)


def fit_slopes(
    slopes: NDArray[np.float64], offsets: NDArray[np.float64], lengths: NDArray[np.float64]
) -> tuple[float, float]:
    """Fit slope = a + b * offset, robustly; b is 0 where little speaks for it."""
    design = np.stack([np.ones(len(offsets)), offsets], axis=1)
    prior = np.diag([1e-6, 1e-3])
    centre = weighted_median(slopes, lengths**2)
    fit = np.array([centre, 0.0])
    scale = 8 * FIT_SCALE
    for _ in range(FIT_STEPS):
        rest = slopes - design @ fit
        weights = lengths**2 / (1 + (rest / scale) ** 2) ** 2
        fit = np.linalg.solve(
            design.T @ (weights[:, None] * design) + prior, design.T @ (weights * slopes)
        )
        scale = max(FIT_SCALE, scale * 0.75)
    if abs(fit[1]) > MAX_PERSPECTIVE or lengths.sum() < MIN_EVIDENCE:
        return centre, 0.0
    return float(fit[0]), float(fit[1])


def weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the value below which half of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])


def fit_page(homography: Homography, size: tuple[int, int], half: float) -> Rectification | None:
    """Return a homography in pixels, all of the page at positive ones; None if degenerate."""
    corners = np.column_stack([page_corners(*size), np.ones(4)]) @ homography.T
    if corners[:, 2].min() <= 0.3 * corners[:, 2].max():
        return None
    flat = corners[:, :2] / corners[:, 2:] * half
    low, high = flat.min(axis=0), flat.max(axis=0)
    width, height = (int(side) for side in np.ceil(high - low))
    if width * height > 2 * MAX_GROWTH * size[0] * size[1]:
        return None
    scale = np.array([[half, 0, -low[0]], [0, half, -low[1]], [0, 0, 1]])
    return Rectification(scale @ homography, (width, height))

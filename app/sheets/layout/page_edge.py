"""Edge of a page: its four corners in a picture, and the registration of a layout by them."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.geometry.rectify import page_corners
from app.sheets.geometry.reduction import grey_copy
from app.sheets.layout.quadrilateral import Views, clockwise, is_convex, views
from app.sheets.page import Picture, Points
from model_core.preprocessing.image_ops.types import Grey8

# Pixels of the copy in which the page is searched.
EDGE_PIXELS = 500_000

# Least share of the picture that is page, and of the quadrilateral that is page.
MIN_AREA, MIN_FILL = 0.2, 0.94

# Grey levels by which paper is lighter than what it lies on.
MIN_CONTRAST = 30

# Pixels of the copy: a corner so near to the picture's border may be cut off.
BORDER = 2

# A picture whose sides have the ratio of the layout's within this part is the page, if no edge is
# in it: a scan, or a page of a PDF.
SAME_ASPECT = 0.015


def fit_edge(layout_size: tuple[float, float], picture: Picture) -> Views:
    """Return the homographies from a layout (width, height) to the picture by its page's edge."""
    width, height = layout_size
    plain = page_corners(width, height)
    corners = find_page(picture)
    if corners is not None:
        return views(plain, corners)
    high, wide = picture.shape[:2]
    return {
        turn: view
        for turn, view in views(plain, page_corners(wide, high)).items()
        if abs(math.log((wide / high if turn % 2 == 0 else high / wide) * height / width))
        < SAME_ASPECT
    }


def find_page(picture: Picture) -> Points | None:
    """Return the corners (4, 2) of a light page on a darker ground, or None without one."""
    grey, scale = grey_copy(picture, EDGE_PIXELS)
    outline = _outline(np.asarray(cv2.medianBlur(grey, 5), np.uint8))
    corners = None if outline is None else _corners(outline)
    if corners is None or outline is None:
        return None
    high, wide = grey.shape
    inside = (corners > BORDER).all() and (corners < np.array([wide, high]) - 1 - BORDER).all()
    fill = cv2.contourArea(outline) / max(1.0, cv2.contourArea(corners.astype(np.float32)))
    if not inside or not MIN_FILL < fill < 1 / MIN_FILL:
        return None
    return (corners + 0.5) / scale


def _outline(grey: Grey8) -> NDArray[np.int32] | None:
    """Return the outline (N, 1, 2) of the largest light area."""
    _, light = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if not 0 < (light > 0).mean() < 1:
        return None
    if grey[light > 0].mean() - grey[light == 0].mean() < MIN_CONTRAST:
        return None
    # Ink near the edge is no part of the ground.
    light = cv2.morphologyEx(light, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    outlines, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea)
    return np.asarray(largest) if cv2.contourArea(largest) > MIN_AREA * grey.size else None


def _corners(outline: NDArray[np.int32]) -> Points | None:
    """Return the corners of an outline of four straight sides: the lines through these meet."""
    hull = cv2.convexHull(outline)
    rough = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    if len(rough) != 4:
        return None
    corners = clockwise(rough.reshape(4, 2).astype(np.float64))
    points = outline.reshape(-1, 2).astype(np.float64)
    lines = [_side(points, corners[n], corners[(n + 1) % 4]) for n in range(4)]
    crossings = np.array([np.cross(lines[n - 1], lines[n]) for n in range(4)])
    if (np.abs(crossings[:, 2]) < 1e-9).any():
        return None
    refined = crossings[:, :2] / crossings[:, 2:]
    return refined if is_convex(refined) else None


def _side(points: Points, start: Points, end: Points) -> Points:
    """Return the line (a, b, c), a x + b y + c = 0, through the outline between two corners."""
    along = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along[1], along[0]])
    length = float(np.linalg.norm(end - start))
    place, away = (points - start) @ along / length, np.abs((points - start) @ across)
    near = points[(place > 0.05) & (place < 0.95) & (away < 0.03 * length)]
    if len(near) < 10:
        near = np.stack([start, end])
    line = cv2.fitLine(near.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01)
    x, y, x0, y0 = np.asarray(line).ravel().tolist()
    return np.array([-y, x, y * x0 - x * y0])

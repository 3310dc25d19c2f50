"""Views of a rectangle: the homographies from four of its points to four of a picture."""

import cv2
import numpy as np

from app.sheets.page import Homography, Points

# How much the ratio of the sides may differ from that of the layout, as a factor: seen from one
# side, a page is shorter. A page of A4 on its side differs by a factor of 2.
MAX_ASPECT = 1.35

# How many times as far away from the camera one corner may be as another one.
MAX_DEPTH = 1.6

Views = dict[int, Homography]


def clockwise(points: Points) -> Points:
    """Return points (..., 4, 2) clockwise, from the one at the top left of the picture."""
    away = points - points.mean(axis=-2, keepdims=True)
    turn = np.argsort(np.arctan2(away[..., 1], away[..., 0]), axis=-1)
    ordered = np.take_along_axis(points, turn[..., None], axis=-2)
    first = ordered.sum(axis=-1).argmin(axis=-1)
    places = (first[..., None] + np.arange(4)) % 4
    return np.asarray(np.take_along_axis(ordered, places[..., None], axis=-2), np.float64)


def views(plain: Points, seen: Points) -> Views:
    """Return the homographies from a rectangle to the picture that a camera may have.

    Shapes: both (4, 2), clockwise from the top left. The keys are the clockwise quarter turns that
    make the picture upright.
    """
    homographies = {turn: _homography(plain, np.roll(seen, turn, axis=0)) for turn in range(4)}
    return {
        turn: to_picture
        for turn, to_picture in homographies.items()
        if _alike(plain, np.roll(seen, turn, axis=0)) and depth(to_picture, plain) <= MAX_DEPTH
    }


def depth(to_picture: Homography, points: Points) -> float:
    """Return how many times as far away the furthest point is as the nearest one."""
    distances = points @ to_picture[2, :2] + to_picture[2, 2]
    return float(distances.max() / distances.min()) if distances.min() > 0 else np.inf


def is_convex(points: Points) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Tell which quadrilaterals (..., 4, 2), clockwise, are convex."""
    sides = np.roll(points, -1, axis=-2) - points
    after = np.roll(sides, -1, axis=-2)
    crossed = sides[..., 0] * after[..., 1] - sides[..., 1] * after[..., 0]
    return np.asarray((crossed > 0).all(axis=-1))


def side_lengths(points: Points) -> Points:
    """Return the mean lengths (..., 2) of the sides across and down of quadrilaterals."""
    sides = np.linalg.norm(np.roll(points, -1, axis=-2) - points, axis=-1)
    return np.asarray((sides[..., :2] + sides[..., 2:]) / 2)


def _homography(plain: Points, seen: Points) -> Homography:
    found = cv2.getPerspectiveTransform(plain.astype(np.float32), seen.astype(np.float32))
    return np.asarray(found, np.float64)


def _alike(plain: Points, seen: Points) -> bool:
    """Tell whether two quadrilaterals have about the same ratio of sides."""
    (own_width, own_height), (width, height) = side_lengths(plain), side_lengths(seen)
    return bool(abs(np.log(width * own_height / (height * own_width))) < np.log(MAX_ASPECT))

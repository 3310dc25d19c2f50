"""Registration: the homography from a page to its layout, by the boxes that were found."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.layout.layout import Layout
from app.sheets.page import Homography, Points

# Share of the layout's boxes that must be found on the page, and the number at least.
MIN_SHARE, MIN_FOUND = 0.6, 2

# Two other places on the page fit as well, if this share of the boxes is found there: it is not
# known which one is meant.
SAME_FIT = 0.95

# Pairs of boxes of the layout that are tried, and places on the page for each of them; boxes by
# which these are compared, and the number of places that are fitted.
_PAIRS, _PLACES, _COMPARED, _FITTED = 24, 8, 40, 6

# How much the sizes and the distance of two boxes may differ from the layout's, as a factor.
_TOLERANCE = 1.3

# Distance of centres, in parts of a box's sides, up to which a box is the one of the layout; and
# the rounds of fitting.
_NEAR, _ROUNDS = 0.5, 6

Rectangles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit: ``to_page`` maps the layout to the page; ``found`` layout boxes are on it."""

    to_page: Homography
    found: int


def layout_rectangles(layout: Layout) -> Rectangles:
    """Return the boxes of a layout, (N, 4): left, top, right, bottom."""
    return np.array([[b.x, b.y, b.x + b.width, b.y + b.height] for b in layout.boxes], np.float64)


def register(layout: Layout, corners: Points) -> list[Fit]:
    """Return the fits of a layout to boxes (M, 4, 2) of a rectified page, the best one first.

    M is at least 1. Fits whose boxes are at the same places are one.
    """
    ours = layout_rectangles(layout)
    theirs = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    fits: list[Fit] = []
    for place in _likely_places(ours, theirs):
        fit = _refine(layout_corners(layout), corners, theirs, place)
        if not any(_same(ours, fit.to_page, other.to_page) for other in fits):
            fits.append(fit)
    return sorted(fits, key=lambda fit: -fit.found)


def _likely_places(ours: Rectangles, theirs: Rectangles) -> list[Homography]:
    """Return the different places of a layout on the page at which most of its boxes are."""
    rng = np.random.default_rng(0)
    compared = _corners(ours[rng.permutation(len(ours))[:_COMPARED]])
    places = [place for pair in _pairs(ours, rng) for place in _places(ours[list(pair)], theirs)]
    counts = [len(_matches(project(place, compared), theirs)[0]) for place in places]
    likely: list[Homography] = []
    for number in np.argsort(counts)[::-1].tolist():
        if len(likely) == _FITTED or 2 * counts[number] < max(counts):
            break
        if not any(_same(ours, places[number], other) for other in likely):
            likely.append(places[number])
    return likely


def problem(layout: Layout, fits: list[Fit], boxes: int) -> str:
    """Return why a page does not fit its layout: what was expected and found; empty if it does."""
    count = len(layout.boxes)
    needed = max(min(MIN_FOUND, count), int(np.ceil(MIN_SHARE * count)))
    best = fits[0].found if fits else 0
    if best < needed:
        return (
            f"layout: expected at least {needed} of its {count} boxes where the layout has them, "
            f"got {best} ({boxes} boxes on the page)"
        )
    if len(fits) > 1 and fits[1].found >= SAME_FIT * best:
        return (
            f"layout: expected its {count} boxes at one place of the page, got {best} and "
            f"{fits[1].found} at two places"
        )
    return ""


def contradicts(layout: Layout, corners: Points) -> bool:
    """Tell whether boxes (M, 4, 2), in the layout's units, speak against a place of the layout.

    Boxes of other sizes than the layout's do not count; most of the others are at its places.
    """
    ours = layout_rectangles(layout)
    theirs = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    ratio = (theirs[:, 2:] - theirs[:, :2])[:, None] / (ours[:, 2:] - ours[:, :2])
    alike = (np.abs(np.log(np.maximum(ratio, 1e-6))) < np.log(1.5)).all(axis=2).any(axis=1)
    expected = min(int(alike.sum()), len(ours))
    at_place = len(_matches(layout_corners(layout), theirs[alike])[0]) if expected else 0
    return expected >= MIN_FOUND and 2 * at_place < expected


def layout_corners(layout: Layout) -> Points:
    """Return the corners of a layout's boxes, (N, 4, 2), clockwise from the top left."""
    return _corners(layout_rectangles(layout))


def project(transform: Homography, points: Points) -> Points:
    """Return points (..., 2) behind a homography."""
    if not points.size:
        return points.astype(np.float64)
    flat = points.reshape(-1, 1, 2).astype(np.float64)
    return np.asarray(cv2.perspectiveTransform(flat, transform), np.float64).reshape(points.shape)


def _corners(rectangles: Rectangles) -> Points:
    return rectangles[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)


def _pairs(ours: Rectangles, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Return pairs of the layout's boxes that are far apart; the only box is a pair with itself."""
    centres = (ours[:, :2] + ours[:, 2:]) / 2
    firsts = rng.permutation(len(ours))[:_PAIRS]
    away = np.abs(centres[firsts, None] - centres).sum(axis=2)
    return [
        (int(first), int(rng.choice(np.argsort(row)[-max(1, len(ours) // 4) :])))
        for first, row in zip(firsts, away, strict=True)
    ]


def _places(pair: Rectangles, theirs: Rectangles) -> list[Homography]:
    """Return the places at which a pair of the layout's boxes is on two alike ones of the page."""
    sizes = theirs[:, 2:] - theirs[:, :2]
    own = pair[:, 2:] - pair[:, :2]
    scales = [sizes / one for one in own]  # of each of the page's boxes, if it is this one
    span = pair[1].reshape(2, 2).mean(axis=0) - pair[0].reshape(2, 2).mean(axis=0)
    centres = theirs.reshape(-1, 2, 2).mean(axis=1)
    error = np.abs(np.log(scales[0][:, None] / scales[1])).sum(axis=2)
    mean = np.sqrt(scales[0][:, None] * scales[1])
    off = np.abs((centres - centres[:, None]) - mean * span) / np.maximum(
        0.5 * mean * own.mean(axis=0), (_TOLERANCE - 1) * np.abs(mean * span)
    )
    error = np.where((off > 1).any(axis=2) | (error > 2 * np.log(_TOLERANCE)), np.inf, error)
    error += off.sum(axis=2)
    flat = np.argsort(error, axis=None)[:_PLACES]
    likely = [divmod(int(one), len(theirs)) for one in flat if np.isfinite(error.flat[one])]
    return [_place(pair, centres[[one, other]], mean[one, other]) for one, other in likely]


def _place(pair: Rectangles, centres: Points, size: Points) -> Homography:
    """Return scale, from the distance of two boxes where it is large, and offset as a matrix."""
    own = pair.reshape(2, 2, 2).mean(axis=1)
    span, seen = own[1] - own[0], centres[1] - centres[0]
    far = np.abs(span) > 2 * (pair[:, 2:] - pair[:, :2]).mean(axis=0)
    scale = np.where(far, seen / np.where(far, span, 1), size)
    x, y = centres[0] - scale * own[0]
    return np.array([[scale[0], 0, x], [0, scale[1], y], [0, 0, 1]])


def _refine(plain: Points, corners: Points, theirs: Rectangles, place: Homography) -> Fit:
    """Fit a homography to the boxes that are near, again as long as there are more of them."""
    best = Fit(place, 0)
    for _ in range(_ROUNDS):
        mine, other = _matches(project(place, plain), theirs)
        if len(mine) <= best.found:
            break
        best = Fit(place, len(mine))
        place = _homography(plain[mine], corners[other], place)
    return best


def _homography(plain: Points, corners: Points, otherwise: Homography) -> Homography:
    first = corners.sum(axis=2).argmin(axis=1)  # the top left one of the rectified page
    clockwise = (first[:, None] + np.arange(4)) % 4
    ordered = corners[np.arange(len(corners))[:, None], clockwise]
    found, _ = cv2.findHomography(
        plain.reshape(-1, 1, 2), ordered.reshape(-1, 1, 2), cv2.RANSAC, 3.0
    )
    return otherwise if found is None else np.asarray(found, np.float64)


def _matches(plain: Points, theirs: Rectangles) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return places of boxes of the layout, and of those of the page that lie on them."""
    sides = np.maximum(plain.max(axis=1) - plain.min(axis=1), 1e-6)
    centres = theirs.reshape(-1, 2, 2).mean(axis=1)
    away = np.abs(plain.mean(axis=1)[:, None] - centres) / sides[:, None]
    ratio = (theirs[:, 2:] - theirs[:, :2]) / sides[:, None]
    alike = (np.abs(np.log(np.maximum(ratio, 1e-6))) < np.log(1.5)).all(axis=2)
    away = np.where(alike & (away < _NEAR).all(axis=2), away.sum(axis=2), np.inf)
    other = away.argmin(axis=1)
    mine = np.flatnonzero(np.isfinite(away[np.arange(len(plain)), other]))
    return mine, other[mine]


def _same(ours: Rectangles, one: Homography, other: Homography) -> bool:
    """Tell whether a layout has its boxes at the same places, to half a box."""
    centres = ours.reshape(-1, 2, 2).mean(axis=1)
    first, second = project(one, centres), project(other, centres)
    corners = project(one, ours.reshape(-1, 2, 2))
    sides = np.abs(corners[:, 1] - corners[:, 0])
    return bool(np.median(np.abs(first - second) / np.maximum(sides, 1e-6)) < 0.5)

"""Grid completion: missing boxes beside and between found boxes, where rules support them."""

import cv2
import numpy as np

from app.sheets.boxes.candidates import Candidates, Verify, distinct_indices
from app.sheets.boxes.extents import Extents, alike, extents, true_places
from app.sheets.boxes.selection import add_free
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Integers, Numbers

# Rounds of completion: each adds boxes beside those of the round before.
ROUNDS = 4

# The gap between separate boxes of a row, at most, in widths of a box.
MAX_GAP = 0.6

# Share of a proposed box that others may cover; and the most that are measured in a round.
MAX_COVERED, MAX_PLACES = 0.2, 2000

# Pixels of the page to one of the mask of what boxes cover.
REDUCED = 4

# Darkness of the rules of an added box, in parts of that of most boxes.
MIN_DARKNESS = 0.5


def complete(boxes: Candidates, verify: Verify) -> Candidates:
    """Return the boxes, completed by missing boxes between and beside them."""
    if not len(boxes.corners):
        return boxes
    least = MIN_DARKNESS * float(np.median(boxes.palest))
    tried = np.zeros((0, 4, 2))
    for _ in range(ROUNDS):
        proposed = propose(boxes.corners, tried)
        tried = np.concatenate([tried, proposed])
        if not len(proposed):
            return boxes
        found = verify(proposed)
        found = found.take(found.palest >= least)
        merged = add_free(boxes, found.take(np.argsort(-found.quality, kind="stable")))
        if len(merged.corners) == len(boxes.corners):
            return boxes
        boxes = merged
    return boxes


def propose(corners: Points, tried: Points) -> Points:
    """Return places (M, 4, 2) at which boxes may be missing, free of the boxes (N, 4, 2).

    They are unlike places (K, 4, 2) that were tried before.
    """
    places = np.concatenate([*beside(corners), *spaced(corners), *below(corners)])
    if not len(places):
        return places
    places = places[covered_shares(places, corners) < MAX_COVERED]
    fresh = distinct_indices(np.concatenate([tried, places])) - len(tried)
    return places[fresh[fresh >= 0]][:MAX_PLACES]


def beside(corners: Points) -> list[Points]:
    """Return boxes of the same size that share a side with each box."""
    return [np.stack(one, axis=1) for one in _mirrored(corners)]


def _mirrored(corners: Points) -> list[list[Points]]:
    top_left, top_right, low_right, low_left = (corners[:, place] for place in range(4))
    across_top, across_low = top_right - top_left, low_right - low_left
    down_left, down_right = low_left - top_left, low_right - top_right
    return [
        [top_right, top_right + across_top, low_right + across_low, low_right],
        [top_left - across_top, top_left, low_left, low_left - across_low],
        [low_left, low_right, low_right + down_right, low_left + down_left],
        [top_left - down_left, top_right - down_right, top_right, top_left],
    ]


def spaced(corners: Points) -> list[Points]:
    """Return the next box at each end of every two equal boxes that are a small gap apart."""
    edges = extents(corners)
    ends: list[Points] = []
    for first, second in near_pairs(edges):
        step = corners[second] - corners[first]
        ends += [corners[first] - step, corners[second] + step]
    return ends


def near_pairs(edges: Extents) -> list[tuple[Integers, Integers]]:
    """Return the pairs of equal boxes side by side, or one above the other, with a small gap."""
    same = alike(edges)
    middle_x, middle_y = (edges.left + edges.right) / 2, (edges.top + edges.bottom) / 2
    found = []
    for along, across, size, other in (
        (middle_x, middle_y, edges.width, edges.height),
        (middle_y, middle_x, edges.height, edges.width),
    ):
        step = along - along[:, None]
        near = same & (np.abs(across - across[:, None]) < 0.2 * other[:, None])
        near &= (step > 0.9 * size[:, None]) & (step < (1 + MAX_GAP) * size[:, None])
        found.append(true_places(near))
    return found


def below(corners: Points) -> list[Points]:
    """Return cells as wide as the one above or below and as high as the one beside them."""
    edges = extents(corners)
    slack = 0.15 * np.minimum(edges.width, edges.height)[:, None]
    column, row = true_places(np.abs(edges.top - edges.bottom[:, None]) < slack)
    lower = _stretched(corners[column][:, [3, 2]], corners[row][:, 3] - corners[row][:, 0])
    column, row = true_places(np.abs(edges.bottom - edges.top[:, None]) < slack)
    upper = _stretched(corners[column][:, [0, 1]], corners[row][:, 0] - corners[row][:, 3])
    return [lower, upper[:, [3, 2, 1, 0]]]


def _stretched(side: Points, way: Points) -> Points:
    """Return the cells between sides (N, 2, 2) and those moved by a way (N, 2)."""
    return np.stack([side[:, 0], side[:, 1], side[:, 1] + way, side[:, 0] + way], axis=1)


def covered_shares(places: Points, corners: Points) -> Numbers:
    """Return the share of each place that boxes cover, about, by sums over a small mask."""
    size = np.ceil(np.maximum(places.max(axis=(0, 1)), corners.max(axis=(0, 1))) / REDUCED)
    mask = np.zeros((max(1, int(size[1])), max(1, int(size[0]))), np.uint8)
    for left, top, right, bottom in _cells(corners, mask.shape).tolist():
        mask[top:bottom, left:right] = 1
    sums = cv2.integral(mask)
    left, top, right, bottom = _cells(places, mask.shape).T
    count = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    return np.asarray(count / np.maximum((right - left) * (bottom - top), 1))


def _cells(corners: Points, shape: tuple[int, ...]) -> Integers:
    """Return left, top, right and bottom (N, 4) of boxes in a reduced mask."""
    edges = np.rint(np.stack(extents(corners), axis=1) / REDUCED).astype(np.intp)
    return np.clip(edges, 0, np.array([shape[1], shape[0]] * 2))

"""Splitting of unions: boxes with a rule inside at which their neighbours above or below end."""

import numpy as np

from app.sheets.boxes.candidates import Candidates, Verify
from app.sheets.boxes.extents import SAME_EDGE, Extents, extents
from app.sheets.boxes.merging import QUALITY_POWER, above_or_below, spans
from app.sheets.page import Points
from model_core.preprocessing.image_ops.types import Numbers

# Parts of a union have at least this quality, and this share of its width.
MIN_QUALITY, MIN_PART = 0.6, 0.25


def split_unions(boxes: Candidates, verify: Verify) -> Candidates:
    """Return boxes in which each union of two cells is replaced by these."""
    edges = extents(boxes.corners)
    turned = Extents(edges.top, edges.left, edges.bottom, edges.right)
    unions = [
        (number, cut_across(boxes.corners[number], x)) for number, x in divisions(edges, boxes)
    ]
    unions += [
        (number, cut_down(boxes.corners[number], y)) for number, y in divisions(turned, boxes)
    ]
    added, gone = boxes.take(np.zeros(0, np.intp)), np.zeros(len(boxes.quality), bool)
    for number, parts in unions:
        found = verify(parts)
        if len(found.quality) == 2 and found.quality.min() >= MIN_QUALITY and not gone[number]:
            added, gone[number] = added.join(found), True
    return boxes.take(~gone).join(added)


def divisions(edges: Extents, boxes: Candidates) -> list[tuple[int, float]]:
    """Return the boxes that divide, and at which part of their width.

    In the column, cells that end there have better rules than those as wide as the box.
    """
    slack = SAME_EDGE * np.minimum(edges.width, edges.height)
    stacked = above_or_below(edges, slack)
    trust = boxes.quality**QUALITY_POWER
    found = []
    for number in range(len(slack)):
        left, right = float(edges.left[number]), float(edges.right[number])
        near = np.flatnonzero(stacked[number])
        places = np.concatenate([edges.left[near], edges.right[near]])
        shares = (places - left) / max(right - left, 1)
        places = places[(shares > MIN_PART) & (shares < 1 - MIN_PART)]
        if len(places):
            middle = float(np.median(places))
            if _majority(edges, trust, (left, middle, right), 2 * float(slack[number])):
                found.append((number, (middle - left) / (right - left)))
    return found


def _majority(
    edges: Extents, trust: Numbers, places: tuple[float, float, float], slack: float
) -> bool:
    left, middle, right = places
    parts = spans(edges, left, middle, slack) | spans(edges, middle, right, slack)
    return bool(trust[parts].sum() / 2 > trust[spans(edges, left, right, slack)].sum())


def cut_across(corners: Points, share: float) -> Points:
    """Return the left and the right part (2, 4, 2) of a box, divided at a share of its width."""
    top_left, top_right, low_right, low_left = corners
    top, low = (
        (1 - share) * top_left + share * top_right,
        (1 - share) * low_left + share * low_right,
    )
    return np.array([[top_left, top, low, low_left], [top, top_right, low_right, low]])


def cut_down(corners: Points, share: float) -> Points:
    """Return the upper and lower part (2, 4, 2) of a box, divided at a share of its height."""
    mirrored = [0, 3, 2, 1]  # across and down exchanged
    return cut_across(corners[mirrored], share)[:, mirrored]

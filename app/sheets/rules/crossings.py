"""Crossings of rules, and which of them a rule connects."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.page import Points
from app.sheets.rules.rules import Level, Rules
from model_core.preprocessing.image_ops.types import Grey8, Integers

# The most crossings that are looked at on one level: more is no form.
MAX_CROSSINGS = 4000

# How many crossings ahead are looked at: ink has crossings with rules, too.
AHEAD = 5

# Distance of two connected crossings in lengths of the level's rules, at least; and their greatest
# slope, beside some pixels; no pair rises by more than the last number of pixels.
MIN_SIDE, MAX_SLOPE, MAX_DRIFT, MAX_RISE = 0.9, 0.06, 2.0, 10.0

# Samples of the rule between two crossings, the share of them that there must be, and the part of
# the way at each end without samples.
SAMPLES, MIN_FILL, CORNER = 24, 0.85, 0.08


class Links(NamedTuple):
    """Pairs of crossings (N,) that a rule connects: the first is left of or above the second."""

    first: Integers
    second: Integers


def reach(level: Level) -> int:
    """Return by how much rules are made longer: at corners, they end before the other's middle."""
    return level.width + level.length // 3 | 1


def find_crossings(along: Rules, across: Rules, level: Level) -> Points:
    """Return the points (N, 2) at which rules along x and along y cross or meet."""
    wide = cv2.dilate(along.middles, np.ones((3, reach(level)), np.uint8))
    high = cv2.dilate(across.middles, np.ones((reach(level), 3), np.uint8))
    both = cv2.bitwise_and(wide, high)
    half = cv2.resize(both, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    mask = cv2.compare(half, 0, cv2.CMP_GT)
    count, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    order = np.argsort(-stats[1:count, cv2.CC_STAT_AREA])[:MAX_CROSSINGS] + 1
    last = np.subtract(both.shape[::-1], 1)
    return np.asarray(np.minimum(2 * centres[order] + 0.5, last), float)


def link_along_x(points: Points, rules: Grey8, level: Level) -> Links:
    """Return the pairs of points that a rule along x connects."""
    first, second = ahead(points, MIN_SIDE * level.length)
    filled = fill(points[first], points[second], rules) >= MIN_FILL
    return Links(first[filled], second[filled])


def ahead(points: Points, least: float) -> tuple[Integers, Integers]:
    """Return the pairs of points of which the second is among the next ones to the right.

    Units: ``least`` is their distance in pixels, at least.
    """
    order = np.argsort(points[:, 1], kind="stable")
    x, y = points[order].T
    begin, end = np.searchsorted(y, y - MAX_RISE), np.searchsorted(y, y + MAX_RISE)
    first = np.repeat(np.arange(len(x)), end - begin)
    second = np.arange(len(first)) - np.repeat(np.cumsum(end - begin) - end, end - begin)
    way = x[second] - x[first]
    keep = np.flatnonzero(way >= least)
    first, second, way = first[keep], second[keep], way[keep]
    keep = np.flatnonzero(np.abs(y[second] - y[first]) <= MAX_SLOPE * way + MAX_DRIFT)
    first, second, way = first[keep], second[keep], way[keep]
    ranked = np.argsort(first * (1.0 + way.max(initial=0)) + way)
    first, second = first[ranked], second[ranked]
    near = np.arange(len(first)) - np.searchsorted(first, first) < AHEAD
    return order[first[near]], order[second[near]]


def fill(starts: Points, ends: Points, mask: Grey8) -> NDArray[np.float64]:
    """Return the share of the way from each start to its end that a mask covers."""
    shares = np.linspace(CORNER, 1 - CORNER, SAMPLES)[:, None, None]
    columns, rows = np.rint(starts + (ends - starts) * shares).astype(np.intp).transpose(2, 0, 1)
    return np.asarray((mask[rows, columns] > 0).mean(axis=0))

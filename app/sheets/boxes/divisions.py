"""Divisions: boxes that are the union of others, have a gap beside them, or are cut by ink."""

import numpy as np

from app.sheets.boxes.candidates import Candidates
from app.sheets.boxes.extents import SAME_EDGE, Extents, Shares, true_places
from model_core.preprocessing.image_ops.types import Flags, Integers, Mask, Numbers

# A box is inside another one with this part of its area; a part has less than this of the whole's.
INSIDE, MAX_PART = 0.85, 0.9

# A division is a rule if the parts have more than this part of the whole's quality.
EQUAL_QUALITY = 0.9

# It is one without doubt if they have this part of it, and rules as dark within a factor.
SAME_QUALITY, SAME_TONE = 0.97, 1.3

# A box inside another one has at least this part of its area; and its other sides are the same
# within this part of the shorter side.
MIN_TIGHT, TIGHT_EDGE = 0.55, 0.06

# The parts are as common as the whole if there are this many times as many of their size.
AS_COMMON = 0.7

# A side is as dark as another within this factor; and the least part of a whole that ink cuts off.
OTHER_TONE, MIN_PART = 1.5, 0.15


def is_divided(edges: Extents, overlap: Shares, quality: Numbers, common: Numbers) -> Flags:
    """Tell which boxes are the union of two others that are hardly worse or as common: (N,)."""
    better = quality > EQUAL_QUALITY * quality[:, None]
    as_common = common > AS_COMMON * common[:, None]
    return _are_unions(edges, _parts(edges, overlap) & (better | as_common))


def is_ruled(candidates: Candidates, edges: Extents, overlap: Shares) -> Flags:
    """Tell which boxes are the union of two others, with a rule like theirs between them: (N,)."""
    quality = candidates.quality
    parts = _parts(edges, overlap) & (quality > SAME_QUALITY * quality[:, None])
    parts &= candidates.darkest < SAME_TONE * candidates.darkest[:, None]
    parts &= candidates.palest * SAME_TONE > candidates.palest[:, None]
    return _are_unions(edges, parts)


def _parts(edges: Extents, overlap: Shares) -> Mask:
    """Tell of which boxes (in rows) others are parts: (N, N)."""
    area = edges.width * edges.height
    return np.asarray((overlap > INSIDE) & (area < MAX_PART * area[:, None]))


def _are_unions(edges: Extents, parts: Mask) -> Flags:
    slack = SAME_EDGE * np.minimum(edges.width, edges.height)
    whole, part = true_places(parts)
    left, top, right, bottom = (np.abs(edge[part] - edge[whole]) < slack[whole] for edge in edges)
    unions = np.zeros(len(slack), bool)
    for start, end, level, first, last in (
        (left, right, top & bottom, edges.left, edges.right),
        (top, bottom, left & right, edges.top, edges.bottom),
    ):
        begin, stop = start & level & ~end, end & level & ~start
        distances = _nearest(whole[begin], last[part[begin]], whole[stop], first[part[stop]])
        unions[whole[begin][distances < slack[whole[begin]]]] = True
    return unions


def _nearest(groups: Integers, places: Numbers, others: Integers, ends: Numbers) -> Numbers:
    """Return the distance of places (N,) to the nearest end (M,) of the same group."""
    apart = 4 * (1 + float(np.abs(np.concatenate([places, ends])).max(initial=0)))
    keys = np.sort(np.concatenate([[-np.inf], others * apart + ends, [np.inf]]))
    wanted = groups * apart + places
    after = np.searchsorted(keys, wanted)
    return np.asarray(np.minimum(keys[after] - wanted, wanted - keys[after - 1]))


def is_loose(edges: Extents, overlap: Shares, quality: Numbers, common: Numbers) -> Flags:
    """Tell which boxes have a rule of their own kind inside, near one side: (N,).

    That side is another box's, at a small distance.
    """
    area = edges.width * edges.height
    within = (overlap > INSIDE) & (area > MIN_TIGHT * area[:, None]) & (area < area[:, None])
    within &= (quality > EQUAL_QUALITY * quality[:, None]) & (common > AS_COMMON * common[:, None])
    outer, inner = true_places(within)
    shorter = np.minimum(edges.width, edges.height)[outer]
    shifts = np.stack([np.abs(edge[outer] - edge[inner]) / shorter for edge in edges])
    near = ((shifts < TIGHT_EDGE).sum(axis=0) == 3) & (shifts.max(axis=0) > 1.5 * TIGHT_EDGE)
    loose = np.zeros(len(area), bool)
    loose[outer[near]] = True
    return loose


def cut_by_ink(candidates: Candidates, overlap: Shares, common: Numbers) -> Flags:
    """Tell which boxes are parts of another one, with a side that is as dark as none of its."""
    corners = candidates.corners
    one, other = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    area = np.abs(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    within = (
        (overlap > INSIDE) & (area[:, None] < MAX_PART * area) & (area[:, None] > MIN_PART * area)
    )
    within &= candidates.quality > EQUAL_QUALITY * candidates.quality[:, None]
    within &= common[:, None] < AS_COMMON * common
    darker = candidates.darkest[:, None] > OTHER_TONE * candidates.darkest
    paler = candidates.palest[:, None] * OTHER_TONE < candidates.palest
    return np.asarray((within & (darker | paler)).any(axis=1))

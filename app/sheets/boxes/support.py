"""Support of a cell: the rules along its sides, how dark they are and where they cross."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from app.sheets.page import Points
from app.sheets.rules.rules import MAX_DARKNESS
from model_core.preprocessing.image_ops.types import Flags, Grey8, Mask, Numbers

Values = NDArray[np.float32]

# Samples along a side and across it; their reach across it in parts of the cell's shorter side, and
# in pixels at least.
ALONG, ACROSS, REACH, MIN_REACH = 22, 17, 0.18, 4.5

# Part of a side at each end that is not sampled: there are the corners, round ones too.
CORNER = 0.06

# Samples along a side of which the mean is taken; samples across it that a rule may wander; and
# those to both sides of it that show what is beside it.
SMOOTHED, WANDER, BESIDE = 3, 2, 4

# A sample is of the rule if it has this part of the darkness that the side has in the median.
RULE_SHARE = 0.35

# Darkness of ink that covers a rule, and the part of a side that it may cover.
COVERING, MAX_COVERED = 55.0, 0.45

# Ink is darker than most sides of its cell by this factor; a side that it moves is this far from
# its expected place, in parts of the cell's shorter side.
INK_TONE, INK_MOVE = 1.8, 0.1

# Cells that are measured at once: their samples fit into the processor's cache.
AT_ONCE = 400

# Rules near the cell's side are preferred to those beside it.
_NEARNESS = 1 - 0.3 * np.abs(np.linspace(-1, 1, ACROSS, dtype=np.float32))


class Support(NamedTuple):
    """The rules around N cells, sides clockwise from the top one.

    Shapes: ``shares`` (N, 4): part of each side along which there is a rule; ``bends`` (N, 4): how
    far it is from a straight line, and ``widths`` (N, 4): how wide it is, both in parts of the
    cell's shorter side; ``darkness`` (N, 4): how much darker it is than what is beside it, 0 to
    MAX_DARKNESS; ``tones`` (N, 4): how dark it is, 0 to 255; ``variations`` (N, 4): how much its
    darkness varies, in parts of it; ``corners`` (N, 4, 2): where the rules' middles cross,
    clockwise from the top left.
    """

    shares: Values
    bends: Values
    widths: Values
    darkness: Values
    tones: Values
    variations: Values
    corners: Points


def measure_support(
    dark: Grey8, corners: Points, least: float, *, expected: bool = False
) -> Support:
    """Measure the rules around cells of a rectified page, given by corners (N, 4, 2).

    Units: ``least`` is the darkness that a rule has at least. Cells are ``expected`` where boxes of
    their size are beside them: ink near a side does not move it.
    """
    parts = [
        _measure(dark, corners[first : first + AT_ONCE], least, expected=expected)
        for first in range(0, max(1, len(corners)), AT_ONCE)
    ]
    return Support(*map(np.concatenate, zip(*parts, strict=True)))


def _measure(dark: Grey8, corners: Points, least: float, *, expected: bool) -> Support:
    starts, ends = corners, np.roll(corners, -1, axis=1)
    lengths = np.linalg.norm(ends - starts, axis=2)
    shorter = lengths.min(axis=1)
    reach = np.maximum(MIN_REACH, REACH * shorter)
    relative = (reach / np.maximum(shorter, 1)).astype(np.float32)[:, None]
    outward = _normals(starts, ends, lengths)
    tones = sample(dark, starts, ends, outward, reach)
    values = np.minimum(tones, np.float32(MAX_DARKNESS))
    offsets, strengths, covered = trace(values)
    ordered = np.sort(strengths, axis=2)
    darkness = ordered[..., ALONG // 2]
    limits = np.maximum(least, RULE_SHARE * darkness)[..., None]
    ruled = (strengths >= limits) | (covered & (covered.mean(axis=2) <= MAX_COVERED)[..., None])
    weights = np.where(strengths >= limits, strengths, 1e-3)
    first, last = fit_ends(_places(), offsets, weights)
    seen = tones_at(tones, offsets)
    if expected:
        moved_by_ink = is_ink(seen, (first + last) / 2 * relative)
        first, last = (np.where(moved_by_ink, np.float32(0), end) for end in (first, last))
    line = first[..., None] + (last - first)[..., None] * _places()
    shift = reach[:, None, None]
    moved = (first[..., None] * shift, last[..., None] * shift)
    return Support(
        shares=ruled.mean(axis=2, dtype=np.float32),
        bends=np.sort(np.abs(offsets - line), axis=2)[..., 3 * ALONG // 4] * relative,
        widths=widths(values) * relative,
        darkness=darkness,
        tones=seen,
        variations=np.asarray(spread(ordered) / np.maximum(darkness, 1), np.float32),
        corners=crossings(starts + outward * moved[0], ends + outward * moved[1]),
    )


def is_ink(tones: Values, moves: Values) -> Flags:
    """Tell which sides follow ink: one that is far from its place, and darker than the others.

    Shapes: (N, 4) each. Units: ``moves`` in parts of the cell's shorter side.
    """
    darker = tones > INK_TONE * np.median(tones, axis=1, keepdims=True)
    return np.asarray(darker & (np.abs(moves) > INK_MOVE))


def tones_at(values: Values, offsets: Values) -> Values:
    """Return the darkness that most of each side's rule has: (N, 4)."""
    columns = np.rint((offsets + 1) * (ACROSS - 1) / 2).astype(np.intp)
    columns = np.clip(columns, 0, ACROSS - 1)[:, :, None]
    tones = np.take_along_axis(values, columns, 2)[:, :, 0]
    return np.asarray(np.sort(tones, axis=2)[..., 2 * ALONG // 5])


def widths(values: Values) -> Values:
    """Return the width of each side's rule at half of its darkness, in parts of the reach."""
    some = values[..., ::2]
    profile = np.sort(some, axis=3)[..., some.shape[3] // 2]
    profile -= profile.min(axis=2, keepdims=True)
    half = profile.max(axis=2, keepdims=True) / 2
    return np.asarray((profile > half).sum(axis=2) * (2 / (ACROSS - 1)), np.float32)


def spread(ordered: Values) -> Values:
    """Return the distance of the quintiles of each side's darkness, which is in order."""
    return np.asarray(ordered[..., 4 * ALONG // 5] - ordered[..., ALONG // 5], np.float32)


def _normals(starts: Points, ends: Points, lengths: Numbers) -> Points:
    """Return the unit vectors (N, 4, 2) that point out of the cells."""
    along = (ends - starts) / np.maximum(lengths, 1e-6)[..., None]
    return np.stack([along[..., 1], -along[..., 0]], axis=-1)


def _places() -> Values:
    return np.linspace(CORNER, 1 - CORNER, ALONG, dtype=np.float32)


def sample(dark: Grey8, starts: Points, ends: Points, outward: Points, reach: Numbers) -> Values:
    """Return the darkness at places across and along each side: (N, 4, ACROSS, ALONG)."""
    count = 4 * len(starts)
    if not count:
        return np.zeros((0, 4, ACROSS, ALONG), np.float32)
    ways = outward * reach[:, None, None]
    across = np.linspace(-1, 1, ACROSS, dtype=np.float32)[:, None]
    x, y = (
        (_along(starts[..., axis], ends[..., axis]) + across * _column(ways[..., axis])).reshape(
            count, ACROSS * ALONG
        )
        for axis in (0, 1)
    )
    values = np.asarray(cv2.remap(dark, x, y, cv2.INTER_LINEAR), np.float32)
    return values.reshape(len(starts), 4, ACROSS, ALONG)


def _along(starts: Numbers, ends: Numbers) -> Values:
    """Return the x or y of the places along each side: (N, 4, 1, ALONG)."""
    return np.asarray(_column(starts) + _column(ends - starts) * _places())


def _column(values: Numbers) -> Values:
    return values.astype(np.float32)[..., None, None]


def trace(values: Values) -> tuple[Values, Values, Mask]:
    """Return where each sample's rule is across a side, -1 to 1, and how much darker it is there.

    The third value tells where ink covers the rule. Shapes: (N, 4, ALONG) each.
    Ink that crosses a side is not followed: the rule is near the side's most common place.
    """
    smooth = _blur_along(values)
    profile = np.sort(smooth, axis=3)[..., ALONG // 4 : -ALONG // 4].mean(axis=3)
    best = (profile * _NEARNESS).argmax(axis=2)
    columns = (best[..., None] + np.arange(-WANDER, WANDER + 1))[..., None]
    near = np.take_along_axis(smooth, np.clip(columns, 0, ACROSS - 1), axis=2)
    beside = np.clip(best[..., None] + (-BESIDE, BESIDE), 0, ACROSS - 1)[..., None]
    least = np.take_along_axis(smooth, beside, axis=2).min(axis=2)
    peak = near.max(axis=2)
    weights = np.maximum(near - 0.6 * peak[:, :, None], np.float32(1e-3))
    centre = (weights * columns.astype(np.float32)).sum(axis=2) / weights.sum(axis=2)
    covered = near.min(axis=2) >= COVERING
    return centre * np.float32(2 / (ACROSS - 1)) - 1, peak - np.minimum(least, peak), covered


def _blur_along(values: Values) -> Values:
    """Return the means of neighbouring samples along a side."""
    padded = np.pad(values, ((0, 0), (0, 0), (0, 0), (SMOOTHED // 2, SMOOTHED // 2)), "edge")
    smooth = padded[..., :ALONG].copy()
    for first in range(1, SMOOTHED):
        smooth += padded[..., first : first + ALONG]
    return np.asarray(smooth * np.float32(1 / SMOOTHED), np.float32)


def crossings(begin: Points, end: Points) -> Points:
    """Return where the lines of neighbouring sides cross: (N, 4, 2)."""
    direction = end - begin
    before, way = np.roll(begin, 1, axis=1), np.roll(direction, 1, axis=1)
    cross = way[..., 0] * direction[..., 1] - way[..., 1] * direction[..., 0]
    gap = begin - before
    share = gap[..., 0] * direction[..., 1] - gap[..., 1] * direction[..., 0]
    share /= np.where(np.abs(cross) < 1e-9, 1e-9, cross)
    return np.asarray(before + way * share[..., None])


def fit_ends(places: Values, offsets: Values, weights: Values) -> tuple[Values, Values]:
    """Return the offset at both ends of each side, by weighted least squares: (N, 4) each."""
    total = weights.sum(axis=2)
    middle = (weights * places).sum(axis=2) / total
    mean = (weights * offsets).sum(axis=2) / total
    centred = places - middle[..., None]
    slope = (weights * centred * offsets).sum(axis=2) / ((weights * centred**2).sum(axis=2) + 1e-6)
    return mean - slope * middle, mean + slope * (1 - middle)

"""Removal of a box's frame from its patch; ink that crosses it stays."""

from typing import NamedTuple

import cv2
import numpy as np

from model_core.preprocessing.image_ops.types import Grey8, Numbers

# How far a side's rule is from its place, in margins and pixels at most; and half of its greatest
# width, in margins.
REACH, REACH_PIXELS, MAX_HALF_WIDTH = 0.3, 1, 0.5

# A second rule beside the first one: how far it is from the side's place, in margins at most, and
# its darkness in parts of the first one's.
SECOND_REACH, SECOND_DARKNESS = 0.9, (0.5, 1.7)

# Share of a row that is dark where a rule is, for the first rule, if it is solid and if it is not,
# and for the second: strokes beside a rule are shorter.
SOLID, DASHED, SECOND_LENGTH = 0.8, 0.5, 0.9

# Pixels beside the darkest row are of the rule if they have this part of its darkness, at least;
# and the least darkness of a rule.
RULE_SHARE, MIN_RULE = 0.25, 8.0

# Pixels: what is removed beside a rule, on both sides.
EDGE = 1


class Rule(NamedTuple):
    """Rows of a patch, from the first up to the end, that a rule covers, and its darkness."""

    first: int
    end: int
    darkness: float


def paper_darkness(grey: Grey8) -> Grey8:
    """Return how much darker than the paper around it each pixel of a patch is, 0 to 255."""
    side = min(max(grey.shape) // 2 | 1, 61)
    light = cv2.dilate(cv2.medianBlur(grey, 3), np.ones((side, side), np.uint8))
    paper = cv2.blur(light, (15, 15))
    return np.asarray(cv2.bitwise_not(cv2.divide(grey, cv2.max(paper, 1.0), scale=255)), np.uint8)


def remove_frame(dark: Grey8, margin: int) -> Grey8:
    """Return a patch without the rules of its four sides, each about ``margin`` from the border.

    Shapes: ``dark`` (h, w), 0 is paper -> (h, w).
    """
    for _ in range(4):  # np.rot90 would take ten times as long
        turned = cv2.rotate(remove_upper_rules(dark, margin), cv2.ROTATE_90_COUNTERCLOCKWISE)
        dark = np.asarray(turned, np.uint8)
    return dark


def remove_upper_rules(dark: Grey8, margin: int) -> Grey8:
    """Return a patch without the rule along its upper side, and without a second one beside it."""
    reach = REACH * margin + REACH_PIXELS
    for length in (SOLID, DASHED):
        rule = find_rule(row_darkness(dark, margin, length), margin, reach)
        if rule is not None:
            break
    else:
        return dark
    dark = remove_rows(dark, rule)
    low, high = (share * rule.darkness for share in SECOND_DARKNESS)
    for _ in range(2):
        second = find_rule(row_darkness(dark, margin, SECOND_LENGTH), margin, SECOND_REACH * margin)
        if second is None or not low <= second.darkness <= high:
            break
        dark = remove_rows(dark, second)
    return dark


def row_darkness(dark: Grey8, margin: int, length: float) -> Numbers:
    """Return the darkness that a share of each row within the frame has at least."""
    strip = dark[: 2 * margin + 1, margin:-margin]
    place = int((1 - length) * (strip.shape[1] - 1))
    return np.asarray(np.partition(strip, place, axis=1)[:, place], float)


def find_rule(rows: Numbers, margin: int, reach: float) -> Rule | None:
    """Return the rule that is ``reach`` or less from the row ``margin``, by the rows' darkness."""
    first, end = max(0, round(margin - reach)), min(len(rows), round(margin + reach) + 1)
    peak = first + int(rows[first:end].argmax())
    floor = float(np.sort(rows)[len(rows) * 2 // 5])
    if rows[peak] - floor < MIN_RULE:
        return None
    half = max(1, round(MAX_HALF_WIDTH * margin))
    ruled = rows > floor + RULE_SHARE * (rows[peak] - floor)
    above, below = ruled[max(0, peak - half) : peak + 1][::-1], ruled[peak : peak + half + 1]
    start, stop = peak - _run(above) + 1 - EDGE, peak + _run(below) + EDGE
    return Rule(max(0, start), min(len(rows), stop), float(rows[peak]))


def _run(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    """Return how many flags are true before the first that is not."""
    return len(flags) if flags.all() else int(flags.argmin())


def remove_rows(dark: Grey8, rule: Rule) -> Grey8:
    """Return a patch in which the rows of a rule are no darker than those beside them.

    Where these are dark on both sides, ink crosses the rule, and stays.
    """
    first, end, _ = rule
    above, below = dark[max(0, first - 1)], dark[min(len(dark) - 1, end)]
    share = (np.arange(first, end) - first + 1)[:, None] / (end - first + 1)
    between = above * (1 - share) + below * share
    clean = dark.copy()
    clean[first:end] = np.minimum(dark[first:end], between.astype(np.uint8))
    return clean

"""Removal of a box's frame from its patch; ink that crosses it stays."""

import cv2
import numpy as np

from model_core.preprocessing.image_ops.types import Grey8

# The strip along a side in which its rule is searched, in margins to both sides of its place.
REACH = 0.75

# Pixels of a strip that are of the rule have this part of its greatest darkness, at least; and the
# least darkness of a rule.
RULE_SHARE, MIN_RULE = 0.25, 8.0

# Share of a row that is dark where a rule is; a second one beside the first must be longer, since
# the bar of a 7 is there, too.
LENGTHS = (0.6, 0.85, 0.85)

# Pixels: what is removed beside a rule, on both sides.
EDGE = 1


def paper_darkness(grey: Grey8) -> Grey8:
    """Return how much darker than the paper around it each pixel of a patch is, 0 to 255."""
    side = max(grey.shape) // 2 | 1
    light = cv2.dilate(cv2.medianBlur(grey, 3), np.ones((min(side, 61), min(side, 61)), np.uint8))
    paper = cv2.blur(light, (15, 15))
    return np.asarray(cv2.bitwise_not(cv2.divide(grey, cv2.max(paper, 1.0), scale=255)), np.uint8)


def remove_frame(dark: Grey8, margin: int) -> Grey8:
    """Return a patch without the rules of its four sides, each about ``margin`` from the border.

    Shapes: ``dark`` (h, w), 0 is paper -> (h, w).
    """
    for _ in range(4):
        dark = np.ascontiguousarray(np.rot90(remove_upper_rule(dark, margin)))
    return dark


def remove_upper_rule(dark: Grey8, margin: int) -> Grey8:
    """Return a patch without the rules along its upper side: one, or two or three side by side."""
    for length in LENGTHS:
        first, last = rule_rows(dark, margin, length)
        if last <= first:
            break
        dark = remove_rows(dark, first, last)
    return dark


def remove_rows(dark: Grey8, first: int, last: int) -> Grey8:
    """Return a patch whose rows from ``first`` up to ``last`` are as dark as those beside them.

    Where both are dark, ink crosses the rows, and stays.
    """
    above, below = dark[max(0, first - 1)], dark[min(len(dark) - 1, last)]
    share = (np.arange(first, last) - first + 1) / (last - first + 1)
    between = above * (1 - share[:, None]) + below * share[:, None]
    clean = dark.copy()
    clean[first:last] = np.minimum(dark[first:last], between.astype(np.uint8))
    return clean


def rule_rows(dark: Grey8, margin: int, length: float) -> tuple[int, int]:
    """Return the rows (first, end) that a rule near a margin's distance from the top covers.

    ``length`` is the share of a row that is dark; ink that crosses the rule hardly counts.
    """
    low, high = round(margin * (1 - REACH)), round(margin * (1 + REACH)) + 1
    profile = np.quantile(dark[low:high, margin:-margin], 1 - length, axis=1)
    peak = int(profile.argmax())
    floor = float(np.median(np.sort(profile)[: max(1, len(profile) // 3)]))
    if profile[peak] - floor < MIN_RULE:
        return 0, 0
    ruled = profile > floor + RULE_SHARE * (profile[peak] - floor)
    before, after = ruled[: peak + 1][::-1], ruled[peak:]
    start = peak - (len(before) if before.all() else int(before.argmin())) + 1
    end = peak + (len(after) if after.all() else int(after.argmin()))
    return max(0, low + start - EDGE), min(len(dark), low + end + EDGE)

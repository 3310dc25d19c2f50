"""Greyscale of a box in which its coloured frame is as light as paper (drop-out colours)."""

import cv2
import numpy as np

from app.sheets.cropping.quantiles import quantiles
from app.sheets.page import Picture
from model_core.preprocessing.image_ops.types import Grey8, Numbers

# Differences of a rule's channels, relative to paper (0 to 255), from which on it is coloured; and
# its level in a channel in which it counts as paper.
MIN_COLOUR, MIN_LIGHT = 45.0, 190.0

# The ink's darkness in that channel, in parts of that in brightness, at least: else the ink has the
# rule's colour.
MIN_INK = 0.7

# Quantile of a patch's pixels that is its paper.
PAPER = 0.8

# Half of the width, in parts of the margin, of the strip along a side in which its rule is.
STRIP = 0.5


def to_grey(patch: Picture, margin: int) -> Grey8:
    """Return a patch in grey; its frame vanishes if it is of a light colour.

    Shapes: ``patch`` (h, w) or (h, w, 3), its frame ``margin`` pixels from each side -> (h, w).
    """
    if patch.ndim == 2:
        return patch
    luma = np.asarray(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY), np.uint8)
    paper = np.maximum([quantiles(patch[::4, ::4, one], (PAPER,))[0] for one in range(3)], 1)
    rule = np.minimum(frame_colour(patch, luma, margin) / paper * 255, 255)
    channel = int(rule.argmax())
    if np.ptp(rule) < MIN_COLOUR or rule[channel] < MIN_LIGHT:
        return luma
    chosen = np.ascontiguousarray(patch[..., channel])
    return chosen if contrast(chosen, margin) >= MIN_INK * contrast(luma, margin) else luma


def frame_colour(patch: Picture, luma: Grey8, margin: int) -> Numbers:
    """Return the median colour (3,) of the darkest pixels across each side of the frame."""
    half = max(1, round(STRIP * margin))
    strip = slice(margin - half, margin + half + 1)
    colours = []
    for seen, grey in zip(_from_each_side(patch), _from_each_side(luma), strict=True):
        darkest = grey[strip, margin:-margin].argmin(axis=0)
        colours.append(seen[strip, margin:-margin][darkest, np.arange(len(darkest))])
    ordered = np.sort(np.concatenate(colours), axis=0)
    return np.asarray(ordered[len(ordered) // 2], float)


def _from_each_side(patch: Picture) -> tuple[Picture, ...]:
    """Return views of a patch in which each of its sides is the upper one; some are mirrored."""
    across = patch.swapaxes(0, 1)
    return patch, patch[::-1], across, across[::-1]


def contrast(grey: Grey8, margin: int) -> float:
    """Return the darkness of the ink within the frame."""
    inner = grey[margin * 2 : -margin * 2, margin * 2 : -margin * 2]
    if not inner.size:
        return 0.0
    low, high = quantiles(inner, (0.03, 0.8))
    return high - low

"""Polarity: whether the ink is the light part of a picture or the dark part."""

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage, mean
from model_core.preprocessing.image_ops.morphology import grey_opening, window_size
from model_core.preprocessing.image_ops.order_statistics import count_at_most
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.topology import is_light_ink_by_topology

# Weight of the corners' mean level, from -0.5 (dark) to 0.5 (light): chosen so that corners decide,
# which are paper even of a digit that fills the picture.
CORNERS_WEIGHT = 3

# Weight of the border's mean level, which is mostly paper: chosen so that it settles a tie.
BORDER_WEIGHT = 0.5

# Weight of narrowness, from -1 (narrow parts are dark) to 1 (light): chosen so that it overrules
# corners and border only where they are in doubt.
NARROWNESS_WEIGHT = 0.25

# The same where a shadow falls across the picture: chosen so that it overrules a corner in it.
NARROWNESS_WEIGHT_IN_SHADOW = 1.0

# The same where corners and border may be a frame: chosen so that it overrules them.
NARROWNESS_WEIGHT_IF_CROWDED = 1.0

# Share of the picture: if what looks like ink covers more, corners and border may be a frame.
MIN_CROWDED_SHARE = 0.55

# Share of the contrast by which corners differ at least if a shadow falls across the picture:
# chosen as more than half, so that one corner is dark and another light.
MIN_SHADOW_CORNER_CONTRAST = 0.5

# Share of the picture that is half light at least in a shadow: chosen so that edges of strokes are
# less.
MIN_SHADOW_HALF_LIGHT = 0.15

# Share of the contrast: a pixel is half light if it is no farther from the middle level. Chosen so
# that a fifth of the range at either end is dark or light.
HALF_LIGHT_REACH = 0.3

# Share of the picture that is half light at most if topology is asked: chosen so that light and
# dark have clear outlines.
MAX_TOPOLOGY_HALF_LIGHT = 0.3

# Weighted level of corners and border: topology may overrule less. Chosen so that bold digits, cut
# off tightly, are right (`benchmarks.scenery`).
MAX_UNSURE_LEVEL = 0.6

# Weighted level of corners and border: more makes their answer likely, and narrower holes count for
# it. Chosen as above.
MIN_LIKELY_LEVEL = 0.4

# Parts are narrow if they hold no square with sides of 1 / this of the picture's longer side:
# chosen so that strokes are narrow and shadows are not.
NARROW_WINDOW_DIVISOR = 8

# Keeps a picture of one level from a division by 0; less than any difference of grey levels.
MIN_DIVISOR = 1e-6


def is_light_on_dark(image: GreyImage) -> bool:
    """Decide the polarity: True if the light part is the ink.

    Corners and border are mostly paper; ink is narrow, while paper and shadows are not. Where these
    leave a doubt, ink is what is connected and divides the paper.
    """
    corners, level = _levels_of_paper(image)
    light = level <= 0
    shadow = (
        max(corners) - min(corners) > MIN_SHADOW_CORNER_CONTRAST
        and _half_light(image) > MIN_SHADOW_HALF_LIGHT
    )
    weight = _narrowness_weight(image, light=light, shadow=shadow)
    if abs(level) > weight:
        return light
    if _half_light(image) < MAX_TOPOLOGY_HALF_LIGHT:
        likely = light if abs(level) > MIN_LIKELY_LEVEL else None
        by_topology = is_light_ink_by_topology(image.pixels > image.middle, likely)
        if by_topology == light or (by_topology is not None and abs(level) < MAX_UNSURE_LEVEL):
            return by_topology
    return level - weight * _narrowness(image.pixels) <= 0


def _levels_of_paper(image: GreyImage) -> tuple[list[float], float]:
    """Return the level of each corner, and that of corners and border, weighted; 0 is the middle.

    Units: shares of the contrast, -0.5 for the darkest and 0.5 for the lightest.
    """
    low, high = image.trimmed_range
    contrast = max(high - low, MIN_DIVISOR)
    corners = [(corner - low) / contrast - 0.5 for corner in image.corner_means]
    border = (mean(image.border) - low) / contrast - 0.5
    return corners, CORNERS_WEIGHT * sum(corners) / len(corners) + BORDER_WEIGHT * border


def _narrowness_weight(image: GreyImage, *, light: bool, shadow: bool) -> float:
    """Return how much narrowness counts, if the ink is ``light`` by corners and border."""
    dark = count_at_most(image.levels, image.middle) / len(image.levels)
    if (1 - dark if light else dark) > MIN_CROWDED_SHARE:
        return NARROWNESS_WEIGHT_IF_CROWDED
    return NARROWNESS_WEIGHT_IN_SHADOW if shadow else NARROWNESS_WEIGHT


def _half_light(image: GreyImage) -> float:
    """Return the share of pixels that are neither dark nor light."""
    low, high = image.trimmed_range
    half = abs(image.pixels - image.middle) < HALF_LIGHT_REACH * (high - low)
    return np.count_nonzero(half) / half.size


def _narrowness(grey: Grey32) -> float:
    """Return from -1 to 1 whether narrow parts are dark or light, by the energy of the top-hats."""
    window = window_size(grey.shape, NARROW_WINDOW_DIVISOR)
    light = float((np.square(grey - grey_opening(grey, window))).sum())
    dark = float((np.square(-grey - grey_opening(-grey, window))).sum())
    return (light - dark) / max(light + dark, MIN_DIVISOR)

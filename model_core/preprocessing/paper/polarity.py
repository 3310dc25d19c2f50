"""Polarity: whether the ink is the light part of a picture or the dark part."""

import math

import numpy as np

from model_core.preprocessing.image_ops.box_mean import box_mean
from model_core.preprocessing.image_ops.grey_image import GreyImage, mean
from model_core.preprocessing.image_ops.morphology import grey_opening, window_size
from model_core.preprocessing.image_ops.order_statistics import (
    count_at_most,
    select_median,
)
from model_core.preprocessing.image_ops.types import Grey32
from model_core.preprocessing.paper.solid_sides import find_solid_sides
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

# Weighted level of corners and border: topology may overrule less. Chosen so that bold digits, cut
# off tightly, are right (`benchmarks.scenery`).
MAX_UNSURE_LEVEL = 0.6

# Weighted level of corners and border: more makes their answer likely, and narrower holes count for
# it. Chosen as above.
MIN_LIKELY_LEVEL = 0.4

# Parts are narrow if they hold no square with sides of 1 / this of the picture's longer side:
# chosen so that strokes are narrow and shadows are not.
NARROW_WINDOW_DIVISOR = 8

# Share of the picture that is half light at least if its light is uneven and has to be evened out
# before the polarity is told. Chosen so that the edges of sharp strokes are less.
MIN_UNEVEN_HALF_LIGHT = 0.2

# Contrasts of the picture by which half light rises over its longer side, as the median of the
# steepest direction: uneven light rises by less. Of 700 drawings in uneven light none rose by more
# than 2.1, and of bold, blurred digits for which evening out gave the wrong answer all did.
MAX_UNEVEN_RISE = 2.2

# The rise is measured over 2 / this of the picture's longer side: chosen so that noise hardly
# counts.
RISE_DIVISOR = 24

# Uneven light is evened out by the mean of squares with sides of 1 / this of the picture's longer
# side. With 2, 3 and 4 the narrow part was right in all, all, and all but one of 880 pictures of
# wide half light, and with 2 in most of those with less.
UNEVEN_WINDOW_DIVISOR = 2

# Keeps a picture of one level from a division by 0; less than any difference of grey levels.
MIN_DIVISOR = 1e-6


def is_light_on_dark(image: GreyImage) -> bool:
    """Decide the polarity: True if the light part is the ink.

    Corners and border are mostly paper; ink is narrow, while paper and shadows are not. Where these
    leave a doubt, ink is what is connected and divides the paper. In uneven light, as of a vignette
    or a lamp at one side, corners and border say nothing: ink is what stands out once it is evened
    out. Nor do they in a blurred cell with dark lines along some sides, which are left out.
    """
    half_light = _half_light(image)
    if half_light > MIN_UNEVEN_HALF_LIGHT:
        if _rise_of_half_light(image) < MAX_UNEVEN_RISE:
            return _stands_out_light(image.pixels)
        inner = find_solid_sides(image)
        if inner is not None:
            return is_light_on_dark(image.crop(inner))
    corners, level = _levels_of_paper(image)
    light = level <= 0
    shadow = (
        max(corners) - min(corners) > MIN_SHADOW_CORNER_CONTRAST
        and half_light > MIN_SHADOW_HALF_LIGHT
    )
    weight = _narrowness_weight(image, light=light, shadow=shadow)
    if abs(level) > weight:
        return light
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
    ends = (image.middle + side * HALF_LIGHT_REACH * (high - low) for side in (-1, 1))
    below, at_most = (count_at_most(image.levels, end) for end in ends)
    return (at_most - below) / len(image.levels)


def _narrowness(grey: Grey32) -> float:
    """Return from -1 to 1 whether narrow parts are dark or light, by the energy of the top-hats."""
    window = window_size(grey.shape, NARROW_WINDOW_DIVISOR)
    light = float((np.square(grey - grey_opening(grey, window))).sum())
    dark = float((np.square(-grey - grey_opening(-grey, window))).sum())
    return (light - dark) / max(light + dark, MIN_DIVISOR)


def _rise_of_half_light(image: GreyImage) -> float:
    """Return by how many contrasts half light rises over the longer side: little if it is soft.

    It is infinite if there is no half light away from the border.
    """
    grey, (low, high) = image.pixels, image.trimmed_range
    reach = max(1, max(grey.shape) // RISE_DIVISOR)
    middle, ends = slice(reach, -reach), (slice(2 * reach, None), slice(None, -2 * reach))
    half = abs(grey[middle, middle] - image.middle) < HALF_LIGHT_REACH * (high - low)
    if not half.any():
        return math.inf
    down, across = (
        abs(first - second)[half]
        for first, second in (
            (grey[ends[0], middle], grey[ends[1], middle]),
            (grey[middle, ends[0]], grey[middle, ends[1]]),
        )
    )
    rise = select_median(np.maximum(down, across)) / (2 * reach)
    return float(rise * max(grey.shape) / (high - low))


def _stands_out_light(grey: Grey32) -> bool:
    """Tell by the sign of the skewness whether the few outstanding pixels are light, or dark.

    What counts is the difference from the mean of a wide square: there the slopes of light are
    small, and paper is most of it.
    """
    difference = grey - box_mean(grey, window_size(grey.shape, UNEVEN_WINDOW_DIVISOR))
    difference -= np.float32(mean(difference))
    return float(np.vdot(difference * difference, difference)) > 0

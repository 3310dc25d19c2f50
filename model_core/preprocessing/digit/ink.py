"""Ink: background subtraction, noise estimate and threshold, and telling ink from shading."""

import math
from typing import NamedTuple

import numpy as np

from model_core.preprocessing.image_ops.grey_image import GreyImage
from model_core.preprocessing.image_ops.morphology import grey_opening, window_size
from model_core.preprocessing.image_ops.order_statistics import quantile
from model_core.preprocessing.image_ops.types import Grey32, Mask
from model_core.preprocessing.paper.evenness import even_paper_level, plain_paper_level
from model_core.preprocessing.paper.light_spots import find_light_spots

# A light part is paper if it holds a square with sides of 1 / this of the picture's longer side.
# Chosen so that no stroke does.
BACKGROUND_WINDOW_DIVISOR = 4

# Grey levels: a lower contrast is no ink. Chosen so that blank cells come out blank
# ("ood_blank_cells" of `benchmarks.realworld`).
MIN_CONTRAST = 20.0

# Grey levels: ink with less contrast needs steep edges. Chosen so that shading on blank cells is no
# ink, and pale pencil is.
MIN_CLEAR_CONTRAST = 40.0

# Share of the ink's contrast: the step from pixel to pixel at the edges of faint ink is at least so
# high. Chosen so that soft print in newsprint's cells is ink (its least is .21), and most soft
# spots on bare paper are not (half of those that were drawn have less than .15).
MIN_STEEPNESS = 0.2

# The same where the ink runs through the picture: chosen so that creases, and the shade of a fold,
# which run from side to side, are none.
MIN_STEEPNESS_THROUGH = 0.36

# The same for ink of a clear contrast, unless it runs through, as a bold digit that is cut off
# tightly does. Chosen so that a soft spot of light on a bare board is no ink, whose step is .06.
MIN_CLEAR_STEEPNESS = 0.1

# Share of the steps, within and beside clear ink, that are so high at least: chosen so that the
# edges of bold strokes suffice.
MIN_STEEP_SHARE = 0.02

# Quantile of contrasts, and of steps, that stands for them: chosen so that a tenth may be outliers.
HIGH_QUANTILE = 0.9

# Standard deviations of the paper's noise: a lower peak is noise. With normal noise, one pixel in
# 3.5 million is above.
MIN_PEAK_NOISE = 5

# Standard deviations of the paper's noise: a pixel below is paper. With normal noise, one pixel in
# 32 thousand is above, less than one in a reduced picture.
THRESHOLD_NOISE = 4

# Share of the greatest contrast: a pixel below is paper. Chosen so that the soft edge of a stroke
# is ink, and the shade beside it is not.
THRESHOLD_SHARE = 0.2

# Share of the greatest contrast: a pixel above is ink whatever the noise. Chosen so that on
# patterned ground the pattern is below.
MAX_THRESHOLD_SHARE = 0.6


class Ink(NamedTuple):
    """Contrast of a picture against its paper, and from which contrast on a pixel is ink.

    Shapes: ``contrast`` (H, W) float32, not below 0. Units: grey levels. ``uneven`` is whether the
    paper had to be evened out, ``spots`` whether spots of light had to be.
    """

    contrast: Grey32
    peak: float
    threshold: float
    uneven: bool
    spots: bool = False


def find_ink(image: GreyImage) -> Ink | None:
    """Return the ink of a picture that is light on dark; None if nothing stands out."""
    level = even_paper_level(image)
    uneven = level is None
    if level is None:
        window = window_size(image.pixels.shape, BACKGROUND_WINDOW_DIVISOR)
        image = GreyImage(image.pixels - grey_opening(image.pixels, window))
        level = plain_paper_level(image)
    spots = find_light_spots(image, level)
    if spots is not None:
        image = GreyImage(image.pixels - spots)
        level = plain_paper_level(image)
    noise = _noise_below(image, level)
    peak = image.trimmed_range[1] - level
    if peak < max(MIN_CONTRAST, MIN_PEAK_NOISE * noise):
        return None
    contrast = image.pixels - np.float32(level)
    np.maximum(contrast, np.float32(0), out=contrast)
    threshold = max(THRESHOLD_SHARE * peak, THRESHOLD_NOISE * noise)
    threshold = min(threshold, MAX_THRESHOLD_SHARE * peak)
    return Ink(contrast, peak, threshold, uneven, spots is not None)


def is_ink(contrast: Grey32, mask: Mask, ordered: Grey32, *, through: bool) -> bool:
    """Tell ink from shading: faint ink must have steep edges, steeper ones if it runs through.

    Shapes: ``contrast`` (H, W) float32 of the digit and its surroundings, ``mask`` (H, W) bool,
    ``ordered`` (N,) float32, the sorted contrasts within the mask. ``through`` is whether the ink
    reaches several sides of the picture.
    """
    level = quantile(ordered, HIGH_QUANTILE)
    if level < MIN_CONTRAST:
        return False
    if level < MIN_CLEAR_CONTRAST:
        least = MIN_STEEPNESS_THROUGH if through else MIN_STEEPNESS
        return _has_steps(contrast, mask, least * level, 1 - HIGH_QUANTILE)
    return through or _has_steps(contrast, mask, MIN_CLEAR_STEEPNESS * level, MIN_STEEP_SHARE)


def _has_steps(contrast: Grey32, mask: Mask, least: float, share: float) -> bool:
    """Tell whether a share of the steps from pixel to pixel, down or across, are so high."""
    for first, second, either in (
        (contrast[:, 1:], contrast[:, :-1], mask[:, 1:] | mask[:, :-1]),
        (contrast[1:], contrast[:-1], mask[1:] | mask[:-1]),
    ):
        high = np.count_nonzero((abs(first - second) >= least) & either)
        if high > share * np.count_nonzero(either):
            return True
    return False


def _noise_below(image: GreyImage, level: float) -> float:
    """Return the root mean square deviation of the pixels below the paper's level."""
    darker = image.levels[: image.levels.searchsorted(np.float32(level))] - np.float32(level)
    return math.sqrt(darker @ darker / max(1, len(darker)))
